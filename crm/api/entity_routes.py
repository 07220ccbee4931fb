"""The routes of one entity, declared: what each does, takes and answers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from accounts.api.calls import Answer, Call
from accounts.api.operations import DRY_RUN, EXACT_TOTAL, FIELDS, Operation, Parameter, Route
from accounts.api.schemas import (
    EXAMPLE_ID,
    ID,
    PAGE_SIZE,
    PAGINATION_EXAMPLE,
    TEXT,
    TRUTH,
    Schema,
    listing,
    nullable,
    ref,
    sent,
    shape,
)
from crm.api import aggregates, lists, records
from crm.api.records import MANY
from crm.api.schemas import record_example, row_example, title
from crm.entities import Entity
from crm.filters import EXAMPLE

Run = Callable[[Entity, Call], Answer]
_WRITTEN = (FIELDS, DRY_RUN)
_PAGING = (
    Parameter(
        name="page", description="From 1, at any depth.", schema={"type": "integer", "minimum": 1}, example=1
    ),
    Parameter(name="pageSize", description="25 unless given.", schema=PAGE_SIZE, example=25),
    Parameter(name="cursor", description="`nextCursor` of the answer before, instead of a page."),
)
_SELECTING = (
    Parameter(
        name="filters",
        description="Rules as JSON, as in a search.",
        example='[{"field":"name","operator":"contains","value":"engines"}]',
    ),
    Parameter(name="searchTerm", description="Words that must all be found.", example="ada"),
    Parameter(
        name="sort",
        description="Up to three fields, separated by commas; `-` for downwards.",
        example="-updatedAt,name",
    ),
)
_CHOSEN: Schema = {
    "filters": {"anyOf": [listing(ref("Filter")), ref("FilterGroup"), {"type": "null"}]},
    "searchTerm": nullable(TEXT),
}
_SEARCH_BODY = sent(
    {
        **_CHOSEN,
        "sortDescriptor": {"anyOf": [ref("Sort"), {"type": "null"}]},
        "pagination": nullable(
            sent(
                {
                    "page": {"type": "integer", "minimum": 1},
                    "pageSize": {**PAGE_SIZE, "description": f"{lists.SEARCH_PAGE} unless given."},
                    "cursor": TEXT,
                }
            )
        ),
        "exactTotal": TRUTH,
    }
)
_IDS = listing(TEXT, least=1, most=MANY)


def entity_routes(entity: Entity) -> list[Route]:
    """All routes of `entity`, those with fixed names before those with an id in the same place."""
    return _Declared(entity).routes()


class _Declared:
    """The words and schemas that the routes of one entity share."""

    def __init__(self, entity: Entity) -> None:
        self.entity = entity
        self.one, self.many = title(entity), entity.plural[0].upper() + entity.plural[1:]
        self.record = ref(self.one)
        self.records = listing(self.record)
        self.example = record_example(entity)
        self.tag, resource = entity.plural, entity.resource
        self.reads = (f"{resource}:read",)
        self.changes, self.deletes = (*self.reads, f"{resource}:write"), (*self.reads, f"{resource}:delete")

    def routes(self) -> list[Route]:
        """The routes of this entity."""
        root, name = self.entity.plural, self.entity.name
        own = f"{root}/<str:id>"
        many = {"POST": self._create_many(), "PUT": self._update_many(), "DELETE": self._delete_many()}
        one = {
            "GET": self._get(),
            "PUT": self._update("update"),
            "PATCH": self._update("patch"),
            "DELETE": self._delete(),
        }
        links = {
            "POST": self._links(records.link, "link", "Link to others, keeping the links there are"),
            "DELETE": self._links(records.unlink, "unlink", "Take links away"),
        }
        paths: dict[tuple[str, str], dict[str, Operation]] = {
            (root, f"api_{root}"): {"GET": self._list(), "POST": self._create()},
            (f"{root}/search", f"api_{name}_search"): {"POST": self._search()},
            (f"{root}/aggregate", f"api_{name}_aggregate"): {"POST": self._aggregate()},
            (f"{root}/configuration", f"api_{name}_configuration"): {"GET": self._configuration()},
            (f"{root}/many", f"api_{name}_many"): many,
            (own, f"api_{name}"): one,
            (f"{own}/restore", f"api_{name}_restore"): {"POST": self._restore()},
            (f"{own}/links/<str:relation>", f"api_{name}_links"): links,
        }
        return [Route(path=path, name=said, operations=found) for (path, said), found in paths.items()]

    def _bound(self, run: Run) -> Callable[[Call], Answer]:
        return partial(run, self.entity)

    def _list(self) -> Operation:
        return Operation(
            run=self._bound(lists.listed),
            tag=self.tag,
            needs=self.reads,
            id=f"list{self.many}",
            summary=f"List {self.entity.plural}",
            query=(*_PAGING, *_SELECTING, FIELDS, EXACT_TOTAL),
            answer=shape({"items": self.records, "pagination": ref("Pagination")}),
            example={"items": [self.example], "pagination": PAGINATION_EXAMPLE},
        )

    def _search(self) -> Operation:
        return Operation(
            run=self._bound(lists.search),
            tag=self.tag,
            needs=self.reads,
            id=f"get{self.many}",
            summary=f"Search, filter and sort {self.entity.plural}",
            description="A list of rules is AND; `{any: […]}` is OR and `{all: […]}` AND, nested as needed.",
            query=(FIELDS,),
            body=_SEARCH_BODY,
            body_example={"filters": EXAMPLE, "pagination": {"page": 1, "pageSize": 25}},
            body_may_lack=True,
            answer=ref(f"{self.one}SearchResult"),
            example={
                "items": [self.example],
                "pagination": PAGINATION_EXAMPLE,
                "filters": EXAMPLE,
                "sortDescriptor": {"field": self.entity.sort[0], "direction": self.entity.sort[1]},
                "customColumns": [],
                "filterableFields": [{"field": "name", "operators": ["equals", "contains"]}],
            },
        )

    def _aggregate(self) -> Operation:
        asked, answered = aggregates.examples(self.entity)
        return Operation(
            run=self._bound(aggregates.aggregated),
            tag=self.tag,
            needs=self.reads,
            id=f"aggregate{self.many}",
            summary=f"Count {self.entity.plural}, and add up their numbers, by group",
            description=aggregates.DESCRIPTION,
            body=aggregates.sent_body(_CHOSEN),
            body_example=asked,
            body_may_lack=True,
            answer=ref("Aggregate"),
            example=answered,
        )

    def _configuration(self) -> Operation:
        return Operation(
            run=self._bound(records.configuration),
            tag=self.tag,
            needs=self.reads,
            id=f"get{self.one}Configuration",
            summary=f"What {self.entity.plural} consist of in this company",
            answer=ref("EntityConfiguration"),
        )

    def _get(self) -> Operation:
        return Operation(
            run=self._bound(records.get),
            tag=self.tag,
            needs=self.reads,
            id=f"get{self.one}ById",
            summary=f"Get a {self.entity.name}",
            query=(FIELDS,),
            answer=ref(f"{self.one}Detail"),
            example={self.entity.name: self.example, "customColumns": []},
            errors=(404,),
        )

    def _create(self) -> Operation:
        return Operation(
            run=self._bound(records.create),
            tag=self.tag,
            needs=self.changes,
            writes=True,
            query=_WRITTEN,
            id=f"create{self.one}",
            summary=f"Create a {self.entity.name}",
            body=ref(f"{self.one}Create"),
            body_example=row_example(self.entity),
            answer=self.record,
            example=self.example,
            status=201,
        )

    def _update(self, verb: str) -> Operation:
        return Operation(
            run=self._bound(records.update),
            tag=self.tag,
            needs=self.changes,
            writes=True,
            query=_WRITTEN,
            id=f"{verb}{self.one}",
            summary=f"Change a {self.entity.name}",
            description="Only what is sent changes: an array replaces all links, `[]` clears them, null "
            "clears a field. PUT and PATCH do the same.",
            body=ref(f"{self.one}Update"),
            body_example=row_example(self.entity),
            answer=self.record,
            example=self.example,
            guarded=True,
            errors=(404, 409, 412),
        )

    def _delete(self) -> Operation:
        return Operation(
            run=self._bound(records.delete),
            tag=self.tag,
            needs=self.deletes,
            writes=True,
            id=f"delete{self.one}",
            summary=f"Move a {self.entity.name} to the trash",
            query=(DRY_RUN,),
            answer=ID,
            example=EXAMPLE_ID,
            guarded=True,
            errors=(404, 412),
        )

    def _restore(self) -> Operation:
        return Operation(
            run=self._bound(records.restore),
            tag=self.tag,
            needs=self.deletes,
            writes=True,
            query=_WRITTEN,
            id=f"restore{self.one}",
            summary=f"Bring a {self.entity.name} back from the trash, with its links",
            answer=self.record,
            example=self.example,
            errors=(404,),
        )

    def _links(self, run: Run, verb: str, summary: str) -> Operation:
        return Operation(
            run=self._bound(run),
            tag=self.tag,
            needs=self.changes,
            writes=True,
            query=_WRITTEN,
            id=f"{verb}{self.one}",
            summary=summary,
            body=sent({"ids": _IDS}, required=["ids"]),
            body_example={"ids": [EXAMPLE_ID]},
            answer=self.record,
            example=self.example,
            guarded=True,
            errors=(404, 412),
        )

    def _rows(self, component: str) -> Schema:
        rows = listing(ref(f"{self.one}{component}"), least=1, most=MANY)
        return sent({self.entity.plural: rows}, required=[self.entity.plural])

    def _create_many(self) -> Operation:
        return Operation(
            run=self._bound(records.create_many),
            tag=self.tag,
            needs=self.changes,
            writes=True,
            query=_WRITTEN,
            id=f"createMany{self.many}",
            summary=f"Create 1 to {MANY} {self.entity.plural}, all or none",
            body=self._rows("Create"),
            body_example={self.entity.plural: [row_example(self.entity)]},
            answer=self.records,
            example=[self.example],
            status=201,
        )

    def _update_many(self) -> Operation:
        return Operation(
            run=self._bound(records.update_many),
            tag=self.tag,
            needs=self.changes,
            writes=True,
            query=_WRITTEN,
            id=f"updateMany{self.many}",
            summary=f"Change 1 to {MANY} {self.entity.plural}, all or none",
            description="Each row names its record by `id`; `expectedVersion` guards it.",
            body=self._rows("RowUpdate"),
            body_example={self.entity.plural: [{"id": EXAMPLE_ID, **row_example(self.entity)}]},
            answer=self.records,
            example=[self.example],
            errors=(404, 409),
        )

    def _delete_many(self) -> Operation:
        return Operation(
            run=self._bound(records.delete_many),
            tag=self.tag,
            needs=self.deletes,
            writes=True,
            id=f"deleteMany{self.many}",
            summary=f"Move 1 to {MANY} {self.entity.plural} to the trash, all or none",
            query=(DRY_RUN,),
            body=sent({"ids": _IDS}, required=["ids"]),
            body_example={"ids": [EXAMPLE_ID]},
            answer=listing(ID),
            example=[EXAMPLE_ID],
            errors=(404,),
        )
