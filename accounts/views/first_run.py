"""The page of an installation that nobody has set up yet."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import first_run, limits
from accounts.first_run_form import FIRST_RUN_NAMES, FirstRunForm
from accounts.views.refusals import too_many_requests
from customermates.kernel.errors import Conflict, RateLimited, ValidationFailed
from customermates.kernel.middleware import client_address, is_at_this_machine
from customermates.kernel.ui.forms import add_issues


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def welcome(request: HttpRequest) -> HttpResponse:
    """The form for the first company and its administrator, who is then signed in."""
    if not first_run.is_needed():
        return redirect("account_login")
    asks_code = not (settings.BASE_URL_IS_LOOPBACK and is_at_this_machine(request))
    form = FirstRunForm(request.POST if request.method == "POST" else None, asks_code=asks_code)
    try:
        if form.is_bound:
            subject = limits.address_subject(client_address(request))
            limits.count_try(limits.FIRST_RUN_BY_ADDRESS, subject)
        if form.is_bound and form.is_valid() and _set_up(request, form):
            return redirect(settings.LOGIN_REDIRECT_URL)
    except RateLimited as error:
        return too_many_requests(request, error.retry_after_seconds)
    return render(request, "account/welcome.html", {"form": form}, status=422 if form.errors else 200)


def _set_up(request: HttpRequest, form: FirstRunForm) -> bool:
    """Whether the company is there and its administrator signed in; else the form says why not."""
    try:
        user = first_run.set_up(**form.values(), language=(get_language() or "en")[:2])
    except (ValidationFailed, Conflict) as error:
        add_issues(form, error.issues, FIRST_RUN_NAMES)
        return False
    login(request, user, backend="accounts.backends.EmailBackend")
    return True
