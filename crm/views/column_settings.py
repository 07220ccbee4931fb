"""The controls for what a column type lets people set, and how a setting reads in a list.

One function for each kind of setting: a new column type is asked for and shown by declaring its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import singledispatch
from typing import Any

from babel.numbers import get_currency_name
from django import forms
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.forms import SegmentedRadio
from crm.field_types.choices import PALETTE, SingleSelectType
from crm.field_types.currencies import CURRENCIES
from crm.field_types.settings import (
    ColorSetting,
    CurrencySetting,
    DateFormatSetting,
    NumberSetting,
    OptionsSetting,
    Setting,
    SwitchSetting,
    TextSetting,
)
from crm.views.faces import Look, option_html

OPTIONS_SHOWN = 5
_EXAMPLE = datetime(2026, 3, 4, 16, 5, tzinfo=UTC)

COLOR_WORDS: dict[str, str | Promise] = {
    "violet": gettext_lazy("Violet"),
    "blue": gettext_lazy("Blue"),
    "indigo": gettext_lazy("Indigo"),
    "teal": gettext_lazy("Teal"),
    "green": gettext_lazy("Green"),
    "amber": gettext_lazy("Amber"),
    "orange": gettext_lazy("Orange"),
    "rose": gettext_lazy("Rose"),
    "pink": gettext_lazy("Pink"),
    "slate": gettext_lazy("Slate"),
}


class ColorRadio(forms.RadioSelect):
    """The ten colours side by side."""

    template_name = "crm/_colors.html"


# --- asking ---------------------------------------------------------------------------------------------


@singledispatch
def setting_field(setting: Setting, look: Look) -> forms.Field | None:
    """The form field that asks for `setting`; None for what one field cannot ask."""
    return None


@setting_field.register
def _text_field(setting: TextSetting, look: Look) -> forms.Field:
    attrs = {"autocomplete": "off", "placeholder": setting.example, "maxlength": setting.max_length}
    return forms.CharField(
        label=str(setting.label), help_text=str(setting.help), required=False, widget=forms.TextInput(attrs)
    )


@setting_field.register
def _switch_field(setting: SwitchSetting, look: Look) -> forms.Field:
    return forms.BooleanField(label=str(setting.label), help_text=str(setting.help), required=False)


@setting_field.register
def _number_field(setting: NumberSetting, look: Look) -> forms.Field:
    return forms.TypedChoiceField(
        label=str(setting.label),
        help_text=str(setting.help),
        coerce=int,
        initial=setting.start,
        choices=[(value, value) for value in setting.values],
        widget=SegmentedRadio,
    )


@setting_field.register
def _color_field(setting: ColorSetting, look: Look) -> forms.Field:
    return forms.ChoiceField(
        label=str(setting.label), choices=list(COLOR_WORDS.items()), initial=PALETTE[-1], widget=ColorRadio
    )


@setting_field.register
def _currency_field(setting: CurrencySetting, look: Look) -> forms.Field:
    names = ((code, get_currency_name(code, locale=look.formats.locale)) for code in CURRENCIES)
    return forms.ChoiceField(
        label=str(setting.label),
        choices=[(code, f"{code} – {name}") for code, name in names],
        initial=look.setup.company.currency,
    )


@setting_field.register
def _date_format_field(setting: DateFormatSetting, look: Look) -> forms.Field:
    choices = [(name, _dated(setting, name, look)) for name in setting.formats]
    return forms.ChoiceField(label=str(setting.label), choices=choices, initial=setting.start)


def _dated(setting: DateFormatSetting, name: str, look: Look) -> str:
    """A day written in one of the formats, or words for it."""
    if name == "relative":
        return _("In words near today, such as “in 3 days”")
    shown = look.formats.styled_moment if setting.has_time else look.formats.styled
    return shown(_EXAMPLE, name)


# --- showing --------------------------------------------------------------------------------------------


@singledispatch
def setting_html(setting: Setting, value: Any, look: Look) -> str:
    """What a column's list says of a setting; "" when it goes without saying."""
    return str(value)


@setting_html.register
def _switch_html(setting: SwitchSetting, value: bool, look: Look) -> str:
    return str(setting.label) if value else ""


@setting_html.register
def _number_html(setting: NumberSetting, value: int, look: Look) -> str:
    return f"{setting.label}: {value}"


@setting_html.register
def _color_html(setting: ColorSetting, value: str, look: Look) -> SafeString:
    if value == PALETTE[-1]:
        return SafeString("")
    return format_html('<span class="chip h-{}">{}</span>', value, COLOR_WORDS[value])


@setting_html.register
def _date_format_html(setting: DateFormatSetting, value: str, look: Look) -> str:
    return f"{setting.label}: {_dated(setting, value, look)}"


@setting_html.register
def _options_html(setting: OptionsSetting, value: list[dict[str, Any]], look: Look) -> SafeString:
    options = SingleSelectType.from_options({"options": value}).options
    shown = format_html_join(" ", "{}", ((option_html(option),) for option in options[:OPTIONS_SHOWN]))
    more = len(options) - OPTIONS_SHOWN
    if more <= 0:
        return shown
    told = ngettext("%(n)d more", "%(n)d more", more) % {"n": more}
    return format_html('{} <span class="dim">{}</span>', shown, told)


def settings_html(settings: Iterable[Setting], options: dict[str, Any], look: Look) -> SafeString:
    """All that a column's list says of its settings."""
    parts = [(setting_html(setting, options.get(setting.name), look),) for setting in settings]
    return format_html_join("", '<span class="set-part">{}</span>', [part for part in parts if part[0]])
