"""JSON out: compact, exact decimals as plain numbers, times in UTC with Z."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import orjson
from django.utils.functional import Promise

_TOO_LARGE = 2**63
_OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_NON_STR_KEYS


def dumps(value: object) -> bytes:
    """`value` as compact JSON. Decimals stay exact numbers, datetimes become `…Z`."""
    try:
        return orjson.dumps(value, default=_plain, option=_OPTIONS)
    except TypeError as error:
        if "surrogates" not in str(error) and "64-bit" not in str(error):
            raise
        return orjson.dumps(_sendable(value), default=_plain, option=_OPTIONS)


def dumps_text(value: object) -> str:
    """`value` as compact JSON text."""
    return dumps(value).decode()


def utc_text(moment: datetime) -> str:
    """`moment` as ISO 8601 in UTC, its fraction only when there is one: `2026-11-22T10:00:00Z`."""
    text = moment.astimezone(UTC).replace(tzinfo=None).isoformat()
    return f"{text}Z"


def decimal_text(number: Decimal) -> str:
    """`number` in plain notation without trailing zeros: `1500`, `12.5`, never `1.5E+3`."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _plain(value: Any) -> object:
    if isinstance(value, Decimal):
        return orjson.Fragment(decimal_text(value))
    if isinstance(value, datetime):
        return utc_text(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _sendable(value: object) -> object:
    """`value` with what orjson refuses in a form that it takes."""
    if isinstance(value, str):
        # A lone surrogate is no character; UTF-8 cannot carry it, so the reader sees a question mark.
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, int) and abs(value) >= _TOO_LARGE:
        return orjson.Fragment(str(value))
    if isinstance(value, Mapping):
        return {_sendable(key): _sendable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_sendable(item) for item in value]
    return value
