"""Forms of the settings: they read what was typed; what is allowed is decided by the services."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from typing import Any

from babel import Locale
from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.api_keys import NAME_LENGTH, OVERLAPS
from accounts.models import ApiKey, Role, User
from accounts.permissions import RESOURCES, preset_scopes, scopes_beyond
from accounts.profile import time_zones
from accounts.services import NAME_LENGTH as PERSON_NAME_LENGTH
from customermates.kernel.ui.formats import LOCALES, formats_for

Choices = Iterable[tuple[str, str | Promise]]

CUSTOM = "custom"
DATE = "date"
EXPIRY_DAYS = ("30", "90", "365")
_EXAMPLE = datetime.datetime(2026, 3, 14, 16, 5, tzinfo=datetime.UTC)


def _words(widget_name: str = "", **attributes: str) -> dict[str, str]:
    """Attributes of an input for plain words; `widget_name` is what browsers may fill in."""
    return {"autocomplete": widget_name or "off", **attributes}


class ZoneInput(forms.TextInput):
    """A time zone: a field that suggests zones while one types, and offers the device's own."""

    template_name = "settings/_time_zone.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        return {**context, "zones": time_zones()}


class SegmentedRadio(forms.RadioSelect):
    """A few choices side by side."""

    template_name = "settings/_segments.html"


class ProfileForm(forms.Form):
    """What people set for themselves."""

    first_name = forms.CharField(
        label=_("First name"), max_length=PERSON_NAME_LENGTH, required=False,
        widget=forms.TextInput(_words("given-name")),
    )  # fmt: skip
    last_name = forms.CharField(
        label=_("Last name"), max_length=PERSON_NAME_LENGTH, required=False,
        widget=forms.TextInput(_words("family-name")),
    )  # fmt: skip
    language = forms.ChoiceField(label=_("Language"), choices=User.Language.choices)
    locale = forms.ChoiceField(label=_("Numbers and dates"), required=False)
    time_zone = forms.CharField(label=_("Time zone"), required=False, widget=ZoneInput)
    theme = forms.ChoiceField(
        label=_("Theme"),
        choices=[("system", _("System")), ("light", _("Light")), ("dark", _("Dark"))],
        widget=SegmentedRadio,
    )
    density = forms.ChoiceField(
        label=_("Density of lists"),
        choices=[("compact", _("Compact")), ("comfortable", _("Comfortable"))],
        widget=SegmentedRadio,
    )
    single_keys = forms.BooleanField(
        label=_("Single-key shortcuts"), required=False,
        help_text=_("Keys such as “/”, “c” or “g h” act at once. Switch them off if you dictate."),
    )  # fmt: skip

    def __init__(self, *args: Any, company_zone: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["locale"] = forms.ChoiceField(
            label=_("Numbers and dates"), required=False, choices=_locale_choices()
        )
        self.fields["time_zone"].widget.attrs["placeholder"] = company_zone
        self.fields["time_zone"].help_text = _("Empty follows the company: %(zone)s.") % {
            "zone": company_zone
        }

    @classmethod
    def of(cls, user: User, data: Any = None) -> ProfileForm:
        """The form with the settings of `user`, or with what was sent."""
        initial = {name: getattr(user, name) for name in cls.base_fields}
        return cls(data, initial=initial, company_zone=user.company.time_zone)

    def values(self) -> dict[str, object]:
        """What was sent, by the service's names."""
        return {_json_name(name): value for name, value in self.cleaned_data.items()}


def _json_name(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


PROFILE_NAMES = {_json_name(name): name for name in ProfileForm.base_fields}


def _locale_choices() -> list[tuple[str, str | Promise]]:
    spoken = get_language() or "en"
    named = [(name, _locale_label(name, spoken)) for name in LOCALES]
    own = formats_for("", spoken, "UTC")
    follows = _("Like the language (%(example)s)") % {
        "example": f"{own.number(1234.5, 2)} · {own.date(_EXAMPLE)}"
    }
    return [("", follows), *sorted(named, key=lambda choice: str(choice[1]))]


def _locale_label(name: str, spoken: str) -> str:
    formats = formats_for(name, "en", "UTC")
    shown = Locale.parse(name, sep="-").get_display_name(spoken) or name
    return f"{shown}: {formats.number(1234.5, 2)} · {formats.date(_EXAMPLE)}"


class KeyNameForm(forms.Form):
    """A key's name."""

    name = forms.CharField(label=_("Name"), max_length=NAME_LENGTH, widget=forms.TextInput(_words()))


class KeyForm(KeyNameForm):
    """A new key: its name, how far it reaches, until when."""

    field_order = ("name", "preset", "scopes", "expiry", "expires_on")

    preset = forms.ChoiceField(label=_("What it may do"), widget=forms.RadioSelect)
    scopes = forms.MultipleChoiceField(label=_("Scopes"), required=False, widget=forms.CheckboxSelectMultiple)
    expiry = forms.ChoiceField(label=_("Expires"), widget=SegmentedRadio)
    expires_on = forms.DateField(
        label=_("Last day"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, data: Any, actor: Actor, *, name: str = "") -> None:
        super().__init__(data, initial={"name": name, "preset": "agent", "expiry": EXPIRY_DAYS[-1]})
        self.actor = actor
        self.fields["name"].widget.attrs |= {"placeholder": _("Claude on my laptop"), "autofocus": True}
        presets: Sequence[tuple[str, str | Promise]] = [
            ("read", _("Read only")),
            ("agent", _("Agent")),
            ("full", _("Full")),
            (CUSTOM, _("Choose scopes")),
        ]
        days = [(day, _("%(days)s days") % {"days": day}) for day in EXPIRY_DAYS]
        _choose(self.fields["preset"], presets)
        _choose(self.fields["expiry"], [*days, (DATE, _("On a date"))])
        _choose(self.fields["scopes"], [(scope, scope) for scope in self._within_role()])

    def _within_role(self) -> list[str]:
        scopes = [scope for resource in RESOURCES.values() for scope in resource.scopes]
        beyond = set(scopes_beyond(scopes, self.actor.access))
        return [scope for scope in scopes if scope not in beyond]

    def scope_rows(self) -> list[dict[str, Any]]:
        """The grid of scopes: a row for each resource, a cell for read, write and delete."""
        offered = set(self._within_role())
        chosen = set(self["scopes"].value() or ())
        rows = []
        for resource in RESOURCES.values():
            names = [f"{resource.name}:{verb}" for verb in ("read", "write", "delete")]
            cells = [{"scope": name, "on": name in chosen} if name in offered else None for name in names]
            if any(cells):
                rows.append({"label": resource.label, "cells": cells})
        return rows

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("preset") == CUSTOM and not cleaned.get("scopes") and "scopes" not in self.errors:
            self.add_error("scopes", _("Choose at least one."))
        if (
            cleaned.get("expiry") == DATE
            and not cleaned.get("expires_on")
            and "expires_on" not in self.errors
        ):
            self.add_error("expires_on", _("Choose a day."))
        return cleaned

    def chosen_scopes(self) -> list[str]:
        """The scopes of the preset, or those that were ticked."""
        preset: str = self.cleaned_data["preset"]
        if preset == CUSTOM:
            return list(self.cleaned_data["scopes"])
        return preset_scopes(preset, self.actor.access)

    def expires_at(self) -> datetime.datetime:
        """The end of the chosen day where the person is, or so many days from now."""
        if self.cleaned_data["expiry"] != DATE:
            return timezone.now() + datetime.timedelta(days=int(self.cleaned_data["expiry"]))
        end = datetime.datetime.combine(self.cleaned_data["expires_on"], datetime.time(23, 59, 59))
        return timezone.make_aware(end)


def _choose(field: forms.Field, choices: Choices) -> None:
    assert isinstance(field, forms.ChoiceField)
    field.choices = list(choices)


class RotateForm(forms.Form):
    """How long the old key goes on beside its successor."""

    overlap = forms.ChoiceField(
        label=_("The old key works for"),
        initial="24h",
        choices=[
            ("0", _("not at all: it stops at once")),
            ("1h", _("1 hour")),
            ("24h", _("24 hours")),
            ("7d", _("7 days")),
        ],
        widget=forms.RadioSelect,
    )

    def chosen(self) -> datetime.timedelta:
        """The overlap as a duration."""
        return OVERLAPS[self.cleaned_data["overlap"]]


class RevokeForm(forms.Form):
    """The name of the key, typed, so that nobody revokes the wrong one in passing."""

    typed = forms.CharField(required=False, widget=forms.TextInput(_words(autofocus="", spellcheck="false")))

    def __init__(self, data: Any, key: ApiKey) -> None:
        super().__init__(data)
        self.key = key
        self.fields["typed"].label = _("Type “%(name)s” to confirm") % {"name": key.name}

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data["typed"]
        if typed.strip().casefold() != self.key.name.strip().casefold():
            raise forms.ValidationError(_("This is not the name of the key."))
        return typed


class RoleForm(forms.Form):
    """The role of a person."""

    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, data: Any, actor: Actor, *, role: str = "", **options: Any) -> None:
        super().__init__(data, initial={"role": role}, **options)
        _choose(self.fields["role"], role_choices(actor))


class MemberForm(RoleForm):
    """Somebody new."""

    field_order = ("email", "first_name", "last_name", "role")

    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(_words(autofocus="")))
    first_name = forms.CharField(
        label=_("First name"), max_length=PERSON_NAME_LENGTH, required=False,
        widget=forms.TextInput(_words()),
    )  # fmt: skip
    last_name = forms.CharField(
        label=_("Last name"), max_length=PERSON_NAME_LENGTH, required=False,
        widget=forms.TextInput(_words()),
    )  # fmt: skip


def role_choices(actor: Actor) -> list[tuple[str, str]]:
    """The roles of the company that this person may give, by what the services call them."""
    roles = Role.objects.filter(company_id=actor.company_id).order_by("shipped", "name")
    return [
        (role.shipped or str(role.pk), role_name(role)) for role in roles if actor.may_grant(role.access())
    ]


SHIPPED_NAMES = {"admin": _("Admin"), "member": _("Member"), "read-only": _("Read-only")}


def role_name(role: Role) -> str:
    """What the role is called here: shipped ones in the reader's language."""
    return str(SHIPPED_NAMES.get(role.shipped, role.name))
