"""Who did something, told in the same words wherever it is told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.clients import client_name
from accounts.models import Event
from crm.reasons import by_key, reason_in_words

DOORS: Mapping[str, str | Promise] = {
    "mcp": "MCP",
    "rest": gettext_lazy("REST API"),
    "import": gettext_lazy("import"),
    "job": gettext_lazy("background job"),
    "system": "Customermates",
}
# Libraries and tools that carry requests for anybody: their names say nothing of who is at work.
_CARRIERS = re.compile(
    r"(python|mcp$|mcp[ /]\d|mcp-remote|mcporter|curl|wget|httpx|aiohttp|requests|urllib|node|undici|axios"
    r"|got|go-http|okhttp|java|ruby|php|guzzle|mozilla|postman|insomnia)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who did it: a person, or an agent with a person's key."""

    name: str  # of the agent, as it calls itself; else of the person
    person: str
    key: str
    door: str  # "" for the browser, which needs no mention
    client: str  # as the program said it, version and all

    @property
    def is_agent(self) -> bool:
        """Whether a program did it with a key."""
        return bool(self.key)

    @property
    def who(self) -> str:
        """In a sentence: "Olivia Owner", "Claude (key Sales agent)"."""
        return by_key(self.name, self.key) if self.key else self.name

    @property
    def via(self) -> str:
        """Beside a name: "via MCP · key “Sales agent”"."""
        if not self.door:
            return ""
        if self.key:
            return _("via %(door)s · key “%(key)s”") % {"door": self.door, "key": self.key}
        return _("via %(door)s") % {"door": self.door} if self.person else ""

    @property
    def details(self) -> str:
        """What else is known: whose key it was, and the program."""
        whose = self.person if self.name != self.person else ""
        return " · ".join(part for part in (whose, self.client) if part)


def attribution(event: Event) -> Attribution:
    """Who caused `event`; needs its `user` and `api_key`."""
    person = event.user.name if event.user else ""
    key = event.api_key.name if event.api_key else ""
    has_name = bool(key and event.client and not _CARRIERS.match(event.client))
    name = client_name(event.client) if has_name else person
    door = str(DOORS.get(event.via, ""))
    return Attribution(name or "Customermates", person, key, door, event.client if key else "")


def who_did(event: Event) -> str:
    """The one who caused `event`, in a sentence."""
    return attribution(event).who


def reason_of(event: Event) -> str:
    """Why, as the doer said it; what the product says itself is in the reader's language."""
    return reason_in_words(event.reason)
