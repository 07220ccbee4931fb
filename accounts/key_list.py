"""API keys as a page shows them: whose, how far they reach, whether they still open anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from uuid import UUID

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.clients import client_name
from accounts.models import ApiKey, User
from accounts.permissions import EVERYTHING
from customermates.kernel.errors import Issue, NotFound

EXPIRING_WITHIN = timedelta(days=14)
SHOWN_AT_MOST = 500

# {state: its word, its colour}
STATES: dict[str, tuple[str | Promise, str]] = {
    "active": (_("Active"), "green"),
    "expiring": (_("Expiring"), "amber"),
    "replaced": (_("Replaced"), "amber"),
    "stopped": (_("Owner inactive"), "slate"),
    "expired": (_("Expired"), "slate"),
    "revoked": (_("Revoked"), "slate"),
}
VERB_HUES = {"read": "slate", "write": "violet", "delete": "rose"}


@dataclass(frozen=True)
class KeyRow:
    """One key and what can be done with it by the person who looks."""

    key: ApiKey
    is_own: bool
    now: datetime

    @cached_property
    def state(self) -> str:
        """One of STATES."""
        if self.key.revoked_at is not None:
            return "revoked"
        if self.now >= self.key.expires_at:
            return "expired"
        if self.key.user.status != User.Status.ACTIVE:
            return "stopped"
        if self.is_replaced:
            return "replaced"
        return "expiring" if self.key.expires_at - self.now < EXPIRING_WITHIN else "active"

    @property
    def chip(self) -> tuple[str | Promise, str]:
        """Word and colour of the state."""
        return STATES[self.state]

    @property
    def is_replaced(self) -> bool:
        """Whether a successor has taken over and this one works only a while longer."""
        return hasattr(self.key, "successor")

    @property
    def is_usable(self) -> bool:
        """Whether the key itself still opens anything."""
        return self.key.is_usable(self.now)

    @property
    def can_rotate(self) -> bool:
        """Whether a successor can be made: by its owner, once, while it works."""
        return self.is_own and self.is_usable and not self.is_replaced

    @property
    def last_client(self) -> str:
        """What last used the key, in people's words."""
        return client_name(self.key.last_used_client)

    @property
    def verbs(self) -> list[tuple[str | Promise, str]]:
        """What the scopes amount to, as words with colours."""
        if EVERYTHING in self.key.scopes:
            return [(_("everything"), "indigo")]
        held = {scope.partition(":")[2] for scope in self.key.scopes}
        words = {"read": _("read"), "write": _("write"), "delete": _("delete")}
        return [(words[verb], hue) for verb, hue in VERB_HUES.items() if verb in held]


def list_keys(actor: Actor) -> list[KeyRow]:
    """The keys this person may see, newest first, those that no longer work last; one query."""
    keys = ApiKey.objects.filter(company_id=actor.company_id)
    if actor.reach("api") != "all":
        keys = keys.filter(user=actor.user_id)
    now = timezone.now()
    found = keys.select_related("user", "successor").order_by("-created_at", "-id")[:SHOWN_AT_MOST]
    rows = [KeyRow(key, key.user_id == actor.user_id, now) for key in found]
    return sorted(rows, key=lambda row: not row.is_usable)


def get_key_row(actor: Actor, key_id: UUID) -> KeyRow:
    """One key this person may see; NotFound for any other."""
    keys = ApiKey.objects.filter(company_id=actor.company_id, pk=key_id)
    if actor.reach("api") != "all":
        keys = keys.filter(user=actor.user_id)
    key = keys.select_related("user", "successor").first()
    if key is None:
        raise NotFound(Issue("keyId", "api_key_not_found"))
    return KeyRow(key, key.user_id == actor.user_id, timezone.now())


def count_usable_keys(user: User) -> int:
    """How many keys of this person open something while they are active."""
    return ApiKey.objects.filter(user=user, revoked_at=None, expires_at__gt=timezone.now()).count()
