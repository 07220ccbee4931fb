"""The one address of the MCP endpoint."""

from __future__ import annotations

from django.urls import path

from mcp_gateway import catalogue, views

catalogue.load()

urlpatterns = [path("api/v1/mcp", views.endpoint, name="mcp")]
