"""The people of the company: listed, added, given a role, let in and out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import services
from accounts.forms import PROFILE_NAMES, MemberForm, RoleForm
from accounts.key_list import count_usable_keys
from accounts.member_list import get_member_row, list_members
from accounts.models import User
from accounts.pages import PageRequest, page
from accounts.settings_pages import show, show_dialog
from customermates.kernel.errors import Conflict, NotAllowed, ValidationFailed
from customermates.kernel.ui.forms import add_issues
from customermates.kernel.ui.toasts import tell


@require_safe
@page
def members(request: PageRequest) -> HttpResponse:
    """Everybody in the company."""
    request.actor.require("read", "users")
    return _list(request)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def add(request: PageRequest) -> HttpResponse:
    """The form for somebody new; sent, the list with the link they choose their password by, this once."""
    request.actor.require("write", "users")
    form = MemberForm(request.POST if request.method == "POST" else None, request.actor, role="member")
    if form.is_bound and form.is_valid():
        try:
            user = services.add_user(request.actor, **form.cleaned_data, language=request.user.language)
        except (ValidationFailed, NotAllowed) as error:
            add_issues(form, error.issues, PROFILE_NAMES)
        else:
            return _with_link(request, user.pk)
    return show_dialog(request, "settings/member_add.html", _("Add a member"), {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@page
def role(request: PageRequest, user_id: UUID) -> HttpResponse:
    """The question which role this person shall have."""
    request.actor.require("write", "users")
    row = get_member_row(request.actor, user_id)
    now = row.user.role.shipped or str(row.user.role_id)
    form = RoleForm(request.POST if request.method == "POST" else None, request.actor, role=now)
    if form.is_bound and form.is_valid():
        try:
            services.change_role(request.actor, user_id, role=form.cleaned_data["role"])
        except (ValidationFailed, NotAllowed, Conflict) as error:
            add_issues(form, error.issues)
        else:
            return _done(request, _("%(name)s has another role.") % {"name": row.user.name})
    heading = _("Role of %(name)s") % {"name": row.user.name}
    return show_dialog(request, "settings/member_role.html", heading, {"form": form, "row": row})


@require_http_methods(["GET", "HEAD", "POST"])
@page
def deactivate(request: PageRequest, user_id: UUID) -> HttpResponse:
    """The question whether this person and their keys shall be shut out; sent, they are."""
    request.actor.require("write", "users")
    row = get_member_row(request.actor, user_id)
    if request.method == "POST":
        services.change_status(request.actor, user_id, status=User.Status.INACTIVE)
        return _done(request, _("%(name)s can no longer sign in.") % {"name": row.user.name})
    heading = _("Deactivate %(name)s") % {"name": row.user.name}
    context = {"row": row, "keys": count_usable_keys(row.user)}
    return show_dialog(request, "settings/member_deactivate.html", heading, context)


@require_POST
@page
def activate(request: PageRequest, user_id: UUID) -> HttpResponse:
    """The person may sign in, and their keys work, from now on."""
    user = services.change_status(request.actor, user_id, status=User.Status.ACTIVE)
    return _done(request, _("%(name)s can sign in again.") % {"name": user.name})


@require_POST
@page
def link(request: PageRequest, user_id: UUID) -> HttpResponse:
    """Another link to the first password, for somebody who did not use theirs in time."""
    return _with_link(request, user_id)


def _with_link(request: PageRequest, user_id: UUID) -> HttpResponse:
    user, key = services.make_first_link(request.actor, user_id)
    url = get_adapter(request).get_reset_password_from_key_url(key)
    return _list(request, {"user": user, "url": url})


def _done(request: PageRequest, told: str) -> HttpResponse:
    tell(request, told)
    return _list(request) if request.htmx else redirect("members")


def _list(request: PageRequest, made: dict[str, Any] | None = None) -> HttpResponse:
    rows = list_members(request.actor)
    context = {"rows": rows, "made": made, "may_add": request.actor.can("write", "users")}
    return show(request, "settings/members.html", context)
