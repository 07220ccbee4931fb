"""Lists of records: the search of the contract, and the same as a plain address."""

from __future__ import annotations

import math
from typing import Any

from accounts.api.calls import Answer, Call, refuse_unknown
from crm.api.selection import Selection
from crm.configuration import column_json, filterable_fields
from crm.entities import Entity
from crm.field_types import Json
from crm.queries import Count, ListQuery, RecordPage, list_records
from crm.setup import CompanySetup
from customermates.kernel.errors import Issue, ValidationFailed
from customermates.kernel.jsonin import BadJson, parsed_json

SEARCH_PAGE = 100  # records, when a search says nothing of pages
LIST_PAGE = 25
SEARCH_BODY = ("filters", "searchTerm", "sortDescriptor", "pagination", "exactTotal")
_PAGING = ("page", "pageSize", "cursor")


def search(entity: Entity, call: Call) -> Answer:
    """`{items, pagination, filters, searchTerm, sortDescriptor, customColumns, filterableFields}`."""
    body = call.only(*SEARCH_BODY)
    query, exact = _asked(body)
    try:
        items, pagination, setup = _page(entity, call, query, exact=exact)
    except ValidationFailed as error:
        told = (issue.below("pagination") if issue.field in _PAGING else issue for issue in error.issues)
        raise ValidationFailed(*told) from error
    field, direction = entity.sort
    answer: dict[str, Json] = {
        "items": items,
        "pagination": pagination,
        "filters": query.filters or [],
        **({"searchTerm": query.search} if query.search else {}),
        "sortDescriptor": query.sort or {"field": field, "direction": direction},
        "customColumns": [column_json(column) for column in setup.columns(entity)],
        "filterableFields": filterable_fields(setup.catalog(entity)),
    }
    return Answer(body=answer)


def listed(entity: Entity, call: Call) -> Answer:
    """`{items, pagination}`."""
    asked = call.query
    query = ListQuery(
        filters=_filters(asked.get("filters")),
        search=asked.get("searchTerm"),
        sort=_sort(asked.get("sort")),
        page=_first_page(asked),
        page_size=asked.get("pageSize", LIST_PAGE),
        cursor=asked.get("cursor"),
    )
    try:
        items, pagination, _setup = _page(entity, call, query, exact=bool(asked.get("exactTotal")))
    except ValidationFailed as error:
        raise ValidationFailed(*map(_at_parameter, error.issues)) from error
    return Answer(body={"items": items, "pagination": pagination})


def pagination_of(found: RecordPage) -> dict[str, Json]:
    """`{page, pageSize, totalPages, total, totalIsExact, nextCursor}`; `page` is null for a cursor's page.

    A total beyond 10,000 is a lower bound. It never ends before the page that was asked for, so who
    counts up to `totalPages` reaches the end.
    """
    count = found.count
    if found.page is not None and not count.is_exact:
        seen = (found.page - 1) * found.page_size + len(found.rows)
        if found.next_cursor is not None:
            count = Count(max(count.total, seen + 1), False)
        elif found.rows:
            count = Count(seen, True)
    return {
        "page": found.page,
        "pageSize": found.page_size,
        "totalPages": max(1, math.ceil(count.total / found.page_size)),
        "total": count.total,
        "totalIsExact": count.is_exact,
        "nextCursor": found.next_cursor,
    }


def _page(
    entity: Entity, call: Call, query: ListQuery, *, exact: bool
) -> tuple[list[dict[str, Json]], dict[str, Json], CompanySetup]:
    call.actor.require("read", entity.resource)
    setup = CompanySetup(call.actor)
    selection = Selection(setup, entity, call.fields)
    found = list_records(
        call.actor, entity, query, selection.attrs(), setup=setup, any_depth=True, exact=exact
    )
    return selection.records(found.rows), pagination_of(found), setup


def _asked(body: Any) -> tuple[ListQuery, bool]:
    """The question of a search, and whether its total shall be exact."""
    pages = body.get("pagination")
    if pages is None:
        pages = {}
    elif not isinstance(pages, dict):
        example = {"page": 1, "pageSize": 25}
        raise ValidationFailed(
            Issue("pagination", "wrong_type", {"expected": "an object", "example": example})
        )
    refuse_unknown(pages, _PAGING, path="pagination")
    exact = body.get("exactTotal", False)
    if not isinstance(exact, bool):
        raise ValidationFailed(Issue("exactTotal", "wrong_type", {"expected": "true or false"}))
    query = ListQuery(
        filters=body.get("filters"),
        search=body.get("searchTerm"),
        sort=body.get("sortDescriptor"),
        page=_first_page(pages),
        page_size=pages.get("pageSize", SEARCH_PAGE),
        cursor=pages.get("cursor"),
    )
    return query, exact


def _first_page(asked: Any) -> Json:
    """The page that is asked for: the first, unless a cursor says where to go on."""
    return asked.get("page", None if asked.get("cursor") is not None else 1)


def _filters(text: str | None) -> Json:
    if text is None:
        return None
    try:
        return parsed_json(text.encode("utf-8", "surrogatepass"))
    except BadJson as error:
        example = '[{"field": "name", "operator": "contains", "value": "engines"}]'
        raise ValidationFailed(
            Issue("filters", "wrong_type", {"expected": f"JSON ({error})", "example": example})
        ) from error


def _sort(text: str | None) -> Json:
    """`-updatedAt,name` as sort keys."""
    if text is None:
        return None
    return [
        {"field": name.strip().removeprefix("-"), "direction": "desc" if name.strip()[:1] == "-" else "asc"}
        for name in text.split(",")
    ]


def _at_parameter(issue: Issue) -> Issue:
    """An issue of the sort, at the parameter that it came from."""
    if not issue.field.startswith("sortDescriptor"):
        return issue
    return Issue("sort", issue.code, issue.params, issue.row)
