"""Errors are values: what is wrong, where, and what to send instead.

Services raise one of five errors; each carries issues. A door (web, REST, MCP, import) turns an
issue into a sentence with `kernel.sentences.sentence`; nothing below the doors writes prose.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType


def _no_params() -> Mapping[str, object]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing wrong with one field.

    `field` is a path in the caller's own names ("organizationIds[2]"; "" is the whole row).
    `params` fill the code's sentence; `allowed`, `nearest`, `example` and `hint` are appended to
    any sentence. `row` is the 0-based position in a batch.
    """

    field: str
    code: str
    params: Mapping[str, object] = dataclasses.field(default_factory=_no_params)
    row: int = 0

    def at(self, *, row: int) -> Issue:
        """The same issue, told of another row."""
        return replace(self, row=row)

    def below(self, prefix: str) -> Issue:
        """The same issue with its path moved under `prefix`."""
        if not self.field or self.field.startswith("["):
            return replace(self, field=f"{prefix}{self.field}")
        return replace(self, field=f"{prefix}.{self.field}")


class ProductError(Exception):
    """An expected failure that a caller can understand and mend."""

    code = "error"

    def __init__(self, *issues: Issue) -> None:
        super().__init__("; ".join(f"{issue.field or '·'}: {issue.code}" for issue in issues))
        self.issues = issues


class ValidationFailed(ProductError):
    """The input is wrong; every issue of every row is here."""

    code = "validation"

    @classmethod
    def raise_if(cls, issues: Iterable[Issue]) -> None:
        """Raise when there is any issue, ordered by row."""
        if found := sorted(issues, key=lambda issue: issue.row):
            raise cls(*found)


class NotFound(ProductError):
    """Something named does not exist or is invisible to the actor: both look alike."""

    code = "not_found"


class NotAllowed(ProductError):
    """The actor's role or key does not permit this."""

    code = "not_allowed"


class Conflict(ProductError):
    """The world has moved on since the caller looked."""

    code = "conflict"


class RateLimited(ProductError):
    """Too many requests; try again after `retry_after_seconds`."""

    code = "rate_limited"

    def __init__(self, *, retry_after_seconds: int, limit: int = 0) -> None:
        params = {"seconds": retry_after_seconds, "limit": limit}
        super().__init__(Issue("", "rate_limited", params))
        self.retry_after_seconds = retry_after_seconds
        self.limit = limit
