"""One request to a stranger's address: guarded, bounded in time and size, and never followed elsewhere.

The only module that opens connections. It uses httpx's transport instead of its client: no cookies
that one tenant's receiver could plant for another's, no redirects, no proxies from the environment.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import httpx
from ssrfguard import SSRFGuardError
from ssrfguard.httpx import AsyncSafeTransport

from webhooks.guard import Scheme, policy

DEADLINE_SECONDS = 10.0  # for the whole exchange, from the name's lookup to the last byte
CONNECT_SECONDS = 3.0
READ_LIMIT = 8 * 1024  # bytes of an answer that are read at all
EXCERPT_LIMIT = 2 * 1024  # bytes of it that are kept
HEADERS_KEPT = 20
HEADER_LENGTH = 256

# httpx's own times are for each read or write; the deadline around everything is ours.
_TIMES = {
    "connect": CONNECT_SECONDS,
    "read": DEADLINE_SECONDS,
    "write": DEADLINE_SECONDS,
    "pool": DEADLINE_SECONDS,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `status_code` None is no answer; then `error` says why.

    Blocked and unreachable are both "unreachable": the difference would tell strangers about our network.
    """

    status_code: int | None
    error: str  # "", "timeout", "unreachable", "tls", "protocol"
    duration_ms: int
    headers: Mapping[str, str] = field(default_factory=dict)
    excerpt: str = ""


class Sender:
    """Sends requests over connections that are shared and kept for a moment."""

    def __init__(self, *, connections: int, deadline: float = DEADLINE_SECONDS) -> None:
        self._deadline = deadline
        context = httpx.create_ssl_context()  # SSL_CERT_FILE of the environment counts
        self._transports: Mapping[str, AsyncSafeTransport] = {
            scheme: _transport(scheme, context, connections) for scheme in _SCHEMES
        }
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        for transport in self._transports.values():
            await self._stack.enter_async_context(transport)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def post(self, url: str, *, headers: Mapping[str, str], body: bytes) -> Answer:
        """The answer to the request, or why there is none; never an exception, never after the deadline."""
        started = time.monotonic()
        try:
            async with asyncio.timeout(self._deadline):
                status, shown, excerpt = await self._exchange(url, headers, body)
        except Exception as error:  # whatever a stranger provokes is an attempt that failed
            return Answer(None, _reason(error), _since(started))
        return Answer(status, "", _since(started), shown, excerpt)

    async def _exchange(
        self, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Mapping[str, str], str]:
        request = httpx.Request(
            "POST", url, headers=dict(headers), content=body, extensions={"timeout": dict(_TIMES)}
        )
        response = await self._transports[request.url.scheme].handle_async_request(request)
        read = bytearray()
        try:
            stream = response.stream
            assert isinstance(stream, httpx.AsyncByteStream)
            async for chunk in stream:  # as it comes: what is compressed stays so
                read += chunk[: READ_LIMIT - len(read)]
                if len(read) >= READ_LIMIT:
                    break
        finally:
            await response.aclose()
        return response.status_code, _kept(response.headers), _excerpt(bytes(read))


_SCHEMES: tuple[Scheme, ...] = ("https", "http")


def _transport(scheme: Scheme, context: ssl.SSLContext, connections: int) -> AsyncSafeTransport:
    return AsyncSafeTransport(
        policy=policy(scheme),
        verify=context,
        trust_env=False,
        limits=httpx.Limits(
            max_connections=connections, max_keepalive_connections=connections, keepalive_expiry=3.0
        ),
    )


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return "timeout"
    if isinstance(error, SSRFGuardError):
        return "unreachable"
    if isinstance(error, httpx.ConnectError):
        return "tls" if isinstance(_root(error), ssl.SSLError) else "unreachable"
    return "protocol" if isinstance(error, httpx.HTTPError) else "unreachable"


def _root(error: BaseException) -> BaseException:
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
    return error


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


def _kept(headers: httpx.Headers) -> dict[str, str]:
    return {
        _text(name)[:HEADER_LENGTH]: _text(value)[:HEADER_LENGTH]
        for name, value in list(headers.items())[:HEADERS_KEPT]
    }


def _excerpt(read: bytes) -> str:
    return _text(read[:EXCERPT_LIMIT].decode("utf-8", "replace"))


def _text(text: str) -> str:
    """`text` as both databases keep it: PostgreSQL knows neither NUL nor half of a surrogate pair."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
