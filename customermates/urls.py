"""Which package answers at which path."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import include, path

handler400 = "accounts.views.bad_request"
handler403 = "accounts.views.permission_denied"
handler404 = "accounts.views.page_not_found"
handler500 = "accounts.views.server_error"

urlpatterns = [
    path("", include("accounts.urls")),
    *(path("", include(urls)) for urls in ("mcp_gateway.urls", "crm.urls") if find_spec(urls)),
]
