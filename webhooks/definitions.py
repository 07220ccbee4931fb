"""What callers sent about an endpoint, read and checked into one that is not saved yet."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from accounts.models import Company
from customermates.kernel.errors import Issue, ValidationFailed
from customermates.kernel.jsontext import dumps_text
from customermates.kernel.nearest import nearest
from customermates.kernel.sealing import Unreadable, seal, unseal
from webhooks.catalog import EVERYTHING, SOURCES, Json, entities_of, patterns
from webhooks.guard import url_issues
from webhooks.models import Endpoint
from webhooks.signing import PREFIX, is_usable

NAMES = ("url", "description", "events", "filters", "idsOnly", "ordered", "headers", "enabled", "secret")
DESCRIPTION_LENGTH = 255
SECRET_LENGTHS = (8, 255)
HEADERS_LIMIT = 20
HEADER_NAME_LENGTH = 128
HEADER_VALUE_LENGTH = 2048
HEADERS_LENGTH = 8192  # of all names and values together

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)  # RFC 9110 §5.6.2
_VALUE = re.compile(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?", re.ASCII)
# What a delivery says about itself, and what belongs to the connection.
_RESERVED = {
    *(
        "accept-encoding",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "host",
    ),
    *("keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "user-agent", "x-webhook-signature"),
}
_RESERVED_STARTS = ("webhook-", "x-customermates-", "proxy-")


@dataclass(slots=True)
class EndpointReader:
    """Reads values into an endpoint; everything wrong is gathered, and raised by `done`."""

    endpoint: Endpoint
    company: Company
    values: Mapping[str, Json]
    secret: str | None = None  # that the caller typed
    issues: list[Issue] = field(default_factory=list)
    _origin: tuple[str, ...] = ()

    def read(self) -> None:
        """Assign all that the caller sent; filters after events, since they must be about the same."""
        allowed = (*NAMES, *(() if self._is_new else ("expectedVersion",)))
        for name in self.values.keys() - set(allowed):
            params = {"allowed": list(allowed), "nearest": nearest(name, allowed)}
            self._refuse(name[:80], "unknown_argument", **params)
        self._each("url", self._url, required=True)
        self._each("description", self._description)
        self._each("events", self._events, required=True)
        for name, attr in (("idsOnly", "ids_only"), ("ordered", "ordered"), ("enabled", "enabled")):
            self._each(name, self._truth(name, attr))
        self._each("headers", self._headers)
        if self._moves_away and self.endpoint.headers_sealed and "headers" not in self.values:
            self._refuse("headers", "header_for_other_host")
        self._each("secret", self._secret)
        self._check_version()
        if self.endpoint.events and self.values.keys() & {"filters", "events"}:
            self._filters(self.values.get("filters", self.endpoint.filters))

    def done(self) -> None:
        """Raise what was gathered."""
        ValidationFailed.raise_if(self.issues)

    def __post_init__(self) -> None:
        self._origin = _origin(self.endpoint.url)

    @property
    def _moves_away(self) -> bool:
        """Whether deliveries would go to another host than before."""
        return _origin(self.endpoint.url) != self._origin

    @property
    def _is_new(self) -> bool:
        return self.endpoint._state.adding

    def _each(self, name: str, read: Callable[[Json], None], *, required: bool = False) -> None:
        if name in self.values:
            read(self.values[name])
        elif required and self._is_new:
            self._refuse(name, "required")

    def _url(self, raw: Json) -> None:
        if not isinstance(raw, str) or not raw.strip():
            self._refuse("url", "wrong_type", expected="a URL", example="https://example.com/webhooks")
            return
        self.endpoint.url = raw.strip()
        self.issues += url_issues(self.endpoint.url)

    def _description(self, raw: Json) -> None:
        text = "" if raw is None else raw
        if not isinstance(text, str) or "\0" in text:
            self._refuse("description", "wrong_type", expected="a text")
        elif len(text.strip()) > DESCRIPTION_LENGTH:
            self._refuse("description", "too_long", limit=DESCRIPTION_LENGTH)
        else:
            self.endpoint.description = text.strip()

    def _events(self, raw: Json) -> None:
        allowed = patterns()
        if not isinstance(raw, list) or not raw or not all(isinstance(name, str) for name in raw):
            self._refuse("events", "wrong_type", expected="a list of events", allowed=allowed)
            return
        for position, name in enumerate(raw[: len(allowed) + 1]):
            if name not in allowed:
                params = {"event": name[:80], "allowed": allowed, "nearest": nearest(name, allowed)}
                self._refuse(f"events[{position}]", "unknown_event", **params)
        self.endpoint.events = [EVERYTHING] if EVERYTHING in raw else list(dict.fromkeys(raw))

    def _truth(self, name: str, attr: str) -> Callable[[Json], None]:
        def read(raw: Json) -> None:
            if isinstance(raw, bool):
                setattr(self.endpoint, attr, raw)
            else:
                self._refuse(name, "wrong_type", expected="true or false")

        return read

    def _filters(self, raw: Json) -> None:
        """`{entity: rules}`; those of entities that the endpoint is told of no more go away by themselves."""
        told = entities_of(self.endpoint.events)
        if raw is None:
            raw = {}
        if not isinstance(raw, dict):
            example: dict[str, Json] = {told[0]: []} if told else {}
            self._refuse("filters", "wrong_type", expected="an object of rules by entity", example=example)
            return
        found: dict[str, Json] = {}
        for entity, rules in raw.items():
            if entity in told:
                found[entity] = rules
                self._check_filter(entity, rules)
            elif "filters" in self.values:
                self._refuse(f"filters.{entity[:80]}", "filter_of_other_entity", allowed=told)
        self.endpoint.filters = {entity: rules for entity, rules in found.items() if rules}

    def _check_filter(self, entity: str, rules: Json) -> None:
        try:
            SOURCES.get(entity).check(self.company, rules)
        except ValidationFailed as error:
            for issue in error.issues:
                path = issue.field.replace("filters", f"filters.{entity}", 1)
                self.issues.append(Issue(path, issue.code, issue.params))

    def _headers(self, raw: Json) -> None:
        """`{name: value}`, all there shall be; a value of null keeps the stored one, which nobody can read.

        Values are not kept for another host: whoever aims the endpoint there could read them.
        """
        if not isinstance(raw, dict):
            self._refuse("headers", "wrong_type", expected="an object", example={"Authorization": "Bearer …"})
            return
        if len(raw) > HEADERS_LIMIT:
            self._refuse("headers", "too_many", limit=HEADERS_LIMIT)
            return
        stored = stored_headers(self.endpoint)
        kept = {} if self._moves_away else {name.lower(): value for name, value in stored.items()}
        headers: dict[str, str] = {}
        for name, sent in raw.items():
            value = kept.get(name.lower()) if sent is None else sent
            if sent is None and value is None and name in stored:
                self._refuse(f"headers.{name}", "header_for_other_host")
            elif self._is_header(name, value, headers):
                headers[name] = str(value)
        if sum(len(name) + len(value) for name, value in headers.items()) > HEADERS_LENGTH:
            self._refuse("headers", "too_long", limit=HEADERS_LENGTH)
        self.endpoint.header_names = list(headers)
        if headers != stored:  # sealing the same again would look like a change
            self.endpoint.headers_sealed = seal(dumps_text(headers)) if headers else ""

    def _is_header(self, name: str, value: Any, others: Mapping[str, str]) -> bool:
        lower, path = name.lower(), f"headers.{name[:80]}"
        if not _TOKEN.fullmatch(name) or len(name) > HEADER_NAME_LENGTH:
            self._refuse(path, "header_name", limit=HEADER_NAME_LENGTH)
        elif lower in _RESERVED or lower.startswith(_RESERVED_STARTS):
            self._refuse(path, "header_reserved")
        elif lower in {other.lower() for other in others}:
            self._refuse(path, "header_twice")
        elif not isinstance(value, str) or len(value) > HEADER_VALUE_LENGTH or not _VALUE.fullmatch(value):
            self._refuse(path, "header_value", limit=HEADER_VALUE_LENGTH)
        else:
            return True
        return False

    def _secret(self, raw: Json) -> None:
        """A typed secret of a new endpoint; later ones come by rotation, with an overlap."""
        if not self._is_new:
            self._refuse("secret", "secret_by_rotation")
        elif issues := secret_issues(raw):
            self.issues += issues
        else:
            self.secret = raw

    def _check_version(self) -> None:
        sent = self.values.get("expectedVersion")
        if sent is not None and sent != self.endpoint.version:
            self.issues.append(stale_endpoint(self.endpoint))

    def _refuse(self, path: str, code: str, **params: object) -> None:
        self.issues.append(Issue(path, code, params))


def stale_endpoint(endpoint: Endpoint) -> Issue:
    """The endpoint has moved on from the version that the caller saw."""
    current = endpoint.version
    return Issue("expectedVersion", "stale_webhook", {"current": current, "example": current})


def _origin(url: str) -> tuple[str, ...]:
    """Scheme, host and port; an address that is none has been refused already."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ()
    return parts.scheme, parts.netloc.lower()


def secret_issues(raw: Json) -> list[Issue]:
    """What is wrong with a secret that somebody typed; it is never repeated."""
    shortest, longest = SECRET_LENGTHS
    if not isinstance(raw, str) or not raw.isprintable() or not shortest <= len(raw) <= longest:
        return [Issue("secret", "secret_form", {"shortest": shortest, "longest": longest})]
    return [] if is_usable(raw) else [Issue("secret", "secret_not_base64", {"prefix": PREFIX})]


def stored_headers(endpoint: Endpoint) -> dict[str, str]:
    """The custom headers of the endpoint; none when they cannot be read any more."""
    if not endpoint.headers_sealed:
        return {}
    try:
        headers: dict[str, str] = json.loads(unseal(endpoint.headers_sealed))
    except Unreadable:
        return {}
    return headers


def definition(endpoint: Endpoint) -> dict[str, Json]:
    """The endpoint as its owners set it up, in JSON names; secrets and values of headers are not in it."""
    return {
        "url": endpoint.url,
        "description": endpoint.description,
        "events": endpoint.events,
        "filters": endpoint.filters,
        "idsOnly": endpoint.ids_only,
        "ordered": endpoint.ordered,
        "headerNames": endpoint.header_names,
        "enabled": endpoint.enabled,
    }
