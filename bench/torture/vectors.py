"""Forty-four ways to aim a delivery at an address that is nobody else's business, and one honest address.

Odd spellings of addresses, ranges that no
public service lives in, IPv6 addresses that carry an IPv4 one, and names whose answers are mixed or change.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, repeat
from typing import Any

HONEST = "https://93.184.215.14/hook"

LITERAL: Sequence[str] = (
    # this machine, in all spellings
    "https://127.0.0.1/hook",
    "https://127.1/hook",
    "https://2130706433/hook",
    "https://0x7f000001/hook",
    "https://0x7f.0.0.1/hook",
    "https://0177.0.0.1/hook",
    "https://017700000001/hook",
    "https://0/hook",
    "https://0.0.0.0/hook",
    "https://127.0.0.1.:443/hook",
    "https://①②⑦.⓪.⓪.①/hook",
    "https://localhost/hook",
    "https://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/hook",
    "https://[::1]/hook",
    "https://[::]/hook",
    "https://example.com@127.0.0.1/hook",
    "https://127.0.0.1%2f@example.com/hook",
    # networks that are somebody's own
    "https://10.0.0.1/hook",
    "https://172.16.0.1/hook",
    "https://192.168.0.1/hook",
    "https://100.64.0.1/hook",  # behind a provider's NAT
    "https://[fc00::1]/hook",
    "https://[fec0::1]/hook",  # site-local, deprecated
    # metadata of clouds
    "https://169.254.169.254/latest/meta-data/",
    "https://[fd00:ec2::254]/latest/meta-data/",
    "https://168.63.129.16/machine",
    "https://100.100.100.200/latest/meta-data/",
    "https://[fe80::a9fe:a9fe]/latest/",
    # ranges without hosts
    "https://192.0.2.1/hook",
    "https://198.18.0.1/hook",
    "https://224.0.0.1/hook",
    "https://240.0.0.1/hook",
    "https://255.255.255.255/hook",
    "https://[2001:db8::1]/hook",
    "https://[5f00::1]/hook",  # segment routing
    # IPv6 addresses that carry an IPv4 one
    "https://[::ffff:127.0.0.1]/hook",
    "https://[::127.0.0.1]/hook",
    "https://[64:ff9b::7f00:1]/hook",
    "https://[64:ff9b:1::7f00:1]/hook",
    "https://[2002:7f00:1::]/hook",
    "https://[2001:0:7f00:1::80ff:fffe]/hook",  # Teredo
)

# Names and what is answered to each question in turn.
NAMED: Mapping[str, Sequence[Sequence[str]]] = {
    "https://private-first.example/hook": [["10.0.0.1", "93.184.215.14"]],
    "https://public-first.example/hook": [["93.184.215.14", "::1"]],
    "https://rebinding.example/hook": [["93.184.215.14"], ["127.0.0.1"], ["127.0.0.1"]],
}
REBINDING = "https://rebinding.example/hook"

VECTORS = (*LITERAL, *NAMED)


def is_public(address: str) -> bool:
    """Whether a connection there is right: to the one address that stands for all public ones."""
    return address == "93.184.215.14"


@contextmanager
def recorded(connects: list[str]) -> Iterator[None]:
    """No connection is made while the block runs; where one would have gone is in `connects`.

    The names of NAMED are answered here; all other lookups go their usual way.
    """
    from asyncio import selector_events

    loop_class: Any = selector_events.BaseSelectorEventLoop
    real_connect, real_lookup = loop_class.sock_connect, socket.getaddrinfo
    asked = {url.split("/")[2]: chain(answers, repeat(answers[-1])) for url, answers in NAMED.items()}

    async def sock_connect(_loop: object, _socket: object, address: tuple[Any, ...]) -> None:
        connects.append(str(address[0]))
        raise ConnectionRefusedError

    def lookup(host: Any, port: Any, *rest: Any, **named: Any) -> Any:
        if host not in asked:
            return real_lookup(host, port, *rest, **named)
        return [_answer(address, port) for address in next(asked[host])]

    loop_class.sock_connect, socket.getaddrinfo = sock_connect, lookup
    try:
        yield
    finally:
        loop_class.sock_connect, socket.getaddrinfo = real_connect, real_lookup


def _answer(address: str, port: int) -> tuple[Any, ...]:
    if ":" in address:
        return (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0))
    return (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))


def check(send: Callable[[str], object]) -> tuple[int, list[str]]:
    """How many vectors were tried, and where any of them would have connected without right.

    Each is sent three times: a name may change its answer between two.
    """
    wrong: list[str] = []
    for url in VECTORS:
        for _ in range(3):
            connects: list[str] = []
            with recorded(connects):
                send(url)
            wrong += [f"{url} → {address}" for address in connects if not is_public(address)]
    return len(VECTORS), wrong
