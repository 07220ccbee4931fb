"""Pages of the CRM: the same for every entity, under its plural."""

from __future__ import annotations

from django.urls import URLPattern, path

from crm.entities import ENTITIES, Entity
from crm.views import (
    agenda,
    board,
    bulk,
    changes,
    columns,
    creating,
    field_editing,
    home,
    lines,
    lists,
    live,
    notes,
    options,
    record,
    relations,
    sample_data,
    search,
    trash,
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
        *record_pages(entity),
    ]


def record_pages(entity: Entity) -> list[URLPattern]:
    """The page of one record, and what is done there."""
    given, own = {"entity": entity}, f"{entity.plural}/<uuid:pk>/"
    pages = [
        path(own, record.record_page, given, name=entity.name),
        path(f"{own}row/", field_editing.record_row, given, name=f"{entity.name}_row"),
        path(f"{own}fields/<str:name>/", field_editing.edit_field, given, name=f"{entity.name}_field"),
        path(f"{own}delete/", record.delete, given, name=f"{entity.name}_delete"),
        path(f"{own}restore/", record.restore, given, name=f"{entity.name}_restore"),
        path(f"{own}links/<str:relation>/", relations.link, given, name=f"{entity.name}_link"),
        path(f"{own}unlink/<str:relation>/", relations.unlink, given, name=f"{entity.name}_unlink"),
        path(f"{own}notes/", notes.edit_notes, given, name=f"{entity.name}_notes"),
        path(f"{own}notes/add/", notes.add_note, given, name=f"{entity.name}_note_add"),
        path(f"{own}notes/tick/", notes.tick, given, name=f"{entity.name}_note_tick"),
    ]
    for direction in ("next", "previous"):
        step = {**given, "direction": direction}
        pages.append(path(f"{own}{direction}/", record.step, step, name=f"{entity.name}_{direction}"))
    if entity.lines:
        pages.append(path(f"{own}lines/", lines.save_lines, given, name=f"{entity.name}_lines"))
    return pages


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


column_pages = [
    path("settings/columns/", columns.columns, name="columns"),
    path("settings/columns/new/", columns.create, name="column_create"),
    path("settings/columns/<uuid:column_id>/", columns.edit, name="column_edit"),
    path("settings/columns/<uuid:column_id>/delete/", columns.delete, name="column_delete"),
    path("settings/columns/<uuid:column_id>/restore/", columns.restore, name="column_restore"),
    path("settings/columns/<uuid:column_id>/move/", columns.move, name="column_move"),
]

urlpatterns = [
    path("", home.home, name="home"),
    path("changes/<uuid:change_set>/", changes.changes, name="changes"),
    path("live/", live.notice, name="live"),
    path("search/", search.search, name="search"),
    path("palette/", search.palette, name="palette"),
    path("notes/preview/", notes.preview, name="notes_preview"),
    path("settings/sample-data/", sample_data.sample_data, name="sample_data"),
    path("settings/trash/", trash.trash, name="trash"),
    path("settings/trash/restore/", trash.restore_picked, name="trash_restore"),
    path("undo/<uuid:change_set>/", undoing.undo, name="undo"),
    *column_pages,
    *(pattern for entity in ENTITIES.values() for pattern in entity_pages(entity)),
]
