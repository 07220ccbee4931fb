"""Pages for requests that cannot be answered otherwise; they need no session and no database."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string


def too_many_requests(request: HttpRequest, retry_after_seconds: int) -> HttpResponse:
    """The 429 page, with the time to wait in words and in `Retry-After` (RFC 9110 §10.2.3)."""
    response = render(
        request, "429.html", {"retry_after_seconds": retry_after_seconds}, status=HTTPStatus.TOO_MANY_REQUESTS
    )
    response["Retry-After"] = str(retry_after_seconds)
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The 400 page; it takes nothing from the request, which may be anything."""
    return render(request, "400.html", status=HTTPStatus.BAD_REQUEST)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The 403 page."""
    return render(request, "403.html", status=HTTPStatus.FORBIDDEN)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The 404 page."""
    return render(request, "404.html", status=HTTPStatus.NOT_FOUND)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The 403 page for a form whose token does not fit."""
    return render(request, "403_csrf.html", status=HTTPStatus.FORBIDDEN)


def server_error(request: HttpRequest) -> HttpResponse:
    """The 500 page with the id under which the failure is logged.

    Rendered without the request: what failed may be the database that holds the session.
    """
    page = render_to_string("500.html", {"reference": getattr(request, "request_id", "")})
    return HttpResponse(page, status=HTTPStatus.INTERNAL_SERVER_ERROR)
