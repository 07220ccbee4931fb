"""Pages for requests that cannot be answered otherwise.

Who is signed in keeps theme and navigation; anybody else, and whoever cannot be known because the
database is what failed, gets a bare page that needs neither session nor database.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers

from accounts.authentication import session_actor
from accounts.pages import formats_of

BARE, FRAMED = "bare.html", "errors/framed.html"

logger = logging.getLogger(__name__)


def too_many_requests(request: HttpRequest, retry_after_seconds: int) -> HttpResponse:
    """The 429 page, with the time to wait in words and in `Retry-After` (RFC 9110 §10.2.3)."""
    seconds = {"retry_after_seconds": retry_after_seconds}
    response = _shown(request, "429.html", HTTPStatus.TOO_MANY_REQUESTS, **seconds)
    response["Retry-After"] = str(retry_after_seconds)
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The 400 page; it takes nothing from the request, which may be anything."""
    return render(request, "400.html", {"frame": BARE}, status=HTTPStatus.BAD_REQUEST)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The 403 page."""
    return _shown(request, "403.html", HTTPStatus.FORBIDDEN)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The 404 page."""
    return _shown(request, "404.html", HTTPStatus.NOT_FOUND)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The 403 page for a form whose token does not fit."""
    return _shown(request, "403_csrf.html", HTTPStatus.FORBIDDEN)


def server_error(request: HttpRequest) -> HttpResponse:
    """The 500 page with the id under which the failure is logged."""
    context = {"reference": getattr(request, "request_id", "")}
    if (page := _framed(request, "500.html", context)) is None:
        page = render_to_string("500.html", {**context, "frame": BARE})
    return HttpResponse(page, status=HTTPStatus.INTERNAL_SERVER_ERROR)


def _shown(request: HttpRequest, template: str, status: HTTPStatus, **context: Any) -> HttpResponse:
    page = _framed(request, template, context)
    if page is None:
        return render(request, template, {**context, "frame": BARE}, status=status)
    response = HttpResponse(page, status=status)
    add_never_cache_headers(response)
    return response


def _framed(request: HttpRequest, template: str, context: dict[str, Any]) -> str | None:
    """The page with the frame of who is signed in; None when nobody is, or when that cannot be told."""
    asked: Any = request
    try:
        actor = session_actor(request)
        if actor is None:
            return None
        asked.actor, asked.formats = actor, formats_of(asked.user)
        return render_to_string(template, {**context, "frame": FRAMED}, request)
    except Exception:  # whatever made the request fail may fail here again
        logger.info("a refusal is shown without its frame", exc_info=True)
        if hasattr(asked, "actor"):
            del asked.actor  # the frame must not be tried again
        return None
