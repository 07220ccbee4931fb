"""Things to do in the order of their deadlines: overdue, today, soon, later, some day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from accounts.actor import Actor
from crm.entities import Entity
from crm.own_fields import OwnField
from crm.presenters import Row
from crm.queries import ListQuery, matching
from crm.setup import CompanySetup

SHOWN = 100  # records of one group
SOON = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Group:
    """Records whose deadlines belong together."""

    name: str
    label: str | Promise
    rows: Sequence[Row]
    count: int

    @property
    def more(self) -> int:
        """Records that are not among the rows."""
        return self.count - len(self.rows)


def deadline_of(entity: Entity) -> OwnField:
    """The field that says by when."""
    return next(own for own in entity.fields if own.is_deadline)


def read_agenda(setup: CompanySetup, entity: Entity, query: ListQuery, attrs: Sequence[str]) -> list[Group]:
    """The open records that `query` finds, in groups; two queries for each, those without any left out."""
    attr = deadline_of(entity).attr
    found = matching(setup, entity, query).filter(status="open")
    groups = []
    for name, label, condition in _spans(setup, attr):
        rows = found.filter(condition)
        shown = list(rows.order_by(attr, "id").values(*attrs)[: SHOWN + 1])
        count = len(shown) if len(shown) <= SHOWN else rows.count()
        if shown:
            groups.append(Group(name, label, shown[:SHOWN], count))
    return groups


def _spans(setup: CompanySetup, attr: str) -> list[tuple[str, str | Promise, Q]]:
    zone, now = setup.context.time_zone, setup.context.now
    today = datetime.combine(now.astimezone(zone).date(), time(), zone)
    tomorrow, later = _days_on(today, 1), _days_on(today, SOON.days + 1)

    def between(start: datetime, end: datetime) -> Q:
        return Q((f"{attr}__gte", start), (f"{attr}__lt", end))

    return [
        ("overdue", gettext_lazy("Overdue"), Q((f"{attr}__lt", today))),
        ("today", gettext_lazy("Today"), between(today, tomorrow)),
        ("soon", gettext_lazy("Next 7 days"), between(tomorrow, later)),
        ("later", gettext_lazy("Later"), Q((f"{attr}__gte", later))),
        ("someday", gettext_lazy("Without a date"), Q((f"{attr}__isnull", True))),
    ]


def _days_on(midnight: datetime, days: int) -> datetime:
    """Midnight so many days on, also where a day has 23 or 25 hours."""
    return datetime.combine(midnight.date() + timedelta(days=days), time(), midnight.tzinfo)


def count_due(actor: Actor, entity: Entity) -> int:
    """How many open records of this person are due today or overdue: the number beside the page's name."""
    setup = CompanySetup(actor)
    overdue, today = (condition for _, _, condition in _spans(setup, deadline_of(entity).attr)[:2])
    mine = matching(setup, entity, ListQuery()).filter(status="open", assignees__user_id=actor.user_id)
    return mine.filter(overdue | today).count()
