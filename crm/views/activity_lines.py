"""Activities in words: "changed stage of 3 deals"."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.activity import Activity
from crm.entities import ENTITIES, Entity
from customermates.kernel.ui.template_tags import inline


class ActivityLine(NamedTuple):
    """One activity as a page shows it."""

    who: str
    is_agent: bool
    did: SafeString
    icon: str
    reason: str
    at: datetime
    url: str  # where to see it; "" when it is gone


def activity_line(activity: Activity) -> ActivityLine:
    """The activity in words, with the way to what it is about."""
    url = _address(activity)
    did, icon = _did(activity, url), activity.entity.icon
    return ActivityLine(activity.who, activity.is_agent, did, icon, activity.reason, activity.at, url)


def records_in_words(entity: Entity, count: int, *, is_cut: bool = False) -> str:
    """How many of what: "3 deals", "1 deal", and "200+ deals" when there are more."""
    label = entity.one if count == 1 else entity.label
    return f"{count}{'+' if is_cut else ''} {inline(str(label))}"


def _did(activity: Activity, url: str) -> SafeString:
    what = _what(activity, url)
    if activity.what == "created":
        return _filled(_("created %(what)s"), what=what)
    if activity.what == "deleted":
        return _filled(_("moved %(what)s to the trash"), what=what)
    labels = [field_label(activity.entity, name) for name in activity.fields]
    if len(labels) == 1:
        return _filled(_("changed %(field)s of %(what)s"), field=labels[0], what=what)
    return _filled(_("changed %(what)s"), what=what)


def _what(activity: Activity, url: str) -> SafeString:
    """The one record by kind and name, several by their number."""
    if activity.in_all > activity.count:
        words = ngettext("%(n)d record", "%(n)d records", activity.in_all)
        return format_html("{}", words % {"n": activity.in_all})
    if activity.count > 1:
        return format_html("{}", records_in_words(activity.entity, activity.count))
    [name] = activity.records.values()
    kind = inline(str(activity.entity.one))
    link = format_html('<a class="link" href="{}">{}</a>', url, name) if url else format_html("{}", name)
    return format_html("{} {}", kind, link)


def field_label(entity: Entity, name: str) -> str:
    """What people call what an event names, inside a sentence."""
    if own := entity.by_name.get(name):
        return inline(str(own.label))
    if name in entity.writes:
        target = ENTITIES.find(entity.writes[name].target)
        return inline(str(target.label)) if target else _("assignees")
    return _("custom fields")


def _address(activity: Activity) -> str:
    """The record, or the page that lists what the change set did to several."""
    if activity.in_all > 1:
        return reverse("changes", args=[activity.change_set])
    [pk] = activity.records
    return "" if pk in activity.gone else reverse(activity.entity.name, args=[pk])


def _filled(sentence: str, **parts: str) -> SafeString:
    return SafeString(conditional_escape(sentence) % {k: conditional_escape(v) for k, v in parts.items()})
