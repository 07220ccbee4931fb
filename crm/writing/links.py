"""Links of a write: which pairs come and go, and what that changes on the other side.

A link change is a change of both records: each gets a new version and one event that names the
relation with only the ids that came or went. Pairs are inserted if absent and deleted by row,
never read, changed and written back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.db.models import F

from crm.entities import ENTITIES, Entity, Relation
from crm.field_types.choices import find_user
from crm.missing import in_trash, unknown_record
from crm.models import Record
from crm.setup import CompanySetup
from crm.writing.drafts import Change, Draft
from customermates.kernel.errors import ValidationFailed
from customermates.kernel.ids import find_uuid
from customermates.kernel.rows import insert_rows

Mode = Literal["replace", "add", "remove"]
Named = Sequence[tuple[str, Any]]  # (path, id as it was sent) of each record that a row names


@dataclass(slots=True)
class OtherSides:
    """Changes of records that a batch touches only through links, gathered over all its relations."""

    changes: dict[tuple[str, UUID], dict[str, Change]] = field(default_factory=dict)

    def note(self, entity: str, pk: UUID, changes: dict[str, Change]) -> None:
        """Take in changes of one record."""
        self.changes.setdefault((entity, pk), {}).update(changes)

    def store(self, now: datetime) -> None:
        """Give each touched record its new version, in (entity, id) order."""
        touched: dict[str, list[UUID]] = defaultdict(list)
        for entity, pk in sorted(self.changes):
            touched[entity].append(pk)
        for entity, ids in touched.items():
            rows = ENTITIES.get(entity).model.objects.filter(pk__in=ids)
            rows.update(version=F("version") + 1, updated_at=now)


@dataclass(frozen=True, slots=True)
class Led:
    """Drafts on the other side that are more than linked: a batch of their own, with the plan of it."""

    entity: Entity
    drafts: list[Draft]
    plan: LinkPlan


@dataclass(slots=True)
class LinkPlan:
    """What becomes of one relation for a batch of drafts."""

    setup: CompanySetup
    relation: Relation
    mode: Mode = "replace"
    path: str = ""  # the argument that named the other records
    wanted: dict[UUID, list[UUID]] = field(default_factory=dict)  # record → targets, each once
    current: dict[UUID, dict[UUID, int]] = field(default_factory=dict)  # record → target → link row
    targets: dict[UUID, Record] = field(default_factory=dict)  # named or linked records that the actor sees
    added: dict[UUID, list[UUID]] = field(default_factory=dict)
    removed: dict[UUID, list[UUID]] = field(default_factory=dict)
    led: Led | None = None

    def concerns(self, draft: Draft) -> bool:
        """Whether the draft's row says anything about this relation."""
        return self.relation.written_as in draft.relations

    def require(self, drafts: Sequence[Draft]) -> None:
        """Linking needs to read the other end: nobody moves what they cannot see."""
        named = any(self.relation.written_as in draft.relations for draft in drafts)
        if named and (target := ENTITIES.find(self.relation.target)):
            self.setup.actor.require("read", target.resource)

    def read(self, drafts: Sequence[Draft]) -> None:
        """Find the targets that each draft names, note those that are missing, decide what comes and goes."""
        self.find(drafts, self.named)
        self.decide()

    def named(self, draft: Draft) -> Named | None:
        """What the draft's row names in this relation; None when it says nothing of it."""
        ids = draft.relations.get(self.relation.written_as)
        return None if ids is None else [(f"{self.path}[{n}]", item) for n, item in enumerate(ids)]

    def place(self, draft: Draft, target: UUID) -> str:
        """The path under which the draft's row names `target`."""
        return next((path for path, item in self.named(draft) or () if find_uuid(item) == target), self.path)

    def find(self, drafts: Sequence[Draft], named: Callable[[Draft], Named | None]) -> None:
        """Look up what `named` gives for each draft; None leaves the draft's links alone."""
        places: dict[UUID, list[tuple[Draft, str]]] = defaultdict(list)
        for draft in drafts:
            items = named(draft)
            if items is None:
                continue
            wanted = self.wanted.setdefault(draft.record.pk, [])
            for path, item in items:
                if identity := self._identity(item, draft, path):
                    places[identity].append((draft, path))
                    if identity not in wanted:
                        wanted.append(identity)
        self._load_current()
        self._load_targets(places)

    def decide(self) -> None:
        """Work out which links come and go; those to records the actor cannot see stay."""
        for record_id, wanted in self.wanted.items():
            current = self.current.get(record_id, {})
            seen = (
                current if self._all_seen else {pk: row for pk, row in current.items() if pk in self.targets}
            )
            self.added[record_id] = (
                [] if self.mode == "remove" else [pk for pk in wanted if pk not in current]
            )
            if self.mode == "replace":
                self.removed[record_id] = [pk for pk in seen if pk not in wanted]
            else:
                self.removed[record_id] = [pk for pk in wanted if self.mode == "remove" and pk in current]

    def note(self, drafts: Iterable[Draft]) -> None:
        """Tell each draft what changed on its side."""
        for draft in drafts:
            added, removed = self.added.get(draft.record.pk), self.removed.get(draft.record.pk)
            if added or removed:
                draft.changes[self.relation.ids_name] = _delta(added or [], removed or [])

    def store(self) -> None:
        """Insert and delete the link rows."""
        through, company_id = self.relation.through, self.setup.actor.company_id
        gone = [self.current[pk][target] for pk, targets in self.removed.items() for target in targets]
        if gone:
            through._default_manager.filter(pk__in=gone).delete()
        source, target = self.relation.source_key, self.relation.target_key
        rows = [
            through(company_id=company_id, **{source: pk, target: other})
            for pk, others in self.added.items()
            for other in others
        ]
        if rows:
            insert_rows(through, rows, if_absent=True)

    def tell(self, others: OtherSides) -> None:
        """Note on `others` what changed in each target's view of the relation; users have none."""
        if self.relation.inverse:
            added, removed = _inverted(self.added), _inverted(self.removed)
            for pk in sorted(added.keys() | removed.keys()):
                delta = _delta(added.get(pk, []), removed.get(pk, []))
                others.note(self.relation.target, pk, {self.relation.inverse: delta})

    @property
    def _all_seen(self) -> bool:
        return self.relation.target == "user"

    def _identity(self, item: Any, draft: Draft, path: str) -> UUID | None:
        if self.relation.target == "user":
            try:
                return find_user(item, self.setup.context)
            except ValidationFailed as error:
                draft.issues += [issue.below(path).at(row=draft.row) for issue in error.issues]
                return None
        if identity := find_uuid(item):
            return identity
        draft.refuse(path, "unknown_record", entity=self.relation.target, id=str(item)[:80])
        return None

    def _load_current(self) -> None:
        source, target = self.relation.source_key, self.relation.target_key
        rows = self.relation.through._default_manager.filter((f"{source}__in", list(self.wanted)))
        if self.mode != "replace":  # what comes or goes says nothing of the other links, be they thousands
            named = {pk for ids in self.wanted.values() for pk in ids}
            rows = rows.filter((f"{target}__in", named))
        for pk, record_id, other in rows.exclude(**{target: None}).values_list("pk", source, target):
            self.current.setdefault(record_id, {})[other] = pk

    def _load_targets(self, places: dict[UUID, list[tuple[Draft, str]]]) -> None:
        linked = {pk for targets in self.current.values() for pk in targets}
        if self.relation.target == "user" or not (places or linked):
            return
        entity = ENTITIES.get(self.relation.target)
        rows = entity.model.objects.visible_to(self.setup.actor).filter(pk__in=places.keys() | linked)
        self.targets = {record.pk: record for record in rows.order_by("pk").select_for_update(of=("self",))}
        missing = places.keys() - self.targets.keys()
        trash = in_trash(self.setup.actor, entity, missing) if missing else ()
        for pk in missing:
            for draft, path in places[pk]:
                # A deal's line outlives its service: it can be kept, changed and taken away.
                if not (self.relation.owns_lines and pk in self.current.get(draft.record.pk, ())):
                    issue = unknown_record(entity, str(pk), path, trash=pk in trash)
                    draft.issues.append(issue.at(row=draft.row))


def _delta(added: Sequence[UUID], removed: Sequence[UUID]) -> Change:
    return {"previous": [str(pk) for pk in removed], "current": [str(pk) for pk in added]}


def _inverted(pairs: dict[UUID, list[UUID]]) -> dict[UUID, list[UUID]]:
    """target → records, from record → targets."""
    inverted: dict[UUID, list[UUID]] = defaultdict(list)
    for record_id, targets in pairs.items():
        for target in targets:
            inverted[target].append(record_id)
    return inverted
