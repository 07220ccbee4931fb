"""Network addresses as text and as values."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address


def find_address(text: str) -> IPv4Address | IPv6Address | None:
    """The address that `text` spells, or None; an IPv4 client of a dual-stack socket is IPv4."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    # Such a socket shows clients as ::ffff:192.0.2.1, while networks are written in IPv4.
    return getattr(address, "ipv4_mapped", None) or address


def is_loopback(host: str) -> bool:
    """Whether `host` names this machine only."""
    address = find_address(host)
    return host == "localhost" if address is None else address.is_loopback
