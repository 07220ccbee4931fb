"""Pages of the CRM: the same for every entity, under its plural."""

from __future__ import annotations

from django.urls import URLPattern, path

from crm.entities import ENTITIES, Entity
from crm.views import search


def entity_pages(entity: Entity) -> list[URLPattern]:
    """The list of an entity, its records, and all that is done there."""
    return []


urlpatterns = [
    path("search/", search.search, name="search"),
    path("palette/", search.palette, name="palette"),
    *(pattern for entity in ENTITIES.values() for pattern in entity_pages(entity)),
]
