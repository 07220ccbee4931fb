"""Answers and failures as HTTP: JSON, compressed when asked for, with what other origins may read."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable

import brotli
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from accounts.api.calls import Answer
from accounts.api.errors import Failure
from customermates.kernel.jsontext import dumps

COMPRESSED_FROM = 1_400  # bytes; less fits into one packet anyway
_QUALITY = 4  # of brotli: beyond it, time grows faster than size falls
_PREFLIGHT_SECONDS = "7200"  # the longest that Chromium believes
_SENT = "authorization, content-type, idempotency-key, if-match, x-api-key, x-request-id"
_READ = (
    "ETag, Idempotent-Replayed, Location, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, "
    "Retry-After, X-Request-Id"
)
_ACCEPTED = re.compile(r"(?:^|,)\s*(br|gzip)\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[\d.]+\s*)?(?=,|$)")


def answered(request: HttpRequest, answer: Answer, *, replayed: bool) -> HttpResponse:
    """The response that `answer` makes."""
    response = json_response(request, answer.body, answer.status)
    if answer.version is not None:
        weak = "W/" if response.has_header("Content-Encoding") else ""
        response["ETag"] = f'{weak}"{answer.version}"'
    if answer.location:
        response["Location"] = answer.location
    if replayed:
        response["Idempotent-Replayed"] = "true"
    return response


def failed(request: HttpRequest, failure: Failure) -> HttpResponse:
    """The response that tells `failure`."""
    request_id = str(getattr(request, "request_id", ""))
    response = json_response(request, failure.body(request_id), failure.status)
    for name, value in failure.headers.items():
        response[name] = value
    return response


def json_response(request: HttpRequest, body: object, status: int = 200) -> HttpResponse:
    """`body` as JSON that no cache keeps: it is one caller's view of one moment."""
    content = dumps(body)
    encoding = _encoding(request) if len(content) >= COMPRESSED_FROM else ""
    if encoding == "br":
        content = brotli.compress(content, quality=_QUALITY)
    elif encoding == "gzip":
        content = gzip.compress(content, compresslevel=_QUALITY, mtime=0)
    response = HttpResponse(content, status=status, content_type="application/json")
    response["Cache-Control"] = "no-store"
    patch_vary_headers(response, ["Accept-Encoding"])
    if encoding:
        response["Content-Encoding"] = encoding
    return response


def options(request: HttpRequest, methods: Iterable[str]) -> HttpResponse:
    """The answer to OPTIONS, which browsers ask before a page of another origin may call."""
    response = HttpResponse(status=204)
    response["Allow"] = ", ".join(methods)
    if "Access-Control-Request-Method" in request.headers and _is_allowed(request):
        response["Access-Control-Allow-Methods"] = response["Allow"]
        response["Access-Control-Allow-Headers"] = _SENT
        response["Access-Control-Max-Age"] = _PREFLIGHT_SECONDS
    return response


def shared_with(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """`response`, readable for pages of the origins that CORS_ALLOWED_ORIGINS names.

    Credentials are never allowed: such pages bring a key, and no session of ours is theirs to use.
    """
    if settings.CORS_ALLOWED_ORIGINS:
        patch_vary_headers(response, ["Origin"])
        if _is_allowed(request):
            response["Access-Control-Allow-Origin"] = request.headers["Origin"]
            response["Access-Control-Expose-Headers"] = _READ
            response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _is_allowed(request: HttpRequest) -> bool:
    return request.headers.get("Origin") in settings.CORS_ALLOWED_ORIGINS


def _encoding(request: HttpRequest) -> str:
    """What the caller can undo, brotli before gzip; "" when neither."""
    wanted = set(_ACCEPTED.findall(request.headers.get("Accept-Encoding", "").lower()))
    return "br" if "br" in wanted else "gzip" if "gzip" in wanted else ""
