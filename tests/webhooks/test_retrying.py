"""The ladder of retries, as numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from webhooks.retrying import LADDER, judge, read_retry_after

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def delays(status_code):
    """The delay after each attempt in turn, until there is none."""
    found: list[timedelta] = []
    while (verdict := judge(status_code, retries=len(found))).delay is not None:
        found.append(verdict.delay)
    return found


@pytest.mark.parametrize("status_code", [None, 408, 425, 429, 500, 503, 599])
def test_what_may_pass_is_tried_eleven_times_over_three_days(status_code):
    steps = delays(status_code)
    assert len(steps) == 10
    for step, rung in zip(steps, LADDER, strict=True):
        assert rung <= step <= rung * 1.1
    assert timedelta(days=3) < sum(LADDER, timedelta()) < timedelta(days=3.5)
    assert all(earlier < later for earlier, later in pairwise(LADDER))


@pytest.mark.parametrize("status_code", [401, 403, 404])
def test_what_a_deploy_answers_is_tried_a_few_times(status_code):
    assert len(delays(status_code)) == 3


@pytest.mark.parametrize("status_code", [301, 302, 307, 400, 402, 405, 409, 410, 413, 422, 451, 101])
def test_what_is_meant_is_not_tried_again(status_code):
    assert delays(status_code) == []
    verdict = judge(status_code, retries=0)
    assert not verdict.is_success
    assert verdict.gone == (status_code == 410)


@pytest.mark.parametrize("status_code", [200, 201, 202, 204, 299])
def test_any_2xx_is_a_success(status_code):
    assert judge(status_code, retries=0).is_success


@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [(0, 5, 5.5), (7, 7, 7.7), (10, 10, 11), (3600, 10, 11)],
)
def test_what_the_receiver_asks_for_is_granted_within_bounds(asked, least, most):
    delay = judge(503, retries=0, retry_after=timedelta(seconds=asked)).delay
    assert delay is not None
    assert least <= delay.total_seconds() <= most


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("Sun, 22 Nov 2026 10:01:00 GMT", 60),
        ("Sun, 22 Nov 2026 09:00:00 GMT", 0),
        ("soon", None),
        ("-5", None),
        ("9" * 30, None),
        ("", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(text, seconds):
    found = read_retry_after(text, now=NOW)
    assert (found and found.total_seconds()) == seconds or found == timedelta(seconds=seconds or 0)
