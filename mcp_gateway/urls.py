"""The one address of the MCP endpoint, and the page that leads there."""

from __future__ import annotations

from django.urls import path

from mcp_gateway import catalogue, pages, views

catalogue.load()

urlpatterns = [
    path("api/v1/mcp", views.endpoint, name="mcp"),
    path("settings/connect/", pages.connect, name="connect"),
    path("settings/connect/new-key/", pages.new_key, name="connect_new_key"),
    path("settings/connect/state/", pages.state, name="connect_state"),
]
