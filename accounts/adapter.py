"""allauth's hooks: sign-up is closed, tries are counted in our own windows, a new password is an event."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts import limits
from accounts.actor import user_actor
from accounts.events import EventDraft, record
from accounts.models import User
from customermates.kernel.middleware import client_address


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """How allauth behaves here."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        # One sentence for a wrong password and for an address nobody has.
        "email_password_mismatch": _("This e-mail address and password do not belong together."),
        "enter_current_password": _("This is not your current password."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        # allauth's own reading of forwarding headers knows no TRUSTED_PROXIES; ours is done already.
        return client_address(request) or "0.0.0.0"  # noqa: S104 - an unknown address, nothing binds to it

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count a try by address and, until it succeeds, by account; RateLimited is for the view to show."""
        limits.count_try(limits.SIGN_IN_BY_ADDRESS, limits.address_subject(client_address(request)))
        limits.count_try(limits.SIGN_IN_FAILURES, credentials.get("email", ""))

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        user: User | None = super().authenticate(request, **credentials)
        if user is not None:
            limits.give_back_try(limits.SIGN_IN_FAILURES, credentials.get("email", ""))
        return user

    def set_password(self, user: User, password: str) -> None:
        """The new password counts, the change is on record, and earlier failures are forgotten."""
        with transaction.atomic():
            user.set_password(password)
            user.save(update_fields=["password", "updated_at"])
            actor = user_actor(user, via="web", request_id=getattr(self.request, "request_id", ""))
            record(actor, [EventDraft(name="user.passwordChanged", entity="user", entity_id=user.pk)])
        limits.forget_tries(limits.SIGN_IN_FAILURES, user.email)

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        with translation.override(user.language):  # theirs; whoever asks may speak another
            super().send_password_reset_mail(user, email, context)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        with translation.override(user.language):
            super().send_notification_mail(template_prefix, user, context, email)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        super().send_mail(template_prefix, email, {**context, "base_url": settings.BASE_URL})

    def get_reset_password_from_key_url(self, key: str) -> str:
        # From BASE_URL, never from the Host header, which whoever asks for the reset may choose.
        path = super().get_reset_password_from_key_url(key).partition("://")[2].partition("/")[2]
        return f"{settings.BASE_URL}/{path}"
