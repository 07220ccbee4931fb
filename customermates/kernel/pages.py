"""The sizes that a page of a list can have, the same at every door."""

from __future__ import annotations

PAGE_SIZES = (5, 10, 25, 50, 100)
