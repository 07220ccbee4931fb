"""The product's addresses, and one that does nothing behind the same door as the MCP endpoint."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

from accounts.authentication import authenticate_key
from accounts.limits import check_api_limits


@csrf_exempt
def nothing(request: HttpRequest) -> HttpResponse:
    """An empty object, for whoever has a key and calls left."""
    actor = authenticate_key(request, via="rest")
    headers = check_api_limits(actor, writes=False).headers()
    return HttpResponse(b"{}", content_type="application/json", headers=dict(headers))


urlpatterns = [path("bench/nothing", nothing), path("", include("customermates.urls"))]
