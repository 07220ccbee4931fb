"""The REST API, assembled from the routes that each package brings, with its document and its page."""

from __future__ import annotations

import hashlib
from functools import cache

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, re_path
from django.utils import translation
from django.views.decorators.http import condition, require_safe

from accounts.api import examples, schemas
from accounts.api import urls as accounts_routes
from accounts.api.operations import Route
from accounts.api.routing import PREFIX, nowhere, patterns
from crm.api import urls as crm_routes
from crm.api.webhook_payloads import webhooks
from customermates.kernel.jsontext import dumps
from webhooks.api import schemas as webhook_schemas
from webhooks.api import urls as webhook_routes

MINUTES_KEPT = 5


def all_routes() -> list[Route]:
    """Every route of the API."""
    return [*crm_routes.routes(), *webhook_routes.routes(), *accounts_routes.routes()]


@cache
def document() -> bytes:
    """The OpenAPI document as JSON. It is the same for everybody, as long as the process runs."""
    from accounts.api.document import document as written

    with translation.override("en"):
        components = {
            **schemas.components(),
            **examples.components(),
            **webhook_schemas.components(),
            **crm_routes.components(),
        }
        return dumps(written(all_routes(), components, webhooks()))


def _etag(_request: HttpRequest) -> str:
    return f'"{hashlib.sha256(document()).hexdigest()[:32]}"'


@require_safe
@condition(etag_func=_etag)
def openapi(_request: HttpRequest) -> HttpResponse:
    """The document, for anybody and any origin: it tells how to ask, and nothing of any company."""
    response = HttpResponse(document(), content_type="application/json")
    response["Cache-Control"] = f"public, max-age={60 * MINUTES_KEPT}"
    response["Access-Control-Allow-Origin"] = "*"
    return response


@require_safe
@csp_update({"img-src": ["data:"]})  # the arrows of Swagger UI are in its style sheet
def docs(request: HttpRequest) -> HttpResponse:
    """The document as a page that can try every call."""
    return render(request, "api/docs.html")


urlpatterns = [
    path(f"{PREFIX}openapi", openapi, name="api_openapi"),
    path("api/docs", docs, name="api_docs"),
    *patterns(all_routes()),
    re_path(rf"^{PREFIX}", nowhere, name="api_nowhere"),
]
