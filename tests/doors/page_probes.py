"""What each page is asked with to see or change something of another company."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from accounts.models import Event
from crm.entities import ENTITIES, Entity
from tests.doors.worlds import House

Body = Callable[[House], dict[str, Any]]


def entity_routes() -> Iterator[tuple[str, Body]]:
    """The name of each page of each entity, and what its form or query says there."""
    for entity in ENTITIES.values():
        yield from _routes_of(entity).items()
    yield from _routes_of_all().items()


def _routes_of(entity: Entity) -> dict[str, Body]:
    name, relation = entity.name, next(iter(entity.relations))
    target = entity.relations[relation].target
    routes: dict[str, Body] = {
        entity.plural: lambda theirs: _rule(relation, theirs.ids()[target]),
        name: lambda _theirs: {"tab": "notes"},
        f"{name}_create": _new_record,
        f"{name}_similar": _new_record,
        f"{name}_quick": lambda _theirs: {"name": "Quick one"},
        f"{name}_filter": lambda theirs: _rule(relation, theirs.ids()[target]),
        f"{name}_options": lambda _theirs: {"q": ""},
        f"{name}_bulk": lambda _theirs: {"field": "userIds"},
        f"{name}_bulk_change": lambda theirs: {"ids": theirs.ids()[name], "action": "delete"},
        f"{name}_row": lambda _theirs: {},
        f"{name}_field": lambda theirs: {"value": theirs.ids()["user"]},
        f"{name}_delete": lambda _theirs: {},
        f"{name}_restore": lambda _theirs: {},
        f"{name}_next": lambda _theirs: {"sort": "-name"},
        f"{name}_previous": lambda _theirs: {"q": "canary"},
        f"{name}_link": lambda theirs: {"id": theirs.ids()[target], "create": "X", "q": "canary"},
        f"{name}_unlink": lambda theirs: {"id": theirs.ids()[target]},
        f"{name}_notes": lambda _theirs: {"text": "X", "mark": ""},
        f"{name}_note_add": lambda _theirs: {"text": "X"},
        f"{name}_note_tick": lambda _theirs: {"task": "0", "done": "true", "mark": ""},
    }
    if any(other.owns_lines for other in entity.relations.values()):
        routes[f"{name}_lines"] = lambda theirs: {"add": theirs.ids()["service"], "mark": ""}
    if entity.lanes:
        routes[f"{name}_board"] = lambda theirs: {"pipeline": theirs.ids()["pipeline"]}
        routes[f"{name}_move"] = lambda theirs: {"stage": theirs.ids()["stage"]}
    if entity.has_agenda:
        routes[f"{name}_agenda"] = lambda _theirs: {}
        routes[f"{name}_tick"] = lambda _theirs: {"status": "done"}
    return routes


def _new_record(theirs: House) -> dict[str, Any]:
    """A form that names whatever the other company has."""
    ids = theirs.ids()
    links = {f"{name}Ids": ids[name] for name in (*ENTITIES.names(), "user")}
    return {"name": "X", "firstName": "X", "stage": ids["stage"], **links}


def _routes_of_all() -> dict[str, Body]:
    """The name of each page about records of all entities, and what its form or query says there."""
    return {
        "changes": lambda _theirs: {"after": "0"},
        "trash": lambda theirs: {
            "kind": "contact",
            "q": "",
            "before": f"2999-01-01T00:00:00+00:00~{theirs.trash['contact']}",
        },
        "trash_restore": lambda theirs: {"item": [f"{name}:{pk}" for name, pk in theirs.trash.items()]},
    }


def webhook_routes() -> dict[str, Body]:
    """The name of each page of webhooks, and what its form or query says there."""
    form = {"url": "https://hooks.example/in", "events": "*", "secret_kind": "made"}
    return {
        "webhooks": lambda _theirs: {},
        "webhook": lambda _theirs: {"part": "latest"},
        "webhook_create": lambda _theirs: form,
        "webhook_edit": lambda _theirs: {**form, "version": 1},
        "webhook_switch": lambda _theirs: {"enabled": "false"},
        "webhook_resume": lambda _theirs: {"replay": "true"},
        "webhook_rotate": lambda _theirs: {"secret_kind": "made"},
        "webhook_end_overlap": lambda _theirs: {},
        "webhook_delete": lambda _theirs: {},
        "webhook_test": lambda _theirs: {},
        "webhook_replay": lambda _theirs: {"since": "2026-01-01T00:00:00Z", "period": "30d"},
        "webhook_verifying": lambda _theirs: {},
        "webhook_deliveries": lambda theirs: {
            "webhook": theirs.webhook,
            "before": "ffffffff-ffff-ffff-ffff-ffffffffffff",
        },
        "webhook_delivery": lambda _theirs: {"part": "state"},
        "webhook_resend": lambda _theirs: {},
    }


def ids_in_path(route: str, theirs: House) -> dict[str, str]:
    """What stands for the ids in the path of a route: their records, their events."""
    entity = next((name for name in ENTITIES if route == name or route.startswith(f"{name}_")), "contact")
    change_set = Event.objects.filter(company=theirs.company).values_list("change_set", flat=True).last()
    return {
        "pk": theirs.ids()[entity],
        "column_id": theirs.ids()["select_column"],
        "relation": next(iter(ENTITIES.get(entity).relations)) if "link" in route else "userIds",
        "name": "userIds",
        "change_set": str(change_set),
        "id": _id_in_api_path(route, theirs),
        "endpoint_id": theirs.webhook,
        "delivery_id": theirs.delivery,
    }


def _id_in_api_path(route: str, theirs: House) -> str:
    """What a route of the REST API means by `{id}`."""
    ids, kind = theirs.ids(), route.removeprefix("api_").split("_")[0]
    return ids.get(kind, ids["user"])


def _rule(field: str, value: str) -> dict[str, str]:
    return {"f1": field, "o1": "in", "v1": value, "panel": "filter"}
