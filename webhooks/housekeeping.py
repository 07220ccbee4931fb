"""Chores about webhooks: old logs go away, owners learn that their endpoint was paused."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from customermates.kernel.ids import first_id_of
from customermates.kernel.rows import delete_some
from webhooks.models import Attempt, Delivery, Endpoint, Message
from webhooks.notices import tell_owner


def tell_owners() -> bool:
    """The owner of one paused endpoint has been mailed; False when there was none to tell.

    Marked first: a mail server that hangs or fails must not make a second mail of it.
    """
    with transaction.atomic():
        paused = Endpoint.objects.exclude(pause="").filter(told_at=None, deleted_at=None)
        endpoint = paused.select_for_update(skip_locked=True, of=("self",)).order_by("paused_at").first()
        if endpoint is None:
            return False
        endpoint.told_at = timezone.now()
        endpoint.save(update_fields=["told_at"])
    tell_owner(endpoint)
    return True


def delete_old() -> bool:
    """Deliveries past the retention are gone with their bodies and attempts; True when more are left.

    Ids are made in the order of time, so age is a range of the primary key.
    """
    kept = timedelta(days=settings.WEBHOOK_RETENTION_DAYS)
    # Bodies go last, and later, so that no delivery is ever without one.
    ages = ((Attempt, kept), (Delivery, kept), (Message, kept + timedelta(hours=1)))
    return any(
        delete_some(model._default_manager.filter(pk__lt=first_id_of(timezone.now() - age)))
        for model, age in ages
    )
