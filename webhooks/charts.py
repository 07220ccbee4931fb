"""A week of deliveries as bars: SVG made on the server, coloured by the style sheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from webhooks.queries import Tally

BAR, GAP, HEIGHT = 9, 3, 26
LEAST = 0.06  # of the height, so that one failure among thousands is seen


@dataclass(frozen=True, slots=True)
class DayBar:
    """One day of the week: its name, and what became of its deliveries."""

    name: str
    tally: Tally
    most: int  # finished deliveries of the busiest day of the week

    @property
    def column(self) -> SafeString:
        """The day as one column, in a square of a hundred."""
        return _rects(_bar(0, self.tally, self.most, width=100, height=100))


def week_bars(days: Sequence[DayBar], *, label: str) -> SafeString:
    """One bar for each day, as high as its deliveries are many: arrived below, failed on top."""
    width = len(days) * (BAR + GAP) - GAP
    return format_html(
        '<svg viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" aria-label="{label}">{bars}</svg>',
        w=width,
        h=HEIGHT,
        label=label,
        bars=_rects(
            part
            for place, day in enumerate(days)
            for part in _bar(place * (BAR + GAP), day.tally, day.most, width=BAR, height=HEIGHT)
        ),
    )


Rect = tuple[str, int, str, int, str]  # class, x, y, width, height


def _rects(parts: Iterable[Rect]) -> SafeString:
    return format_html_join("", '<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>', parts)


def _bar(x: int, day: Tally, most: int, *, width: int, height: int) -> Iterator[Rect]:
    least = height * LEAST
    if not (day.delivered or day.failed):
        yield "none", x, f"{height - least:.1f}", width, f"{least:.1f}"
        return
    failed = max(least, height * day.failed / most) if day.failed else 0.0
    delivered = min(max(least, height * day.delivered / most), height - failed) if day.delivered else 0.0
    if delivered:
        yield "ok", x, f"{height - delivered:.1f}", width, f"{delivered:.1f}"
    if failed:
        yield "bad", x, f"{height - delivered - failed:.1f}", width, f"{failed:.1f}"
