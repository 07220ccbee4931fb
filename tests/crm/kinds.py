"""One configured field type of each kind, and the team that their values may name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import strategies as st

from crm.field_types import CUSTOM_TYPES, Context, FieldType

OLIVIA, MAX = UUID(int=7), UUID(int=8)
GOLD, SILVER = "00000000-0000-7000-8000-000000000001", "00000000-0000-7000-8000-000000000002"
OPTIONS = [
    {"value": GOLD, "label": "Gold", "color": "amber", "isDefault": False, "index": 0},
    {"value": SILVER, "label": "Größe S", "color": "slate", "isDefault": True, "index": 1},
]


@dataclass(frozen=True)
class Team:
    """Olivia and Max, without a database."""

    country: str = "DE"

    def find(self, reference: str) -> UUID | None:
        known = {"olivia@northwind.example": OLIVIA, str(OLIVIA): OLIVIA, str(MAX): MAX}
        return known.get(reference.strip().lower())

    def named(self, name: str) -> Sequence[UUID]:
        return [MAX] if name == "Max Member" else []

    def advice(self, text: str, candidates: Sequence[UUID]) -> Mapping[str, object]:
        return {}

    def name(self, user_id: UUID) -> str:
        return {OLIVIA: "Olivia Owner", MAX: "Max Member"}.get(user_id, "")

    def in_name_order(self) -> Sequence[UUID]:
        return [MAX, OLIVIA]


CONTEXT = Context(
    now=datetime(2026, 11, 22, 23, 30, tzinfo=UTC),  # the 23rd already in Berlin
    time_zone=ZoneInfo("Europe/Berlin"),
    home=Team(),
    people=Team(),
    me=OLIVIA,
)

STORED_OPTIONS: dict[str, dict[str, Any]] = {
    "number": {"decimals": 2, "unit": "kg"},
    "currency": {"currency": "EUR"},
    "singleSelect": {"options": OPTIONS},
    "multiSelect": {"options": OPTIONS},
}


def kind_of(name: str, **options: Any) -> FieldType:
    return CUSTOM_TYPES[name].from_options({**STORED_OPTIONS.get(name, {}), **options})


KINDS = {name: kind_of(name) for name in CUSTOM_TYPES} | {
    f"several {name}s": kind_of(name, allowMultiple=True) for name in ("email", "phone", "link")
}
every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)

texts = st.text() | st.sampled_from(
    [
        *("2026-11-22", "2026-11-22T09:30:00Z", "2026-11-22,2026-11-25", "0001-01-01", "9999-12-31"),
        *(
            "gold",
            "me",
            "a@x.example",
            "https://a.example",
            "tel:+49",
            "mailto:",
            "//a.example",
            "+49 30 901820",
        ),
    ]
)
# Whatever JSON a caller may think of.
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda part: (
        st.lists(part, max_size=3) | st.dictionaries(st.sampled_from(["start", "end", "value"]), part)
    ),
    max_leaves=6,
)
