"""Which addresses deliveries may go to, decided when an endpoint is saved and again at every connection.

A name is resolved once for each connection, all its answers are judged, and the connection goes to the
address that was judged (library ssrfguard: docs/decisions/007-outbound-requests.md). Public addresses by
https only; plain http, and addresses that are not public, only inside WEBHOOK_ALLOWED_NETWORKS.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Literal
from urllib.parse import urlsplit

from django.conf import settings
from ssrfguard import DEFAULT_DENIED, AddressTable, Block, Policy, Reach, SSRFGuardError

from customermates.kernel.errors import Issue

URL_LENGTH = 2048
PORTS = frozenset({80, 443, *range(1024, 65536)})
EXAMPLE = "https://example.com/webhooks"

Scheme = Literal["http", "https"]
Network = IPv4Network | IPv6Network

# What the library's table lacks: the address inside Azure that answers for the machine's own platform.
_AZURE = Block(ip_network("168.63.129.16/32"), "Azure platform", "Azure documentation", Reach.DENIED)
_EVERYWHERE = tuple(
    Block(ip_network(network), "outside of the allowed networks", "", Reach.DENIED)
    for network in ("0.0.0.0/0", "::/0")
)


def policy(scheme: Scheme) -> Policy:
    """What may be reached by this scheme, as the settings are now."""
    return _policy(scheme, tuple(settings.WEBHOOK_ALLOWED_NETWORKS))


@lru_cache(maxsize=4)
def _policy(scheme: Scheme, allowed: tuple[Network, ...]) -> Policy:
    table = AddressTable((*DEFAULT_DENIED.blocks, _AZURE) if scheme == "https" else _EVERYWHERE)
    return Policy(
        allowed_schemes=frozenset({scheme}),
        allowed_networks=allowed,
        denied_networks=table,
        allowed_ports=PORTS,
        max_url_length=URL_LENGTH,
    )


def url_issues(url: str) -> list[Issue]:
    """What is wrong with an endpoint's address, as far as can be told without asking the network."""
    if len(url) > URL_LENGTH:
        return [_issue("too_long", limit=URL_LENGTH)]
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError:
        return [_issue("url_invalid")]
    if parts.scheme not in ("http", "https") or not host or not url.isprintable() or " " in url:
        return [_issue("url_invalid")]
    if parts.username is not None or parts.password is not None:
        return [_issue("url_with_password")]
    if port is not None and port not in PORTS:
        return [_issue("url_port")]
    if parts.scheme == "http" and not settings.WEBHOOK_ALLOWED_NETWORKS:
        return [_issue("url_not_https")]
    try:
        target = policy("https" if parts.scheme == "https" else "http").check_url(url)
    except SSRFGuardError:
        return [_issue("url_not_allowed")]
    if target.address is None and (_is_number(target.host) or _is_this_machine(target.host)):
        return [_issue("url_not_allowed")]
    return []


def _is_number(host: str) -> bool:
    """Whether resolvers read this name as an address in an old spelling, such as 0x7f000001."""
    return bool(re.fullmatch(r"0x[0-9a-f]*|[0-9]+", host.rstrip(".").rpartition(".")[2]))


def _is_this_machine(host: str) -> bool:
    name = host.rstrip(".")
    return (name == "localhost" or name.endswith(".localhost")) and not _loopback_is_allowed()


def _loopback_is_allowed() -> bool:
    return any(network.is_loopback for network in settings.WEBHOOK_ALLOWED_NETWORKS)


def _issue(code: str, **params: object) -> Issue:
    return Issue("url", code, {**params, "example": EXAMPLE})
