"""Which package answers at which path."""

from __future__ import annotations

from django.urls import include, path

handler400 = "accounts.views.bad_request"
handler403 = "accounts.views.permission_denied"
handler404 = "accounts.views.page_not_found"
handler500 = "accounts.views.server_error"

urlpatterns = [
    path("", include("accounts.urls")),
    path("", include("mcp_gateway.urls")),
]
