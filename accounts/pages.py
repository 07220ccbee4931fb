"""What all pages of a signed-in person share: who asks, how they read values, what a refusal looks like."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django_htmx.middleware import HtmxDetails

from accounts.actor import Actor
from accounts.authentication import session_actor
from accounts.models import User
from customermates.kernel.errors import ProductError
from customermates.kernel.sentences import sentence
from customermates.kernel.statuses import status_of
from customermates.kernel.ui.formats import Formats, formats_for
from customermates.kernel.ui.toasts import tell

CHANGE_SET = "X-Change-Set"  # what the request wrote, so that a window knows its own changes from others'


class PageRequest(HttpRequest):
    """A request of a signed-in person, as `page` hands it to a view."""

    actor: Actor
    user: User
    formats: Formats
    htmx: HtmxDetails


PageView = Callable[..., HttpResponse]


def page(view: PageView) -> Callable[..., HttpResponse]:
    """`view` for signed-in people; a product error becomes a page, or a toast where htmx asked."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        actor = session_actor(request)
        if actor is None:
            return _sign_in_first(request)
        asked = cast("PageRequest", request)
        asked.actor = actor
        asked.formats = formats_of(asked.user)
        try:
            response = view(asked, *args, **kwargs)
        except ProductError as error:
            response = refusal(asked, error)
        if request.method == "POST":
            response[CHANGE_SET] = str(actor.change_set)
        patch_vary_headers(response, ["HX-Request"])  # one address answers whole pages and parts
        add_never_cache_headers(response)
        return response

    return wrapper


def formats_of(user: User) -> Formats:
    """How `user` reads numbers, money, days and times."""
    return formats_for(user.locale, user.language, user.time_zone or user.company.time_zone)


def refusal(request: PageRequest, error: ProductError) -> HttpResponse:
    """The answer that tells `error`: a toast over what is there, or a page with one next step."""
    status = status_of(error)
    sentences = list(dict.fromkeys(sentence(issue) for issue in error.issues))
    if request.htmx:
        tell(request, " ".join(sentences), "error")
        return HttpResponse(status=status)
    context = {"status": int(status), "sentences": sentences}
    return render(request, "errors/refusal.html", context, status=status)


def _sign_in_first(request: HttpRequest) -> HttpResponse:
    """The way to the sign-in and back to the page that was asked for (for a part: the page it belongs to)."""
    htmx: HtmxDetails = request.htmx  # type: ignore[attr-defined]  # set by django-htmx's middleware
    back = request.get_full_path() if request.method == "GET" and not htmx else ""
    if htmx and htmx.current_url_abs_path:
        back = htmx.current_url_abs_path
    address = reverse(settings.LOGIN_URL)
    if back and not urlsplit(back).netloc:
        address = f"{address}?{urlencode({'next': back})}"
    if htmx:
        return HttpResponse(headers={"HX-Redirect": address})
    return redirect(address)
