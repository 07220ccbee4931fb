"""Reads: lists, counts and details. Every one starts at `visible_to(actor)`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.actor import Actor
from crm import paging
from crm.entities import Entity
from crm.field_types.field_type import Gathered, Json
from crm.field_types.text import clean_text
from crm.filters import filter_condition
from crm.missing import in_trash, unknown_record
from crm.models import IndexedValue, Record
from crm.setup import CompanySetup
from customermates.kernel.errors import Issue, NotFound, ValidationFailed
from customermates.kernel.folding import folded, folded_key
from customermates.kernel.ids import find_uuid
from customermates.kernel.pages import PAGE_SIZES

COUNTED_EXACTLY = 10_000  # beyond this a total reads "10,000+" unless somebody asks
TOKENS_LIMIT = 10
DETAILS_LIMIT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuery:
    """What a list is asked for, as JSON brought it; every part may be absent."""

    filters: Json = None
    search: Json = None
    sort: Json = None
    page: Json = None
    page_size: Json = None
    cursor: Json = None

    @property
    def mark(self) -> str:
        """What ties a cursor to this list: another filter, search or sort is another list."""
        return paging.fingerprint(self.filters or None, self.search or None, self.sort or None)


@dataclass(frozen=True, slots=True)
class Count:
    """A number of records; exact up to 10,000, and above that a lower bound unless exactly asked for."""

    total: int
    is_exact: bool


@dataclass(frozen=True, slots=True)
class RecordPage:
    """One page of a list: rows as attribute dicts, how many there are in all, and where to go on."""

    rows: list[dict[str, Any]]
    count: Count
    next_cursor: str | None
    cursor_after: Callable[[int], str]  # the cursor that goes on after a row of this page
    page: int | None
    page_size: int


def list_records(
    actor: Actor,
    entity: Entity,
    query: ListQuery,
    attrs: Sequence[str],
    *,
    setup: CompanySetup | None = None,
    any_depth: bool = False,
    exact: bool = False,
) -> RecordPage:
    """The asked page of visible records; `attrs` are the model attributes that its rows shall hold.

    `any_depth` allows page numbers beyond the first 10,000 rows, which take longer the deeper they are;
    `exact` counts beyond 10,000. ValidationFailed tells everything wrong with filters, search, sort and
    paging at once.
    """
    actor.require("read", entity.resource)
    setup = setup or CompanySetup(actor)
    gathered = Gathered()
    condition = gathered.read(lambda: _condition(setup, entity, query), Q())
    keys = gathered.read(lambda: paging.read_sort(setup, entity, query.sort), [])
    size, page = gathered.read(lambda: _page_of(query, any_depth=any_depth), (25, None))
    gathered.done()
    rows = entity.model.objects.visible_to(actor).filter(condition)
    mark = paging.fingerprint(str(actor.company_id), entity.name, query.mark)
    if page is not None:
        found = paging.numbered_page(rows, keys, attrs, size=size, page=page, mark=mark)
    else:
        found = paging.keyset_page(rows, keys, attrs, size=size, cursor=query.cursor, mark=mark)
    if found.next_cursor is None and not query.cursor and page in (None, 1):
        count = Count(len(found.rows), True)  # the first page is all there is: nothing is left to be counted
    else:
        count = Count(rows.count(), True) if exact else _count(rows)
    return RecordPage(found.rows, count, found.next_cursor, found.cursor_after, page, size)


def list_ids(setup: CompanySetup, entity: Entity, query: ListQuery) -> list[UUID]:
    """The ids of all visible records that match filters and search, in no order that means anything."""
    return list(matching(setup, entity, query).order_by("id").values_list("id", flat=True))


def matching(setup: CompanySetup, entity: Entity, query: ListQuery) -> QuerySet[Any]:
    """All visible records that match filters and search, for pages that arrange them in their own way."""
    setup.actor.require("read", entity.resource)
    return entity.model.objects.visible_to(setup.actor).filter(_condition(setup, entity, query))


def neighbour(
    setup: CompanySetup, entity: Entity, query: ListQuery, pk: UUID, *, forward: bool
) -> UUID | None:
    """The id of the record after this one in the list of `query`, or before it; None at its end.

    NotFound when the actor cannot see the record. One that has left the list keeps its place there.
    """
    setup.actor.require("read", entity.resource)
    visible = entity.model.objects.visible_to(setup.actor)
    if not visible.filter(pk=pk).exists():
        raise NotFound(unknown_record(entity, str(pk), ""))
    keys = paging.read_sort(setup, entity, query.sort)
    rows = visible.filter(_condition(setup, entity, query))
    return paging.neighbour(rows, keys, visible.filter(pk=pk), forward=forward)


def count_records(actor: Actor, entity: Entity, query: ListQuery, *, exact: bool = False) -> Count:
    """How many visible records match filters and search."""
    actor.require("read", entity.resource)
    setup = CompanySetup(actor)
    gathered = Gathered()
    condition = gathered.read(lambda: _condition(setup, entity, query), Q())
    if query.sort is not None:
        gathered.read(lambda: paging.read_sort(setup, entity, query.sort), [])
    gathered.done()
    rows = entity.model.objects.visible_to(actor).filter(condition)
    return Count(rows.count(), True) if exact else _count(rows)


def get_records(
    actor: Actor, entity: Entity, wanted: Sequence[tuple[str, str]], attrs: Sequence[str]
) -> list[dict[str, Any]]:
    """Rows of the wanted ids, in their order; each id comes with the path it was sent under.

    NotFound names every id that is absent or invisible: both look alike.
    """
    actor.require("read", entity.resource)
    ids = [find_uuid(text) for text, _ in wanted]
    rows = entity.model.objects.visible_to(actor).filter(pk__in={pk for pk in ids if pk}).values("id", *attrs)
    found = {row["id"]: row for row in rows}
    missing = [place for pk, place in zip(ids, wanted, strict=True) if pk not in found]
    if missing:
        trash = in_trash(actor, entity, ids)
        raise NotFound(
            *(unknown_record(entity, text, path, trash=find_uuid(text) in trash) for text, path in missing)
        )
    return [found[pk] for pk in ids if pk]


def read_ids(raw: Sequence[str], entity: Entity, *, path: str | None = None) -> list[UUID]:
    """The ids that `raw` spells, in order. NotFound names those that are none, by row, or all at `path`."""
    ids = [find_uuid(text) for text in raw]
    issues = [
        unknown_record(entity, raw[row], path or "").at(row=row) for row, pk in enumerate(ids) if pk is None
    ]
    if issues:
        raise NotFound(*issues)
    return [pk for pk in ids if pk]


def search_condition(actor: Actor, entity: Entity, text: Json) -> Q:
    """Records where every word of `text` is found in a name or e-mail address."""
    try:
        words = folded(clean_text(text, max_length=1_000)).split()
    except ValidationFailed as error:
        raise ValidationFailed(*(issue.below("searchTerm") for issue in error.issues)) from error
    if text.strip() and not words:  # accents alone: matching everything would be a lie
        raise ValidationFailed(Issue("searchTerm", "empty_operand"))
    if len(words) > TOKENS_LIMIT:
        raise ValidationFailed(Issue("searchTerm", "too_many_words", {"limit": TOKENS_LIMIT}))
    condition = Q()
    for word in words:
        condition &= _word_condition(actor, entity, folded_key(word))
    return condition


def _word_condition(actor: Actor, entity: Entity, key: str) -> Q:
    either = Q(pk__in=())
    for place in entity.search:
        if place.startswith("*"):
            values = IndexedValue.objects.filter(
                company_id=actor.company_id, entity=entity.name, field=place[1:]
            )
            either |= Q(id__in=values.filter(value__contains=key).values("record_id"))
        else:
            either |= Q((f"{place}__contains", key))
    return either


def _condition(setup: CompanySetup, entity: Entity, query: ListQuery) -> Q:
    gathered = Gathered()
    condition = gathered.read(lambda: filter_condition(setup, entity, query.filters), Q())
    if query.search not in (None, ""):
        condition &= gathered.read(lambda: search_condition(setup.actor, entity, query.search), Q())
    gathered.done()
    return condition


def _page_of(query: ListQuery, *, any_depth: bool) -> tuple[int, int | None]:
    issues = []
    size = 25 if query.page_size is None else query.page_size
    if type(size) is not int or size not in PAGE_SIZES:
        issues.append(Issue("pageSize", "unknown_choice", {"allowed": [str(n) for n in PAGE_SIZES]}))
    if query.page is not None and query.cursor:
        issues.append(Issue("page", "page_or_cursor"))
    if query.page is not None and (type(query.page) is not int or query.page < 1):
        issues.append(Issue("page", "wrong_type", {"expected": "a whole number from 1"}))
    elif not issues and query.page:
        last = paging.LAST_PAGE if any_depth else paging.NUMBERED_ROWS_LIMIT // size
        if query.page > last:
            issues.append(Issue("page", "page_too_deep", {"limit": last}))
    if query.cursor is not None and not isinstance(query.cursor, str):
        issues.append(Issue("cursor", "wrong_cursor"))
    ValidationFailed.raise_if(issues)
    return size, query.page


def _count(rows: QuerySet[Record]) -> Count:
    """Counted to 10,001 at most: an exact count of a broad filter reads the whole company."""
    found = rows.order_by()[: COUNTED_EXACTLY + 1].count()
    return Count(min(found, COUNTED_EXACTLY), found <= COUNTED_EXACTLY)
