"""Undo of what a change set did beside records: columns hidden or brought back, people let in or out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

from accounts.actor import Actor
from accounts.models import Event, User
from accounts.services import change_status
from crm.column_use import columns_in_use
from crm.field_services import delete_column, restore_column
from crm.models import CustomColumn
from customermates.kernel.errors import Conflict, Issue, NotAllowed, NotFound, ValidationFailed

_MOVED = ("customColumn.deleted", "customColumn.restored")
_LET = "user.updated"


def setup_events(actor: Actor, change_set: UUID) -> list[Event]:
    """The events of a change set of the actor's company that `SetupUndo` takes back, in their order."""
    rows = Event.objects.filter(company_id=actor.company_id, change_set=change_set, name__in=(*_MOVED, _LET))
    found = rows.select_related("user", "api_key").order_by("sequence")
    return [event for event in found if event.name in _MOVED or "status" in event.changes]


@dataclass(slots=True)
class SetupUndo:
    """Columns and people on their way back; what others have changed since is left alone."""

    actor: Actor
    hidden: list[UUID]  # columns that were in use before
    shown: list[UUID]  # columns that came back
    statuses: dict[UUID, tuple[str, str]]  # (before, after) by person
    count: int = 0
    refused: list[Issue] = field(default_factory=list)

    @classmethod
    def of(cls, actor: Actor, events: Sequence[Event]) -> SetupUndo:
        """The undo of `events`, by what they did in the end."""
        columns: dict[UUID, list[str]] = {}
        statuses: dict[UUID, tuple[str, str]] = {}
        for event in events:
            if event.name in _MOVED:
                columns.setdefault(event.entity_id, []).append(event.name)
            else:
                change = event.changes["status"]
                first, _last = statuses.get(event.entity_id, (change["previous"], ""))
                statuses[event.entity_id] = (first, change["current"])
        # There and back again in one change set is nothing to take back.
        moved = {pk: names[0] for pk, names in columns.items() if names[0] == names[-1]}
        hidden, shown = ([pk for pk, name in moved.items() if name == which] for which in _MOVED)
        return cls(actor, hidden, shown, statuses)

    def bring_back(self) -> None:
        """Hidden columns are there again, and people may do what they could."""
        for pk in self.hidden:
            self._try(partial(restore_column, self.actor, pk))
        people = User.objects.filter(company_id=self.actor.company_id, pk__in=self.statuses).order_by("pk")
        for pk, status in people.values_list("pk", "status"):
            before, after = self.statuses[pk]
            if status == after != before:
                self._try(partial(change_status, self.actor, pk, status=before))

    def take_away(self) -> None:
        """Columns that came back are hidden again, unless they hold values by now."""
        rows = CustomColumn.objects.filter(company_id=self.actor.company_id, pk__in=self.shown)
        columns = list(rows.filter(deleted_at=None).order_by("pk"))
        used = columns_in_use(self.actor, columns)
        for column in columns:
            if column.pk in used:
                self.refused.append(Issue("", "column_holds_values", {"label": column.label}))
            else:
                self._try(partial(delete_column, self.actor, column.pk))

    def _try(self, change: Callable[[], object]) -> None:
        """One change; what the rules refuse is told, what is gone or there again is left alone."""
        try:
            change()
        except NotFound:
            return
        except (Conflict, NotAllowed, ValidationFailed) as error:
            self.refused += [issue for issue in error.issues if issue not in self.refused]
        else:
            self.count += 1
