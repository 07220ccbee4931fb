"""What people set for themselves: their name, and how pages look and read to them."""

from __future__ import annotations

import zoneinfo
from collections.abc import Mapping
from functools import cache

from django.db import transaction

from accounts.actor import Actor
from accounts.events import EventDraft, difference, record
from accounts.models import User
from accounts.services import name_issues
from customermates.kernel.errors import Issue, NotAllowed, ValidationFailed
from customermates.kernel.ui.formats import LOCALES

# {name in events and issues: attribute}
FIELDS = {
    "firstName": "first_name",
    "lastName": "last_name",
    "language": "language",
    "locale": "locale",
    "timeZone": "time_zone",
    "theme": "theme",
    "density": "density",
    "singleKeys": "single_keys",
}


@transaction.atomic
def change_profile(actor: Actor, values: Mapping[str, object]) -> User:
    """The person at work has these settings from the next page on; those not named stay as they are."""
    if actor.user_id is None or actor.via != "web":
        raise NotAllowed(Issue("", "profile_by_person"))
    ValidationFailed.raise_if(_issues(values))
    user = User.objects.select_for_update(of=("self",)).select_related("company").get(pk=actor.user_id)
    previous = {name: getattr(user, FIELDS[name]) for name in values}
    changes = difference(previous, values)
    if changes:
        for name in changes:
            setattr(user, FIELDS[name], values[name])
        user.save(update_fields=[*(FIELDS[name] for name in changes), "updated_at"])
        record(actor, [EventDraft(name="user.updated", entity="user", entity_id=user.pk, changes=changes)])
    return user


@cache
def time_zones() -> tuple[str, ...]:
    """The zones that people live in: those of a continent or ocean, and UTC."""
    regions = {"Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe"}
    regions |= {"Indian", "Pacific"}
    names = (name for name in zoneinfo.available_timezones() if name.partition("/")[0] in regions)
    return ("UTC", *sorted(names))


def _issues(values: Mapping[str, object]) -> list[Issue]:
    issues = [
        *name_issues("firstName", str(values.get("firstName", ""))),
        *name_issues("lastName", str(values.get("lastName", ""))),
    ]
    choices: dict[str, list[str]] = {
        "language": User.Language.values,
        "locale": ["", *LOCALES],
        "theme": User.Theme.values,
        "density": User.Density.values,
    }
    issues += [
        Issue(name, "invalid_choice", {"allowed": allowed})
        for name, allowed in choices.items()
        if name in values and values[name] not in allowed
    ]
    if values.get("timeZone") and values["timeZone"] not in zoneinfo.available_timezones():
        issues.append(Issue("timeZone", "unknown_time_zone", {"example": "Europe/Berlin"}))
    return issues
