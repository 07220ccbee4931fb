"""Short words after something was done, with a way to undo it: one call for pages and for htmx.

`tell` puts a message into Django's messages. A whole page renders them in its toast region, so they
work without JavaScript; an answer to htmx carries them in its `HX-Trigger` header.
"""

from __future__ import annotations

import json
from typing import Literal

from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise

from customermates.kernel.middleware import GetResponse

Kind = Literal["ok", "error"]
_LEVELS = {"ok": messages.SUCCESS, "error": messages.ERROR}


def tell(
    request: HttpRequest,
    text: str | Promise,
    kind: Kind = "ok",
    *,
    undo: str = "",
    link: str = "",
    link_label: str | Promise = "",
) -> None:
    """Say `text` on the next answer.

    `undo` is the address whose POST takes the change back; `link` that of what the text is about, and
    `link_label` what it is called, if not "Open".
    """
    ways = {"undo": undo, "link": link, "linkLabel": str(link_label) if link else ""}
    given = {name: way for name, way in ways.items() if way}
    messages.add_message(request, _LEVELS[kind], str(text), extra_tags=json.dumps(given) if given else "")


def toast_headers(get_response: GetResponse) -> GetResponse:
    """Middleware: messages leave with answers to htmx, unless the answer sends the browser elsewhere."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if getattr(request, "htmx", False) and not _leads_elsewhere(response):
            items = [toast_of(message) for message in messages.get_messages(request)]
            if items:
                add_trigger(response, "toasts", {"items": items})
        return response

    return middleware


def add_trigger(response: HttpResponse, event: str, detail: object = None) -> None:
    """Have htmx fire `event` in the browser when `response` arrives, beside events already named."""
    events = json.loads(response.headers.get("HX-Trigger", "{}"))
    response.headers["HX-Trigger"] = json.dumps(events | {event: detail if detail is not None else {}})


def toast_of(message: Message) -> dict[str, str]:
    """A message as toasts.js and the template of a toast take it."""
    item = {"text": str(message), "kind": "error" if message.level_tag == "error" else "ok"}
    tags = message.extra_tags or ""
    # Packages around us add messages with tags of their own.
    return item | json.loads(tags) if tags.startswith("{") else item


def _leads_elsewhere(response: HttpResponse) -> bool:
    return 300 <= response.status_code < 400 or bool(
        {"HX-Redirect", "HX-Location", "HX-Refresh"} & set(response.headers)
    )
