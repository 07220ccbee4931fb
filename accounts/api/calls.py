"""One call of the API: who asks for what, read strictly, and what it is answered."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.dateparse import parse_datetime

from accounts.actor import Actor
from customermates.kernel.bodies import body_of, check_content, has_body
from customermates.kernel.errors import Issue, ValidationFailed
from customermates.kernel.ids import find_uuid
from customermates.kernel.jsonin import parsed_json
from customermates.kernel.nearest import nearest

if TYPE_CHECKING:
    from accounts.api.operations import Operation

Json = Any
IF_MATCH, IDEMPOTENCY_KEY = "If-Match", "Idempotency-Key"

_ETAG = re.compile(r'(?:W/)?"([0-9]{1,10})"')  # a proxy that compresses weakens it: it means the same version
_WHOLE = re.compile(r"-?\d{1,10}", re.ASCII)
_SHOWN = 80  # characters of a name that an issue repeats
_YEARS = range(1970, 9999)  # with a day to spare in every time zone
_TRUTHS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call whose form is right: known parameters, a JSON object where one is due."""

    actor: Actor
    path: Mapping[str, str]
    query: Mapping[str, Json] = field(default_factory=dict)
    body: Mapping[str, Json] = field(default_factory=dict)
    version: int | None = None  # that the record must have, by If-Match
    idempotency_key: str | None = None

    @property
    def dry_run(self) -> bool:
        """Whether nothing shall be written."""
        return bool(self.query.get("dryRun"))

    @property
    def fields(self) -> list[str] | None:
        """The members of records that are wanted, None for all."""
        text = self.query.get("fields")
        return None if text is None else [name.strip() for name in text.split(",")]

    def guarded(self, values: Mapping[str, Json]) -> dict[str, Json]:
        """`values` with the version of If-Match, as the write path takes it."""
        if self.version is None:
            return dict(values)
        if values.get("expectedVersion", self.version) != self.version:
            raise ValidationFailed(Issue("expectedVersion", "contradicts", {"other": IF_MATCH}))
        return {**values, "expectedVersion": self.version}

    def changes_of(self, pk: UUID) -> dict[str, Json]:
        """The body as changes of what has this id, which the body may repeat, guarded by If-Match."""
        if find_uuid(self.body.get("id", pk)) != pk:
            raise ValidationFailed(Issue("id", "contradicts", {"other": "the id in the path"}))
        return self.guarded({name: value for name, value in self.body.items() if name != "id"})

    def only(self, *names: str) -> Mapping[str, Json]:
        """The body, which may have no other members than these."""
        refuse_unknown(self.body, names)
        return self.body


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a call is answered: JSON, and the version of the record that it shows."""

    body: Json
    status: int = 200
    version: int | None = None
    location: str = ""

    def stored(self) -> dict[str, Json]:
        """The answer as `accounts.idempotency` keeps it."""
        return {
            "body": self.body,
            "status": self.status,
            "version": self.version,
            "location": self.location,
        }


def read_call(request: HttpRequest, operation: Operation, actor: Actor, path: Mapping[str, str]) -> Call:
    """The call that `request` makes; ValidationFailed, BadJson or Refused when its form is wrong."""
    return Call(
        actor=actor,
        path=path,
        query=_query(request, operation),
        body=_body(request, operation),
        version=_version(request) if operation.guarded else None,
        idempotency_key=request.headers.get(IDEMPOTENCY_KEY) if operation.writes else None,
    )


def refuse_unknown(given: Iterable[str], allowed: Iterable[str], *, path: str = "") -> None:
    """Refuse names that mean nothing here: silence would look like success."""
    names = list(allowed)
    ValidationFailed.raise_if(
        Issue(
            f"{path}.{name[:_SHOWN]}" if path else name[:_SHOWN],
            "unknown_argument",
            {"allowed": names, "nearest": nearest(name, names)},
        )
        for name in given
        if name not in names
    )


def moment_of(raw: Json) -> datetime | None:
    """The time that `raw` spells with its zone, or None."""
    try:
        moment = parse_datetime(raw) if isinstance(raw, str) else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo and moment.year in _YEARS else None


def _query(request: HttpRequest, operation: Operation) -> dict[str, Json]:
    known = {parameter.name: parameter for parameter in operation.query}
    refuse_unknown(request.GET, known)
    found: dict[str, Json] = {}
    issues = []
    for name, texts in request.GET.lists():
        kind = known[name].schema.get("type")
        if len(texts) > 1:
            issues.append(Issue(name, "named_twice"))
        elif kind == "boolean" and texts[0] not in _TRUTHS:
            issues.append(Issue(name, "wrong_type", {"expected": "true or false"}))
        elif kind == "integer" and not _WHOLE.fullmatch(texts[0]):
            issues.append(Issue(name, "wrong_type", {"expected": "a whole number"}))
        elif kind == "boolean":
            found[name] = _TRUTHS[texts[0]]
        else:
            found[name] = int(texts[0]) if kind == "integer" else texts[0]
    ValidationFailed.raise_if(issues)
    return found


def _body(request: HttpRequest, operation: Operation) -> Mapping[str, Json]:
    if request.method in ("GET", "HEAD") or (
        not has_body(request) and (operation.body is None or operation.body_may_lack)
    ):
        return {}
    check_content(request)
    body = parsed_json(body_of(request))
    if not isinstance(body, dict):
        raise ValidationFailed(Issue("", "wrong_type", {"expected": "a JSON object"}))
    if operation.body is None:
        refuse_unknown(body, ())
    return body


def _version(request: HttpRequest) -> int | None:
    """The version that If-Match demands; `*` demands only that the record exists, which is always so."""
    header = request.headers.get(IF_MATCH, "*").strip()
    if header == "*":
        return None
    found = _ETAG.fullmatch(header)
    if found is None:
        raise ValidationFailed(Issue(IF_MATCH, "wrong_etag", {"example": '"3"'}))
    return int(found[1])
