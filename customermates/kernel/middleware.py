"""Request ids, honest client addresses behind proxies, and the security headers Django lacks."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from customermates.kernel.addresses import find_address, is_loopback

GetResponse = Callable[[HttpRequest], HttpResponse]

logger = logging.getLogger("customermates.request")

# Only for log lines; code that needs the id takes it from the request or the actor.
request_id: ContextVar[str] = ContextVar("request_id", default="-")

_ACCEPTED_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)  # what cannot break a log line or a header

_EXTRA_HEADERS = {
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def request_identity(get_response: GetResponse) -> GetResponse:
    """Every request has an id, taken from `X-Request-Id` or new, that its answer and log lines carry."""

    def middleware(request: HttpRequest) -> HttpResponse:
        offered = request.headers.get("X-Request-Id", "")
        identity = offered if _ACCEPTED_ID.fullmatch(offered) else uuid.uuid4().hex
        request.request_id = identity  # type: ignore[attr-defined]  # read by doors
        token = request_id.set(identity)
        started = time.perf_counter()
        try:
            response = get_response(request)
            response["X-Request-Id"] = identity
            _log(request, response, started)
        finally:
            request_id.reset(token)
        return response

    return middleware


def _log(request: HttpRequest, response: HttpResponse, started: float) -> None:
    # The route, not the path: a password reset carries its token in the path.
    match = request.resolver_match
    details = {
        "method": request.method,
        "route": f"/{match.route}" if match else "-",
        "status": response.status_code,
        "ms": round((time.perf_counter() - started) * 1000, 1),
    }
    logger.info("request", extra={"details": details})


# Headers by which a proxy, trusted or not, shows that it is there.
_FORWARDING = (
    *("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PROTO"),
    *("HTTP_X_FORWARDED_PORT", "HTTP_X_REAL_IP", "HTTP_VIA", "HTTP_CF_CONNECTING_IP"),
)


def proxy_headers(get_response: GetResponse) -> GetResponse:
    """`REMOTE_ADDR` is the client and `X-Forwarded-Proto` can be believed.

    Forwarding headers count only from a peer inside TRUSTED_PROXIES; from anyone else they are
    removed, so nothing further in can be fooled by them.
    """
    trusted: list[IPv4Network | IPv6Network] = settings.TRUSTED_PROXIES

    def is_trusted(address: IPv4Address | IPv6Address | None) -> bool:
        return address is not None and any(address in network for network in trusted)

    def middleware(request: HttpRequest) -> HttpResponse:
        meta = request.META
        request.is_forwarded = any(name in meta for name in _FORWARDING)  # type: ignore[attr-defined]
        forwarded = meta.pop("HTTP_X_FORWARDED_FOR", "")
        if not is_trusted(find_address(meta.get("REMOTE_ADDR", ""))):
            meta.pop("HTTP_X_FORWARDED_PROTO", None)
        else:
            # Each proxy appends its peer, so the client is the last address no trusted proxy has.
            for hop in reversed(forwarded.split(",")):
                address = find_address(hop.strip())
                if address is None:
                    break
                meta["REMOTE_ADDR"] = str(address)
                if not is_trusted(address):
                    break
        return get_response(request)

    return middleware


def security_headers(get_response: GetResponse) -> GetResponse:
    """Answers say that pages need no devices and that nobody else embeds what they carry."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in _EXTRA_HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return middleware


def is_at_this_machine(request: HttpRequest) -> bool:
    """Whether the browser runs where the server runs: a loopback peer, and no proxy in between."""
    return is_loopback(client_address(request)) and not getattr(request, "is_forwarded", True)


def client_address(request: HttpRequest) -> str:
    """The client's address, "" when the server does not know it (a local socket)."""
    address = find_address(request.META.get("REMOTE_ADDR", ""))
    return "" if address is None else str(address)
