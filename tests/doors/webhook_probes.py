"""What each tool of webhooks is asked with to see or change something of another company."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Ids = Mapping[str, str]
Probe = Callable[[Ids, Ids], dict[str, Any]]  # (ids of ours, ids of somebody else) → arguments

NEW_WEBHOOK = {"url": "https://hooks.example/in", "events": ["contact.*"]}
WEBHOOKS: dict[str, list[Probe]] = {
    "list_webhooks": [lambda _o, _a: {}, lambda _o, a: {"cursor": a["webhook"]}],
    "get_webhook": [lambda _o, a: {"id": a["webhook"]}, lambda o, _a: {"id": o["webhook"]}],
    "create_webhook": [
        lambda _o, _a: NEW_WEBHOOK,
        lambda _o, a: {
            **NEW_WEBHOOK,
            "filters": {"contact": [{"field": a["column"], "operator": "isNotNull"}]},
        },
    ],
    "update_webhook": [lambda _o, a: {"id": a["webhook"], "enabled": False}],
    "delete_webhook": [lambda _o, a: {"id": a["webhook"]}],
    "list_webhook_deliveries": [
        lambda _o, _a: {},
        lambda _o, a: {"webhookId": a["webhook"]},
        lambda _o, a: {"deliveryId": a["delivery"]},
        lambda _o, a: {"recordId": a["contact"]},
        lambda _o, a: {"cursor": a["delivery"]},
    ],
    "resend_webhook_delivery": [lambda _o, a: {"id": a["delivery"]}],
    "test_webhook": [lambda _o, a: {"id": a["webhook"]}],
}
