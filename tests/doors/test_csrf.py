"""No other site's page makes a signed-in person's browser write: every form and request needs the token."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver

from accounts.models import User
from tests import people
from tests.doors.page_probes import ids_in_path
from tests.doors.test_two_companies import PATHS, ROUTES, filled, routes
from tests.doors.worlds import House, rows_of

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
# {route: why it needs no token}
EXEMPT = {
    "mcp": "it knows no cookies: what opens it is the key that each call carries",
    "api_nowhere": "it does nothing but say that there is nothing",
}


def addresses(house: House) -> Iterator[tuple[str, str]]:
    """The name and address of every page, with ids of what `house` has itself."""
    key, _ = people.key_of(house.admin, "*", name="Laptop")
    for name, path in routes(get_resolver().url_patterns):
        ids = {"key_id": str(key.pk), "user_id": str(house.user.pk), **ids_in_path(name, house)}
        yield name, filled(PATHS.get(name, f"/{path}"), ids).format(user=house.admin.pk.hex)


def browser(user: User | None) -> Client:
    """A browser whose requests are checked as in production."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    if user:
        client.force_login(user)
    return client


def is_refused(answer: Any) -> bool:
    """Whether it was the missing token that stopped a request; the API asks who is there first."""
    if answer["Content-Type"] == "application/json":
        refusals = {403: b'"code":"csrf"', 401: b'"code":"unauthenticated"'}
        return refusals.get(answer.status_code, b"none") in answer.content
    return answer.status_code == 403 and "403_csrf.html" in {template.name for template in answer.templates}


@pytest.mark.parametrize("who", ["nobody", "admin"])
def test_nothing_is_written_without_the_token(ours: House, who: str) -> None:
    client = browser(ours.admin if who == "admin" else None)
    asked = [(name, url) for name, url in addresses(ours) if name not in EXEMPT]
    assert len(asked) > 100
    before = rows_of()
    for name, url in asked:
        for method in ("post", "put", "patch", "delete"):
            body = ROUTES[name](ours) if method == "post" else None
            assert is_refused(getattr(client, method)(url, body)), (name, method)
        made_up = {"X-CSRFToken": "a" * 64, "HX-Request": "true"}
        assert is_refused(client.post(url, ROUTES[name](ours), headers=made_up)), name
    assert rows_of() == before


def test_with_the_token_the_same_requests_come_through(ours: House) -> None:
    for name, url in list(addresses(ours)):
        client = browser(ours.admin)
        client.get("/settings/profile/")
        token = {"X-CSRFToken": client.cookies["csrftoken"].value}
        assert not is_refused(client.post(url, ROUTES[name](ours), headers=token)), name


class _Forms(HTMLParser):
    """The forms of a page that write: their addresses, and whether they carry the token."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, bool] = {}
        self._open: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            is_post = (given.get("method") or "get").lower() == "post"
            self._open = (given.get("action") or "(here)") if is_post else None
            if self._open:
                self.found.setdefault(self._open, False)
        elif tag == "input" and self._open and given.get("name") == "csrfmiddlewaretoken":
            self.found[self._open] = bool(given.get("value"))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["whole", "part"])
@pytest.mark.parametrize("who", ["nobody", "admin"])
def test_every_form_that_writes_carries_the_token(ours: House, who: str, headers: dict[str, str]) -> None:
    client = browser(ours.admin if who == "admin" else None)
    bare, seen = [], set()
    for name, url in addresses(ours):
        forms = _Forms()
        forms.feed(client.get(url, headers=headers).content.decode())
        bare += [f"{name}: {action}" for action, has_token in forms.found.items() if not has_token]
        seen |= set(forms.found)
    assert not bare
    assert len(seen) > (30 if who == "admin" else 1), seen


def test_no_template_has_a_form_without_it() -> None:
    forms = [
        (path.name, form)
        for path in TEMPLATES.rglob("*.html")
        for form in re.findall(r'<form\b[^>]*method="post".*?</form>', path.read_text(), re.DOTALL)
    ]
    assert len(forms) > 30
    assert not [(name, form[:120]) for name, form in forms if "{% csrf_token %}" not in form]
