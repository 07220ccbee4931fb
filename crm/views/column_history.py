"""What became of a column while somebody had its form open."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.attribution import who_did
from crm.column_list import changes_since
from crm.field_types import CUSTOM_TYPES, Json
from crm.models import CustomColumn
from crm.views.column_settings import settings_html
from crm.views.faces import Look

_PARTS: Mapping[str, str | Promise] = {
    "label": gettext_lazy("Label"),
    "description": gettext_lazy("Description"),
    "required": gettext_lazy("Required"),
    "options": gettext_lazy("Options"),
}


class ChangedPart(NamedTuple):
    """One part of a column before and after a change."""

    label: str | Promise
    previous: SafeString
    current: SafeString


class Meanwhile(NamedTuple):
    """One change by somebody else."""

    who: str
    at: datetime
    parts: list[ChangedPart]


def changed_meanwhile(look: Look, column: CustomColumn, version: int) -> list[Meanwhile]:
    """All that was done to `column` since it had `version`, the first first."""
    events = changes_since(look.setup.actor, column, version)
    return [Meanwhile(who_did(e), e.created_at, _parts(look, column, e.changes)) for e in events]


def _parts(look: Look, column: CustomColumn, changes: Mapping[str, Any]) -> list[ChangedPart]:
    return [
        ChangedPart(
            label, *(_shown(look, column, name, changes[name][side]) for side in ("previous", "current"))
        )
        for name, label in _PARTS.items()
        if name in changes
    ]


def _shown(look: Look, column: CustomColumn, name: str, value: Json) -> SafeString:
    if name == "options" and value:
        return settings_html(CUSTOM_TYPES[column.type].settings, value, look)
    if isinstance(value, bool):
        value = _("Yes") if value else _("No")
    return SafeString(conditional_escape(value or "–"))
