"""Connect your agent: a key, the lines that set a client up with it, and whether its calls arrive."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.clients import client_name, set_up_with
from accounts.key_list import KeyRow, list_keys
from accounts.models import ApiKey
from accounts.pages import PageRequest, page
from accounts.settings_pages import show
from accounts.views.keys import make_key
from customermates.kernel.ui.formats import Formats

# A key that is picked is not known any more, so its place is marked in words that no shell takes apart.
PLACEHOLDER = "YOUR_API_KEY"


@require_safe
@page
def connect(request: PageRequest) -> HttpResponse:
    """The three steps, for the key that `?key=` names or the newest one."""
    request.actor.require("read", "api")
    return _page(request, chosen=request.GET.get("key", ""))


@require_http_methods(["GET", "HEAD", "POST"])
@page
def new_key(request: PageRequest) -> HttpResponse:
    """The form for a key for an agent; sent, the three steps with the key in every line, this once."""
    address, back = reverse("connect_new_key"), reverse("connect")
    return make_key(request, action=address, back=back, on_made=_with_made, name=_("My agent"))


@require_safe
@page
def state(request: PageRequest) -> HttpResponse:
    """The third step alone, asked for every few seconds; one query."""
    request.actor.require("read", "api")
    row = _chosen(_own_keys(request), request.GET.get("key", ""))
    return render(request, "settings/_connect_state.html", _state(request, row))


def _with_made(request: PageRequest, key: ApiKey, plaintext: str) -> HttpResponse:
    return _page(request, chosen=str(key.pk), plaintext=plaintext)


def _page(request: PageRequest, *, chosen: str, plaintext: str = "") -> HttpResponse:
    rows = _own_keys(request)
    row = _chosen(rows, chosen)
    context: dict[str, Any] = {
        "rows": rows,
        "plaintext": plaintext,
        "placeholder": PLACEHOLDER,
        "clients": set_up_with(plaintext or PLACEHOLDER),
        **_state(request, row),
        "may_create": request.actor.can("write", "api"),
    }
    return show(request, "settings/connect.html", context)


def _own_keys(request: PageRequest) -> list[KeyRow]:
    return [row for row in list_keys(request.actor) if row.is_own and row.is_usable]


def _chosen(rows: list[KeyRow], key_id: str) -> KeyRow | None:
    return next((row for row in rows if str(row.key.pk) == key_id), rows[0] if rows else None)


def _state(request: PageRequest, row: KeyRow | None) -> dict[str, Any]:
    """What is known of the last call with the key: who called, and when in words."""
    client = client_name(row.key.last_used_client) if row and row.key.last_used_at else ""
    return {"row": row, "client": client, "ago": _ago(request.formats, row)}


def _ago(formats: Formats, row: KeyRow | None) -> str:
    if row is None or row.key.last_used_at is None:
        return ""
    seconds = max(0, int((timezone.now() - row.key.last_used_at).total_seconds()))
    if seconds < 60:
        return ngettext("%(count)d second ago", "%(count)d seconds ago", seconds) % {"count": seconds}
    return formats.moment(row.key.last_used_at)
