"""The MCP gateway as a Django app."""

from django.apps import AppConfig


class McpGatewayConfig(AppConfig):
    """Serves `/api/v1/mcp`. Tools are imported with the URLs, so workers never load them."""

    name = "mcp_gateway"
    verbose_name = "MCP gateway"
