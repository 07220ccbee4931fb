"""Old logs go, what happened stays; owners hear of a pause once, in their language."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from accounts.models import Event
from accounts.services import change_status
from crm import services
from crm.entities import CONTACT
from customermates.kernel import rows
from customermates.kernel.ids import uuid7
from tests import people
from webhooks import housekeeping
from webhooks.housekeeping import delete_old, tell_owners
from webhooks.models import Attempt, Delivery, Endpoint, Message

pytestmark = pytest.mark.django_db


def _aged(days: int) -> UUID:
    """An id as it was made so long ago."""
    moment = timezone.now() - timedelta(days=days)
    return UUID(int=int(moment.timestamp() * 1000) << 80 | uuid7().int & (1 << 80) - 1)


def _delivery(made: Endpoint, days: int) -> None:
    message = Message.objects.create(pk=_aged(days), company_id=made.company_id, body="{}")
    delivery = Delivery.objects.create(
        pk=_aged(days),
        company_id=made.company_id,
        endpoint=made,
        message=message,
        event="x",
        entity_id=uuid7(),
    )
    Attempt.objects.create(
        pk=_aged(days),
        company_id=made.company_id,
        delivery=delivery,
        number=1,
        started_at=timezone.now(),
        duration_ms=1,
    )


def test_what_is_older_than_the_setting_goes_in_pieces_and_events_stay(
    owner, endpoint, settings, monkeypatch
):
    made = endpoint()
    services.create_records(owner, CONTACT, [{"firstName": "Ada"}])
    for days in (40, 35, 31, 29):
        _delivery(made, days)
    monkeypatch.setattr(rows, "PIECE", 2)
    rounds = 0
    while delete_old():
        rounds += 1
    assert rounds >= 3
    assert (Attempt.objects.count(), Delivery.objects.count(), Message.objects.count()) == (1, 2, 2)
    assert Event.objects.filter(name="contact.created").count() == 1
    settings.WEBHOOK_RETENTION_DAYS = 7
    while delete_old():
        pass
    assert (Attempt.objects.count(), Delivery.objects.count(), Message.objects.count()) == (0, 1, 1)


def test_an_owner_is_told_once_in_their_language(olivia, endpoint, mailoutbox):
    olivia.language = "de"
    olivia.save()
    made = endpoint()
    assert not tell_owners()
    Endpoint.objects.update(pause="failing", paused_at=timezone.now())
    assert tell_owners()
    assert not tell_owners()
    [mail] = mailoutbox
    assert mail.to == [olivia.email]
    assert mail.subject == f"Webhook angehalten: {made.url}"
    assert "http://localhost:8000" in mail.body


def test_when_its_maker_has_left_administrators_are_told(olivia, company, owner, endpoint, mailoutbox):
    endpoint()
    other = people.colleague(company, "Max", "admin")
    change_status(people.signed_in(other), olivia.pk, status="inactive")
    Endpoint.objects.update(pause="gone", paused_at=timezone.now())
    assert tell_owners()
    assert [mail.to for mail in mailoutbox] == [[other.email]]
    assert "410" in mailoutbox[0].body


def test_a_mail_server_that_fails_is_not_asked_again_for_ever(endpoint, monkeypatch):
    endpoint()
    Endpoint.objects.update(pause="failing", paused_at=timezone.now())

    def broken(_endpoint):
        raise OSError("no mail server")

    monkeypatch.setattr(housekeeping, "tell_owner", broken)
    with pytest.raises(OSError, match="no mail server"):
        tell_owners()
    assert not tell_owners()
