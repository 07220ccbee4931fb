"""URL patterns of the API's routes, behind a door that is only built when somebody knocks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_exempt

from accounts.api.errors import Failure
from accounts.api.operations import Route
from accounts.api.responses import failed, options, shared_with

View = Callable[..., HttpResponse]
PREFIX = "api/v1/"


def patterns(routes: Iterable[Route]) -> list[URLPattern]:
    """The patterns of `routes` below /api/v1/."""
    return [path(f"{PREFIX}{route.path}", _view(route), name=route.name) for route in routes]


def _view(route: Route) -> View:
    """The view of a route; OPTIONS and other origins are seen to here, before anybody is let in."""

    @cache
    def door() -> View:
        from accounts.api.door import Endpoint

        return Endpoint.as_view(operations=route.operations)

    @csrf_exempt  # the door asks for the token itself, of those who come by session
    @transaction.non_atomic_requests
    def view(request: HttpRequest, **given: str) -> HttpResponse:
        if request.method == "OPTIONS":
            return shared_with(request, options(request, [*route.operations, "OPTIONS"]))
        return shared_with(request, door()(request, **given))

    return view


@csrf_exempt
def nowhere(request: HttpRequest, **_given: str) -> HttpResponse:
    """The answer at a path of the API that is no route."""
    failure = Failure(
        status=404,
        code="not_found",
        message="There is nothing at this path. The routes are in /api/v1/openapi, readable at /api/docs.",
    )
    return shared_with(request, failed(request, failure))
