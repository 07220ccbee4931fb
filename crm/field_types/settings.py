"""What people can set about a column of some type: each setting once, as data.

A type lists its settings, and the form of a column asks for them in that order. What a setting takes is
decided by the type's `read_options`; here is only what it is called and what kind of control asks for it.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise

Words = str | Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One member of a column's options."""

    name: str
    label: Words
    help: Words = ""
    is_fixed: bool = False  # whether it never changes once the column exists


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSetting(Setting):
    """A few characters."""

    max_length: int
    example: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchSetting(Setting):
    """On or off; off at first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberSetting(Setting):
    """A whole number up to `limit`, one of few enough to stand side by side."""

    limit: int
    start: int = 0

    @property
    def values(self) -> range:
        """All of them."""
        return range(self.limit + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColorSetting(Setting):
    """One of the ten colours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencySetting(Setting):
    """A currency; the company's own at first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DateFormatSetting(Setting):
    """How days are written, one of `formats`."""

    formats: tuple[str, ...]
    start: str
    has_time: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionsSetting(Setting):
    """The choices of a select, with their colours, order and default."""

    several_defaults: bool = False
