"""Pages by number, for lists that are short enough to be counted."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from customermates.kernel.errors import Issue, ValidationFailed
from customermates.kernel.pages import PAGE_SIZES

LAST_PAGE = 10**6


def read_pages(asked: Mapping[str, Any], *, default_size: int, path: str = "") -> tuple[int, int]:
    """`(page, pageSize)` as they were asked for; ValidationFailed with paths below `path`."""
    page, size = asked.get("page", 1), asked.get("pageSize", default_size)
    issues = []
    if type(page) is not int or not 1 <= page <= LAST_PAGE:
        issues.append(Issue("page", "wrong_type", {"expected": "a whole number from 1"}))
    issues += size_issues(size)
    ValidationFailed.raise_if(issue.below(path) if path else issue for issue in issues)
    return page, size


def size_issues(size: Any) -> list[Issue]:
    """What is wrong with the size of a page."""
    if type(size) is int and size in PAGE_SIZES:
        return []
    return [Issue("pageSize", "invalid_choice", {"allowed": list(PAGE_SIZES)})]


def pagination(page: int, size: int, total: int) -> dict[str, Any]:
    """The `pagination` of an answer whose total is exact."""
    return {
        "page": page,
        "pageSize": size,
        "totalPages": max(1, math.ceil(total / size)),
        "total": total,
        "totalIsExact": True,
        "nextCursor": None,
    }
