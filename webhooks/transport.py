"""One request to a stranger's address: guarded, bounded in time and size, and never followed elsewhere.

The only module that opens connections, and a small one on purpose: HTTP/1.1 by h11 over asyncio's
streams, to addresses that ssrfguard has judged. Nothing of what larger clients do by themselves is
wanted here: no cookies that one tenant's receiver could plant for another's, no redirects, no proxies, no
decompression; docs/decisions/007-outbound-requests.md has the measurements.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from typing import Self
from urllib.parse import quote, urlsplit

import certifi
import h11
from ssrfguard import Address, Target, resolve

from webhooks.guard import Scheme, policy

DEADLINE_SECONDS = 10.0  # for the whole exchange, from the name's lookup to the last byte
CONNECT_SECONDS = 3.0  # for each address of a name
ADDRESSES_TRIED = 4
READ_LIMIT = 8 * 1024  # bytes of an answer that are read at all
EXCERPT_LIMIT = 2 * 1024  # bytes of it that are kept
HEADERS_KEPT = 20
HEADER_LENGTH = 256
IDLE_SECONDS = 3.0  # that a connection is kept for the next delivery to the same origin
IDLE_PER_ORIGIN = 4
LOOKUPS = 100  # threads; one in a lookup that a hostile name server holds up cannot be called back

_PORTS: Mapping[str, int] = {"http": 80, "https": 443}
_PATH_CHARACTERS = "/%:=&?~+!$,;'@()*[]"  # what quoting leaves as it is


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `status_code` None is no answer; then `error` says why.

    Blocked and unreachable are both "unreachable": the difference would tell strangers about our network.
    """

    status_code: int | None
    error: str  # "", "timeout", "unreachable", "tls", "closed", "protocol"
    duration_ms: int
    headers: Mapping[str, str] = field(default_factory=dict)
    excerpt: str = ""


@dataclass(slots=True)
class _Connection:
    """An open connection and how far its conversation is."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    http: h11.Connection
    is_used: bool = False  # whether an earlier delivery has gone over it
    idle_since: float = 0.0

    def is_open(self) -> bool:
        """Whether the other end has not closed it meanwhile."""
        return not self.reader.at_eof() and not self.writer.is_closing()

    def may_be_kept(self) -> bool:
        """Whether it is ready for another request: everything was read, and nothing more than asked for."""
        http = self.http
        return http.our_state is h11.DONE and http.their_state is h11.DONE and not http.trailing_data[0]

    def abort(self) -> None:
        """Closed at once; a farewell would be waited for."""
        self.writer.transport.abort()


class _Unanswered(Exception):
    """The other end closed before it said anything."""


class Sender:
    """Sends requests; connections are kept for a moment, for deliveries that follow each other."""

    def __init__(self, *, deadline: float = DEADLINE_SECONDS) -> None:
        self._deadline = deadline
        self._tls = _tls()
        self._lookups = ThreadPoolExecutor(LOOKUPS, thread_name_prefix="lookup")
        self._idle: dict[tuple[str, str, int], list[_Connection]] = defaultdict(list)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for connections in self._idle.values():
            for connection in connections:
                connection.abort()
        self._idle.clear()
        self._lookups.shutdown(wait=False, cancel_futures=True)

    async def post(self, url: str, *, headers: Mapping[str, str], body: bytes) -> Answer:
        """The answer to the request, or why there is none; never an exception, never after the deadline."""
        started = time.monotonic()
        try:
            async with asyncio.timeout(self._deadline):
                answer = await self._exchange(url, headers, body)
        except Exception as error:  # whatever a stranger provokes is an attempt that failed
            return Answer(None, _reason(error), _since(started))
        status_code, shown, read = answer
        excerpt = _text(read[:EXCERPT_LIMIT].decode("utf-8", "replace"))
        return Answer(status_code, "", _since(started), shown, excerpt)

    async def _exchange(
        self, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        scheme: Scheme = "http" if url.lower().startswith("http:") else "https"
        target = policy(scheme).check_url(url)
        sent = _request(target, url, headers, body)
        while True:
            connection = self._take_idle(target) or await self._connect(target, scheme)
            try:
                answer = await _converse(connection, sent, body)
            except BaseException as error:
                connection.abort()
                if isinstance(error, _Unanswered) and connection.is_used:
                    continue  # it was closed while it lay idle: that says nothing about this request
                raise
            self._keep(target, connection)
            return answer

    def _take_idle(self, target: Target) -> _Connection | None:
        idle = self._idle.get((target.scheme, target.host, target.port), [])
        while idle:
            connection = idle.pop()
            if connection.is_open():
                return connection
            connection.abort()
        return None

    def _keep(self, target: Target, connection: _Connection) -> None:
        """The connection waits for the next request, unless it is in no state to."""
        key = (target.scheme, target.host, target.port)
        if not connection.may_be_kept() or len(self._idle[key]) >= IDLE_PER_ORIGIN:
            connection.abort()
            return
        connection.http.start_next_cycle()
        connection.is_used, connection.idle_since = True, time.monotonic()
        self._idle[key].append(connection)
        asyncio.get_running_loop().call_later(IDLE_SECONDS + 0.1, self._drop_old, key)

    def _drop_old(self, key: tuple[str, str, int]) -> None:
        oldest = time.monotonic() - IDLE_SECONDS
        kept = []
        for connection in self._idle.pop(key, []):
            if connection.idle_since > oldest:
                kept.append(connection)
            else:
                connection.abort()
        if kept:
            self._idle[key] = kept

    async def _connect(self, target: Target, scheme: Scheme) -> _Connection:
        """A connection to the first address of the target that takes one; all of them were judged."""
        last: Exception = OSError("no address")
        for address in (await self._addresses(target, scheme))[:ADDRESSES_TRIED]:
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    return await self._open(address, target, scheme)
            except (OSError, TimeoutError) as error:
                last = error
        raise last

    async def _addresses(self, target: Target, scheme: Scheme) -> Sequence[Address]:
        rules = policy(scheme)
        if target.is_literal_address:
            return resolve(target, policy=rules)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._lookups, lambda: resolve(target, policy=rules))

    async def _open(self, address: Address, target: Target, scheme: Scheme) -> _Connection:
        # An address, not a name: nothing is looked up again. The name is what the certificate is for.
        reader, writer = await asyncio.open_connection(
            str(address.ip),
            address.port,
            limit=READ_LIMIT,
            ssl=self._tls if scheme == "https" else None,
            server_hostname=target.host if scheme == "https" else None,
        )
        return _Connection(reader, writer, h11.Connection(h11.CLIENT))


@cache
def _tls() -> ssl.SSLContext:
    """What all senders of a process share: to read the authorities takes as long as many deliveries."""
    context = ssl.create_default_context()  # the machine's authorities, or those of SSL_CERT_FILE
    context.load_verify_locations(certifi.where())  # and the usual ones, where the machine has none
    context.set_alpn_protocols(["http/1.1"])
    return context


def _request(target: Target, url: str, headers: Mapping[str, str], body: bytes) -> h11.Request:
    parts = urlsplit(url)
    path = quote(parts.path or "/", _PATH_CHARACTERS)
    if parts.query:
        path += f"?{quote(parts.query, _PATH_CHARACTERS)}"
    host = f"[{target.host}]" if ":" in target.host else target.host
    if target.port != _PORTS[target.scheme]:
        host = f"{host}:{target.port}"
    return h11.Request(
        method="POST",
        target=path,
        headers=[("Host", host), *headers.items(), ("Content-Length", str(len(body)))],
    )


async def _converse(
    connection: _Connection, request: h11.Request, body: bytes
) -> tuple[int, dict[str, str], bytes]:
    """Status, some headers and the first bytes of the answer; _Unanswered when there is nothing of it."""
    http, writer = connection.http, connection.writer
    status_code, headers, read = 0, dict[str, str](), bytearray()
    try:
        for event in (request, h11.Data(body), h11.EndOfMessage()):
            writer.write(http.send(event) or b"")
        await writer.drain()
        while len(read) < READ_LIMIT:
            match http.next_event():
                case h11.NEED_DATA:
                    received = await connection.reader.read(READ_LIMIT)
                    if not received and not status_code:
                        raise _Unanswered
                    http.receive_data(received)
                case h11.Response() as response:
                    status_code, headers = response.status_code, _kept(response)
                case h11.Data() as part:
                    read += part.data[: READ_LIMIT - len(read)]
                case h11.EndOfMessage() | h11.ConnectionClosed():
                    break
    except ConnectionError as error:
        if status_code:
            raise
        raise _Unanswered from error
    return status_code, headers, bytes(read)


def _reason(error: Exception) -> str:
    match error:
        case TimeoutError():
            return "timeout"
        case ssl.SSLError():
            return "tls"
        case _Unanswered():
            return "closed"
        case h11.RemoteProtocolError():
            return "protocol"
        case _:
            return "unreachable"


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


def _kept(response: h11.Response) -> dict[str, str]:
    return {
        _text(name.decode("latin-1"))[:HEADER_LENGTH]: _text(value.decode("latin-1"))[:HEADER_LENGTH]
        for name, value in list(response.headers)[:HEADERS_KEPT]
    }


def _text(text: str) -> str:
    """`text` as both databases keep it: PostgreSQL knows no NUL."""
    return text.replace("\0", "\ufffd")
