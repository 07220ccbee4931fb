"""What to call next when a call went wrong for want of something that only another tool knows."""

from __future__ import annotations

from dataclasses import replace

from crm.entities import ENTITIES
from customermates.kernel.errors import Issue
from customermates.kernel.jsontext import dumps_text

_LISTS = {"unknown_webhook": "list_webhooks {}", "unknown_delivery": "list_webhook_deliveries {}"}


def with_way_on(issue: Issue) -> Issue:
    """`issue`, with the call that finds the id it misses, unless it has other advice."""
    if issue.code == "unknown_user" and "example" in issue.params:
        hint = f"{issue.params['hint']} get_current_user lists the users, with the scope users:read."
        return replace(issue, params={**issue.params, "hint": hint})
    if call := _LISTS.get(issue.code):
        return replace(issue, params={**issue.params, "hint": f"{call} finds ids."})
    entity = issue.params.get("entity")
    if entity not in ENTITIES or issue.code not in ("unknown_record", "required") or issue.params.get("hint"):
        return issue
    if issue.params.get("trash"):
        return replace(
            issue, params={**issue.params, "hint": "It is in the trash: restore_entity brings it back."}
        )
    call = f"filter_entity {dumps_text({'entity': entity})}"
    return replace(issue, params={**issue.params, "hint": f"{call} finds ids."})
