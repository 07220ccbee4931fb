"""The parts of a record's page that are edited in place, and drawn anew after it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from crm.catalog import Field
from crm.field_types import SingleSelectType
from crm.views.faces import avatar_shape, field_html
from crm.views.properties import properties
from crm.views.shown import Shown
from customermates.kernel.errors import Issue, NotFound


def base_context(shown: Shown) -> dict[str, Any]:
    """What every part needs."""
    return {
        "shown": shown,
        "entity": shown.entity,
        "url": shown.url,
        "list_url": reverse(shown.entity.plural) + shown.list_query,
    }


def hero_context(shown: Shown) -> dict[str, Any]:
    """Name, badges and what stands below the name."""
    shape = f"{avatar_shape(shown.entity.name)} xl".strip()
    badges = [field_html(shown.look, field, shown.row) for field in _badges(shown)]
    under = [field_html(shown.look, f, shown.row, shown.links) for f in shown.fields(shown.entity.subtitle)]
    return {
        "shape": shape,
        "badges": [badge for badge in badges if badge],
        "subtitle": [part for part in under if part],
        **_tick(shown),
    }


def _tick(shown: Shown) -> dict[str, Any]:
    """What ticks the record off or opens it again, where it is something to do."""
    if not (shown.entity.ticks and shown.may_write):
        return {}
    name, todo, done = shown.entity.ticks
    is_done = shown.row[shown.entity.by_name[name].attr] == done
    return {"tick_field": name, "tick_value": todo if is_done else done, "is_done": is_done}


def properties_context(shown: Shown) -> dict[str, Any]:
    """The lines of the properties."""
    return {
        "properties": properties(shown),
        "may_set_up": shown.setup.actor.can("write", "columns"),
    }


PARTS = {
    "hero": ("crm/_record_hero.html", hero_context),
    "properties": ("crm/_record_properties.html", properties_context),
}


def redrawn_part(shown: Shown, part: str) -> HttpResponse:
    """One part of the page that is edited in place."""
    if part not in PARTS:
        raise NotFound(Issue("part", "unknown_choice", {"allowed": list(PARTS)}))
    template, context = PARTS[part]
    return render(shown.request, template, {**base_context(shown), **context(shown)})


def _badges(shown: Shown) -> list[Field]:
    """The choices at a glance: those the entity names, else the first that the company added."""
    catalog = shown.setup.catalog(shown.entity)
    own = shown.fields(shown.entity.badges)
    return own or [f for f in catalog.custom.values() if isinstance(f.type, SingleSelectType)][:1]
