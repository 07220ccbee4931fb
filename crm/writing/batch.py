"""A batch of drafts of one entity on its way through steps 3 to 6 of a write."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from crm.entities import Entity, Relation
from crm.setup import CompanySetup
from crm.writing import storing
from crm.writing.drafts import Draft, RowReader, Values, note_changes
from crm.writing.line_plans import plan_for
from crm.writing.links import LinkPlan, Mode, OtherSides
from customermates.kernel.errors import Conflict, Issue, NotAllowed, ValidationFailed


@dataclass(slots=True)
class Batch:
    """Drafts of one entity, what becomes of their links, and of the records on the other side."""

    setup: CompanySetup
    entity: Entity
    drafts: list[Draft]
    plans: list[LinkPlan] = field(default_factory=list)
    others: OtherSides = field(default_factory=OtherSides)
    led: list[Batch] = field(default_factory=list)  # what goes through the same steps because of this one

    def read(self, rows: Sequence[Values]) -> None:
        """Step 3: all rows into the drafts; raises everything that is wrong with any of them."""
        RowReader(self.setup, self.entity).read(self.drafts, rows)
        for relation in self.entity.relations.values():
            self._plan(relation, "replace", relation.written_as)
        self.check()

    def relink(self, relation: Relation, ids: Sequence[str], mode: Mode) -> None:
        """Step 3 of linking and unlinking: the same plan, with ids that come or go."""
        for draft in self.drafts:
            draft.relations[relation.written_as] = list(ids)
        self._plan(relation, mode, "ids")
        self.check()

    def save(self) -> None:
        """Steps 4 to 6: drop what does not differ, store the rest, prove that the actor still sees it."""
        for draft in self.drafts:
            note_changes(self.setup, self.entity, draft)
        for plan in self.plans:
            plan.note(self.drafts)
        changed = [draft for draft in self.drafts if self.is_changed(draft)]
        self._store(changed)
        for batch in self.led:
            batch.save()
        for plan in self.plans:
            plan.store()
            plan.tell(self.others)
        self.others.store(self.setup.context.now)
        self._prove_visible(changed)

    def save_moved(self) -> None:
        """Store the move into the trash or out of it; links stay where they are, hidden with the record."""
        self._touch(self.drafts)
        storing.update(self.entity, self.drafts)

    def check(self) -> None:
        """Raise every issue of every row; a stale version alone is a conflict, not a mistake."""
        issues = [issue for draft in self.drafts for issue in draft.issues]
        stale = [issue for issue in issues if issue.code == "stale_version"]
        if stale and len(stale) == len(issues):
            raise Conflict(*stale)
        ValidationFailed.raise_if(issues)

    def is_changed(self, draft: Draft) -> bool:
        """Whether this draft is written and told of."""
        return (
            bool(draft.changes) or not draft.before or draft.record.deleted_at != draft.before["deleted_at"]
        )

    def _plan(self, relation: Relation, mode: Mode, path: str) -> None:
        plan = plan_for(self.setup, relation, mode, path)
        if concerned := [draft for draft in self.drafts if plan.concerns(draft)]:
            plan.require(concerned)
            plan.read(concerned)
            self.plans.append(plan)
            if (led := plan.led) and led.drafts:
                self.led.append(Batch(self.setup, led.entity, led.drafts, [led.plan]))

    def _store(self, changed: Sequence[Draft]) -> None:
        catalog = self.setup.catalog(self.entity)
        for draft in changed:
            storing.index_row(draft.record, catalog)
        new = [draft.record for draft in changed if not draft.before]
        stored = [draft for draft in changed if draft.before]
        if new:
            storing.insert(self.entity, new)
        if stored:
            self._touch(stored)
            storing.update(self.entity, stored)
        storing.store_values(catalog, changed)

    def _touch(self, drafts: Iterable[Draft]) -> None:
        for draft in drafts:
            draft.record.version += 1
            draft.record.updated_at = self.setup.context.now

    def _prove_visible(self, changed: Sequence[Draft]) -> None:
        """Nobody writes a record out of their own sight: that would be a change they cannot take back."""
        actor = self.setup.actor
        if actor.reach(self.entity.resource) != "own" or not changed:
            return
        ids = [draft.record.pk for draft in changed]
        seen = set(
            self.entity.model.objects.visible_to(actor).filter(pk__in=ids).values_list("pk", flat=True)
        )
        lost = [draft for draft in changed if draft.record.pk not in seen]
        if lost:
            raise NotAllowed(*(Issue("userIds", "would_lose_sight", {}, draft.row) for draft in lost))
