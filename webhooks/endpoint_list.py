"""Endpoints as pages show them: how each is doing, in a word, a sentence and a week of bars."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit
from uuid import UUID

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from customermates.kernel.ui.formats import Formats
from webhooks import queries
from webhooks.catalog import EVERYTHING
from webhooks.charts import DayBar, week_bars
from webhooks.models import Delivery, Endpoint
from webhooks.queries import Tally

DAYS = 7
EVENTS_SHOWN = 2  # of an endpoint in the list; the others are counted

# {state: its word, its colour}
STATES: dict[str, tuple[str | Promise, str]] = {
    "healthy": (_("Healthy"), "green"),
    "new": (_("No delivery yet"), "slate"),
    "failing": (_("Failing"), "amber"),
    "retrying": (_("Not reachable"), "amber"),
    "paused": (_("Paused"), "rose"),
    "gone": (_("Gone"), "rose"),
    "off": (_("Switched off"), "slate"),
}


@dataclass(frozen=True)
class EndpointRow:
    """One endpoint and how its deliveries fare."""

    endpoint: Endpoint
    days: Sequence[DayBar]
    waiting: int
    last: Delivery | None
    now: datetime.datetime

    @cached_property
    def state(self) -> str:
        """One of STATES."""
        return state_of(self.endpoint, self.now)

    @property
    def chip(self) -> tuple[str | Promise, str]:
        """Word and colour of the state."""
        return STATES[self.state]

    @property
    def is_stopped(self) -> bool:
        """Whether the product itself stopped sending."""
        return self.state in ("paused", "gone")

    @property
    def is_sending(self) -> bool:
        """Whether deliveries leave for it."""
        return self.endpoint.is_sending

    @cached_property
    def week(self) -> Tally:
        """What became of the deliveries of the last days together."""
        return sum((day.tally for day in self.days), Tally())

    @property
    def rate(self) -> float | None:
        """The share of finished deliveries that arrived; None when none is finished."""
        finished = self.week.delivered + self.week.failed
        return self.week.delivered / finished if finished else None

    @property
    def week_words(self) -> str:
        """The week for those who do not see the bars."""
        week = self.week
        if not (week.delivered or week.failed):
            return gettext("Nothing was delivered in the last seven days.")
        delivered = ngettext("%(count)d delivered", "%(count)d delivered", week.delivered)
        failed = ngettext("%(count)d failed", "%(count)d failed", week.failed)
        told = {"delivered": delivered % {"count": week.delivered}, "failed": failed % {"count": week.failed}}
        return gettext("Last seven days: %(delivered)s, %(failed)s.") % told

    @property
    def chart(self) -> SafeString:
        """The week as bars."""
        return week_bars(self.days, label=self.week_words)

    @property
    def host(self) -> str:
        """Where it is, as short as people say it."""
        return host_of(self.endpoint.url)

    @property
    def events(self) -> Sequence[str]:
        """The first of the events it asks for."""
        asked: Sequence[str] = self.endpoint.events
        return asked if len(asked) <= EVENTS_SHOWN + 1 else asked[:EVENTS_SHOWN]

    @property
    def more_events(self) -> int:
        """How many others there are."""
        return len(self.endpoint.events) - len(self.events)

    @property
    def wants_everything(self) -> bool:
        """Whether it is told of whatever happens."""
        return EVERYTHING in self.endpoint.events


def state_of(endpoint: Endpoint, now: datetime.datetime) -> str:
    """How the endpoint is doing: one of STATES."""
    if not endpoint.enabled:
        return "off"
    if endpoint.pause:
        return "gone" if endpoint.pause == Endpoint.Pause.GONE else "paused"
    if endpoint.blocked_until and endpoint.blocked_until > now:
        return "retrying"
    if endpoint.failures:
        return "failing"
    return "healthy" if endpoint.last_success_at else "new"


def host_of(url: str) -> str:
    """The host of an endpoint's address; the whole address should there be none."""
    return urlsplit(url).netloc or url


def list_rows(actor: Actor, formats: Formats) -> list[EndpointRow]:
    """All endpoints of the company with their week, in as many queries for many as for one."""
    endpoints = queries.list_endpoints(actor)
    if not endpoints:
        return []
    return _rows(endpoints, formats, _Facts.of(actor, formats))


def get_row(actor: Actor, endpoint_id: UUID, formats: Formats) -> EndpointRow:
    """One endpoint with its week; NotFound when there is none."""
    endpoint = queries.get_endpoint(actor, endpoint_id)
    [row] = _rows([endpoint], formats, _Facts.of(actor, formats, endpoint_id))
    return row


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is looked up once for all rows."""

    starts: Sequence[datetime.datetime]
    tallies: Mapping[UUID, Sequence[Tally]]
    waiting: Mapping[UUID, int]
    last: Mapping[UUID, Delivery]

    @classmethod
    def of(cls, actor: Actor, formats: Formats, endpoint_id: UUID | None = None) -> _Facts:
        starts = day_starts(formats)
        return cls(
            starts,
            queries.tallies(actor, starts, endpoint_id=endpoint_id),
            queries.count_waiting(actor, endpoint_id=endpoint_id),
            queries.last_deliveries(actor) if endpoint_id is None else {},
        )


def _rows(endpoints: Sequence[Endpoint], formats: Formats, facts: _Facts) -> list[EndpointRow]:
    now = timezone.now()
    nothing = [Tally()] * len(facts.starts)
    names = [formats.weekday(start.date()) for start in facts.starts]
    return [
        EndpointRow(
            endpoint,
            _days(names, facts.tallies.get(endpoint.pk, nothing)),
            facts.waiting.get(endpoint.pk, 0),
            facts.last.get(endpoint.pk),
            now,
        )
        for endpoint in endpoints
    ]


def _days(names: Sequence[str], week: Sequence[Tally]) -> list[DayBar]:
    most = max(tally.delivered + tally.failed for tally in week)
    return [DayBar(name, tally, most) for name, tally in zip(names, week, strict=True)]


def day_starts(formats: Formats) -> list[datetime.datetime]:
    """When each of the last days began where the person is, today last."""
    today = formats.today()
    days = [today - datetime.timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    return [datetime.datetime.combine(day, datetime.time(), formats.time_zone) for day in days]
