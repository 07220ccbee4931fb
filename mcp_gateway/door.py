"""Who may knock: the checks on a request that come before anything in its body is believed."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

from customermates.kernel.addresses import is_loopback
from mcp_gateway.protocol import MAX_BODY_BYTES


class Refused(Exception):
    """The request is not let in: answered with this status and sentence."""

    def __init__(self, status: int, error: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.error = error
        self.message = message


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


def check_content(request: HttpRequest) -> None:
    """Refuse bodies that are no JSON or are too large, before reading them."""
    media_type = (request.content_type or "").strip().lower()
    if media_type != "application/json" or request.headers.get("Content-Encoding", "identity") != "identity":
        raise Refused(415, "unsupported_media_type", "Send Content-Type: application/json, uncompressed.")
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isascii() or not length.isdecimal() or len(length) > 10 or int(length) > MAX_BODY_BYTES:
        raise _too_large()


def body_of(request: HttpRequest) -> bytes:
    """The body, also when it comes in chunks without a length."""
    chunked = request.headers.get("Transfer-Encoding", "").lower() == "chunked"
    if chunked and request.META.get("wsgi.input_terminated"):
        # Django reads nothing without a Content-Length; the server already undoes the chunking.
        body: bytes = request.META["wsgi.input"].read(MAX_BODY_BYTES + 1)
    else:
        body = request.body
    if len(body) > MAX_BODY_BYTES:
        raise _too_large()
    return body


def _too_large() -> Refused:
    return Refused(413, "too_large", f"The body may have at most {MAX_BODY_BYTES} bytes; split the work.")
