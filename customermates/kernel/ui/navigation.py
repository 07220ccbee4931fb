"""What pages there are to go to: packages register theirs in `AppConfig.ready()`, the shell shows them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from django.urls import reverse
from django.utils.functional import Promise

from customermates.kernel.registry import Registry

Words = str | Promise
Permission = tuple[Literal["read", "write", "delete"], str]  # ("read", "contacts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One place to go. `permission` None is for everybody who is signed in."""

    url_name: str
    label: Words
    icon: str
    permission: Permission | None = None
    key: str = ""  # the letter that goes there after `g`
    badge: Callable[[Any], int] | None = None  # actor -> the number shown beside it, 0 for none
    is_wanted: Callable[[Any], bool] | None = None  # actor -> whether there is anything to do there now

    @property
    def url(self) -> str:
        """Its address."""
        return reverse(self.url_name)

    def is_open_to(self, actor: Any) -> bool:
        """Whether `actor` may go there."""
        may = self.permission is None or actor.can(*self.permission)
        return may and (self.is_wanted is None or self.is_wanted(actor))


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsPage(Page):
    """A page of the settings, listed in its group."""

    group: Literal["account", "company"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Action(Page):
    """Something to start from the palette: its address with `query`, such as a form to create a record."""

    query: str = ""
    is_form: bool = False  # whether it opens in a sheet over the page


NAVIGATION: Registry[Page] = Registry("page")
SETTINGS: Registry[SettingsPage] = Registry("settings page")
ACTIONS: Registry[Action] = Registry("palette action")
