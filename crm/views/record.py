"""The page of one record: the same view for every entity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.pages import PageRequest, page
from crm import queries
from crm.entities import Entity
from crm.presenters import Presenter, Row
from crm.setup import CompanySetup
from crm.views.faces import Look, field_html, label_of


@dataclass(frozen=True)
class Shown:
    """A record that somebody looks at."""

    look: Look
    entity: Entity
    row: Row

    @property
    def name(self) -> str:
        """What people call it."""
        return str(self.row[self.entity.by_name["name"].attr])


def load(request: PageRequest, entity: Entity, pk: UUID) -> Shown:
    """The record, as far as the person may see it."""
    look = Look(CompanySetup(request.actor), request.formats)
    (row,) = queries.get_records(
        request.actor, entity, [(str(pk), "")], Presenter(look.setup, entity).attrs()
    )
    return Shown(look, entity, row)


@require_safe
@page
def record_page(request: PageRequest, entity: Entity, pk: UUID) -> HttpResponse:
    """The page."""
    shown = load(request, entity, pk)
    return render(request, "crm/record.html", _context(shown))


def _context(shown: Shown) -> dict[str, Any]:
    catalog = shown.look.setup.catalog(shown.entity)
    fields = [field for field in catalog.fields.values() if not field.relation]
    return {
        "entity": shown.entity,
        "name": shown.name,
        "list_url": reverse(shown.entity.plural),
        "url": reverse(shown.entity.name, args=[shown.row["id"]]),
        "properties": [(label_of(f), field_html(shown.look, f, shown.row)) for f in fields],
    }
