"""How often: API calls per key on the cache, sign-in and reset tries in the database.

API counters may live in one process or in a shared cache; tries at passwords are counted in rows,
so that no number of processes multiplies them.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.models import F

from accounts.actor import Actor
from accounts.models import RateWindow
from customermates.kernel.errors import RateLimited
from customermates.kernel.rows import delete_some

MINUTE_SECONDS = 60
_IPV6_PREFIX = 64  # one household or server gets at least a /64, so its addresses are one client


@dataclass(frozen=True, slots=True)
class LimitState:
    """What is left in the current minute; `limit` 0 means there is no limit."""

    limit: int
    remaining: int
    reset_seconds: int

    def headers(self) -> Mapping[str, str]:
        """The `RateLimit-*` headers of an answer; none without a limit."""
        if not self.limit:
            return {}
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset_seconds),
        }


UNLIMITED = LimitState(0, 0, 0)


def check_api_limits(actor: Actor, *, writes: bool) -> LimitState:
    """Count one call of the actor's key; RateLimited when the minute is used up.

    A write counts as a call and as a write; the tighter of the two is reported. People in the
    browser are not limited here.
    """
    if actor.api_key_id is None:
        return UNLIMITED
    limits = {"calls": settings.API_CALLS_PER_MINUTE}
    if writes:
        limits["writes"] = settings.API_WRITES_PER_MINUTE
    states = [_count_call(f"{kind}:{actor.api_key_id}", limit) for kind, limit in limits.items() if limit > 0]
    return min(states, key=lambda state: state.remaining, default=UNLIMITED)


def _count_call(subject: str, limit: int) -> LimitState:
    now = time.time()
    minute = int(now // MINUTE_SECONDS)
    reset_seconds = math.ceil((minute + 1) * MINUTE_SECONDS - now)
    name = f"limit:{subject}:{minute}"
    cache.add(name, 0, timeout=2 * MINUTE_SECONDS)
    try:
        count = cache.incr(name)  # atomic in memory, Redis and Memcached alike
    except ValueError:  # evicted in between: the cache is full, and refusing would be worse
        count = 1
    if count > limit:
        raise RateLimited(retry_after_seconds=reset_seconds, limit=limit)
    return LimitState(limit, limit - count, reset_seconds)


@dataclass(frozen=True, slots=True)
class TryLimit:
    """At most `tries` of `purpose` per subject in each window of `seconds`."""

    purpose: str
    tries: int
    seconds: int


# The figures are allauth's defaults, which its own limiter keeps per process and we keep for all.
SIGN_IN_BY_ADDRESS = TryLimit("sign_in_address", 30, MINUTE_SECONDS)
SIGN_IN_FAILURES = TryLimit("sign_in_account", 5, 5 * MINUTE_SECONDS)
RESET_BY_ADDRESS = TryLimit("reset_address", 20, MINUTE_SECONDS)
RESET_BY_ACCOUNT = TryLimit("reset_account", 5, MINUTE_SECONDS)
NEW_PASSWORD_BY_ADDRESS = TryLimit("new_password_address", 20, MINUTE_SECONDS)
PASSWORD_CHANGE_BY_USER = TryLimit("password_change", 5, MINUTE_SECONDS)
KEY_MINTING_BY_USER = TryLimit("key_minting", 10, MINUTE_SECONDS)  # a stolen session makes no heap of keys
FIRST_RUN = TryLimit("first_run_all", 60, MINUTE_SECONDS)
FIRST_RUN_BY_ADDRESS = TryLimit("first_run", 10, MINUTE_SECONDS)


def count_try(limit: TryLimit, subject: str) -> None:
    """Count one try of `subject`; RateLimited when its window is used up."""
    now = int(time.time())
    started_at = now - now % limit.seconds
    expires_at = started_at + limit.seconds
    if _increment(_bucket(limit, subject), started_at, expires_at) > limit.tries:
        raise RateLimited(retry_after_seconds=expires_at - now, limit=limit.tries)


def give_back_try(limit: TryLimit, subject: str) -> None:
    """Forget the last counted try of `subject`: it succeeded, and only failures count."""
    RateWindow.objects.filter(bucket=_bucket(limit, subject), count__gt=0).update(count=F("count") - 1)


def forget_tries(limit: TryLimit, subject: str) -> None:
    """Give `subject` all its tries back."""
    RateWindow.objects.filter(bucket=_bucket(limit, subject)).delete()


def delete_expired_windows() -> bool:
    """Some windows that are over are gone; True while more are left."""
    return delete_some(RateWindow.objects.filter(expires_at__lt=int(time.time())))


def address_subject(address: str) -> str:
    """`address` as the one who tries: a whole /64 for IPv6."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if parsed.version == 4:
        return address
    return str(ipaddress.ip_network(f"{address}/{_IPV6_PREFIX}", strict=False))


def _bucket(limit: TryLimit, subject: str) -> str:
    return hashlib.sha256(f"{limit.purpose}|{subject.lower()}".encode()).hexdigest()


def _increment(bucket: str, started_at: int, expires_at: int) -> int:
    """The tries counted in this window, this one included; one statement, so no two processes lose one."""
    table = connection.ops.quote_name(RateWindow._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} AS w (bucket, started_at, expires_at, count) VALUES (%s, %s, %s, 1) "  # noqa: S608 - our own table's name
            "ON CONFLICT (bucket) DO UPDATE SET "
            "count = CASE WHEN w.started_at = excluded.started_at THEN w.count + 1 ELSE 1 END, "
            "started_at = excluded.started_at, expires_at = excluded.expires_at "
            "RETURNING count",
            [bucket, started_at, expires_at],
        )
        return int(cursor.fetchone()[0])
