"""What happened to a record, in words that pages show."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import Event
from crm.setup import CompanySetup

LOOKED_BACK = 50  # events


def last_change_of(setup: CompanySetup, record_id: UUID, names: Sequence[str]) -> str:
    """Who was the last to change one of these fields (JSON names) of a record."""
    events = Event.objects.filter(company_id=setup.actor.company_id, entity_id=record_id)
    for event in events.select_related("user", "api_key").order_by("-sequence")[:LOOKED_BACK]:
        if any(name in event.changes for name in names):
            return who_did(event)
    return _("Somebody")


def who_did(event: Event) -> str:
    """The person, and the key they did it through: "Ada Novak", "Ada Novak (key Claude)"."""
    person = event.user.name if event.user else _("Customermates")
    return (
        _("%(person)s (key %(key)s)") % {"person": person, "key": event.api_key.name}
        if event.api_key
        else person
    )
