"""The read tools: configuration, lists, counts, details, and who is asking."""

from __future__ import annotations

from typing import Any, Literal
from zoneinfo import ZoneInfo

from django.utils import timezone
from pydantic import Field

from accounts.actor import Actor
from accounts.models import ApiKey, User
from accounts.permissions import RESOURCES
from crm import queries
from crm.configuration import entity_configuration
from crm.entities import ENTITIES
from crm.presenters import Presenter
from crm.setup import CompanySetup
from customermates.kernel.errors import Issue, NotFound
from customermates.kernel.ids import find_uuid
from mcp_gateway.answers import fitted, table
from mcp_gateway.arguments import Arguments, BadArguments
from mcp_gateway.configuration_answers import within_budget
from mcp_gateway.record_answers import Columns, details
from mcp_gateway.record_arguments import (
    CALL_ROWS_LIMIT,
    EXAMPLE_ID,
    EntityArguments,
    EntityName,
    SelectionArguments,
    entity_scope,
)
from mcp_gateway.record_parts import NOTES, notes_part, one_record, only_fields
from mcp_gateway.registry import TOOLS, Alias, one_of, tool


@tool(
    name="get_entity_configuration",
    toolset="core",
    scope=entity_scope("read"),
    arguments=EntityArguments,
    read_only=True,
)
def get_entity_configuration(actor: Actor, args: EntityArguments) -> dict[str, Any]:
    """Fields, relations, custom columns with their options, and the filter and sort grammar of an entity.
    Call it first when you do not know a field's name or allowed values.
    """
    return within_budget(entity_configuration(CompanySetup(actor), args.kind))


class FilterArguments(SelectionArguments):
    """A list question."""

    page: int | None = None
    page_size: int | None = Field(None, description="5, 10, 25 (default), 50 or 100.")
    cursor: str | None = Field(None, description="nextCursor of the answer before.")
    fields: list[str] | None = Field(
        None,
        description="Columns to show: own fields, relations, custom column keys.",
        min_length=1,
        max_length=60,
    )
    format: Literal["table", "records"] = "table"

    def query(self) -> queries.ListQuery:
        """The question with its page."""
        return queries.ListQuery(
            filters=self.filters,
            search=self.search_term,
            sort=self.sort_descriptor,
            page=self.page,
            page_size=self.page_size,
            cursor=self.cursor,
        )


@tool(
    name="filter_entity",
    toolset="core",
    scope=entity_scope("read"),
    arguments=FilterArguments,
    read_only=True,
)
def filter_entity(actor: Actor, args: FilterArguments) -> dict[str, Any]:
    """List, search, filter and sort contacts, organizations, deals, services or tasks (find, show, which).
    Answers {columns, rows, total, totalIsExact, nextCursor}.
    """
    setup = CompanySetup(actor)
    columns = Columns(setup, args.kind, args.fields)
    page = queries.list_records(actor, args.kind, args.query(), columns.attrs(), setup=setup)
    return table(
        columns.names,
        columns.records(page.rows),
        total=page.count.total,
        total_is_exact=page.count.is_exact,
        next_cursor=page.next_cursor,
        form=args.format,
        cursor_after=page.cursor_after,
    )


class CountArguments(SelectionArguments):
    """A count question."""

    exact: bool = Field(False, description="Count beyond 10,000 too.")


@tool(
    name="count_entity", toolset="core", scope=entity_scope("read"), arguments=CountArguments, read_only=True
)
def count_entity(actor: Actor, args: CountArguments) -> dict[str, Any]:
    """Count records of an entity (how many), with the same filters as filter_entity. Use it first for
    count questions.
    """
    count = queries.count_records(actor, args.kind, args.query(), exact=args.exact)
    return {"entity": args.entity, "total": count.total, "totalIsExact": count.is_exact}


class RecordReference(Arguments):
    """One record of any entity."""

    entity: EntityName
    id: str = Field(examples=[EXAMPLE_ID])


class DetailsArguments(Arguments):
    """Which records are wanted, in one of three forms."""

    entity: EntityName | None = None
    id: str | None = None
    ids: list[str] | None = Field(None, min_length=1, max_length=CALL_ROWS_LIMIT, examples=[[EXAMPLE_ID]])
    items: list[RecordReference] | None = Field(
        None,
        min_length=1,
        max_length=CALL_ROWS_LIMIT,
        description="Records of several entities, instead of entity and ids.",
    )
    fields: list[str] | None = Field(
        None,
        description='Only these; ["notes"] with one id gives long notes part by part.',
        min_length=1,
        max_length=60,
        examples=[["notes"]],
    )
    cursor: str | None = Field(None, description="nextCursor of the part before.")

    def wanted(self) -> list[tuple[str, str, str]]:
        """(entity, id, path) of each record; BadArguments when the forms are mixed."""
        if self.items and not (self.entity or self.id or self.ids):
            return [(item.entity, item.id, f"items[{n}].id") for n, item in enumerate(self.items)]
        if self.entity and not self.items and bool(self.id) != bool(self.ids):
            if self.id:
                return [(self.entity, self.id, "id")]
            return [(self.entity, text, f"ids[{n}]") for n, text in enumerate(self.ids or ())]
        example = {"entity": self.entity or "contact", "id": EXAMPLE_ID}
        raise BadArguments(
            Issue("", "one_form", {"forms": "entity and id, entity and ids, or items", "example": example})
        )


def _entities(args: DetailsArguments) -> list[str]:
    names = {item.entity for item in args.items or ()} | ({args.entity} if args.entity else set())
    return [f"{ENTITIES.get(name).resource}:read" for name in sorted(names)]


@tool(
    name="get_entity_details",
    toolset="core",
    scope=one_of((f"{entity.resource}:read" for entity in ENTITIES.values()), _entities),
    arguments=DetailsArguments,
    read_only=True,
)
def get_entity_details(actor: Actor, args: DetailsArguments) -> dict[str, Any]:
    """Everything about one record (entity and id) or up to 100 (ids, or items of several entities): fields,
    notes, linked records, custom values, version. All or nothing: missing ids are named.
    """
    wanted = args.wanted()
    setup = CompanySetup(actor)
    found: dict[tuple[str, str], dict[str, Any]] = {}
    issues: list[Issue] = []
    for name in dict.fromkeys(name for name, _, _ in wanted):
        mine = [(text, path) for entity, text, path in wanted if entity == name]
        try:
            found |= {(name, record["id"]): record for record in _read(setup, name, mine)}
        except NotFound as error:
            issues += error.issues
    if issues:
        raise BadArguments(*issues)
    records = [found[name, str(find_uuid(text))] for name, text, _ in wanted]
    if args.id and args.fields == [NOTES]:
        return notes_part(records[0], args.cursor)
    if args.cursor is not None:
        raise BadArguments(Issue("cursor", "wrong_cursor"))
    if args.fields:
        records = only_fields(records, args.fields)
    return one_record(records[0]) if args.id else fitted({"records": records}, "records")


def _read(setup: CompanySetup, name: str, wanted: list[tuple[str, str]]) -> list[dict[str, Any]]:
    entity = ENTITIES.get(name)
    rows = queries.get_records(setup.actor, entity, wanted, Presenter(setup, entity).attrs())
    return details(setup, entity, rows)


def _without_include(raw: dict[str, Any]) -> dict[str, Any]:
    """Old arguments without `include`, which asked for notes; they always come now."""
    items = raw.get("items")
    if isinstance(items, list):
        raw["items"] = [
            {name: value for name, value in item.items() if name != "include"}
            if isinstance(item, dict)
            else item
            for item in items
        ]
    return {name: value for name, value in raw.items() if name != "include"}


for _old in ("get_entities", "batch_get_entity_details"):
    TOOLS.add_alias(Alias(_old, "get_entity_details", _without_include))


_USERS_SHOWN = 50


class NoArguments(Arguments):
    """A call without arguments."""


@tool(name="get_current_user", toolset="core", scope=None, arguments=NoArguments, read_only=True)
def get_current_user(actor: Actor, _args: NoArguments) -> dict[str, Any]:
    """Who you act for: user, company, currency, colleagues, time zone, today's date, what this key may do."""
    user = User.objects.select_related("company", "role").get(pk=str(actor.user_id))
    key = ApiKey.objects.filter(pk=actor.api_key_id).first() if actor.api_key_id else None
    today = timezone.now().astimezone(ZoneInfo(actor.time_zone))
    answer: dict[str, Any] = {
        "user": {
            "id": user.pk,
            "firstName": user.first_name,
            "lastName": user.last_name,
            "email": user.email,
        },
        "role": user.role.name,
        "company": {"id": user.company_id, "name": user.company.name, "currency": user.company.currency},
        "timeZone": actor.time_zone,
        "today": today.date(),
        "weekday": today.strftime("%A"),
        "may": {resource: may for resource in RESOURCES if (may := _rights(actor, resource))},
    }
    if actor.can("read", "users"):
        answer |= _colleagues(actor)
    if key:
        answer["apiKey"] = {"name": key.name, "scopes": key.scopes, "expiresAt": key.expires_at}
    return answer


def _colleagues(actor: Actor) -> dict[str, Any]:
    """The first users of the company, by name, and how many there are."""
    users, total = CompanySetup(actor).people.listed(_USERS_SHOWN)
    return {"users": [{"name": user.name, "email": user.email} for user in users], "usersTotal": total}


def _rights(actor: Actor, resource: str) -> list[str]:
    verbs = [verb for verb in RESOURCES.get(resource).verbs if actor.can(verb, resource)]
    own_only = actor.reach(resource) == "own"
    return [f"{verb} (own)" if own_only else verb for verb in verbs]
