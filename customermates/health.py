"""`/health`: whether this process can serve, for balancers and scripts."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus

from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse

from customermates.kernel.middleware import GetResponse

PATH = "/health"


def health_check(get_response: GetResponse) -> GetResponse:
    """`GET /health` answers 200 when the database is reachable and migrated, else 503.

    A middleware, because balancers ask by address, without our host name and without TLS.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path != PATH:
            return get_response(request)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponse(status=HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": "GET, HEAD"})
        problem = find_problem()
        status = HTTPStatus.SERVICE_UNAVAILABLE if problem else HTTPStatus.OK
        response = JsonResponse({"status": problem or "ok"}, status=status)
        response["Cache-Control"] = "no-store"
        return response

    return middleware


def find_problem() -> str | None:
    """What keeps this process from serving, in three words, or None."""
    try:
        applied = set(MigrationRecorder(connection).applied_migrations())
    except DatabaseError:
        return "database unreachable"
    return None if _migrations_in_code() <= applied else "database not migrated"


@cache
def _migrations_in_code() -> frozenset[tuple[str, str]]:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    # A squashed migration stands in the graph instead of what it replaces; leaves and their past suffice.
    return frozenset(node for leaf in loader.graph.leaf_nodes() for node in loader.graph.forwards_plan(leaf))
