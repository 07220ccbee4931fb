"""The MCP gateway as a Django app."""

from django.apps import AppConfig


class McpGatewayConfig(AppConfig):
    """Serves `/api/v1/mcp`. Tools are imported with the URLs, so workers never load them."""

    name = "mcp_gateway"
    verbose_name = "MCP gateway"

    def ready(self) -> None:
        """Tell the accounts which toolsets a key can be narrowed to."""
        from accounts.permissions import TOOLSETS as KNOWN
        from mcp_gateway.toolsets import TOOLSETS

        for toolset in TOOLSETS:
            KNOWN.register(toolset.name, toolset.title)
