"""A signed-in person reads their own language and their own time."""

from __future__ import annotations

import zoneinfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from accounts.models import User
from customermates.kernel.middleware import GetResponse


def preferences(get_response: GetResponse) -> GetResponse:
    """Language and time zone of the person behind a session; anybody else gets the browser's language."""

    def middleware(request: HttpRequest) -> HttpResponse:
        # Without a session cookie nobody is signed in; asking would still cost API calls a lookup.
        user = request.user if request.session.session_key else None
        if not isinstance(user, User):
            return get_response(request)
        translation.activate(user.language)
        request.LANGUAGE_CODE = user.language
        with timezone.override(zoneinfo.ZoneInfo(user.time_zone or user.company.time_zone)):
            return get_response(request)

    return middleware
