"""Deliveries: the log, one of them with its attempts, tests, and sending again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.pages import PageRequest, page
from accounts.settings_pages import show, show_dialog
from customermates.kernel.ids import find_uuid
from customermates.kernel.ui.toasts import add_trigger, tell
from webhooks import queries, services
from webhooks.delivery_list import details_of, rows_of
from webhooks.endpoint_list import host_of
from webhooks.forms import DeliveryFilter, ReplayForm, period_start
from webhooks.queries import RESOURCE, DeliveryQuery
from webhooks.views.going import go

PAGE_SIZE = 25
USUAL_PERIOD = "24h"


@require_safe
@page
def deliveries(request: PageRequest) -> HttpResponse:
    """The log of the company, newest first, as far as the filter lets through."""
    endpoints = queries.list_endpoints(request.actor)
    names = [(str(endpoint.pk), endpoint.description or host_of(endpoint.url)) for endpoint in endpoints]
    filters = DeliveryFilter(request.GET, names)
    chosen = filters.chosen()
    found = queries.list_deliveries(
        request.actor,
        DeliveryQuery(
            endpoint_id=find_uuid(chosen.get("webhook")),
            status=chosen.get("status", ""),
            event=chosen.get("event", ""),
            since=period_start(chosen.get("since", "")),
            before=find_uuid(request.GET.get("before")),
            size=PAGE_SIZE,
        ),
    )
    context = {
        "form": filters,
        "is_narrowed": bool(chosen),
        "deliveries": rows_of(found.rows),
        "next_before": found.next_before,
        "is_first": "before" not in request.GET,
        "has_webhooks": bool(endpoints),
    }
    return show(request, "webhooks/deliveries.html", context)


@require_safe
@page
def delivery(request: PageRequest, delivery_id: UUID) -> HttpResponse:
    """One delivery, in the sheet or on its page; `?part=state` is asked for while something is to come."""
    context = _details(request, delivery_id)
    if request.GET.get("part") == "state":
        response = render(request, "webhooks/_delivery.html", context)
        if not context["details"].row.is_soon:
            add_trigger(response, "delivered")  # lists on the page behind look again
        return response
    return _show(request, context)


@require_POST
@page
def test(request: PageRequest, endpoint_id: UUID) -> HttpResponse:
    """A test on its way, in the sheet that shows what comes of it."""
    sent = services.send_test(request.actor, endpoint_id)
    return _watch(request, sent.pk)


@require_POST
@page
def resend(request: PageRequest, delivery_id: UUID) -> HttpResponse:
    """The delivery on its way again, in the sheet that shows what comes of it."""
    services.resend_delivery(request.actor, delivery_id)
    return _watch(request, delivery_id)


def _watch(request: PageRequest, delivery_id: UUID) -> HttpResponse:
    if not request.htmx:
        return redirect("webhook_delivery", delivery_id)
    return _show(request, _details(request, delivery_id))


def _show(request: PageRequest, context: dict[str, Any]) -> HttpResponse:
    frame = "webhooks/_drawer.html" if request.htmx else "webhooks/_delivery_page.html"
    is_test = context["details"].delivery.is_test
    heading = _("Test delivery") if is_test else context["details"].delivery.event
    return render(request, "webhooks/delivery.html", {"frame": frame, "heading": heading, **context})


def _details(request: PageRequest, delivery_id: UUID) -> dict[str, Any]:
    found = queries.get_delivery(request.actor, delivery_id)
    return {
        "details": details_of(request.actor, found, request.formats),
        "may_write": request.actor.can("write", RESOURCE),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@page
def replay(request: PageRequest, endpoint_id: UUID) -> HttpResponse:
    """The question since when, with a count; sent, what failed since then is on its way again."""
    request.actor.require("write", RESOURCE)
    endpoint = queries.get_endpoint(request.actor, endpoint_id)
    asked = request.POST if request.method == "POST" else request.GET
    form = ReplayForm({"period": USUAL_PERIOD, **asked.dict()})
    since = form.moment()
    if request.method == "POST" and since is not None:
        again = services.replay_failed(request.actor, endpoint_id, since=since)
        told = ngettext(
            "%(count)s delivery is sent again.", "%(count)s deliveries are sent again.", again
        ) % {"count": again}
        tell(request, told)
        return go(request, reverse("webhook", args=[endpoint_id]))
    since = period_start(form["period"].value()) or period_start(USUAL_PERIOD)
    assert since is not None
    context = {
        "endpoint": endpoint,
        "replay": form,
        "since": since,
        "count": queries.count_failed(request.actor, endpoint_id, since=since),
    }
    return show_dialog(request, "webhooks/replay.html", _("Send failed deliveries again"), context)
