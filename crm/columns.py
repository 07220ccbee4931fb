"""What a custom column says of itself, and what a new one takes: its number, key and index slots."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from crm.entities import Entity
from crm.field_types import FieldType, Json
from crm.models import CustomColumn
from crm.models.record import NUMBER_SLOTS, TEXT_SLOTS, TIME_SLOTS
from crm.operators import OPERATORS
from customermates.kernel.folding import folded
from customermates.kernel.ids import find_uuid

KEY_LENGTH = 60  # of the slug; the column has room for a suffix besides
LAST_NUMBER = 32_767  # of a small integer

_POOLS = {"t": TEXT_SLOTS, "n": NUMBER_SLOTS, "d": TIME_SLOTS}
# How German spells an umlaut without one; other marks are just dropped.
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "ae", "Ö": "oe", "Ü": "ue"})
# Words that filters, writes and answers use beside the names of fields.
_WORDS = (
    *("any all and or not is in null true false me today yesterday tomorrow order by asc desc limit".split()),
    *("id version owner owners assignee assignees custom customFields customFieldValues deletedAt".split()),
    *("expectedVersion field operator value filters where".split()),
)


def definition(column: CustomColumn) -> dict[str, Json]:
    """What people decide about a column, by JSON names."""
    return {
        "entityType": column.entity,
        "type": column.type,
        "key": column.key,
        "label": column.label,
        "options": column.options,
        "required": column.required,
        "position": column.position,
        "description": column.description,
    }


def free_number(others: Iterable[CustomColumn]) -> int:
    """The number after all that were ever given: old values must never be read as those of a new column."""
    return max((column.number for column in others), default=0) + 1


def free_key(entity: Entity, label: str, others: Iterable[CustomColumn]) -> str:
    """A slug of `label` that nothing else of `entity` answers to."""
    taken = _names(entity) | {column.key for column in others}
    slug = slug_of(label)
    return next(key for key in _suffixed(slug) if key not in taken)


def slug_of(label: str) -> str:
    """`label` in ASCII words, a name that starts with a letter: "Jährlicher Umsatz" is jaehrlicher_umsatz."""
    text = folded(unicodedata.normalize("NFC", label).translate(_GERMAN))
    slug = re.sub(r"[^a-z0-9]+", "_", text).strip("_")[:KEY_LENGTH].strip("_")
    # A key is looked up before labels and after ids, so it must never read as an id.
    if not slug or not slug[0].isalpha() or find_uuid(slug):
        slug = f"column_{slug}".strip("_")
    return slug


def free_slots(kind: FieldType, others: Sequence[CustomColumn]) -> str:
    """The lowest free index columns for values of `kind`; "" when it takes none or the pool is used up.

    Several values in one record have no place in its row. A deleted column keeps its slots until it
    is purged, for it can come back.
    """
    if kind.multiple:
        return ""
    taken = {slot for column in others for slot in column.slot_names}
    free = [slot for slot in _POOLS[kind.slots[0]] if slot not in taken][: len(kind.slots)]
    return ",".join(free) if len(free) == len(kind.slots) else ""


def _names(entity: Entity) -> set[str]:
    names = [*entity.by_name, *entity.relations, *entity.writes, *OPERATORS, *_WORDS]
    names += [relation.name for relation in entity.relations.values()]
    return {name.lower() for name in names}


def _suffixed(slug: str) -> Iterable[str]:
    yield slug
    number = 2
    while True:
        yield f"{slug}_{number}"
        number += 1
