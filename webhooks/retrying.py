"""What follows from an attempt: done, another one later, or no more."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

# How long after each failed attempt the next one comes: eleven attempts over some 3.2 days, as the
# Standard Webhooks specification advises (a receiver may be down over a weekend).
LADDER = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 30, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
JITTER = 0.1  # at most so much later, so that what failed together does not come back together

# Answers that a deploy in progress gives: worth a few tries, not three days.
PASSING = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
PASSING_STEPS = 3
# "Not now", whatever else may be said by a 4xx.
NOT_NOW = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}


@dataclass(frozen=True, slots=True)
class Verdict:
    """`delay` None: there will be no other attempt. `gone`: the receiver asks never to be told again."""

    is_success: bool
    delay: timedelta | None = None
    gone: bool = False


def judge(status_code: int | None, *, retries: int, retry_after: timedelta | None = None) -> Verdict:
    """The verdict over an attempt that `retries` others on the ladder came before.

    `status_code` None is no answer at all. `retry_after` is what the receiver asked for; it is
    granted between the ladder's own delay and twice that.
    """
    if status_code is not None and 200 <= status_code < 300:
        return Verdict(is_success=True)
    steps = _steps(status_code)
    if retries >= steps:
        return Verdict(is_success=False, gone=status_code == HTTPStatus.GONE)
    delay = LADDER[retries]
    if retry_after is not None:
        delay = min(max(delay, retry_after), 2 * delay)
    return Verdict(is_success=False, delay=delay * (1 + JITTER * random.random()))  # noqa: S311 - no secret


def _steps(status_code: int | None) -> int:
    """How many steps of the ladder an answer is worth."""
    if status_code is None or status_code >= 500 or status_code in NOT_NOW:
        return len(LADDER)
    return PASSING_STEPS if status_code in PASSING else 0


def read_retry_after(text: str, *, now: datetime) -> timedelta | None:
    """What a Retry-After header asks for: seconds or an HTTP date; None when it is neither."""
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return timedelta(seconds=int(text))
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(timedelta(), (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now)
