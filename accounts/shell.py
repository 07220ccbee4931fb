"""The frame of every page: who is here, where they can go, how things are shown to them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpRequest

from accounts.actor import Actor
from accounts.models import User
from accounts.pages import PageRequest
from customermates.kernel.ui.navigation import ACTIONS, NAVIGATION, SETTINGS, Action, Page, SettingsPage


@dataclass(frozen=True)
class Shell:
    """What `base.html` draws around a page; nothing is looked up before it is drawn."""

    request: PageRequest

    @property
    def user(self) -> User:
        """The person."""
        return self.request.user

    @property
    def actor(self) -> Actor:
        """The person at work."""
        return self.request.actor

    @cached_property
    def pages(self) -> list[dict[str, Any]]:
        """The main pages open to them: page, address, whether it is here, and the number beside it."""
        return [self._shown(page) for page in NAVIGATION.values() if page.is_open_to(self.actor)]

    @cached_property
    def settings(self) -> dict[str, list[dict[str, Any]]]:
        """The settings pages open to them, by group."""
        groups: dict[str, list[dict[str, Any]]] = {"account": [], "company": []}
        for page in SETTINGS.values():
            if page.is_open_to(self.actor):
                groups[page.group].append(self._shown(page))
        return groups

    @cached_property
    def forms(self) -> list[Action]:
        """What they may create from anywhere, in a sheet over the page."""
        return [action for action in ACTIONS.values() if action.is_form and action.is_open_to(self.actor)]

    @property
    def is_in_settings(self) -> bool:
        """Whether this is a page of the settings."""
        return any(self.request.path.startswith(page.url) for page in SETTINGS.values())

    def _shown(self, page: Page) -> dict[str, Any]:
        url = page.url
        path = self.request.path
        # "/deals/board/" is in deals, "/settings/keys/new/" in keys.
        is_setting = isinstance(page, SettingsPage)
        here = path.startswith(url) if is_setting else path.split("/")[1] == url.split("/")[1]
        return {
            "page": page,
            "url": url,
            "is_here": here,
            "badge": page.badge(self.actor) if page.badge else 0,
        }


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `shell` and `formats`, on pages of signed-in people."""
    if not hasattr(request, "actor"):
        return {}
    asked: Any = request
    return {"shell": Shell(asked), "formats": asked.formats}
