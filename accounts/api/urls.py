"""The REST routes of accounts, declared: people, roles, the company, events, and keys."""

from __future__ import annotations

from accounts.api import events, people
from accounts.api.examples import COMPANY, EVENT, ROLE, USER
from accounts.api.key_routes import key_routes
from accounts.api.operations import Operation, Parameter, Route
from accounts.api.schemas import (
    ID,
    PAGE_SIZE,
    PAGINATION_EXAMPLE,
    TEXT,
    TRUTH,
    listing,
    nullable,
    ref,
    sent,
    shape,
)
from accounts.directory import SORTS
from accounts.event_feed import ASCENDING, DESCENDING


def routes() -> list[Route]:
    """The routes of this package."""
    return [
        Route(path="users/me", name="api_me", operations={"GET": _me()}),
        Route(path="users/search", name="api_user_search", operations={"POST": _user_search()}),
        Route(path="users/<str:id>", name="api_user", operations={"GET": _user()}),
        Route(path="roles", name="api_roles", operations={"GET": _roles()}),
        Route(path="roles/<str:id>", name="api_role", operations={"GET": _role()}),
        Route(path="company", name="api_company", operations={"GET": _company()}),
        Route(path="events", name="api_events", operations={"GET": _events()}),
        *key_routes(),
    ]


def _me() -> Operation:
    return Operation(
        run=people.me,
        id="getCurrentUser",
        tag="users",
        summary="Who you are, and whether your key works",
        answer=ref("CurrentUser"),
        example=USER
        | {
            "company": {"id": COMPANY["id"], "name": COMPANY["name"], "currency": COMPANY["currency"]},
            "language": "en",
            "timeZone": "Europe/Berlin",
            "apiKey": None,
        },
    )


def _user() -> Operation:
    return Operation(
        run=people.user,
        id="getUserById",
        tag="users",
        summary="Get a user",
        needs=("users:read",),
        answer=ref("User"),
        example=USER,
        errors=(404,),
    )


def _roles() -> Operation:
    return Operation(
        run=people.roles,
        id="getRoles",
        tag="roles",
        summary="List the roles",
        needs=("users:read",),
        answer=shape({"items": listing(ref("Role"))}),
        example={"items": [ROLE]},
    )


def _role() -> Operation:
    return Operation(
        run=people.role,
        id="getRoleById",
        tag="roles",
        summary="Get a role",
        needs=("users:read",),
        answer=ref("Role"),
        example=ROLE,
        errors=(404,),
    )


def _company() -> Operation:
    return Operation(
        run=people.company,
        id="getCompany",
        tag="company",
        summary="Get your company",
        needs=("company:read",),
        answer=ref("Company"),
        example=COMPANY,
    )


def _events() -> Operation:
    return Operation(
        run=events.events,
        id="getEvents",
        tag="events",
        summary="Read what happened, or follow what happens",
        description="Upwards there is always a nextCursor: asked again with it, you get what happened since.",
        needs=("auditLog:read",),
        query=_EVENT_QUERY,
        answer=shape({"items": listing(ref("Event")), "nextCursor": nullable(TEXT), "hasMore": TRUTH}),
        example={"items": [EVENT], "nextCursor": "42", "hasMore": False},
    )


_SORT_KEY = sent({"field": {"enum": list(SORTS)}, "direction": {"enum": ["asc", "desc"]}}, required=["field"])
_USER_SEARCH = sent(
    {
        "searchTerm": nullable(TEXT),
        "sortDescriptor": nullable(_SORT_KEY),
        "pagination": nullable(sent({"page": {"type": "integer", "minimum": 1}, "pageSize": PAGE_SIZE})),
    }
)


def _user_search() -> Operation:
    sort = {"field": "name", "direction": "asc"}
    answer = {
        "items": listing(ref("User")),
        "pagination": ref("Pagination"),
        "searchTerm": TEXT,
        "sortDescriptor": shape({"field": TEXT, "direction": TEXT}),
    }
    return Operation(
        run=people.search,
        id="getUsers",
        tag="users",
        summary="Search and sort users",
        needs=("users:read",),
        body=_USER_SEARCH,
        body_example={"searchTerm": "olivia"},
        body_may_lack=True,
        answer=shape(answer, optional=["searchTerm"]),
        example={
            "items": [USER],
            "pagination": PAGINATION_EXAMPLE,
            "searchTerm": "olivia",
            "sortDescriptor": sort,
        },
    )


_EVENT_QUERY = (
    Parameter(name="cursor", description="`nextCursor` of the answer before.", example="42"),
    Parameter(name="pageSize", description="25 unless given.", schema=PAGE_SIZE, example=25),
    Parameter(
        name="order",
        description="`asc`, the default, or `desc`: the newest first.",
        schema={"type": "string", "enum": [ASCENDING, DESCENDING]},
    ),
    Parameter(name="name", description="Only events of this name.", example="deal.updated"),
    Parameter(name="entity", description="Only events of this kind of thing.", example="deal"),
    Parameter(name="entityId", description="Only events of this one.", schema=ID),
    Parameter(name="changeSetId", description="Only what was done in one go.", schema=ID),
    Parameter(name="userId", description="Only what this user did, or their keys.", schema=ID),
)
