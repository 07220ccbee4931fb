"""What is of no use to anybody any more leaves the database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.housekeeping import delete_expired_sessions
from accounts.models import User

pytestmark = pytest.mark.django_db


def test_expired_sessions_go_and_others_stay(olivia: User, max_: User):
    browsers = [Client(), Client()]
    for browser, user in zip(browsers, (olivia, max_), strict=True):
        browser.force_login(user)
    old = Session.objects.filter(pk=browsers[0].session.session_key)
    old.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert not delete_expired_sessions()
    assert [session.pk for session in Session.objects.all()] == [browsers[1].session.session_key]
