"""What is of no use to anybody any more leaves the database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.actor import Actor
from accounts.housekeeping import delete_expired_sessions
from accounts.idempotency import delete_expired_requests, once
from accounts.models import IdempotentRequest, User
from customermates.kernel import rows

pytestmark = pytest.mark.django_db


def test_expired_sessions_go_and_others_stay(olivia: User, max_: User):
    browsers = [Client(), Client()]
    for browser, user in zip(browsers, (olivia, max_), strict=True):
        browser.force_login(user)
    old = Session.objects.filter(pk=browsers[0].session.session_key)
    old.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert not delete_expired_sessions()
    assert [session.pk for session in Session.objects.all()] == [browsers[1].session.session_key]


def test_kept_answers_go_in_pieces_when_their_day_is_over(owner: Actor, monkeypatch: pytest.MonkeyPatch):
    moments = [timezone.now() + timedelta(hours=hours) for hours in (-2, -1, -1, 1)]
    for number in range(len(moments)):
        once(owner, f"key {number}", "the same", dict)
    kept = list(IdempotentRequest.objects.order_by("pk"))
    for request, moment in zip(kept, moments, strict=True):
        IdempotentRequest.objects.filter(pk=request.pk).update(expires_at=moment)
    monkeypatch.setattr(rows, "PIECE", 2)
    assert delete_expired_requests()
    assert not delete_expired_requests()
    assert list(IdempotentRequest.objects.all()) == kept[-1:]
