"""Small settings that are changed from wherever one is."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.pages import PageRequest, page
from accounts.profile import change_profile
from customermates.kernel.ui.navigation import SETTINGS


@require_safe
@page
def settings(request: PageRequest) -> HttpResponse:
    """The first page of the settings that is open to this person."""
    return redirect(next(page.url for page in SETTINGS.values() if page.is_open_to(request.actor)))


@require_POST
@page
def set_theme(request: PageRequest) -> HttpResponse:
    """Light, dark or like the device, from now on."""
    theme = request.POST.get("theme")
    if theme not in User.Theme.values:
        return HttpResponse(status=HTTPStatus.UNPROCESSABLE_ENTITY)
    change_profile(request.actor, {"theme": theme})
    return HttpResponse(status=HTTPStatus.NO_CONTENT) if request.htmx else redirect(_back(request))


def _back(request: PageRequest) -> str:
    """The page the form was sent from, when it is one of ours."""
    address = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(
        address, {request.get_host()}, require_https=request.is_secure()
    )
    return address if is_ours else "/"
