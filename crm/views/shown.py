"""A record that somebody looks at: what its page, and every part of it, starts from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse

from accounts.pages import PageRequest
from crm import queries
from crm.catalog import Field
from crm.entities import Entity
from crm.presenters import Presenter, Row
from crm.relations import line_rows
from crm.setup import CompanySetup
from crm.views.faces import Look
from customermates.kernel.errors import NotFound

OWN_PARAMS = ("part", "tab", "before", "shown")  # of the page itself; all others are the list's


@dataclass(frozen=True)
class Shown:
    """A record that somebody looks at, and the list they came from."""

    request: PageRequest
    look: Look
    entity: Entity
    row: Row
    is_trashed: bool = False

    @property
    def setup(self) -> CompanySetup:
        """The company's setup."""
        return self.look.setup

    @property
    def id(self) -> UUID:
        """Its id."""
        pk: UUID = self.row["id"]
        return pk

    @property
    def name(self) -> str:
        """What people call it."""
        return str(self.row[self.entity.by_name["name"].attr])

    @property
    def url(self) -> str:
        """Its own address."""
        return reverse(self.entity.name, args=[self.id])

    @property
    def notes_url(self) -> str:
        """The address of the page with its notes open."""
        query = self.list_query
        return f"{self.url}{query}&tab=notes" if query else f"{self.url}?tab=notes"

    @property
    def may_write(self) -> bool:
        """Whether this person may change it, as it is."""
        return not self.is_trashed and self.setup.actor.can("write", self.entity.resource)

    @property
    def may_delete(self) -> bool:
        """Whether this person may move it into the trash or out of it."""
        return self.setup.actor.can("delete", self.entity.resource)

    @property
    def list_query(self) -> str:
        """The state of the list around it, as `?…`, or ""."""
        given = self.request.GET
        pairs = [(k, v) for k in given if k not in OWN_PARAMS for v in given.getlist(k) if v]
        return f"?{urlencode(pairs)}" if pairs else ""

    @cached_property
    def links(self) -> dict[str, Any]:
        """People, and what the subtitle names: references by relation name."""
        catalog = self.setup.catalog(self.entity)
        found = [catalog.find(name) for name in ("userIds", *self.entity.subtitle)]
        names = {field.relation.name for field in found if field and field.relation}
        return Presenter(self.setup, self.entity).references([self.row], names)[self.id]

    @cached_property
    def lines(self) -> list[Row]:
        """Its lines, where records of this kind have some."""
        relation = self.entity.lines
        return line_rows(self.setup, relation, self.id) if relation else []

    def fields(self, names: tuple[str, ...]) -> list[Field]:
        """Fields of the entity by name."""
        catalog = self.setup.catalog(self.entity)
        return [field for name in names if (field := catalog.find(name))]


def load(request: PageRequest, entity: Entity, pk: UUID) -> Shown:
    """The record as far as the person may see it, out of the trash when it is there."""
    look = Look(CompanySetup(request.actor), request.formats)
    look.setup.prefetch_catalogs()  # the page names records of other entities too
    attrs = Presenter(look.setup, entity).attrs()
    try:
        (row,) = queries.get_records(request.actor, entity, [(str(pk), "")], attrs)
        return Shown(request, look, entity, row)
    except NotFound:
        trash = entity.model.objects.in_trash_of(request.actor).filter(pk=pk)
        gone = trash.values("id", "deleted_at", *attrs[1:]).first()
        if gone is None:
            raise
        return Shown(request, look, entity, gone, is_trashed=True)
