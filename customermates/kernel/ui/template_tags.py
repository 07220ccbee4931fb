"""Template tags of every page, built into the engine: no `{% load %}` needed."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from customermates.kernel.ui import icons, toasts
from customermates.kernel.ui.formats import Formats
from customermates.kernel.ui.hues import hue_of, initials

ONCE = "_once"  # the field with a form's one-time token

register = template.Library()

register.simple_tag(icons.icon, name="icon")
register.filter("toast", toasts.toast_of)


@register.simple_tag
def once() -> SafeString:
    """In a form that makes something: sent twice, by a slip or by going back, it makes it once."""
    return format_html('<input type="hidden" name="{}" value="{}">', ONCE, uuid4())


@register.simple_tag
def avatar(name: str, kind: str = "") -> SafeString:
    """The initials of a person, or with kind "sq" of an organization, on their colour; decoration."""
    return avatar_html(name, kind)


def avatar_html(name: str, kind: str = "") -> SafeString:
    """As the tag, for Python."""
    return format_html(
        '<span class="av{} h-{}" aria-hidden="true">{}</span>',
        f" {kind}" if kind else "",
        hue_of(name),
        initials(name),
    )


@register.simple_tag(takes_context=True)
def moment(context: Any, value: datetime.datetime) -> SafeString:
    """When it was, in words near now; the exact time on hover and for machines."""
    formats: Formats = context["formats"]
    return moment_html(formats, value)


def moment_html(formats: Formats, value: datetime.datetime, shown: str = "") -> SafeString:
    """As the tag, for Python; `shown` in place of words near now."""
    return _time_html(formats, value, shown or formats.moment(value))


def _time_html(formats: Formats, value: datetime.datetime, shown: str) -> SafeString:
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', value.isoformat(), formats.date_time(value), shown
    )


@register.simple_tag(takes_context=True)
def until(context: Any, value: datetime.datetime) -> SafeString:
    """When it will be: counted in days while near, else the date; exactly on hover and for machines."""
    formats: Formats = context["formats"]
    return _time_html(formats, value, formats.until(value))


@register.simple_tag(takes_context=True)
def date_time(context: Any, value: datetime.datetime) -> SafeString:
    """Day and time in full."""
    formats: Formats = context["formats"]
    return _time_html(formats, value, formats.date_time(value))


@register.simple_tag(takes_context=True)
def money(context: Any, amount: Decimal, currency: str) -> str:
    """An amount in its currency."""
    formats: Formats = context["formats"]
    return formats.money(amount, currency)


@register.simple_tag(takes_context=True)
def number(context: Any, value: int) -> str:
    """A count."""
    formats: Formats = context["formats"]
    return formats.number(Decimal(value))


@register.simple_tag(takes_context=True)
def day(context: Any, value: datetime.date) -> str:
    """A day, in words near today."""
    formats: Formats = context["formats"]
    return formats.day(value)


@register.filter
def inline(label: str) -> str:
    """A label inside a sentence: English writes it small, German nouns stay as they are."""
    text = str(label)
    return text[:1].lower() + text[1:] if get_language() == "en" and text[1:2].islower() else text
