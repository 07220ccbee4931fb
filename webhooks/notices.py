"""The mail that tells people that nothing reaches their endpoint any more."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.core.mail import send_mail
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from webhooks.models import Endpoint


def tell_owner(endpoint: Endpoint) -> None:
    """Who made the endpoint has been mailed, or the administrators when that person has left."""
    for person in _owners(endpoint):
        with translation.override(person.language):
            subject, text = _words(endpoint)
            send_mail(subject, text, None, [person.email])


def _owners(endpoint: Endpoint) -> Iterable[User]:
    active = User.objects.filter(company_id=endpoint.company_id, status=User.Status.ACTIVE)
    maker = active.filter(pk=endpoint.created_by_id) if endpoint.created_by_id else None
    return maker or active.filter(role__shipped="admin")


def _words(endpoint: Endpoint) -> tuple[str, str]:
    where = {"url": endpoint.url, "product": settings.BASE_URL}
    if endpoint.pause == Endpoint.Pause.GONE:
        reason = _("It answered that it is gone for good (410), so events are not queued for it any more.")
    else:
        reason = _(
            "For five days nothing got through. Events are kept and wait until you resume it, for as long as "
            "deliveries are kept at all."
        )
    return (
        _("Webhook paused: %(url)s") % where,
        _(
            "No more deliveries are sent to %(url)s.\n\n%(reason)s\n\n"
            "When it works again, send a test and resume it in the webhook settings of %(product)s."
        )
        % {**where, "reason": reason},
    )
