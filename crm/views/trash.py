"""Settings: the trash, searched, narrowed to one kind, and what is picked in it brought back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.pages import PageRequest, page
from crm.attribution import Attribution, attribution, reason_of
from crm.entities import ENTITIES
from crm.models import RESTORABLE_FOR
from crm.trash import (
    COLUMN,
    Picked,
    Place,
    Trashed,
    TrashQuery,
    deletion_of,
    kinds_of,
    list_trash,
    may_restore,
    restore_from_trash,
)
from crm.views.shown import Shown
from crm.views.undoing import back
from customermates.kernel.errors import NotFound, ValidationFailed
from customermates.kernel.ids import find_uuid
from customermates.kernel.sentences import sentence
from customermates.kernel.ui.toasts import tell

WORDS_AT_MOST = 200  # characters
COLUMN_LABELS = (gettext_lazy("Custom columns"), gettext_lazy("Custom column"))


class Kind(NamedTuple):
    """A kind of thing that can be in the trash."""

    name: str
    label: str | Promise
    one: str | Promise
    icon: str


class Line(NamedTuple):
    """One thing in the trash as the page shows it."""

    row: Trashed
    kind: Kind
    url: str  # of its page; "" for a column
    by: Attribution | None
    reason: str
    may_restore: bool

    @property
    def value(self) -> str:
        """What the form sends for it."""
        return f"{self.row.kind}:{self.row.id}"


@require_safe
@page
def trash(request: PageRequest) -> HttpResponse:
    """What was deleted last, as far as search and kind let through; htmx gets the list alone."""
    query = _query(request)
    found = list_trash(request.actor, query)
    lines = [_line(request, row) for row in found.rows]
    context = {
        "lines": lines,
        "may_restore": any(line.may_restore for line in lines),
        "kinds": [kind_of(name) for name in kinds_of(request.actor)],
        "query": query,
        "is_narrowed": bool(query.kind or query.words),
        "next": _written(found.next) if found.next else "",
        "days": RESTORABLE_FOR.days,
        "here": reverse("trash"),
    }
    return render(request, "crm/_trash.html" if request.htmx else "crm/trash.html", context)


@require_POST
@page
def restore_picked(request: PageRequest) -> HttpResponse:
    """What was picked is back, or only the one thing whose button was pressed."""
    only = request.POST.get("only", "")
    picked = list(_picked([only] if only else request.POST.getlist("item")))
    if not picked:
        tell(request, _("Pick what shall come back first."), "error")
        return redirect(back(request))
    try:
        names = restore_from_trash(request.actor, picked)
    except (NotFound, ValidationFailed) as error:
        tell(request, " ".join(dict.fromkeys(map(sentence, error.issues))), "error")
        return redirect(back(request))
    tell(request, _restored(names), undo=reverse("undo", args=[request.actor.change_set]))
    return redirect(back(request))


def trash_address(kind: str = "") -> str:
    """The page of the trash, narrowed to one kind."""
    address = reverse("trash")
    return f"{address}?{urlencode({'kind': kind})}" if kind else address


def trashed_context(shown: Shown) -> dict[str, Any]:
    """Who deleted the record of a page, and until when it can come back."""
    if not shown.is_trashed:
        return {}
    event = deletion_of(shown.setup.actor, shown.entity.name, shown.id)
    return {
        "deleted_by": attribution(event).who if event else "",
        "deleted_at": shown.row["deleted_at"],
        "deleted_until": shown.row["deleted_at"] + RESTORABLE_FOR,
        "trash_url": trash_address(shown.entity.name),
    }


def kind_of(name: str) -> Kind:
    """The kind of this name."""
    if name == COLUMN:
        return Kind(name, *COLUMN_LABELS, "columns-3")
    entity = ENTITIES.get(name)
    return Kind(name, entity.label, entity.one, entity.icon)


def _query(request: PageRequest) -> TrashQuery:
    asked, kind = request.GET, request.GET.get("kind", "")
    return TrashQuery(
        kind=kind if kind in kinds_of(request.actor) else "",
        words=asked.get("q", "")[:WORDS_AT_MOST].strip(),
        below=_place(asked.get("before", "")),
    )


def _line(request: PageRequest, row: Trashed) -> Line:
    return Line(
        row=row,
        kind=kind_of(row.kind),
        url="" if row.kind == COLUMN else reverse(row.kind, args=[row.id]),
        by=attribution(row.event) if row.event else None,
        reason=reason_of(row.event) if row.event else "",
        may_restore=may_restore(request.actor, row.kind),
    )


def _picked(values: Sequence[str]) -> Iterator[Picked]:
    """What the form names, without what it cannot name."""
    for value in values:
        kind, _colon, text = value.partition(":")
        if pk := find_uuid(text):
            yield kind, pk


def _restored(names: Sequence[str]) -> str:
    if len(names) == 1:
        return _("%(name)s is back.") % {"name": names[0]}
    count = len(names)
    return ngettext("%(count)d thing is back.", "%(count)d things are back.", count) % {"count": count}


def _written(place: Place) -> str:
    return f"{place.deleted_at.isoformat()}~{place.id}"


def _place(text: str) -> Place | None:
    """The place that `_written` wrote; None for anything else."""
    when, _tilde, pk = text.partition("~")
    try:
        at = datetime.fromisoformat(when)
    except ValueError:
        return None
    found: UUID | None = find_uuid(pk)
    return Place(at, found) if found and at.tzinfo else None
