"""Pages of the CRM: the same for every entity, under its plural."""

from __future__ import annotations

from django.urls import URLPattern, path

from crm.entities import ENTITIES, Entity
from crm.views import (
    agenda,
    board,
    bulk,
    creating,
    field_editing,
    home,
    lists,
    live,
    options,
    record,
    search,
    undoing,
)


def entity_pages(entity: Entity) -> list[URLPattern]:
    """The list of an entity, its records, and all that is done there."""
    root, given = entity.plural, {"entity": entity}
    return [
        *layouts(entity),
        path(f"{root}/", lists.record_list, given, name=root),
        path(f"{root}/new/", creating.create, given, name=f"{entity.name}_create"),
        path(f"{root}/similar/", creating.similar, given, name=f"{entity.name}_similar"),
        path(f"{root}/quick/", creating.quick_create, given, name=f"{entity.name}_quick"),
        path(f"{root}/filter/", lists.filter_form, given, name=f"{entity.name}_filter"),
        path(f"{root}/options/<str:relation>/", options.options, given, name=f"{entity.name}_options"),
        path(f"{root}/bulk/", bulk.bulk_form, given, name=f"{entity.name}_bulk"),
        path(f"{root}/bulk/change/", bulk.bulk_change, given, name=f"{entity.name}_bulk_change"),
        path(f"{root}/<uuid:pk>/", record.record_page, given, name=entity.name),
        path(f"{root}/<uuid:pk>/row/", field_editing.record_row, given, name=f"{entity.name}_row"),
        path(
            f"{root}/<uuid:pk>/fields/<str:name>/",
            field_editing.edit_field,
            given,
            name=f"{entity.name}_field",
        ),
    ]


def layouts(entity: Entity) -> list[URLPattern]:
    """The board and the agenda of an entity, where it has one."""
    root, given, found = entity.plural, {"entity": entity}, []
    if entity.lanes:
        found += [
            path(f"{root}/board/", board.board, given, name=f"{entity.name}_board"),
            path(f"{root}/<uuid:pk>/move/", board.move, given, name=f"{entity.name}_move"),
        ]
    if entity.has_agenda:
        found += [
            path(f"{root}/agenda/", agenda.agenda, given, name=f"{entity.name}_agenda"),
            path(f"{root}/<uuid:pk>/tick/", agenda.tick, given, name=f"{entity.name}_tick"),
        ]
    return found


urlpatterns = [
    path("", home.home, name="home"),
    path("live/", live.notice, name="live"),
    path("search/", search.search, name="search"),
    path("palette/", search.palette, name="palette"),
    path("undo/<uuid:change_set>/", undoing.undo, name="undo"),
    *(pattern for entity in ENTITIES.values() for pattern in entity_pages(entity)),
]
