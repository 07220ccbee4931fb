"""The MCP gateway as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class McpGatewayConfig(AppConfig):
    """Serves `/api/v1/mcp`. Tools are imported with the URLs, so workers never load them."""

    name = "mcp_gateway"
    verbose_name = "MCP gateway"

    def ready(self) -> None:
        """Tell the accounts which toolsets a key can be narrowed to, and how clients are connected."""
        from accounts.clients import CLIENTS
        from accounts.permissions import TOOLSETS as KNOWN
        from customermates.kernel.ui.navigation import SETTINGS, SettingsPage
        from mcp_gateway.clients import KNOWN as KNOWN_CLIENTS
        from mcp_gateway.toolsets import TOOLSETS

        for toolset in TOOLSETS:
            KNOWN.register(toolset.name, toolset.title)
        for client in KNOWN_CLIENTS:
            CLIENTS.register(client.name, client)
        connect = SettingsPage(
            url_name="connect",
            label=_("Connect your agent"),
            icon="bot",
            group="account",
            permission=("read", "api"),
        )
        SETTINGS.register("connect", connect)
