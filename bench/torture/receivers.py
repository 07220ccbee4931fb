"""A process of receivers, good ones and bad ones: `python -m bench.torture.receivers` prints its ports.

Written on bare sockets, so that it costs the machine as little as possible beside what is measured, and
because no HTTP library would let itself be used so badly. What arrived is told on a GET of /log.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import sys
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

DRIP_SECONDS = 0.4
ENDLESS = b"x" * 65_536
BOMB = gzip.compress(b"\0" * 100_000_000, 9)  # 100 MB out of 100 kB

arrived: deque[tuple[float, str, str]] = deque()  # (time, path, webhook-id)


def reply(status: int, *headers: str, body: bytes = b"") -> bytes:
    """The bytes of a whole answer."""
    lines = [f"HTTP/1.1 {status} -", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


PLAIN: Mapping[str, bytes] = {
    "ok": reply(200, body=b"thanks"),
    "error": reply(500),
    "busy": reply(429, "Retry-After: 1"),
    "gone": reply(410),
    "redirect": reply(302, "Location: http://169.254.169.254/latest/meta-data/"),
    "bomb": reply(200, "Content-Encoding: gzip", "Content-Type: text/plain", body=BOMB),
    "junk": b"this is not HTTP\r\n\r\n",
    "large-header": b"HTTP/1.1 200 -\r\nX-Large: " + b"x" * 1_000_000 + b"\r\n\r\n",
}


async def drip_header(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One byte of an endless header at a time."""
    await _write(writer, b"HTTP/1.1 200 -\r\nX-Slow: ")
    while True:
        await _write(writer, b"x")
        await asyncio.sleep(DRIP_SECONDS)


async def drip_body(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One byte of an endless body at a time."""
    await _write(writer, b"HTTP/1.1 200 -\r\n\r\n")
    while True:
        await _write(writer, b"x")
        await asyncio.sleep(DRIP_SECONDS)


async def endless(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """As much of an endless body as the other side takes."""
    await _write(writer, b"HTTP/1.1 200 -\r\n\r\n")
    while True:
        await _write(writer, ENDLESS)


async def silence(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Nothing, until the other side has enough."""
    await reader.read()


SLOW: Mapping[str, Answer] = {
    "drip-header": drip_header,
    "drip-body": drip_body,
    "endless": endless,
    "silence": silence,
}


async def _write(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(data)
    await writer.drain()


async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One connection: requests are answered by the first part of their path."""
    try:
        while first := await reader.read(1):
            if first == b"\x16":  # TLS, which is not spoken here
                await _write(writer, reply(400))
                return
            head = first + await reader.readuntil(b"\r\n\r\n")
            line, *lines = head.decode("latin-1").split("\r\n")
            path = line.split(" ")[1]
            headers = dict(part.lower().split(": ", 1) for part in lines if part)
            await reader.readexactly(int(headers.get("content-length", 0)))
            kind = path.split("/")[1]
            if kind == "log":
                await _write(writer, reply(200, body=json.dumps(list(arrived)).encode()))
            elif kind == "forget":
                arrived.clear()
                await _write(writer, PLAIN["ok"])
            else:
                arrived.append((time.time(), path, headers.get("webhook-id", "")))
                if kind in SLOW:
                    await SLOW[kind](reader, writer)
                    return
                await _write(writer, PLAIN[kind])
    except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
        pass
    finally:
        writer.close()


async def main() -> None:
    """Serve until the other end of standard input closes."""
    server = await asyncio.start_server(converse, "127.0.0.1", 0, backlog=1_000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(main())
