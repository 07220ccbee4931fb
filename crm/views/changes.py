"""The page of one change set: where a line about many records leads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.pages import PageRequest, page
from crm.attribution import attribution, reason_of
from crm.changes import ChangedRecord, Changes, read_changes
from crm.entities import ENTITIES
from crm.history import names_in
from crm.setup import CompanySetup
from crm.views.activity_lines import records_in_words
from crm.views.faces import Look
from crm.views.timeline import Item, Teller


class Line(NamedTuple):
    """One record and what was done to it."""

    icon: str
    name: str
    url: str
    is_gone: bool
    items: Sequence[Item]


@require_safe
@page
def changes(request: PageRequest, change_set: UUID) -> HttpResponse:
    """What one change set did, record by record."""
    look = Look(CompanySetup(request.actor), request.formats)
    look.setup.prefetch_catalogs()
    after = request.GET.get("after", "")
    is_first = not (after.isascii() and after.isdigit() and len(after) < 19)
    found = read_changes(look.setup, change_set, after=0 if is_first else int(after))
    context = {
        "by": attribution(found.first),
        "reason": reason_of(found.first),
        "at": found.first.created_at,
        "counts": _counts(found),
        "lines": list(_lines(look, found.records)),
        "next": found.next,
        "is_first": is_first,
        "undo_url": _undo_address(request, change_set, found),
    }
    return render(request, "crm/changes.html", context)


def _counts(found: Changes) -> list[str]:
    return [
        records_in_words(entity, found.counts[entity.name])
        for entity in ENTITIES.values()
        if entity.name in found.counts
    ]


def _undo_address(request: PageRequest, change_set: UUID, found: Changes) -> str:
    """Where all of it is taken back; "" for who may change nothing of it."""
    may = any(request.actor.can("write", ENTITIES.get(name).resource) for name in found.counts)
    return reverse("undo", args=[change_set]) if may else ""


def _lines(look: Look, records: Sequence[ChangedRecord]) -> Iterator[Line]:
    names = names_in(look.setup, [record.entry.past for record in records])
    for record in records:
        teller = Teller(look, look.setup.catalog(record.entity), record.row)
        yield Line(
            icon=record.entity.icon,
            name=record.name,
            url=reverse(record.entity.name, args=[record.row["id"]]),
            is_gone=record.row["deleted_at"] is not None,
            items=list(teller.items(record.entry, names)),
        )
