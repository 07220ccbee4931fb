"""Two companies over every route and method of the REST API.

As with tools, each probe is asked twice: with ids of Southwind and with ids that exist nowhere. Both
must be answered alike, whoever asks, and Southwind's tables must stay as they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from accounts.models import ApiKey, Event, Role
from accounts.permissions import PRESETS
from crm.entities import ENTITIES, Entity
from customermates.api import all_routes
from tests import people
from tests.doors.test_two_companies import (
    NAMES,
    NARROW,
    REQUIRED,
    SHARES,
    Ids,
    _Anything,
    _nowhere,
    _rules,
    _target,
    _values,
)
from tests.doors.worlds import CANARY, CANARY_SLUG, House, rows_of
from tests.profiles import IS_DEEP
from tests.rest.client import Rest

Asked = tuple[str, Any]  # (path, body)
Probe = Callable[[Ids, Ids], Asked]
Place = tuple[str, str]  # (name of the route, method)


def _creating(entity: Entity, n: int) -> Probe:
    required = REQUIRED.get(entity.name, {"name": "X"})
    return lambda _o, a: (entity.plural, {**required, **list(_values(entity.name, a))[n]})


def _changing(entity: Entity, n: int) -> Probe:
    return lambda o, a: (f"{entity.plural}/{o[entity.name]}", list(_values(entity.name, a))[n])


def _narrowed(entity: Entity, n: int, question: str = "search") -> Probe:
    def asked(ours: Ids, alien: Ids) -> Asked:
        return f"{entity.plural}/{question}", {"filters": [_rules_of(entity, ours, alien)[n]]}

    return asked


def _filtered(entity: Entity, n: int) -> Probe:
    def asked(ours: Ids, alien: Ids) -> Asked:
        return f"{entity.plural}?filters={quote(json.dumps([_rules_of(entity, ours, alien)[n]]))}", None

    return asked


def _rules_of(entity: Entity, ours: Ids, alien: Ids) -> list[dict[str, Any]]:
    return [rule for name, rule in _rules(ours, alien) if name == entity.name]


def _of_one(entity: Entity, end: str = "", body: Any = None) -> list[Probe]:
    """A record of theirs, and one in their trash."""
    root, name = entity.plural, entity.name
    return [
        lambda _o, a: (f"{root}/{a[name]}{end}", body),
        lambda _o, a: (f"{root}/{a[f'deleted_{name}']}{end}", body),
    ]


def _links(entity: Entity) -> list[Probe]:
    root, name = entity.plural, entity.name
    to_theirs = [
        lambda o, a, r=r: (f"{root}/{o[name]}/links/{r.name}", {"ids": [a[_target(r.ids_name)]]})
        for r in entity.relations.values()
    ]
    from_theirs = [
        lambda o, a, r=r: (f"{root}/{a[name]}/links/{r.name}", {"ids": [o[_target(r.ids_name)]]})
        for r in entity.relations.values()
    ]
    return [*to_theirs, *from_theirs]


def _entity_probes(entity: Entity) -> dict[Place, list[Probe]]:
    root, name = entity.plural, entity.name
    values = range(len(list(_values(name, _Anything()))))
    changes: list[Probe] = [*_of_one(entity, body={"notes": "X"}), *(_changing(entity, n) for n in values)]
    return {
        **_list_probes(entity),
        **_many_probes(entity),
        (f"api_{root}", "POST"): [_creating(entity, n) for n in values],
        (f"api_{name}_configuration", "GET"): [lambda _o, _a: (f"{root}/configuration", None)],
        (f"api_{name}", "GET"): [*_of_one(entity), lambda o, _a: (f"{root}/{o[name]}", None)],
        (f"api_{name}", "PUT"): changes,
        (f"api_{name}", "PATCH"): changes,
        (f"api_{name}", "DELETE"): _of_one(entity),
        (f"api_{name}_restore", "POST"): _of_one(entity, "/restore"),
        (f"api_{name}_links", "POST"): _links(entity),
        (f"api_{name}_links", "DELETE"): _links(entity),
    }


def _list_probes(entity: Entity) -> dict[Place, list[Probe]]:
    root, name = entity.plural, entity.name
    rules = range(len(_rules_of(entity, _Anything(), _Anything())))
    keys: list[Any] = [{"field": relation.ids_name} for relation in entity.relations.values()]
    keys += [{"field": "name"}, {"field": "createdAt", "bucket": "day"}]
    return {
        (f"api_{name}_aggregate", "POST"): [
            *(lambda _o, _a, k=key: (f"{root}/aggregate", {"groupBy": [k]}) for key in keys),
            lambda _o, a: (f"{root}/aggregate", {"groupBy": [{"field": a["column"]}]}),
            lambda _o, a: (f"{root}/aggregate", {"measures": [{"function": "sum", "field": a["column"]}]}),
            *(_narrowed(entity, n, "aggregate") for n in rules),
        ],
        (f"api_{root}", "GET"): [
            lambda _o, _a: (f"{root}?pageSize=100", None),
            lambda _o, _a: (f"{root}?searchTerm=canary", None),
            lambda _o, a: (f"{root}?sort={a['column']}", None),
            lambda _o, a: (f"{root}?cursor={quote(a['cursor'])}&pageSize=5", None),
            *(_filtered(entity, n) for n in rules),
        ],
        (f"api_{name}_search", "POST"): [
            lambda _o, _a: (f"{root}/search", {}),
            lambda _o, _a: (f"{root}/search", {"searchTerm": "canary", "exactTotal": True}),
            lambda _o, a: (f"{root}/search", {"sortDescriptor": {"field": a["column"]}}),
            lambda _o, a: (f"{root}/search", {"pagination": {"cursor": a["cursor"], "pageSize": 5}}),
            *(_narrowed(entity, n) for n in rules),
        ],
    }


def _many_probes(entity: Entity) -> dict[Place, list[Probe]]:
    root, name = entity.plural, entity.name
    return {
        (f"api_{name}_many", "POST"): [
            lambda o, a: (f"{root}/many", {root: [_creating(entity, 0)(o, a)[1]]})
        ],
        (f"api_{name}_many", "PUT"): [
            lambda _o, a: (f"{root}/many", {root: [{"id": a[name], "notes": "X"}]}),
            lambda o, a: (f"{root}/many", {root: [{"id": o[name], "notes": "X"}, {"id": a[name]}]}),
        ],
        (f"api_{name}_many", "DELETE"): [
            lambda _o, a: (f"{root}/many", {"ids": [a[name]]}),
            lambda o, a: (f"{root}/many", {"ids": [o[name], a[name]]}),
        ],
    }


def _one(path: str, kind: str, body: Any = None, end: str = "") -> Probe:
    return lambda _o, a: (f"{path}/{a[kind]}{end}", body)


HOOK = {"url": "https://hooks.example/in", "events": ["contact.*"]}
_WEBHOOKS: dict[Place, list[Probe]] = {
    ("api_webhooks", "GET"): [lambda _o, _a: ("webhooks", None)],
    ("api_webhooks", "POST"): [
        lambda _o, _a: ("webhooks", HOOK),
        lambda _o, a: (
            "webhooks",
            {**HOOK, "filters": {"contact": [{"field": a["column"], "operator": "isNotNull"}]}},
        ),
        lambda _o, a: (
            "webhooks",
            {**HOOK, "filters": {"contact": [{"field": "userIds", "operator": "in", "value": [a["user"]]}]}},
        ),
    ],
    ("api_webhook", "GET"): [_one("webhooks", "webhook")],
    ("api_webhook", "PUT"): [_one("webhooks", "webhook", {"enabled": False})],
    ("api_webhook", "PATCH"): [
        _one("webhooks", "webhook", {"description": "Mine", "headers": {"X-One": None}})
    ],
    ("api_webhook", "DELETE"): [_one("webhooks", "webhook")],
    ("api_webhook_rotate_secret", "POST"): [_one("webhooks", "webhook", {}, "/rotate-secret")],
    ("api_webhook_end_overlap", "POST"): [_one("webhooks", "webhook", None, "/end-overlap")],
    ("api_webhook_resume", "POST"): [_one("webhooks", "webhook", {"replay": True}, "/resume")],
    ("api_webhook_replay", "POST"): [
        _one("webhooks", "webhook", {"since": "2026-01-01T00:00:00Z"}, "/replay")
    ],
    ("api_webhook_test", "POST"): [_one("webhooks", "webhook", None, "/test")],
    ("api_deliveries", "GET"): [
        lambda _o, _a: ("webhook-deliveries?pageSize=100", None),
        *(
            lambda _o, a, n=name, k=kind: (f"webhook-deliveries?{n}={a[k]}", None)
            for name, kind in (("webhookId", "webhook"), ("entityId", "contact"), ("cursor", "delivery"))
        ),
    ],
    ("api_delivery", "GET"): [_one("webhook-deliveries", "delivery")],
    ("api_delivery_resend", "POST"): [_one("webhook-deliveries", "delivery", None, "/resend")],
}
COLUMN = {"entityType": "contact", "type": "plain", "label": "Mine"}
PROBES: dict[Place, list[Probe]] = {
    ("api_columns", "GET"): [lambda _o, _a: ("custom-columns", None)],
    ("api_columns", "POST"): [lambda _o, _a: ("custom-columns?dryRun=true", COLUMN)],
    ("api_column", "GET"): [_one("custom-columns", "column")],
    ("api_column", "PUT"): [_one("custom-columns", "column", {"label": "Mine"})],
    ("api_column", "PATCH"): [_one("custom-columns", "select_column", {"description": "Mine"})],
    ("api_column", "DELETE"): [_one("custom-columns", "column")],
    ("api_column_restore", "POST"): [_one("custom-columns", "column", None, "/restore")],
    ("api_pipelines", "GET"): [lambda _o, _a: ("pipelines", None)],
    ("api_pipeline", "GET"): [_one("pipelines", "pipeline")],
    ("api_me", "GET"): [lambda _o, _a: ("users/me", None)],
    ("api_user_search", "POST"): [
        lambda _o, _a: ("users/search", {}),
        lambda _o, _a: ("users/search", {"searchTerm": "canary"}),
    ],
    ("api_user", "GET"): [_one("users", "user")],
    ("api_roles", "GET"): [lambda _o, _a: ("roles", None)],
    ("api_role", "GET"): [_one("roles", "role")],
    ("api_company", "GET"): [lambda _o, _a: ("company", None)],
    ("api_events", "GET"): [
        lambda _o, _a: ("events?order=desc&pageSize=100", None),
        *(
            lambda _o, a, n=name, k=kind: (f"events?{n}={a[k]}", None)
            for name, kind in (("entityId", "contact"), ("changeSetId", "change_set"), ("userId", "user"))
        ),
    ],
    ("api_api_keys", "GET"): [lambda _o, _a: ("api-keys", None)],
    ("api_api_keys", "POST"): [lambda _o, _a: ("api-keys", {"name": "Mine", "preset": "read"})],
    ("api_api_key", "PATCH"): [_one("api-keys", "key", {"name": "Mine"})],
    ("api_api_key", "DELETE"): [_one("api-keys", "key")],
    ("api_api_key_rotate", "POST"): [_one("api-keys", "key", None, "/rotate")],
    **_WEBHOOKS,
    **{place: probes for entity in ENTITIES.values() for place, probes in _entity_probes(entity).items()},
}


def test_no_route_is_missing_here():
    places = {(route.name, method) for route in all_routes() for method in route.operations}
    assert set(PROBES) == places
    assert len(places) == sum(len(route.operations) for route in all_routes())


def _answer(rest: Rest, place: Place, asked: Asked, alien: Ids) -> tuple[int, str]:
    """Status and text of an answer, with the other one's ids in place of themselves."""
    path, body = asked
    response = rest.send(place[1], path, body)
    assert response.status_code < 500, (place, asked, response.content)
    assert response.status_code not in (400, 405, 415), (place, asked, response.content)
    text = response.content.decode()
    for name, value in alien.items():
        text = text.replace(value, f"<{name}>")
    return response.status_code, re.sub(r'"requestId":"\w+"', '"requestId":""', text)


def _comparable(answer: tuple[int, str]) -> Any:
    status, text = answer
    if status >= 300:
        return status, text
    found = json.loads(text)
    return status, sorted(found) if isinstance(found, dict) else type(found).__name__


def _differences(
    rest: Rest, asked: list[tuple[Place, Probe]], ours: Ids, theirs: Ids, nowhere: Ids
) -> Iterator[Any]:
    for place, probe in asked:
        seen = _answer(rest, place, probe(ours, theirs), theirs)
        if CANARY in seen[1] or CANARY_SLUG in seen[1]:
            yield ("SEEN", place, probe(ours, theirs), seen)
        absent = _answer(rest, place, probe(ours, nowhere), nowhere)
        if _comparable(seen) != _comparable(absent):
            yield ("TOLD APART", place, probe(ours, theirs), seen, absent)


def _ids(house: House) -> dict[str, str]:
    key = (
        ApiKey.objects.filter(company=house.company).first()
        or people.key_of(house.admin, "*", name=CANARY)[0]
    )
    event = Event.objects.filter(company=house.company).last()
    role = Role.objects.filter(company=house.company).first()
    assert key is not None
    assert event is not None
    assert role is not None
    return {**house.ids(), "key": str(key.pk), "change_set": str(event.change_set), "role": str(role.pk)}


def _callers(house: House) -> Mapping[str, Rest]:
    rita = people.colleague(house.company, "Rita", "read-only")
    scopes = {f"Olivia {name}": PRESETS[name]() for name in ("full", "agent", "read")}
    found = {who: Rest(people.key_of(house.admin, *held)[1]) for who, held in scopes.items()}
    found |= {"Max *": Rest(people.key_of(house.user, "*")[1]), "Rita *": Rest(people.key_of(rita, "*")[1])}
    found |= {scope: Rest(people.key_of(house.admin, scope)[1]) for scope in NARROW}
    browser = Client(raise_request_exception=False)
    browser.force_login(house.admin)
    return found | {"Olivia herself": Rest(None, browser), "nothing": Rest(people.key_of(house.admin)[1])}


def _share(n: int, who: str) -> list[tuple[Place, Probe]]:
    """What the n-th caller asks: the first, and a person, everything; each other a share."""
    everything = [(place, probe) for place, probes in PROBES.items() for probe in probes]
    return everything if n == 0 or IS_DEEP or "herself" in who else everything[n % SHARES :: SHARES]


def test_programs_neither_see_nor_change_another_company(ours: House, theirs: House):
    stranger = Rest(people.key_of(theirs.admin, "*", name=CANARY)[1])
    rows = [{"firstName": f"More {n}", "lastName": CANARY} for n in range(3)]
    stranger.ok("POST", "contacts/many", {"contacts": rows}, 201)
    page = stranger.ok("GET", "contacts?pageSize=5")
    assert CANARY in json.dumps(page)  # the canary does sing at home
    cursor = page["pagination"]["nextCursor"]
    alien = {**_ids(theirs), "cursor": cursor}
    nowhere = {**_nowhere(alien), "cursor": cursor}
    callers = _callers(ours)
    mine = _ids(ours)
    before = rows_of(theirs.company)
    wrong = [
        (who, found)
        for n, (who, rest) in enumerate(callers.items())
        for found in _differences(rest, _share(n, who), mine, alien, nowhere)
    ]
    assert not wrong, wrong[:3]
    assert rows_of(theirs.company) == before


def test_a_cursor_of_another_company_opens_nothing(ours: House, theirs: House):
    stranger = Rest(people.key_of(theirs.admin, "*")[1])
    stranger.ok("POST", "contacts/many", {"contacts": [{"firstName": f"More {n}"} for n in range(3)]}, 201)
    cursor = stranger.ok("GET", "contacts?pageSize=5")["pagination"]["nextCursor"]
    rest = Rest(people.key_of(ours.admin, "*")[1])
    [issue] = rest.fails(422, "GET", f"contacts?pageSize=5&cursor={quote(cursor)}")["issues"]
    assert issue["code"] == "foreign_cursor"


def test_equal_idempotency_keys_of_two_companies_never_mix(ours: House, theirs: House):
    made = [
        Rest(people.key_of(house.admin, "*")[1]).ok(
            "POST", "contacts", {"firstName": "Twin"}, 201, Idempotency_Key="the same key"
        )
        for house in (ours, theirs)
    ]
    assert made[0]["id"] != made[1]["id"]


@pytest.mark.parametrize("entity", NAMES)
def test_who_sees_only_their_own_records_reaches_no_others(ours: House, entity: str):
    found = ENTITIES.get(entity)
    resources = ("api", *(entity.resource for entity in ENTITIES.values()))
    permissions = {name: {"read": "own", "manage": True} for name in resources}
    role = Role.objects.create(company=ours.company, name="Own only", permissions=permissions)
    lone = people.colleague(ours.company, "Lone", "member")
    type(lone).objects.filter(pk=lone.pk).update(role=role)
    rest, pk = Rest(people.key_of(lone, "*")[1]), ours.ids()[entity]
    assert rest.ok("GET", found.plural)["items"] == []
    for method, body in (("GET", None), ("PUT", {"notes": "x"}), ("DELETE", None)):
        rest.fails(404, method, f"{found.plural}/{pk}", body)
    mine = rest.ok("POST", found.plural, REQUIRED.get(entity, {"name": "X"}), 201)
    assert [record["id"] for record in rest.ok("GET", found.plural)["items"]] == [mine["id"]]
