"""Webhooks: listed, made, looked at, changed, switched, deleted. A new secret is in one answer only."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actor import Actor
from accounts.idempotency import Answer
from accounts.pages import PageRequest, page
from accounts.settings_pages import show, show_dialog
from accounts.submissions import once_per_form
from customermates.kernel.errors import Conflict, NotAllowed, ValidationFailed
from customermates.kernel.jsontext import dumps_text
from customermates.kernel.ui.forms import add_issues
from customermates.kernel.ui.toasts import tell
from webhooks import queries, services
from webhooks.delivery_list import rows_of
from webhooks.endpoint_list import get_row, host_of, list_rows
from webhooks.forms import EndpointForm, SecretForm
from webhooks.models import Endpoint
from webhooks.queries import RESOURCE, DeliveryQuery
from webhooks.services import EndpointReceipt
from webhooks.verification import RECIPES
from webhooks.views.going import back_or, go, went_to

LATEST = 8  # deliveries on the page of an endpoint


@require_safe
@page
def webhooks(request: PageRequest) -> HttpResponse:
    """All webhooks of the company and how they fare."""
    context = {"rows": list_rows(request.actor, request.formats), "may_write": _may_write(request)}
    return show(request, "webhooks/list.html", context)


@require_safe
@page
def webhook(request: PageRequest, endpoint_id: UUID) -> HttpResponse:
    """One webhook; `?part=latest` only its newest deliveries."""
    if request.GET.get("part") == "latest":
        endpoint = queries.get_endpoint(request.actor, endpoint_id)
        return render(request, "webhooks/_latest.html", _latest(request, endpoint.pk))
    return _show(request, endpoint_id)


def _show(request: PageRequest, endpoint_id: UUID, made: str | None = None) -> HttpResponse:
    """The webhook, this once with a secret that was made for it."""
    row = get_row(request.actor, endpoint_id, request.formats)
    secrets = queries.list_secrets(request.actor, row.endpoint)
    context = {
        "row": row,
        "endpoint": row.endpoint,
        "rate": None if row.rate is None else request.formats.percent(row.rate),
        "filters": {name: dumps_text(rules) for name, rules in row.endpoint.filters.items()},
        "secret": secrets[-1] if secrets else None,
        "old_secret": secrets[0] if len(secrets) > 1 else None,
        "made": made,
        "may_write": _may_write(request),
        **_latest(request, endpoint_id),
    }
    return went_to(show(request, "webhooks/webhook.html", context), reverse("webhook", args=[endpoint_id]))


def _latest(request: PageRequest, endpoint_id: UUID) -> dict[str, Any]:
    found = queries.list_deliveries(request.actor, DeliveryQuery(endpoint_id=endpoint_id, size=LATEST))
    return {"deliveries": rows_of(found.rows), "has_more": found.next_before is not None}


@require_http_methods(["GET", "HEAD", "POST"])
@page
def create(request: PageRequest) -> HttpResponse:
    """The form for a new webhook; sent, its page, this once with the secret that was made."""
    request.actor.require("write", RESOURCE)
    form = EndpointForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        made: list[EndpointReceipt] = []  # a secret is remembered nowhere, not with the form either
        try:
            answer = once_per_form(request, lambda: _make(request.actor, form, made))
        except (ValidationFailed, NotAllowed) as error:
            form.refuse(error.issues)
        else:
            return _made(request, UUID(answer["id"]), made)
    return _form(request, form, _("New webhook"))


def _make(actor: Actor, form: EndpointForm, made: list[EndpointReceipt]) -> Answer:
    made.append(services.create_endpoint(actor, form.values()))
    return {"id": str(made[0].endpoint.pk)}


def _made(request: PageRequest, endpoint_id: UUID, made: list[EndpointReceipt]) -> HttpResponse:
    """The page of the new webhook, this once with its secret; of a form that was sent before, without."""
    if made and made[0].secret:
        return _show(request, endpoint_id, made=made[0].secret)
    words = _("The webhook is there. Send a test to see whether it works.")
    if not made:
        words = _(
            "This form was sent before and made this webhook. A secret is shown only once: if you have not "
            "copied it, rotate it."
        )
    tell(request, words)
    return go(request, reverse("webhook", args=[endpoint_id]))


@require_http_methods(["GET", "HEAD", "POST"])
@page
def edit(request: PageRequest, endpoint_id: UUID) -> HttpResponse:
    """The form of a webhook that is there."""
    request.actor.require("write", RESOURCE)
    endpoint = queries.get_endpoint(request.actor, endpoint_id)
    form = EndpointForm(request.POST if request.method == "POST" else None, endpoint=endpoint)
    if form.is_bound and form.is_valid():
        try:
            services.update_endpoint(request.actor, endpoint_id, form.values())
        except (ValidationFailed, NotAllowed, Conflict) as error:
            form.refuse(error.issues)
        else:
            tell(request, _("The webhook is saved."))
            return go(request, reverse("webhook", args=[endpoint_id]))
    return _form(request, form, _("Edit webhook"))


def _form(request: PageRequest, form: EndpointForm, heading: str) -> HttpResponse:
    host = host_of(form.endpoint.url) if form.endpoint else ""
    context = {"form": form, "heading": heading, "endpoint": form.endpoint, "host": host}
    return show(request, "webhooks/form.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def rotate(request: PageRequest, endpoint_id: UUID) -> HttpResponse:
    """The question for a new secret; answered, the page of the webhook with the one that was made."""
    request.actor.require("write", RESOURCE)
    endpoint = queries.get_endpoint(request.actor, endpoint_id)
    form = SecretForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            done = services.rotate_secret(request.actor, endpoint_id, secret=form.typed_secret())
        except ValidationFailed as error:
            add_issues(form, error.issues)
        else:
            if done.secret:
                return _show(request, endpoint_id, made=done.secret)
            tell(request, _("Deliveries are signed with your new secret, and for 24 hours with the old one."))
            return go(request, reverse("webhook", args=[endpoint_id]))
    context = {"form": form, "endpoint": endpoint, "has_old": _has_old(request, endpoint)}
    return show_dialog(request, "webhooks/rotate.html", _("Rotate the secret"), context)


def _has_old(request: PageRequest, endpoint: Endpoint) -> bool:
    return len(queries.list_secrets(request.actor, endpoint)) > 1


@require_POST
@page
def end_overlap(request: PageRequest, endpoint_id: UUID) -> HttpResponse:
    """Only the new secret signs from now on."""
    services.end_overlap(request.actor, endpoint_id)
    tell(request, _("The old secret is not used any more."))
    return go(request, reverse("webhook", args=[endpoint_id]))


@require_POST
@page
def switch(request: PageRequest, endpoint_id: UUID) -> HttpResponse:
    """On or off, as the form says."""
    on = request.POST.get("enabled") == "true"
    services.update_endpoint(request.actor, endpoint_id, {"enabled": on})
    tell(request, _("The webhook is switched on.") if on else _("The webhook is switched off."))
    return go(request, back_or(request, reverse("webhook", args=[endpoint_id])))


@require_POST
@page
def resume(request: PageRequest, endpoint_id: UUID) -> HttpResponse:
    """A paused webhook sends again; with `replay` also what failed since its trouble began."""
    replay = request.POST.get("replay") == "true"
    _done, again = services.resume_endpoint(request.actor, endpoint_id, replay=replay)
    tell(request, _("The webhook is resumed.") if not again else _resumed(again))
    return go(request, back_or(request, reverse("webhook", args=[endpoint_id])))


def _resumed(again: int) -> str:
    return _("The webhook is resumed; failed deliveries that are sent again: %(count)s.") % {"count": again}


@require_http_methods(["GET", "HEAD", "POST"])
@page
def delete(request: PageRequest, endpoint_id: UUID) -> HttpResponse:
    """The question whether it shall go; sent, it is gone."""
    request.actor.require("write", RESOURCE)
    endpoint = queries.get_endpoint(request.actor, endpoint_id)
    if request.method == "POST":
        services.delete_endpoint(request.actor, endpoint_id)
        tell(request, _("The webhook to %(host)s is deleted.") % {"host": host_of(endpoint.url)})
        return go(request, reverse("webhooks"))
    waiting = queries.count_waiting(request.actor, endpoint_id=endpoint_id).get(endpoint_id, 0)
    context = {"endpoint": endpoint, "waiting": waiting}
    return show_dialog(request, "webhooks/delete.html", _("Delete this webhook?"), context)


@require_safe
@page
def verifying(request: PageRequest) -> HttpResponse:
    """How a receiver checks that a delivery is from here."""
    request.actor.require("read", RESOURCE)
    return show(request, "webhooks/verifying.html", {"recipes": RECIPES})


def _may_write(request: PageRequest) -> bool:
    return request.actor.can("write", RESOURCE)
