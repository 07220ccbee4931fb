"""From a request to an Actor: by API key for programs, by session for people."""

from __future__ import annotations

import ipaddress
import logging
from datetime import datetime, timedelta
from typing import Literal

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from accounts.actor import CLIENT_LENGTH, Actor, Via, user_actor
from accounts.key_format import digests, is_well_formed
from accounts.models import ApiKey, User
from customermates.kernel.middleware import client_address

logger = logging.getLogger("customermates.authentication")

LAST_USE_INTERVAL = timedelta(minutes=5)  # a busy key writes its last use this often, not per call

Reason = Literal[
    "missing", "ambiguous", "malformed", "unknown", "revoked", "expired", "owner_inactive", "address"
]


class Unauthenticated(Exception):
    """Nobody is known to ask. `reason` is for logs: a caller gets the same answer for all of them."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def authenticate_key(request: HttpRequest, *, via: Via) -> Actor:
    """The actor behind the API key of `request`; Unauthenticated when there is none that works.

    One indexed query, and an update every five minutes per key. A mistyped key is told by its
    checksum without a query.
    """
    presented = _presented_key(request)
    if not is_well_formed(presented):
        raise Unauthenticated("malformed")
    keys = ApiKey.objects.select_related("user__role", "user__company").filter(digest__in=digests(presented))
    # One at most; first() would sort it, and making that query takes a quarter of the time.
    key = next(iter(keys), None)
    if key is None:
        raise Unauthenticated("unknown")
    now = timezone.now()
    address = client_address(request)
    if reason := _refusal(key, now, address):
        logger.info("key refused", extra={"details": {"key": str(key.pk), "reason": reason}})
        raise Unauthenticated(reason)
    client = _client(request)
    _note_use(key, now, address, client)
    return user_actor(key.user, via=via, api_key=key, client=client, request_id=_request_id(request))


def presents_key(request: HttpRequest) -> bool:
    """Whether the request names a key, good or bad: then it stands or falls with it, whatever its cookies."""
    scheme = request.headers.get("Authorization", "").partition(" ")[0]
    return "x-api-key" in request.headers or scheme.lower() == "bearer"


def session_actor(request: HttpRequest, *, via: Via = "web") -> Actor | None:
    """The signed-in person behind `request`, or None."""
    user = request.user
    if not isinstance(user, User):
        return None
    return user_actor(user, via=via, client=_client(request), request_id=_request_id(request))


def _presented_key(request: HttpRequest) -> str:
    header = request.headers.get("x-api-key", "").strip()
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    bearer = bearer.strip() if scheme.lower() == "bearer" else ""
    if header and bearer and header != bearer:
        raise Unauthenticated("ambiguous")
    if not (header or bearer):
        raise Unauthenticated("missing")
    return header or bearer


def _refusal(key: ApiKey, now: datetime, address: str) -> Reason | None:
    if key.revoked_at is not None:
        return "revoked"
    if not key.is_usable(now):
        return "expired"
    if not key.user.is_active:
        return "owner_inactive"
    if key.allowed_ips and not _is_allowed(address, key.allowed_ips):
        return "address"
    return None


def _is_allowed(address: str, networks: list[str]) -> bool:
    if not address:
        return False
    client = ipaddress.ip_address(address)
    return any(client in ipaddress.ip_network(network) for network in networks)


def _note_use(key: ApiKey, now: datetime, address: str, client: str) -> None:
    due = now - LAST_USE_INTERVAL
    if key.last_used_at is not None and key.last_used_at > due:
        return
    # Conditional, so of many calls at once only the first one writes.
    ApiKey.objects.filter(Q(last_used_at=None) | Q(last_used_at__lte=due), pk=key.pk).update(
        last_used_at=now, last_used_ip=address or None, last_used_client=client
    )


def _client(request: HttpRequest) -> str:
    text = request.headers.get("User-Agent", "")
    return "".join(character for character in text if character.isprintable())[:CLIENT_LENGTH]


def _request_id(request: HttpRequest) -> str:
    return str(getattr(request, "request_id", ""))
