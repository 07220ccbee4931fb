"""Operations of the REST API as data: the function that answers, and all that the document says of it.

A route is a path with one operation for each method. The door checks what comes in against the
operation, the OpenAPI document is written from it, and tests walk the same table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from accounts.api.calls import Answer, Call

Json = Any
Schema = Mapping[str, Any]  # JSON Schema 2020-12, the dialect of OpenAPI 3.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A query parameter. Its schema's type says how its text is read."""

    name: str
    description: str
    schema: Schema = field(default_factory=lambda: {"type": "string"})
    example: Json = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one path."""

    run: Callable[[Call], Answer]
    id: str  # "createContact", the name of the function in generated clients
    tag: str
    summary: str
    description: str = ""
    answer: Schema
    example: Json = None  # of the answer
    status: int = 200
    body: Schema | None = None
    body_example: Json = None
    body_may_lack: bool = False
    query: tuple[Parameter, ...] = ()
    needs: tuple[str, ...] = ()  # scopes, all of them
    writes: bool = False  # then it takes Idempotency-Key and counts as a write
    guarded: bool = False  # takes If-Match
    errors: tuple[int, ...] = ()  # statuses beside those that every operation can answer with
    by_person: bool = False  # opens with a session only, never with a key
    tells_secret: bool = False  # its answer is never kept, so a retry cannot be answered with it


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A path below /api/v1/ in Django's notation, with its operations by HTTP method."""

    path: str
    name: str
    operations: Mapping[str, Operation]


FIELDS = Parameter(
    name="fields",
    description="Only these members of each record, separated by commas; `id` always comes along.",
    example="id,name,version",
)
DRY_RUN = Parameter(
    name="dryRun",
    description="`true` checks everything and answers what would change, and changes nothing.",
    schema={"type": "boolean"},
)
EXACT_TOTAL = Parameter(
    name="exactTotal",
    description="`true` counts beyond 10,000 too.",
    schema={"type": "boolean"},
)
