"""Random writes through the tools: a dry run tells the truth and changes nothing, events tell all."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import ApiKey, Event
from crm.entities import ENTITIES, Entity
from tests.doors import truth
from tests.doors.worlds import House, agent, rows_of
from tests.mcp_gateway.client import Mcp
from tests.profiles import IS_DEEP

STEPS = 25 if IS_DEEP else 8
EXAMPLES = 30 if IS_DEEP else 4
TEXTS = ("Ada", "ada", "Ångström", "  spaced  ", "ß" * 210, "日本", "O'Hara", "100%", None)
NUMBERS = (0, 1, 0.0001, 12.5, 99999.9999, 3, None)
DAYS = ("2026-11-22", "2028-02-29", "2026-03-29", None)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")


@dataclass
class Writer:
    """Somebody who writes at random, knowing what there is."""

    house: House
    random: Random
    alive: dict[str, list[str]] = field(default_factory=dict)
    gone: dict[str, list[str]] = field(default_factory=dict)

    def call(self) -> tuple[str, dict[str, Any]]:
        """A tool and arguments for it."""
        entity = ENTITIES.get(self.random.choice(ENTITIES.names()))
        writes: list[Callable[[Entity], tuple[str, dict[str, Any]]]] = [
            *[self._create] * 2, *[self._update] * 4, self._custom, self._notes, *[self._link] * 3,
            self._trash,
        ]  # fmt: skip
        return self.random.choice(writes)(entity)

    def _create(self, entity: Entity) -> tuple[str, dict[str, Any]]:
        rows = [self._row(entity, whole=True) for _ in range(self.random.randint(1, 3))]
        return f"create_{entity.plural}", {entity.plural: rows}

    def _update(self, entity: Entity) -> tuple[str, dict[str, Any]]:
        rows = [{"id": pk, **self._row(entity, whole=False)} for pk in self._some(entity.name, 3)]
        return f"update_{entity.plural}", {entity.plural: rows}

    def _custom(self, _entity: Entity) -> tuple[str, dict[str, Any]]:
        items = [{"id": pk, "customFields": self._values()} for pk in self._some("contact", 3)]
        return "batch_update_entity_custom_field", {"entity": "contact", "items": items}

    def _notes(self, entity: Entity) -> tuple[str, dict[str, Any]]:
        [pk] = self._some(entity.name, 1)
        notes = self.random.choice(("", "**Next:** call", "line\n\nline "))
        return "set_entity_notes", {"entity": entity.name, "id": pk, "notes": notes}

    def _link(self, entity: Entity) -> tuple[str, dict[str, Any]]:
        relation = self.random.choice(list(entity.relations.values()))
        [source] = self._some(entity.name, 1)
        arguments = {"entity": entity.name, "sourceId": source, "relation": relation.name}
        tool = self.random.choice(("link_entities", "unlink_entities"))
        return tool, {**arguments, "ids": self._targets(relation.target) or [source]}

    def _trash(self, entity: Entity) -> tuple[str, dict[str, Any]]:
        gone = self.gone[entity.name]
        if gone and self.random.random() < 0.6:
            return "restore_entity", {"entity": entity.name, "ids": gone[:2]}
        return "delete_entity", {"entity": entity.name, "ids": self._some(entity.name, 2)}

    def _row(self, entity: Entity, *, whole: bool) -> dict[str, Any]:
        row: dict[str, Any] = {}
        for own in entity.fields:
            if own.writable and ((own.required and whole) or self.random.random() < 0.3):
                row[own.name] = self._value(own.name, own.type.name, required=own.required)
        for name, relation in entity.writes.items():
            if self.random.random() < 0.3:
                ids = self._targets(relation.target)
                row[name] = [self._line(pk) for pk in dict.fromkeys(ids)] if relation.owns_lines else ids
        if entity.name == "contact" and self.random.random() < 0.5:
            row["customFields"] = self._values()
        if entity.name == "service" and not whole and self.random.random() < 0.3:
            row["refreshPrices"] = True
        return row

    def _line(self, service: str) -> dict[str, Any]:
        line: dict[str, Any] = {"serviceId": service, "quantity": self.random.choice((0, 1, 2.5))}
        return line | (
            {"unitPrice": self.random.choice((0, 9.99, 1500))} if self.random.random() < 0.7 else {}
        )

    def _value(self, name: str, kind: str, *, required: bool) -> Any:
        stage = self.random.choice(("New", "Qualified", "Proposal", "Won", "Lost", None))
        found = {
            "emails": self.random.choice(([], ["a@x.example"], ["B@x.example", "a@x.example"])),
            "phones": self.random.choice(([], ["+49 30 901820"], ["ask Ada"])),
            "identifiers": self.random.choice(([], [{"provider": "mail", "value": "id@x.example"}])),
            "stage": stage, "stageId": stage, "pipeline": "Sales", "pipelineId": "Sales",
            "currency": self.random.choice(("EUR", "EUR", "USD")),
            "priority": self.random.choice(("low", "high", None)),
            "status": self.random.choice(("open", "done")),
            "website": self.random.choice(("https://x.example", None)),
            "phone": self.random.choice(("030 1", None)),
        }  # fmt: skip
        by_kind = {"currency": NUMBERS, "date": DAYS, "dateTime": DAYS}
        value = found[name] if name in found else self.random.choice(by_kind.get(kind, TEXTS))
        return value if value not in (None, 0) or not required else "Needed" if kind == "plain" else 7

    def _values(self) -> dict[str, Any]:
        words = [option["label"] for option in self.house.columns["singleSelect"].options["options"]]
        choices: dict[str, tuple[Any, ...]] = {
            "plain": TEXTS, "number": NUMBERS, "currency": NUMBERS, "boolean": (True, False, None),
            "date": DAYS, "dateTime": DAYS, "dateRange": ("2026-01-01,2026-02-01", None),
            "dateTimeRange": ({"start": "2026-01-01T08:00:00Z", "end": "2026-01-02"}, None),
            "singleSelect": (*words, None), "multiSelect": (words, words[:1], [], None),
            "user": ("me", str(self.house.user.pk), None), "email": ("a@x.example", None),
            "phone": ("+4930901820", None), "link": ("https://x.example", None),
        }  # fmt: skip
        kinds = self.random.sample(list(choices), self.random.randint(1, 4))
        return {self.house.columns[kind].key: self.random.choice(choices[kind]) for kind in kinds}

    def _targets(self, target: str) -> list[str]:
        people = [str(self.house.user.pk), str(self.house.admin.pk)]
        known = people if target == "user" else self.alive[target]
        return self.random.sample(known, self.random.randint(0, min(3, len(known))))

    def _some(self, entity: str, most: int) -> list[str]:
        known = self.alive[entity]
        return self.random.sample(known, self.random.randint(1, min(most, len(known))))

    def look(self) -> None:
        """Learn what there is by now."""
        for entity in ENTITIES.values():
            rows = entity.model.objects.filter(company=self.house.company).order_by("pk")
            self.alive[entity.name] = [str(r.pk) for r in rows if r.deleted_at is None]
            self.gone[entity.name] = [str(r.pk) for r in rows if r.deleted_at is not None]


def state() -> dict[str, str]:
    """All rows of all tables, but for when a key was last used."""
    found = rows_of()
    del found[ApiKey._meta.label]
    return found


def told(answer: dict[str, Any]) -> Any:
    """What an answer says of rows, without ids that a dry run cannot know and times that pass."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: plain(item) for name, item in value.items()}
        if isinstance(value, list):
            return [plain(item) for item in value]
        return _TIME.sub("<time>", value) if isinstance(value, str) else value

    body = answer["structuredContent"]
    rows = body.get("records") or body["error"]["issues"]
    return plain(
        [{**row, "id": "created" if row.get("outcome") == "created" else row.get("id")} for row in rows]
    )


def acts_twice(mcp: Mcp, tool: str, arguments: dict[str, Any]) -> Iterator[str]:
    """Do a write, first dry; yields what does not fit."""
    before = state()
    dry = mcp.call(tool, {**arguments, "dryRun": True})
    if state() != before:
        yield "a dry run changed something"
    real = mcp.call(tool, arguments)
    for answer in (dry, real):
        if "internal error" in answer["content"][0]["text"]:
            yield answer["content"][0]["text"]
            return
    if told(dry) != told(real):
        yield f"a dry run told {told(dry)}, and then came {told(real)}"
    if real["isError"] and state() != before:
        yield "a refused write changed something"
    if not real["isError"] and tool not in ("delete_entity", "restore_entity") and "create" not in tool:
        yield from _again(mcp, tool, arguments)


def _again(mcp: Mcp, tool: str, arguments: dict[str, Any]) -> Iterator[str]:
    """The same change once more is none: nothing written, nothing told."""
    events, before = Event.objects.count(), state()
    again = mcp.call(tool, arguments)
    outcomes = {row["outcome"] for row in again["structuredContent"].get("records", [])}
    if outcomes != {"unchanged"} or Event.objects.count() != events or state() != before:
        yield f"the same change again is not nothing: {again['structuredContent']}"


@given(seed=st.integers(0, 2**32))
@settings(max_examples=EXAMPLES)
def test_dry_runs_tell_what_will_come_and_events_tell_what_came(ours: House, seed: int):
    writer = Writer(ours, Random(seed))
    mcp = agent(ours.admin, "*")
    for _ in range(STEPS):
        writer.look()
        tool, arguments = writer.call()
        wrong = list(acts_twice(mcp, tool, arguments))
        assert not wrong, (tool, arguments, wrong)
    truth.check(ours.actor)
