"""Which package answers at which path."""

from __future__ import annotations

from django.urls import include, path

handler400 = "accounts.views.refusals.bad_request"
handler403 = "accounts.views.refusals.permission_denied"
handler404 = "accounts.views.refusals.page_not_found"
handler500 = "accounts.views.refusals.server_error"

urlpatterns = [
    path("", include("accounts.urls")),
    path("", include("webhooks.urls")),
    path("", include("crm.urls")),
    path("", include("mcp_gateway.urls")),
    path("", include("customermates.api")),  # last: it answers for all that is left below /api/v1/
]
