"""What tests of pages share: addresses, and what answers to htmx carry."""

from __future__ import annotations

import json
import re
from typing import Any

from crm.entities import Entity
from crm.models import Record

HTMX = {"HX-Request": "true"}


def url_of(entity: Entity, record: Record) -> str:
    """The address of a record's page."""
    return f"/{entity.plural}/{record.pk}/"


def token(html: str) -> str:
    """The one-time token of the form in `html`."""
    [found] = re.findall(r'name="_once" value="([0-9a-f-]{36})"', html)
    return str(found)


def triggers(answer: Any) -> dict[str, Any]:
    """The events that an answer fires in the browser."""
    found: dict[str, Any] = json.loads(answer.headers.get("HX-Trigger", "{}"))
    return found


def toast(answer: Any) -> str:
    """What an answer says in a toast."""
    return str(triggers(answer)["toasts"]["items"][0]["text"])
