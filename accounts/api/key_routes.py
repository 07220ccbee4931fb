"""The REST routes of API keys, declared. All open with a session only: no key makes itself another."""

from __future__ import annotations

from accounts.api import keys
from accounts.api.examples import KEY, NEW_KEY
from accounts.api.operations import Operation, Route
from accounts.api.schemas import EXAMPLE_ID, ID, TEXT, listing, ref, sent, shape
from accounts.api_keys import NAME_LENGTH, OVERLAPS
from accounts.permissions import PRESETS

_TAG = "api-keys"
_NAME = {**TEXT, "minLength": 1, "maxLength": NAME_LENGTH}
_NEW_KEY_BODY = sent(
    {
        "name": _NAME,
        "scopes": {**listing(TEXT), "description": "`contacts:read`, …, or `*` for all that you may do."},
        "preset": {"type": "string", "enum": list(PRESETS), "description": "Instead of scopes."},
        "toolsets": {**listing(TEXT), "description": "Groups of MCP tools that the key lists."},
        "allowedIps": {**listing(TEXT), "description": "Networks it works from; everywhere without any."},
        "expiresAt": {"type": "string", "format": "date-time", "description": "In a year unless given."},
    },
    required=["name"],
)


def key_routes() -> list[Route]:
    """The routes of API keys."""
    one = "api-keys/<str:id>"
    return [
        Route(path="api-keys", name="api_api_keys", operations={"GET": _list(), "POST": _create()}),
        Route(path=one, name="api_api_key", operations={"PATCH": _rename(), "DELETE": _revoke()}),
        Route(path=f"{one}/rotate", name="api_api_key_rotate", operations={"POST": _rotate()}),
    ]


def _list() -> Operation:
    return Operation(
        run=keys.listed,
        id="getApiKeys",
        tag=_TAG,
        summary="List API keys",
        by_person=True,
        answer=shape({"items": listing(ref("ApiKey"))}),
        example={"items": [KEY]},
    )


def _create() -> Operation:
    return Operation(
        run=keys.create,
        id="createApiKey",
        tag=_TAG,
        summary="Create an API key",
        description="The answer is the only one that holds the key itself.",
        by_person=True,
        writes=True,
        tells_secret=True,
        body=_NEW_KEY_BODY,
        body_example={"name": "Nightly export", "preset": "read"},
        answer=ref("NewApiKey"),
        example=NEW_KEY,
        status=201,
    )


def _rename() -> Operation:
    return Operation(
        run=keys.rename,
        id="renameApiKey",
        tag=_TAG,
        summary="Rename an API key of yours",
        by_person=True,
        writes=True,
        body=sent({"name": _NAME}, required=["name"]),
        body_example={"name": "Weekly export"},
        answer=ref("ApiKey"),
        example=KEY,
        errors=(404,),
    )


def _revoke() -> Operation:
    return Operation(
        run=keys.revoke,
        id="revokeApiKey",
        tag=_TAG,
        summary="Revoke an API key",
        by_person=True,
        writes=True,
        answer=ID,
        example=EXAMPLE_ID,
        errors=(404,),
    )


def _rotate() -> Operation:
    return Operation(
        run=keys.rotate,
        id="rotateApiKey",
        tag=_TAG,
        summary="Replace an API key of yours by a new one",
        description="The old one works on for `overlap`, 24 hours unless you say otherwise.",
        by_person=True,
        writes=True,
        tells_secret=True,
        body=sent({"overlap": {"type": "string", "enum": list(OVERLAPS)}}),
        body_example={"overlap": "24h"},
        body_may_lack=True,
        answer=ref("NewApiKey"),
        example=NEW_KEY,
        status=201,
        errors=(404, 409),
    )
