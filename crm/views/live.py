"""The notice over a page when others, agents above all, have changed what it shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from http import HTTPStatus
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.pages import PageRequest, page
from crm.activity import Activity, activity_since
from crm.entities import ENTITIES
from crm.views.activity_lines import records_in_words
from customermates.kernel.ids import find_uuid

SEQUENCE = "X-Sequence"  # how far the answer looked
MARKED = 200  # records that a page is told to mark
OWN = 100  # change sets of its own that a window names


@require_safe
@page
def notice(request: PageRequest) -> HttpResponse:
    """What happened after `since` to records of `entity`, or to the one `record`; 204 when nothing.

    `seen` is how far the page has asked before: while nothing came after it, no query is made. `own` are
    the change sets that this window made itself; what the same person did in another one is told.
    """
    newest = request.user.company.last_sequence
    since, seen = (_number(request.GET.get(name, "")) for name in ("since", "seen"))
    if newest <= max(since, seen):
        return _nothing(newest)
    own = {pk for text in request.GET.getlist("own")[:OWN] if (pk := find_uuid(text))}
    lines = [line for line in activity_since(request.actor, since, own) if _concerns(request, line)]
    if not lines:
        return _nothing(newest)
    ids = [str(pk) for line in lines for pk in line.records][:MARKED]
    context = {"sentences": list(_sentences(lines)), "ids": " ".join(ids)}
    response = render(request, "crm/_live.html", context)
    response[SEQUENCE] = str(newest)
    return response


def _nothing(newest: int) -> HttpResponse:
    return HttpResponse(status=HTTPStatus.NO_CONTENT, headers={SEQUENCE: str(newest)})


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _concerns(request: PageRequest, line: Activity) -> bool:
    """Whether the page that asks shows any of these records."""
    if pk := find_uuid(request.GET.get("record", "")):
        return pk in line.records
    return request.GET.get("entity", "") in ("", line.entity.name)


def _sentences(lines: Sequence[Activity]) -> Iterator[str]:
    """One for each who did something; a record counts once, however often it was changed."""
    is_cut = any(line.is_cut for line in lines)
    changed: dict[str, dict[str, set[UUID]]] = {}
    for line in lines:
        changed.setdefault("" if line.is_own else line.who, {}).setdefault(line.entity.name, set()).update(
            line.records
        )
    for who, by_entity in changed.items():
        counted = (records_in_words(ENTITIES.get(n), len(ids), is_cut=is_cut) for n, ids in by_entity.items())
        words = _("%(who)s changed %(what)s.") if who else _("You changed %(what)s in another window.")
        yield words % {"who": who, "what": ", ".join(counted)}
