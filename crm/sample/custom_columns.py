"""The custom columns of the sample company: every type at least once, spread over all entities."""

from __future__ import annotations

from typing import Any

from crm.sample.catalogue import COMPETITORS
from crm.sample.companies import INDUSTRIES

LEAD_SOURCES = ("Website", "Trade fair", "Referral", "Cold call", "Newsletter")
REGIONS = ("Great Britain", "Ireland", "Northern Germany", "Southern Germany", "Benelux", "Nordics")
CHANNELS = ("Phone", "E-mail", "Visit", "Video call")


def definitions(currency: str) -> list[dict[str, Any]]:
    """What `field_services.create_column` takes, column by column; amounts are in `currency`."""
    return [
        _column("contact", "singleSelect", "Lead source", options=_options(LEAD_SOURCES)),
        _column("contact", "boolean", "Newsletter", description="Has agreed to get it."),
        _column("contact", "date", "Birthday", options={"displayFormat": "descriptiveShort"}),
        _column("contact", "link", "Profile", options={"color": "blue"}),
        _column("organization", "singleSelect", "Industry", options=_options(INDUSTRIES)),
        _column("organization", "number", "Employees", options={"decimals": 0}),
        _column("organization", "currency", "Annual revenue", options={"currency": currency}),
        _column("organization", "dateRange", "Support contract"),
        _column("organization", "multiSelect", "Regions", options=_options(REGIONS)),
        _column("organization", "user", "Account manager"),
        _column("organization", "email", "Invoice e-mail", options={"allowMultiple": True}),
        _column("organization", "phone", "Service hotline"),
        _column("deal", "plain", "Next step"),
        _column("deal", "dateTime", "Decision meeting"),
        _column("deal", "dateTimeRange", "Trial", description="When a machine stands there to be tried."),
        _column("deal", "multiSelect", "Competitors", options=_options(COMPETITORS)),
        _column("service", "plain", "Supplier"),
        _column("service", "number", "Weight", options={"decimals": 1, "unit": "kg"}),
        _column("task", "singleSelect", "Channel", options=_options(CHANNELS)),
        _column("task", "number", "Effort", options={"decimals": 2, "unit": "h"}),
    ]


def _column(
    entity: str, type: str, label: str, *, options: dict[str, Any] | None = None, description: str = ""
) -> dict[str, Any]:
    values = {"entityType": entity, "type": type, "label": label, "description": description}
    return {**values, "options": options or {}}


def _options(labels: tuple[str, ...]) -> dict[str, Any]:
    return {"options": [{"label": label} for label in labels]}
