"""API keys: listed, made, renamed, rotated, revoked. A new key is in one answer and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import api_keys, limits
from accounts.actor import Actor
from accounts.clients import set_up_with
from accounts.forms import KeyForm, KeyNameForm, RevokeForm, RotateForm
from accounts.idempotency import Answer
from accounts.key_list import get_key_row, list_keys
from accounts.models import ApiKey
from accounts.pages import PageRequest, page
from accounts.settings_pages import show, show_dialog
from accounts.submissions import once_per_form
from customermates.kernel.errors import ValidationFailed
from customermates.kernel.ui.forms import add_issues
from customermates.kernel.ui.toasts import tell

OnMade = Callable[[PageRequest, ApiKey, str], HttpResponse]


@require_safe
@page
def keys(request: PageRequest) -> HttpResponse:
    """The keys this person may see; `?rename=` makes one of the names a field."""
    request.actor.require("read", "api")
    return _list(request, renaming=request.GET.get("rename", ""))


@require_http_methods(["GET", "HEAD", "POST"])
@page
def create(request: PageRequest) -> HttpResponse:
    """The form for a new key; sent, the list with the key in it, this once."""
    return make_key(request, action=reverse("api_key_create"), back=reverse("api_keys"), on_made=_show_made)


def make_key(
    request: PageRequest, *, action: str, back: str, on_made: OnMade, name: str = ""
) -> HttpResponse:
    """The form for a new key, and what `on_made` answers when it was sent and the key is there."""
    request.actor.require("write", "api")
    form = KeyForm(request.POST if request.method == "POST" else None, request.actor, name=name)
    if form.is_bound and form.is_valid():
        limits.count_try(limits.KEY_MINTING_BY_USER, str(request.user.pk))
        made: list[tuple[ApiKey, str]] = []  # the plaintext is remembered nowhere, not with the form either
        try:
            once_per_form(request, lambda: _make(request.actor, form, made))
        except ValidationFailed as error:
            add_issues(form, error.issues, {"expiresAt": "expires_on"})
        else:
            return on_made(request, *made[0]) if made else _made_before(request, form)
    context = {"form": form, "action": action, "back": back}
    return show_dialog(request, "settings/key_create.html", _("Create an API key"), context)


def _make(actor: Actor, form: KeyForm, made: list[tuple[ApiKey, str]]) -> Answer:
    key, plaintext = api_keys.create_key(
        actor,
        name=form.cleaned_data["name"],
        scopes=form.chosen_scopes(),
        expires_at=form.expires_at(),
    )
    made.append((key, plaintext))
    return {"id": str(key.pk)}


def _made_before(request: PageRequest, form: KeyForm) -> HttpResponse:
    """What a form is told that made its key already: where that is, and what to do if it was not copied."""
    words = _(
        "This form was sent before and made the key “%(name)s”, which is in this list. A key is shown only "
        "once: if you have not copied it, rotate it."
    )
    tell(request, words % {"name": form.cleaned_data["name"]})
    if not request.htmx:
        return redirect("api_keys")
    response = _list(request)
    response.headers["HX-Push-Url"] = reverse("api_keys")
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@page
def rotate(request: PageRequest, key_id: UUID) -> HttpResponse:
    """The question how long the old key goes on; answered, the list with the successor in it."""
    request.actor.require("write", "api")
    row = get_key_row(request.actor, key_id)
    form = RotateForm(request.POST if request.method == "POST" else None)
    if not (form.is_bound and form.is_valid()):
        heading = _("Rotate “%(name)s”") % {"name": row.key.name}
        return show_dialog(request, "settings/key_rotate.html", heading, {"form": form, "row": row})
    limits.count_try(limits.KEY_MINTING_BY_USER, str(request.user.pk))
    key, plaintext = api_keys.rotate_key(request.actor, key_id, overlap=form.chosen())
    return _show_made(request, key, plaintext)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def revoke(request: PageRequest, key_id: UUID) -> HttpResponse:
    """The question whether this key shall stop; with its name typed, it has."""
    request.actor.require("write", "api")
    row = get_key_row(request.actor, key_id)
    form = RevokeForm(request.POST if request.method == "POST" else None, row.key)
    if not (form.is_bound and form.is_valid()):
        heading = _("Revoke “%(name)s”") % {"name": row.key.name}
        return show_dialog(request, "settings/key_revoke.html", heading, {"form": form, "row": row})
    api_keys.revoke_key(request.actor, key_id)
    tell(request, _("“%(name)s” is revoked.") % {"name": row.key.name})
    return _list(request) if request.htmx else redirect("api_keys")


@require_http_methods(["POST"])
@page
def rename(request: PageRequest, key_id: UUID) -> HttpResponse:
    """The key has the name that was typed in its row."""
    form = KeyNameForm(request.POST)
    if not form.is_valid():
        return _list(request, renaming=str(key_id), rename_form=form, status=422)
    api_keys.rename_key(request.actor, key_id, name=form.cleaned_data["name"])
    return _list(request) if request.htmx else redirect("api_keys")


def _show_made(request: PageRequest, key: ApiKey, plaintext: str) -> HttpResponse:
    made = {"key": key, "plaintext": plaintext, "clients": set_up_with(plaintext, brief=True)}
    return _list(request, made=made)


def _list(
    request: PageRequest,
    *,
    made: dict[str, Any] | None = None,
    renaming: str = "",
    rename_form: KeyNameForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "rows": list_keys(request.actor),
        "made": made,
        "renaming": renaming,
        "rename_form": rename_form,
        "may_create": request.actor.can("write", "api"),
        "sees_all": request.actor.reach("api") == "all",
    }
    return show(request, "settings/keys.html", context, status=status)
