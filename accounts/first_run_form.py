"""The form of the first page: a company and the person who runs it."""

from __future__ import annotations

from typing import Any

from babel.numbers import get_currency_name
from django import forms
from django.contrib.auth.password_validation import password_validators_help_text_html
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.first_run import is_setup_code
from accounts.forms import ZoneInput
from accounts.profile import time_zones
from accounts.services import NAME_LENGTH

# Offered first-hand; others can be given to deals later.
CURRENCIES = (
    *("EUR", "USD", "GBP", "CHF", "AUD", "CAD", "NZD", "SEK", "NOK", "DKK", "ISK", "PLN", "CZK"),
    *("HUF", "RON", "BGN", "TRY", "UAH", "JPY", "CNY", "HKD", "SGD", "KRW", "INR", "AED", "SAR"),
    *("ILS", "ZAR", "BRL", "MXN", "ARS", "CLP", "COP", "THB", "IDR", "MYR", "PHP", "VND"),
)
FIRST_RUN_NAMES = {"name": "company", "firstName": "first_name", "lastName": "last_name"}


class FirstRunForm(forms.Form):
    """Company and administrator; the code where the server cannot tell who is asking."""

    field_order = ("code", "company", "first_name", "last_name", "email", "password")

    code = forms.CharField(
        label=_("Setup code"),
        widget=forms.TextInput({"autocomplete": "one-time-code", "spellcheck": "false"}),
        help_text=_("The server printed it when it started."),
    )
    company = forms.CharField(
        label=_("Company"), max_length=NAME_LENGTH, widget=forms.TextInput({"autocomplete": "organization"})
    )
    currency = forms.ChoiceField(label=_("Currency"), initial="EUR")
    time_zone = forms.CharField(label=_("Time zone"), required=False, widget=ZoneInput)
    first_name = forms.CharField(
        label=_("First name"), max_length=NAME_LENGTH, widget=forms.TextInput({"autocomplete": "given-name"})
    )
    last_name = forms.CharField(
        label=_("Last name"),
        max_length=NAME_LENGTH,
        required=False,
        widget=forms.TextInput({"autocomplete": "family-name"}),
    )
    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput({"autocomplete": "username"}))
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )
    sample_data = forms.BooleanField(
        label=_("Fill it with sample data"),
        required=False,
        initial=True,
        help_text=_("Some contacts, deals and tasks of invented companies, to look around with."),
    )

    def __init__(self, data: Any, *, asks_code: bool) -> None:
        super().__init__(data)
        if not asks_code:
            del self.fields["code"]
        currency = self.fields["currency"]
        assert isinstance(currency, forms.ChoiceField)
        spoken = get_language() or "en"
        currency.choices = [
            (code, f"{code} – {get_currency_name(code, locale=spoken)}") for code in CURRENCIES
        ]
        self.fields["time_zone"].widget.attrs |= {"placeholder": "UTC", "data-zone-guess": ""}
        self.fields["password"].help_text = password_validators_help_text_html()

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if not is_setup_code(code):
            raise forms.ValidationError(
                _("This is not the code. It is in the output of the server, as it started.")
            )
        return code

    def clean_time_zone(self) -> str:
        zone: str = self.cleaned_data["time_zone"]
        if zone and zone not in time_zones():
            raise forms.ValidationError(_("There is no such time zone."))
        return zone or "UTC"

    def values(self) -> dict[str, Any]:
        """What was typed, as `first_run.set_up` takes it."""
        return {name: value for name, value in self.cleaned_data.items() if name != "code"}
