"""allauth's forms in our words: one name for one thing on every page, in both languages."""

from __future__ import annotations

from typing import Any

from allauth.account import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

# Said by allauth; named here so that our catalogue has it, whose words go before allauth's own.
gettext_noop("You must type the same password each time.")

LABELS: dict[str, str | Promise] = {
    "login": _("E-mail"),
    "email": _("E-mail"),
    "password": _("Password"),
    "remember": _("Stay signed in on this device"),
    "oldpassword": _("Current password"),
    "password1": _("New password"),
    "password2": _("New password again"),
}


class OurWords:
    """A form whose fields are called as elsewhere, without a placeholder that says it twice."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, field in self.fields.items():
            field.label = LABELS.get(name, field.label)
            field.widget.attrs.pop("placeholder", None)


class OnlyForm(OurWords):
    """The form that a whole page is about: what is typed goes into its first field at once."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        first = next(iter(self.fields.values()))
        first.widget.attrs["autofocus"] = True


class SignInForm(OnlyForm, forms.LoginForm):  # type: ignore[misc]  # allauth ships no types
    """E-mail and password."""


class RequestResetForm(OnlyForm, forms.ResetPasswordForm):  # type: ignore[misc]
    """The address that gets the link."""


class NewPasswordForm(OnlyForm, forms.ResetPasswordKeyForm):  # type: ignore[misc]
    """A new password, twice, behind the link."""


class ChangePasswordForm(OurWords, forms.ChangePasswordForm):  # type: ignore[misc]
    """The current password, and a new one twice."""
