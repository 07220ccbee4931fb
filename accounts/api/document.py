"""The OpenAPI document, written by drf-spectacular from the operations that the door answers by.

drf-spectacular walks the paths and keeps the form of the document; what an operation takes and
answers is its own declaration, so its guesses about serializers are overridden. Imported when the
document is asked for, like all of DRF.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.urls import path
from drf_spectacular.generators import EndpointEnumerator, SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from accounts.api.calls import IDEMPOTENCY_KEY, IF_MATCH
from accounts.api.door import Endpoint
from accounts.api.operations import DRY_RUN, Operation, Route
from accounts.api.routing import PREFIX
from accounts.api.schemas import EXAMPLE_ID, TEXT, Schema, ref
from accounts.idempotency import KEY_LENGTH

Json = Any
JSON = "application/json"
_BY_KEY: list[dict[str, list[str]]] = [{"apiKeyAuth": []}, {"bearerAuth": []}]
_ETAG: Schema = {**TEXT, "pattern": r'^(\*|(W/)?"[0-9]{1,10}")$'}
_BY_SESSION: list[dict[str, list[str]]] = [{"sessionAuth": []}]
_ALWAYS = (401, 403, 422, 429)  # 422: an unknown parameter is an issue everywhere
_WITH_BODY = (400, 413, 415)

# {status: (code, what it means, the code of an issue, its sentence)}
_FAILURES: Mapping[int, tuple[str, str, str, str]] = {
    400: ("malformed_json", "The body is not JSON.", "", ""),
    401: ("unauthenticated", "No key, or none that works.", "", ""),
    403: (
        "not_allowed",
        "The role or the key does not allow it; the missing permission is named.",
        "missing_scope",
        "This API key lacks the scope contacts:write.",
    ),
    404: (
        "not_found",
        "Nothing that the caller can see has this id.",
        "unknown_record",
        f"There is no contact with the id {EXAMPLE_ID}.",
    ),
    409: (
        "conflict",
        "The world has moved on: a stale version in the body, or a twin of this request still at work.",
        "stale_version",
        "The record has version 4 by now, not 3: somebody changed it.",
    ),
    412: (
        "precondition_failed",
        "The record no longer has the version that If-Match demands.",
        "stale_version",
        "The record has version 4 by now, not 3: somebody changed it.",
    ),
    413: ("too_large", "The body has more than 1 MiB.", "", ""),
    415: ("unsupported_media_type", "The body is not sent as application/json.", "", ""),
    422: (
        "validation",
        "What was sent is wrong; every issue is told with what to send instead.",
        "required",
        "This is required.",
    ),
    429: ("rate_limited", "The key has used up its minute; Retry-After says when to come back.", "", ""),
}


class OperationSchema(AutoSchema):
    """One operation in the words of its declaration."""

    @property
    def declared(self) -> Operation:
        """What is being described."""
        view: Any = self.view
        found: Operation = view.operations[self.method]
        return found

    def _is_list_view(self, serializer: Any = None) -> bool:
        return False  # asked to guess parameters of pages and filters, which are declared

    def get_operation_id(self) -> str:
        return self.declared.id

    def get_summary(self) -> str:
        return self.declared.summary

    def get_description(self) -> str:  # type: ignore[override]  # as in drf-spectacular's own
        """The description, with the scopes that a key needs."""
        scopes = " and ".join(f"`{scope}`" for scope in self.declared.needs)
        needed = f"Needs {scopes}." if scopes else ""
        return "\n\n".join(part for part in (self.declared.description, needed) if part)

    def get_tags(self) -> list[str]:
        return [self.declared.tag]

    def get_auth(self) -> list[dict[str, list[str]]]:
        return _BY_SESSION if self.declared.by_person else [*_BY_KEY, *_BY_SESSION]

    def get_override_parameters(self) -> list[Any]:
        """Query parameters and headers; those in the path are found by drf-spectacular itself."""
        found = [
            OpenApiParameter(
                name=parameter.name,
                type=dict(parameter.schema),
                description=parameter.description,
            )
            for parameter in self.declared.query
        ]
        if self.declared.guarded:
            found.append(_header(IF_MATCH, "The ETag of the version that is to be changed.", _ETAG))
        if self.declared.writes and not self.declared.tells_secret:
            said = "A retry with the same value is answered as before, and does nothing again."
            found.append(_header(IDEMPOTENCY_KEY, said, {**TEXT, "minLength": 1, "maxLength": KEY_LENGTH}))
        return found

    def _get_request_body(self, direction: str = "request") -> dict[str, Json] | None:
        """The body, of DELETE too."""
        operation = self.declared
        if operation.body is None:
            return None
        content = _content(operation.body, operation.body_example)
        return {"required": not operation.body_may_lack, "content": content}

    def _get_response_bodies(self, direction: str = "response") -> dict[str, Json]:
        operation = self.declared
        answer, found = operation.answer, dict[str, Json]()
        if DRY_RUN in operation.query:
            if operation.status == HTTPStatus.OK:
                answer = {"anyOf": [dict(answer), ref("DryRunAnswer")]}
            else:
                found["200"] = _response("What would be done, with dryRun.", ref("DryRunAnswer"), None)
        found[str(operation.status)] = _response(
            HTTPStatus(operation.status).phrase, answer, operation.example, has_etag=operation.guarded
        )
        return found | {str(code): {"$ref": f"#/components/responses/{code}"} for code in statuses(operation)}


def _header(name: str, description: str, schema: Schema) -> OpenApiParameter:
    return OpenApiParameter(name=name, type=schema, location=OpenApiParameter.HEADER, description=description)


def statuses(operation: Operation) -> list[int]:
    """The statuses of failures that an operation can answer with."""
    found = {*_ALWAYS, *operation.errors}
    if operation.body is not None:
        found |= {*_WITH_BODY}
    if operation.writes:
        found.add(409)  # a twin with the same Idempotency-Key
    return sorted(found)


class _Endpoints(EndpointEnumerator):
    """The paths of the API with the methods that have operations."""

    def get_allowed_methods(self, callback: Any) -> list[str]:
        return list(callback.initkwargs["operations"])


class _Generator(SchemaGenerator):
    endpoint_inspector_cls = _Endpoints


def document(
    routes: Iterable[Route], components: Mapping[str, Schema], webhooks: Mapping[str, Json]
) -> dict[str, Json]:
    """The document of `routes`; `components` are the schemas that they refer to."""
    patterns = [
        path(f"{PREFIX}{route.path}", Endpoint.as_view(operations=route.operations)) for route in routes
    ]
    generator: Any = _Generator
    found: dict[str, Json] = generator(patterns=patterns).get_schema(public=True)
    found["paths"][f"/{PREFIX}openapi"] = {"get": _OF_ITSELF}
    found["servers"] = [{"url": settings.BASE_URL}]
    found["components"] = {
        "schemas": dict(sorted(components.items())),
        "responses": {str(status): _failure(status) for status in _FAILURES},
        "securitySchemes": _SECURITY,
        "headers": _HEADERS,
    }
    found["webhooks"] = dict(webhooks)
    return found


def _content(schema: Mapping[str, Any], example: Json) -> dict[str, Json]:
    return {JSON: {"schema": dict(schema), **({} if example is None else {"example": example})}}


def _response(
    description: str, schema: Mapping[str, Any], example: Json, *, has_etag: bool = False
) -> dict[str, Json]:
    names = ["X-Request-Id", *(["ETag"] if has_etag else [])]
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    return {"description": description, "headers": headers, "content": _content(schema, example)}


def _failure(status: int) -> dict[str, Json]:
    code, meaning, issue, sentence = _FAILURES[status]
    issues: Sequence[dict[str, Json]] = (
        [{"field": "", "code": issue, "message": sentence, "row": 0}] if issue else []
    )
    error = {"code": code, "message": sentence or meaning, "requestId": "4f1c", "issues": issues}
    response = _response(meaning, ref("ErrorAnswer"), {"error": error})
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        response["headers"]["Retry-After"] = {"$ref": "#/components/headers/Retry-After"}
    return response


_SECURITY: dict[str, Json] = {
    "apiKeyAuth": {"type": "apiKey", "in": "header", "name": "x-api-key"},
    "bearerAuth": {"type": "http", "scheme": "bearer", "description": "The same key."},
    "sessionAuth": {
        "type": "apiKey",
        "in": "cookie",
        "name": "sessionid",
        "description": "Pages of this site; writes need X-CSRFToken as well.",
    },
}
_HEADERS: dict[str, Json] = {
    "X-Request-Id": {"description": "As sent, or new; in our logs and events.", "schema": TEXT},
    "ETag": {"description": "The version of the record, for If-Match.", "schema": TEXT},
    "Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}},
}
_OF_ITSELF: dict[str, Json] = {
    "operationId": "getOpenApi",
    "summary": "This document",
    "tags": ["openapi"],
    "security": [],
    "responses": {
        "200": {"description": "OK", "content": {JSON: {"schema": {"type": "object"}}}},
    },
}
