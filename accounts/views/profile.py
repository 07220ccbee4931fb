"""The profile page."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.forms import PROFILE_NAMES, ProfileForm
from accounts.pages import PageRequest, page
from accounts.profile import change_profile
from accounts.settings_pages import show
from customermates.kernel.errors import ValidationFailed
from customermates.kernel.ui.forms import add_issues
from customermates.kernel.ui.toasts import tell


@require_http_methods(["GET", "HEAD", "POST"])
@page
def profile(request: PageRequest) -> HttpResponse:
    """Name, language, formats, time zone, theme, density and shortcuts of the person who asks."""
    form = ProfileForm.of(request.user, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            user = change_profile(request.actor, form.values())
        except ValidationFailed as error:
            add_issues(form, error.issues, PROFILE_NAMES)
        else:
            with translation.override(user.language):  # the language that was just chosen
                tell(request, _("Your profile is saved."))
            return redirect("settings_profile")
    return show(request, "settings/profile.html", {"form": form}, status=422 if form.errors else 200)
