"""Two companies over every tool and every URL: nothing of the other one is seen, nothing is changed.

Each probe is asked twice: with ids of Southwind and with ids that exist nowhere. Both must be answered
alike, whoever asks, and Southwind's tables must stay as they are. A tool or route without a row fails.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, cycle
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import User
from accounts.permissions import PRESETS
from crm.entities import ENTITIES
from customermates.api import all_routes
from mcp_gateway import catalogue
from mcp_gateway.registry import TOOLS
from tests import people
from tests.doors.page_probes import entity_routes, ids_in_path, webhook_routes
from tests.doors.webhook_probes import WEBHOOKS
from tests.doors.worlds import CANARY, CANARY_SLUG, House, agent, rows_of
from tests.mcp_gateway.client import PATH, Mcp
from tests.profiles import IS_DEEP

catalogue.load()

Ids = Mapping[str, str]
Probe = Callable[[Ids, Ids], dict[str, Any]]  # (ids of ours, ids of somebody else) → arguments
NAMES = ENTITIES.names()
LINKED = {entity.name: list(entity.relations) for entity in ENTITIES.values()}


def _target(ids_name: str) -> str:
    return ids_name.removesuffix("Ids")


def _values(entity: str, alien: Ids) -> Iterator[dict[str, Any]]:
    """Rows that name something of another company in each place where one can be named."""
    for relation in ENTITIES.get(entity).relations.values():
        item: Any = alien[relation.target]
        yield {relation.written_as: [{"serviceId": item, "quantity": 1}] if relation.owns_lines else [item]}
    if entity == "contact":
        yield {"customFieldValues": [{"columnId": alien["column"], "value": "x"}]}
        yield {"customFields": {alien["column"]: "x"}}
        yield {"customFields": {"user_of_northwind": alien["user"]}}
        yield {"customFields": {"singleselect_of_northwind": alien["option"]}}
        yield {"customFields": {"multiselect_of_northwind": [alien["option"]]}}
    if entity == "deal":
        yield from ({"stage": alien["stage"]}, {"stageId": alien["stage"]})
        yield from ({"pipeline": alien["pipeline"]}, {"pipelineId": alien["pipeline"]})


REQUIRED: dict[str, dict[str, Any]] = {"contact": {"firstName": "X"}, "service": {"name": "X", "amount": 5}}


def _creates(entity: str) -> list[Probe]:
    plural, required = ENTITIES.get(entity).plural, REQUIRED.get(entity, {"name": "X"})
    count = len(list(_values(entity, _Anything())))

    def nth(n: int) -> Probe:
        return lambda _ours, alien: {plural: [{**required, **list(_values(entity, alien))[n]}]}

    return [nth(n) for n in range(count)]


def _updates(entity: str) -> list[Probe]:
    plural, count = ENTITIES.get(entity).plural, len(list(_values(entity, _Anything())))
    return [
        lambda _o, a: {plural: [{"id": a[entity], "notes": "X"}]},
        lambda o, a: {plural: [{"id": o[entity], "notes": "X"}, {"id": a[entity], "notes": "X"}]},
        lambda _o, a: {plural: [{"id": a[f"deleted_{entity}"], "notes": "X"}]},
        *(
            lambda o, a, n=n: {plural: [{"id": o[entity], **list(_values(entity, a))[n]}]}
            for n in range(count)
        ),
    ]


class _Anything(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return key


def _rules(ours: Ids, alien: Ids) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, relations in LINKED.items():
        for relation, operator in zip(relations, cycle(("in", "notIn", "hasSome", "hasNone"))):
            yield name, {"field": relation, "operator": operator, "value": [alien[_target(relation)]]}
    yield "contact", {"field": alien["column"], "operator": "isNotNull"}
    yield "contact", {"field": "user_of_northwind", "operator": "equals", "value": alien["user"]}
    yield "contact", {"field": "singleselect_of_northwind", "operator": "in", "value": [alien["option"]]}
    for field, thing in (("stageId", "stage"), ("stage", "stage"), ("pipelineId", "pipeline")):
        yield "deal", {"field": field, "operator": "equals", "value": alien[thing]}


def _filters(ours: Ids, alien: Ids) -> dict[str, Any]:
    return {
        "entity": "contact",
        "filters": [{"any": [rule for name, rule in _rules(ours, alien) if name == "contact"]}],
    }


def _one_rule(n: int) -> Probe:
    def arguments(ours: Ids, alien: Ids) -> dict[str, Any]:
        entity, rule = list(_rules(ours, alien))[n]
        return {"entity": entity, "filters": [rule]}

    return arguments


RULES = [_one_rule(n) for n in range(len(list(_rules(_Anything(), _Anything()))))]
BY_IDS: list[Probe] = [
    *(lambda _o, a, e=e: {"entity": e, "ids": [a[e]]} for e in NAMES),
    *(lambda _o, a, e=e: {"entity": e, "ids": [a[f"deleted_{e}"]]} for e in NAMES),
    *(lambda o, a, e=e: {"entity": e, "ids": [o[e], a[e]]} for e in NAMES),
]
BY_LINK: list[Probe] = [
    *(
        lambda o, a, e=e, r=r: {"entity": e, "sourceId": o[e], "relation": r, "ids": [a[_target(r)]]}
        for e, relations in LINKED.items()
        for r in relations
    ),
    *(
        lambda o, a, e=e, r=r: {"entity": e, "sourceId": a[e], "relation": r, "ids": [o[_target(r)]]}
        for e, relations in LINKED.items()
        for r in relations
    ),
]
NOTES: list[Probe] = [
    *(lambda _o, a, e=e: {"entity": e, "id": a[e], "notes": "X"} for e in NAMES),
    *(
        lambda o, a, e=e: {"entity": e, "items": [{"id": o[e], "notes": "X"}, {"id": a[e], "notes": "X"}]}
        for e in NAMES
    ),
]


def _column_value(record: str, column: str, value: Any) -> dict[str, Any]:
    return {
        "entity": "contact",
        "items": [{"id": record, "customFieldValues": [{"columnId": column, "value": value}]}],
    }


COLUMN_VALUES: list[Probe] = [
    lambda o, a: _column_value(o["contact"], a["column"], "x"),
    lambda o, a: _column_value(a["contact"], o["column"], "x"),
    lambda o, a: _column_value(o["contact"], o["select_column"], a["option"]),
]
PROBES: dict[str, list[Probe]] = {
    "get_entity_configuration": [*(lambda _o, _a, e=e: {"entity": e} for e in NAMES)],
    "filter_entity": [
        *(lambda _o, _a, e=e: {"entity": e, "pageSize": 100} for e in NAMES),
        *(lambda _o, _a, e=e: {"entity": e, "searchTerm": "canary"} for e in NAMES),
        lambda _o, a: {"entity": "contact", "fields": [a["column"]]},
        lambda _o, a: {"entity": "contact", "sortDescriptor": {"field": a["column"]}},
        lambda _o, a: {"entity": "contact", "pageSize": 5, "cursor": a["cursor"]},
        _filters,
        *RULES,
    ],
    "count_entity": [_filters, *RULES],
    "get_entity_details": [
        *(lambda _o, a, e=e: {"entity": e, "id": a[e]} for e in NAMES),
        *BY_IDS,
        lambda o, a: {"items": [{"entity": e, "id": ids[e]} for e in NAMES for ids in (o, a)]},
        *(lambda o, _a, e=e: {"entity": e, "id": o[e]} for e in NAMES),
    ],
    "get_current_user": [lambda _o, _a: {}],
    **{f"create_{ENTITIES.get(name).plural}": _creates(name) for name in NAMES},
    **{f"update_{ENTITIES.get(name).plural}": _updates(name) for name in NAMES},
    "batch_update_entity_custom_field": COLUMN_VALUES,
    "set_entity_notes": NOTES,
    "link_entities": BY_LINK,
    "unlink_entities": BY_LINK,
    "delete_entity": BY_IDS,
    "restore_entity": BY_IDS,
    **WEBHOOKS,
}
ALIASES: dict[str, list[Probe]] = {
    "get_entities": [lambda _o, a: {"items": [{"entity": e, "id": a[e]} for e in NAMES]}],
    "batch_get_entity_details": [lambda _o, a: {"items": [{"entity": e, "id": a[e]} for e in NAMES]}],
    "update_entity_notes": NOTES,
    "batch_set_entity_notes": NOTES,
    "update_entity_custom_fields": COLUMN_VALUES,
    "delete_entities": BY_IDS,
    "batch_delete_entity": BY_IDS,
}
NARROW = (
    "contacts:read", "contacts:write", "contacts:delete", "deals:read", "deals:write", "tasks:delete",
    "users:read", "columns:write", "auditLog:read",
)  # fmt: skip
SHARES = 8


def test_no_tool_is_missing_here():
    assert set(PROBES) == {tool.name for tool in TOOLS.tools()}
    assert set(ALIASES) == {alias.name for alias in TOOLS.aliases()}


def _nowhere(theirs: Ids) -> dict[str, str]:
    """For each id of Southwind one that exists nowhere."""
    return {name: str(uuid4()) for name in theirs}


def _answer(mcp: Mcp, tool: str, arguments: dict[str, Any], alien: Ids) -> str:
    """The answer as text, with the other one's ids in place of themselves, so that two can be compared."""
    response = mcp.send("tools/call", {"name": tool, "arguments": arguments})
    assert response.status_code == 200, (tool, arguments, response.content)
    text = response.content.decode()
    assert "internal error" not in text, (tool, arguments, text)
    for name, value in alien.items():
        text = text.replace(value, f"<{name}>")
    return text


def _differences(
    mcp: Mcp, asked: Sequence[tuple[str, Probe]], ours: Ids, theirs: Ids, nowhere: Ids
) -> Iterator[object]:
    for tool, probe in asked:
        seen = _answer(mcp, tool, probe(ours, theirs), theirs)
        if CANARY in seen or CANARY_SLUG in seen:
            yield ("SEEN", tool, probe(ours, theirs), seen)
        absent = _answer(mcp, tool, probe(ours, nowhere), nowhere)
        if _comparable(seen) != _comparable(absent):
            yield ("TOLD APART", tool, probe(ours, theirs), seen, absent)


def _comparable(text: str) -> Any:
    result = json.loads(text)["result"]
    if result.get("isError"):
        return result
    return sorted(result.get("structuredContent", {}))  # both did the same to records of ours


def _their_cursor(theirs: House) -> str:
    answer = agent(theirs.admin, "*").call("filter_entity", {"entity": "contact", "pageSize": 5})
    assert CANARY in answer["content"][0]["text"]  # the canary does sing at home
    return str(answer["structuredContent"]["nextCursor"] or "")


def _agents(house: House) -> dict[str, Mcp]:
    rita = people.colleague(house.company, "Rita", "read-only")
    found = {f"Olivia {name}": agent(house.admin, *PRESETS[name]()) for name in ("full", "agent", "read")}
    found |= {"Max *": agent(house.user, "*"), "Rita *": agent(rita, "*"), "nothing": agent(house.admin)}
    return found | {scope: agent(house.admin, scope) for scope in NARROW}


def test_agents_neither_see_nor_change_another_company(ours: House, theirs: House):
    for n in range(3):  # so that there is a second page
        theirs_too = {"contacts": [{"firstName": f"More {n}", "lastName": CANARY}]}
        agent(theirs.admin, "*").call("create_contacts", theirs_too)
    agents = _agents(ours)
    cursor = _their_cursor(theirs)
    assert cursor
    before = rows_of(theirs.company)
    alien = {**theirs.ids(), "cursor": cursor}
    nowhere = {**_nowhere(theirs.ids()), "cursor": cursor}
    wrong = [
        (who, found)
        for n, (who, mcp) in enumerate(agents.items())
        for found in _differences(mcp, _share(n), ours.ids(), alien, nowhere)
    ]
    assert not wrong, wrong[:3]
    assert rows_of(theirs.company) == before


def _share(n: int) -> list[tuple[str, Probe]]:
    """What the n-th agent asks: the first one everything, each other a share, in a deep run all too."""
    everything = [(tool, probe) for tool, of in chain(PROBES.items(), ALIASES.items()) for probe in of]
    return everything if n == 0 or IS_DEEP else everything[n % SHARES :: SHARES]


def test_a_cursor_of_another_company_opens_nothing(ours: House, theirs: House):
    for n in range(3):
        agent(theirs.admin, "*").call("create_contacts", {"contacts": [{"firstName": f"More {n}"}]})
    arguments = {"entity": "contact", "pageSize": 5, "cursor": _their_cursor(theirs)}
    answer = agent(ours.admin, "*").call("filter_entity", arguments)
    assert answer["structuredContent"]["error"]["issues"][0]["code"] == "foreign_cursor"


def test_equal_idempotency_keys_of_two_companies_never_mix(ours: House, theirs: House):
    arguments = {"contacts": [{"firstName": "Twin"}], "idempotencyKey": "the same key"}
    first, second = (agent(house.admin, "*").call("create_contacts", arguments) for house in (ours, theirs))
    ids = {answer["structuredContent"]["records"][0]["id"] for answer in (first, second)}
    assert len(ids) == 2


# --- URLs ------------------------------------------------------------------------------------------


# What each route is asked with, as ids of the other company stand in its path or body.
ROUTES: dict[str, Callable[[House], dict[str, Any]]] = {
    "home": lambda _theirs: {},
    "account_login": lambda theirs: {"login": theirs.admin.email, "password": "guess"},
    "account_logout": lambda _theirs: {},
    "account_signup": lambda theirs: {"email": theirs.admin.email, "password1": people.PASSWORD},
    "account_inactive": lambda _theirs: {},
    "account_change_password": lambda _theirs: {"oldpassword": "guess", "password1": "x", "password2": "x"},
    "account_reset_password": lambda theirs: {"email": theirs.admin.email},
    "account_reset_password_done": lambda _theirs: {},
    "account_reset_password_from_key_done": lambda _theirs: {},
    "account_reset_password_from_key": lambda _theirs: {"password1": "x", "password2": "x"},
    "settings": lambda _theirs: {},
    "settings_theme": lambda _theirs: {"theme": "dark"},
    "settings_profile": lambda theirs: {"first_name": theirs.admin.first_name, "language": "de"},
    "api_keys": lambda _theirs: {},
    "api_key_create": lambda _theirs: {"name": "Mine", "preset": "full", "expiry": "30"},
    "api_key_rename": lambda _theirs: {"name": "Mine now"},
    "api_key_rotate": lambda _theirs: {"overlap": "0"},
    "api_key_revoke": lambda _theirs: {"typed": CANARY},
    "members": lambda _theirs: {},
    "member_add": lambda theirs: {"email": theirs.admin.email, "role": "admin"},
    "member_role": lambda _theirs: {"role": "read-only"},
    "member_deactivate": lambda _theirs: {},
    "member_activate": lambda _theirs: {},
    "member_link": lambda _theirs: {},
    "first_run": lambda theirs: {"company": "Third", "email": theirs.admin.email},
    "connect": lambda _theirs: {},
    "connect_new_key": lambda _theirs: {"name": "Mine", "preset": "full", "expiry": "30"},
    "connect_state": lambda _theirs: {},
    "columns": lambda theirs: {"entity": "contact", "focus": theirs.ids()["column"]},
    "column_create": lambda theirs: {"label": "X", "entityType": "contact", "option": theirs.ids()["option"]},
    "column_edit": lambda theirs: {"label": "X", "version": "1", "gone": theirs.ids()["option"]},
    "column_delete": lambda _theirs: {},
    "column_restore": lambda _theirs: {},
    "column_move": lambda _theirs: {"to": "0"},
    "live": lambda theirs: {"since": "0", "record": theirs.ids()["contact"]},
    "search": lambda _theirs: {"q": "canary"},
    "palette": lambda _theirs: {"q": "canary"},
    "notes_preview": lambda _theirs: {"text": "**X**"},
    "sample_data": lambda _theirs: {},
    "undo": lambda _theirs: {},
    **dict(entity_routes()),
    **webhook_routes(),
    "mcp": lambda _theirs: {"jsonrpc": "2.0", "id": 1, "method": "tools/list"},
    # What the routes of the API answer to programs is asked in test_two_companies_rest.
    **{route.name: lambda _theirs: {} for route in all_routes()},
    **dict.fromkeys(("api_openapi", "api_docs", "api_nowhere"), lambda _theirs: {}),
}
PATHS = {"account_reset_password_from_key": "/account/password/reset/key/{user}-set-password/"}


def routes(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, prefix + str(pattern.pattern))
        elif isinstance(pattern, URLPattern):
            yield str(pattern.name), prefix + str(pattern.pattern)


def test_no_route_is_missing_here():
    assert {name for name, _ in routes(get_resolver().url_patterns)} == set(ROUTES)


def _browser(user: User | None) -> Client:
    client = Client(raise_request_exception=False)
    if user:
        client.force_login(user)
    return client


def filled(path: str, ids: Ids) -> str:
    """`path` with the ids of the other company where it wants some."""
    return re.sub(r"<\w+:(\w+)>", lambda wanted: ids.get(wanted[1], wanted[0]), path)


@pytest.mark.parametrize("who", ["nobody", "admin", "user"])
def test_pages_neither_show_nor_change_another_company(ours: House, theirs: House, who: str):
    user = {"nobody": None, "admin": ours.admin, "user": ours.user}[who]
    key, _ = people.key_of(theirs.admin, "*", name=CANARY)
    ids = {"key_id": str(key.pk), "user_id": str(theirs.user.pk)}
    before = rows_of(theirs.company)
    client = _browser(user)
    for name, path in routes(get_resolver().url_patterns):
        ids |= ids_in_path(name, theirs)
        url = filled(PATHS.get(name, f"/{path}"), ids).format(user=theirs.admin.pk.hex)
        body = ROUTES[name](theirs)
        for method in ("get", "post", "put", "patch", "delete", "head", "options"):
            if user and not client.cookies["sessionid"].value:  # some routes sign out
                client.force_login(user)
            response = getattr(client, method)(url, body if method in ("get", "post") else None)
            assert response.status_code < 500, (name, method, response.content)
            text = response.content.decode()
            assert CANARY not in text, (name, method)
            assert CANARY_SLUG not in text, (name, method)
            assert theirs.company.name not in text, (name, method)
    assert rows_of(theirs.company) == before


def test_the_endpoint_knows_no_cookies(ours: House):
    response = _browser(ours.admin).post(PATH, b"{}", content_type="application/json")
    assert response.status_code == 401
