"""`POST /api/v1/mcp`: one request in, one answer out, and no state that survives it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt

from accounts.actor import CLIENT_LENGTH, Actor
from accounts.authentication import Unauthenticated, authenticate_key
from accounts.limits import check_api_limits
from customermates.kernel.bodies import Refused, body_of, check_content
from customermates.kernel.errors import RateLimited
from customermates.kernel.jsontext import dumps
from mcp_gateway import methods, protocol
from mcp_gateway.door import check_origin
from mcp_gateway.protocol import Era, Fault, Message
from mcp_gateway.registry import TOOLS
from mcp_gateway.surface import Surface

logger = logging.getLogger(__name__)

# No `resource_metadata` while there is no OAuth: clients would start a discovery that must fail.
_CHALLENGE = 'Bearer realm="Customermates", error="invalid_token"'
_WHERE_KEYS_ARE = (
    "Send an API key as 'Authorization: Bearer KEY' or 'x-api-key: KEY'. "
    "API keys are made at {base}/settings/keys/ or with "
    "`customermates key create --email … --name … --preset …`."
)


@csrf_exempt
@transaction.non_atomic_requests
def endpoint(request: HttpRequest) -> HttpResponse:
    """The answer to one posted MCP message, in the era it speaks."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        check_origin(request)
        actor = authenticate_key(request, via="mcp")
        check_content(request)
        body = body_of(request)
    except Refused as refused:
        return _plain(refused.status, refused.error, refused.message)
    except Unauthenticated:
        response = _plain(401, "invalid_token", _WHERE_KEYS_ARE.format(base=settings.BASE_URL))
        response["WWW-Authenticate"] = _CHALLENGE
        return response
    headers = {name.lower(): value for name, value in request.headers.items()}
    message = _lenient(protocol.read(body, headers))
    try:
        limits = check_api_limits(actor, writes=_writes(message)).headers()
    except RateLimited as error:
        return _too_many(error)
    with translation.override("en"):
        response = _answered(actor, message, headers)
    for name, value in limits.items():
        response[name] = value
    return response


def _answered(actor: Actor, message: Message, headers: Mapping[str, str]) -> HttpResponse:
    try:
        if message.fault is not None:
            raise message.fault
        if not message.needs_answer:
            return HttpResponse(status=202)
        params = protocol.check_params(message)
        if message.method not in methods.METHODS:
            raise Fault(protocol.METHOD_NOT_FOUND, f"Method not found: {message.method}")
        named = _named(actor, message)
        surface = Surface.of_key(actor.toolsets)
        return _json(200, methods.answer(methods.Call(named, surface, message, params, headers)))
    except Fault as fault:
        return _json(protocol.fault_status(message.era, fault.code), methods.fault_answer(message, fault))
    except Exception:
        logger.exception("%s failed", message.method, extra={"details": {"request": actor.request_id}})
        text = f"Internal error, reference {actor.request_id}"
        return _json(500, methods.fault_answer(message, Fault(protocol.INTERNAL_ERROR, text)))


def _lenient(message: Message) -> Message:
    if message.method != "tools/call":
        return message
    return replace(message, params=methods.with_parsed_arguments(message.params))


def _writes(message: Message) -> bool:
    """True for a call of a tool that can change something."""
    if message.fault is not None or message.method != "tools/call" or not message.needs_answer:
        return False
    return not TOOLS.read_only((message.params or {}).get("name"))


def _named(actor: Actor, message: Message) -> Actor:
    """The actor with the client's own name, which events record; the user agent stands in for it."""
    name = protocol.client_name(message) if message.era is Era.MODERN else ""
    return replace(actor, client=name[:CLIENT_LENGTH]) if name else actor


def _json(status: int, body: bytes) -> HttpResponse:
    response = HttpResponse(body, status=status, content_type="application/json")
    response["Cache-Control"] = "no-store"
    return response


def _plain(status: int, error: str, message: str) -> HttpResponse:
    return _json(status, dumps({"error": error, "message": message}))


def _too_many(error: RateLimited) -> HttpResponse:
    seconds = error.retry_after_seconds
    response = _plain(429, error.code, f"Too many calls with this key. Try again in {seconds} seconds.")
    response["Retry-After"] = str(seconds)
    response["RateLimit-Limit"] = str(error.limit)
    response["RateLimit-Remaining"] = "0"
    response["RateLimit-Reset"] = str(seconds)
    return response
