"""The first page: what is to be done, what happened, how sales stand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.pages import PageRequest, page
from crm.activity import recent_activity
from crm.entities import DEAL, TASK, Entity
from crm.home import MyTasks, Sales, StageTotal, Total, largest_open_deal, my_tasks, sales
from crm.sample.removing import has_leavings, may_remove
from crm.setup import CompanySetup
from crm.views.activity_lines import activity_line
from customermates.kernel.ui.formats import Formats
from customermates.kernel.ui.navigation import SETTINGS

FEED_LINES = 8
MORNING_ENDS, AFTERNOON_ENDS = 12, 18  # hours


@require_safe
@page
def home(request: PageRequest) -> HttpResponse:
    """The day of one person."""
    setup = CompanySetup(request.actor)
    selling, feed = sales(setup), recent_activity(request.actor, limit=FEED_LINES)
    tasks = my_tasks(setup)
    context = {
        "greeting": _greeting(request),
        "tasks": _task_groups(tasks) if tasks else None,
        "feed": [activity_line(line) for line in feed],
        "figures": [*_figures(selling, request.formats), *_task_figures(tasks)],
        "pipelines": _pipelines(selling, request.formats) if selling else [],
        "asks": _asks(setup, selling),
        "agent_url": _agent_address(request),
        "is_new": not feed and not (selling and selling.open.count),
        "task_list": _my_task_list(),
        "has_sample": _has_sample(request),
    }
    return render(request, "crm/home.html", context)


class Figure(NamedTuple):
    """One number at the top, with what is said below it."""

    label: str
    value: str
    below: str
    url: str
    is_bad: bool = False


def _has_sample(request: PageRequest) -> bool:
    """Whether sample data is there that this person may remove; most companies never had any."""
    if request.user.company.sample_change_set is None:
        return False
    return may_remove(request.actor) and has_leavings(request.actor)


def _greeting(request: PageRequest) -> str:
    setup = CompanySetup(request.actor)
    hour = setup.context.now.astimezone(setup.context.time_zone).hour
    part = _("Good morning") if hour < MORNING_ENDS else _("Good afternoon")
    part = part if hour < AFTERNOON_ENDS else _("Good evening")
    name = request.user.first_name
    return _("%(greeting)s, %(name)s") % {"greeting": part, "name": name} if name else part


def _task_groups(tasks: MyTasks) -> list[dict[str, Any]]:
    named = (
        (_("Overdue"), "overdue", tasks.overdue),
        (_("Today"), "today", tasks.today),
        (_("Next 7 days"), "soon", tasks.soon),
    )
    return [
        {"label": label, "name": name, "rows": rows, "more": tasks.counts[name] - len(rows)}
        for label, name, rows in named
        if rows
    ]


def _figures(selling: Sales | None, formats: Formats) -> list[Figure]:
    if selling is None:
        return []
    return [
        _money_figure(_("Open deals"), selling.open, formats, [("status", "in", "open")]),
        _money_figure(_("Weighted by stage"), selling.weighted, formats, [("status", "in", "open")]),
        _money_figure(
            _("Won this month"),
            selling.won,
            formats,
            [("status", "in", "won"), ("closedAt", "gte", "startOfMonth")],
        ),
    ]


def _money_figure(label: str, total: Total, formats: Formats, rules: list[tuple[str, str, str]]) -> Figure:
    """The largest sum large, others beside the count."""
    sums = sorted(total.sums.items(), key=lambda pair: -pair[1])
    shown = [formats.short_money(amount, currency) for currency, amount in sums]
    below = [_deals(total.count, formats), *(f"+ {text}" for text in shown[1:3])]
    return Figure(label, shown[0] if shown else "0", " · ".join(below), list_address(DEAL, rules))


def _task_figures(tasks: MyTasks | None) -> list[Figure]:
    if tasks is None:
        return []
    late = tasks.counts["overdue"]
    below = _("%(count)s overdue") % {"count": late} if late else _("nothing overdue")
    return [Figure(_("My tasks today"), str(tasks.counts["today"]), below, _my_task_list(), is_bad=late > 0)]


def _pipelines(selling: Sales, formats: Formats) -> list[dict[str, Any]]:
    return [
        {"name": pipeline.name, "rows": [_stage_row(row, formats) for row in rows]}
        for pipeline, rows in selling.pipelines
    ]


def _stage_row(row: StageTotal, formats: Formats) -> dict[str, Any]:
    sums = sorted(row.total.sums.items(), key=lambda pair: -pair[1])
    return {
        "name": row.stage.name,
        "color": row.stage.color,
        "width": f"{max(row.share * 100, 0.7 if row.total.count else 0):.1f}%",
        "count": _deals(row.total.count, formats),
        "sums": [formats.short_money(amount, currency) for currency, amount in sums],
        "url": list_address(DEAL, [("stage", "in", str(row.stage.pk))]),
    }


def _deals(count: int, formats: Formats) -> str:
    return ngettext("%(count)s deal", "%(count)s deals", count) % {"count": formats.number(Decimal(count))}


def _asks(setup: CompanySetup, selling: Sales | None) -> list[str]:
    """Five things to ask an agent, in the words of this company."""
    stages = [row.stage.name for _pipeline, rows in (selling.pipelines if selling else ()) for row in rows]
    late_stage, deal = (stages[-1], largest_open_deal(setup)) if stages else ("", "")
    asks = [_("What changed in our CRM since yesterday, and what needs my attention today?")]
    if deal:
        asks.append(
            _("Summarise everything we know about “%(deal)s” and suggest the next step.") % {"deal": deal}
        )
    if late_stage:
        asks.append(
            _("List the deals in %(stage)s without a task, and create a follow-up for each.")
            % {"stage": late_stage}
        )
    asks += [
        _("Which open deals should have closed by now? Propose new dates before you change any."),
        _("Find contacts that look like duplicates and show them to me side by side."),
        _("Add a contact from this e-mail signature and link it to its organization: …"),
        _("Write the call notes I paste next into the right record, and make tasks of what I promised."),
    ]
    return asks[:5]


def _agent_address(request: PageRequest) -> str:
    """Where agents are connected, when that is open to this person."""
    found = SETTINGS.find("connect")
    return found.url if found and found.is_open_to(request.actor) else ""


def _my_task_list() -> str:
    return list_address(TASK, [("userIds", "hasSome", "me"), ("status", "in", "open")], sort="dueAt")


def list_address(entity: Entity, rules: list[tuple[str, str, str]], *, sort: str = "") -> str:
    """The list of `entity` narrowed by (field, operator, value)."""
    pairs = [
        (f"{part}{number}", text)
        for number, rule in enumerate(rules, 1)
        for part, text in zip("fov", rule, strict=True)
    ]
    pairs += [("sort", sort)] if sort else []
    return f"{reverse(entity.plural)}?{urlencode(pairs)}"
