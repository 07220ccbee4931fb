"""Values of the environment that need more than reading: secrets, numbered lists, networks, BASE_URL."""

from __future__ import annotations

import hmac
import os
import secrets
import tempfile
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from customermates.kernel.addresses import is_loopback

DERIVED = 0  # the number of the secret that is derived from SECRET_KEY; explicit ones start at 1


def secret_from(path: Path) -> str:
    """The secret kept in `path`, made there with mode 0600 when there is none.

    Safe when several processes start at once: the file appears complete or not at all, and the
    first one stays (`link` refuses an existing name).
    """
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600 from birth
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(64))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            os.unlink(draft)
    return path.read_text().strip()


def numbered(name: str, text: str, *, secret_key: str) -> dict[int, str]:
    """The secrets of a list such as `1:first,2:second` by number; the highest is used for new values.

    Number 0 is always there and derived from SECRET_KEY, so setting a list later keeps what exists.
    """
    secrets_by_number = {DERIVED: hmac.digest(secret_key.encode(), name.encode(), "sha256").hex()}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        number, colon, secret = entry.partition(":")
        if not (colon and secret and number.isdecimal() and 1 <= int(number) <= 32_767):
            raise ImproperlyConfigured(f"{name} must look like 1:secret,2:another (numbers from 1).")
        if int(number) in secrets_by_number:
            raise ImproperlyConfigured(f"{name} names number {number} twice.")
        secrets_by_number[int(number)] = secret
    return secrets_by_number


def networks(name: str, values: list[str]) -> list[IPv4Network | IPv6Network]:
    """The networks that `values` spell as addresses or CIDR."""
    try:
        return [ip_network(value.strip()) for value in values]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}.") from error


def base_address(url: str) -> tuple[str, str, bool]:
    """Scheme, host and "is it this machine only" of BASE_URL."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query:
        raise ImproperlyConfigured(f"BASE_URL must look like https://crm.example.com, not {url!r}.")
    return parts.scheme, parts.hostname, is_loopback(parts.hostname)
