"""The bodies of requests to the API: JSON only, of a bounded size, read whole."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest

MAX_BODY_BYTES: Final = 1024 * 1024


class Refused(Exception):
    """The request is not let in: answered with this status and sentence."""

    def __init__(self, status: int, error: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.error = error
        self.message = message


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
    if _is_chunked(request) and request.META.get("wsgi.input_terminated"):
        # Django reads nothing without a Content-Length; the server already undoes the chunking.
        body: bytes = request.META["wsgi.input"].read(MAX_BODY_BYTES + 1)
    else:
        body = request.body
    if len(body) > MAX_BODY_BYTES:
        raise _too_large()
    return body


def has_body(request: HttpRequest) -> bool:
    """Whether the request says that it brings a body."""
    return (request.META.get("CONTENT_LENGTH") or "0") != "0" or _is_chunked(request)


def _is_chunked(request: HttpRequest) -> bool:
    return request.headers.get("Transfer-Encoding", "").lower() == "chunked"


def _too_large() -> Refused:
    return Refused(413, "too_large", f"The body may have at most {MAX_BODY_BYTES} bytes; split the work.")
