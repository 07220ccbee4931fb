"""Who may knock: the checks on a request that come before anything in its body is believed."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

from customermates.kernel.addresses import is_loopback
from customermates.kernel.bodies import Refused


def check_origin(request: HttpRequest) -> None:
    """Refuse pages of other sites (2026-07-28 basic/transports, "Security": DNS rebinding)."""
    origin = request.headers.get("Origin")
    if origin is None or origin in (settings.BASE_URL, *settings.CORS_ALLOWED_ORIGINS):
        return
    if settings.BASE_URL_IS_LOOPBACK and _is_on_this_machine(origin):
        return
    raise Refused(403, "forbidden_origin", "Requests from this origin are not allowed.")


def _is_on_this_machine(origin: str) -> bool:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and is_loopback(parts.hostname or "")
