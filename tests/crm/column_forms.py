"""What tests of the pages of custom columns share: their addresses, and what their forms send."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from django.test import Client

from accounts.models import User
from crm.models import CustomColumn
from tests.crm.columns import options_of

LIST = "/settings/columns/"
NEW = "/settings/columns/new/"
ROWS = {"label": "Tier", "row": ["a", "b"], "label:a": "Gold", "label:b": "Silver", "color:a": "amber"}


def browser(user: User, *, checks: bool = False) -> Client:
    client = Client(enforce_csrf_checks=checks)
    client.force_login(user)
    return client


def new(type: str, entity: str = "contact") -> str:
    return f"{NEW}?entity={entity}&type={type}"


def url(made: CustomColumn, what: str = "") -> str:
    return f"{LIST}{made.pk}/{what}"


def value_of(made: CustomColumn, label: str) -> str:
    return str(options_of(made, label)["options"][0]["value"])


def form_of(made: CustomColumn, **changes: Any) -> dict[str, Any]:
    """What the form of a select sends when nothing was touched, with `changes`."""
    rows = made.options["options"]
    form: dict[str, Any] = {"version": made.version, "label": made.label, "description": made.description}
    form["row"] = [row["value"] for row in rows]
    form["default"] = [row["value"] for row in rows if row["isDefault"]] or [""]
    for row in rows:
        form |= {f"label:{row['value']}": row["label"], f"color:{row['value']}": row["color"]}
    return form | changes


def without(form: dict[str, Any], *values: str) -> dict[str, Any]:
    """The form with some rows gone."""
    return form | {"row": [key for key in form["row"] if key not in values], "gone": list(values)}


def options_now(made: CustomColumn) -> list[tuple[str, str, bool]]:
    made.refresh_from_db()
    return [(row["label"], row["color"], row["isDefault"]) for row in made.options["options"]]


def labels_in(page: str) -> list[str]:
    form = page.split("<template")[0]
    return [unescape(found) for found in re.findall(r'name="label:[^"]+" value="([^"]*)"', form)]


def assert_near(page: str, mark: str, words: str) -> None:
    assert mark in page, mark
    assert words in page.split(mark)[1][:300], (mark, words)
