"""Results of tool calls: one compact JSON object, the same as structured content and as text.

Hosts disagree on which of the two they show their model, so each is complete alone. Text that was
stored by people outside is cleaned of invisible characters here, on its way out only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from customermates.kernel.jsontext import dumps

DEFAULT_BUDGET = 6_000  # tokens of one answer (mcp.md §4)

# Invisible characters that can hide orders in text: controls, bidirectional marks, zero-width and
# tag characters. Joiners stay between two non-ASCII characters, where emoji and Persian need them.
_JOINERS = "\u200c\u200d"
_BESIDE = f"[^\x00-\x7f{_JOINERS}]"
_INVISIBLE = re.compile(
    "[\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\U000e0000-\U000e007f]"
    f"|(?<!{_BESIDE})[{_JOINERS}]|[{_JOINERS}](?!{_BESIDE})"
)
_CONTROL_ESCAPE = re.compile(r"(\\[^ubf])|\\(?:u00[01][0-9a-f]|[bf])")


@dataclass(frozen=True, slots=True)
class Content:
    """A result made of content blocks, for what is not one JSON object."""

    blocks: tuple[Mapping[str, Any], ...]
    structured: Mapping[str, Any] | None = None
    is_error: bool = False

    @classmethod
    def failed(cls, text: str, structured: Mapping[str, Any]) -> Content:
        """An `isError` result with a text for the model and the same as data."""
        return cls(({"type": "text", "text": text},), structured, is_error=True)


def result_members(answer: Mapping[str, Any] | Content) -> bytes:
    """The members of a CallToolResult, without braces, for the envelope to complete."""
    if isinstance(answer, Content):
        members = b'"content":' + cleaned(dumps(answer.blocks))
        if answer.structured is not None:
            members += b',"structuredContent":' + cleaned(dumps(answer.structured))
        return members + (b',"isError":true' if answer.is_error else b',"isError":false')
    body = cleaned(dumps(answer))
    text = dumps(body.decode())
    return (
        b'"content":[{"type":"text","text":' + text + b'}],"structuredContent":' + body + b',"isError":false'
    )


def cleaned(body: bytes) -> bytes:
    """JSON `body` without control and zero-width characters inside its strings."""
    if body.isascii() and b"\\" not in body and b"\x7f" not in body:
        return body
    text = body.decode()
    if "\\" in text:
        text = _CONTROL_ESCAPE.sub(lambda match: match[1] or "", text)
    return _INVISIBLE.sub("", text).encode()


def fenced(text: str) -> dict[str, Any]:
    """Free text of a record, marked as data from outside that gives no orders."""
    return {"untrusted": True, "text": text}


def table(
    columns: Sequence[str],
    records: Sequence[Mapping[str, Any]],
    *,
    total: int,
    total_is_exact: bool = True,
    next_cursor: str | None = None,
    form: Literal["table", "records"] = "table",
    cursor_after: Callable[[int], str | None] | None = None,
    max_tokens: int = DEFAULT_BUDGET,
) -> dict[str, Any]:
    """One page of a list within the budget: `{columns, rows, total, totalIsExact, nextCursor}`.

    `form="records"` gives `{records: [{…}], …}`. `cursor_after(index)` makes the cursor that
    continues after that record of this page; it is asked only when the budget cuts the page.
    """
    key = "rows" if form == "table" else "records"
    items: list[Any] = (
        [[record.get(name) for name in columns] for record in records] if form == "table" else list(records)
    )
    answer: dict[str, Any] = {"columns": list(columns)} if form == "table" else {}
    answer |= {key: items, "total": total, "totalIsExact": total_is_exact, "nextCursor": next_cursor}
    return fitted(answer, key, cursor_after=cursor_after, max_tokens=max_tokens)


def fitted(
    answer: Mapping[str, Any],
    key: str,
    *,
    cursor_after: Callable[[int], str | None] | None = None,
    max_tokens: int = DEFAULT_BUDGET,
) -> dict[str, Any]:
    """`answer` with the list under `key` cut to the budget; what was cut is stated with its count.

    At least one item stays; one that is too long for the budget by itself is `shortened`.
    """
    whole = dict(answer)
    if tokens_of(whole) <= max_tokens:
        return whole
    items = list(whole[key])
    room = max_tokens - tokens_of({**whole, key: []}) - _NOTE_TOKENS
    kept = first_that_fit(items, room)
    if not kept and items:
        kept, items[0] = 1, shortened(items[0], room)
    whole[key] = items[:kept]
    left_out = len(items) - kept
    if not left_out:
        return whole
    if cursor_after is not None:
        whole["nextCursor"] = cursor_after(kept - 1)
    way_on = "Go on with nextCursor" if whole.get("nextCursor") else "Ask for fewer at once"
    limit = f"{left_out} of this page left out to keep to {max_tokens} tokens."
    note = f"{limit} {way_on}, or ask for fewer fields."
    if before := whole.get("note"):
        note = f"{before} {note}"
    return {**whole, "leftOut": left_out, "note": note}


_NOTE_TOKENS = 60

# (characters of a text, items of a list) that shortening tries in turn.
_LIMITS = (
    (20_000, 500),
    (12_000, 500),
    (8_000, 200),
    (4_000, 100),
    (2_000, 50),
    (1_000, 50),
    (500, 30),
    (300, 20),
    (100, 10),
    (40, 3),
)
_LEFT_OUT = "… (left out)"


def shortened(item: Any, max_tokens: int = DEFAULT_BUDGET) -> Any:
    """One record, row or text within the budget: texts and lists end early and say how much is missing.

    When that is not enough, the largest members go, and `leftOut` names them.
    """
    if tokens_of(item) <= max_tokens:
        return item
    cut = item
    for characters, count in _LIMITS:
        cut = clipped(item, characters, count)
        if tokens_of(cut) <= max_tokens:
            return cut
    if isinstance(cut, list):
        for place in sorted(range(len(cut)), key=lambda n: tokens_of(cut[n]), reverse=True):
            if tokens_of(cut) <= max_tokens:
                break
            cut[place] = _LEFT_OUT
    elif isinstance(cut, dict):
        gone: list[str] = []
        for name in sorted(cut.keys() - _KEPT, key=lambda name: tokens_of(cut[name]), reverse=True):
            if tokens_of({**cut, "leftOut": gone}) <= max_tokens:
                break
            del cut[name]
            gone.append(name)
        cut["leftOut"] = gone
    return cut


_KEPT = frozenset({"id", "entity", "version"})


def clipped(value: Any, characters: int, items: int) -> Any:
    """`value` with texts and lists that end early; each says how much of it is missing."""
    if isinstance(value, str):
        return f"{value[:characters]}… ({len(value)} characters)" if len(value) > characters else value
    if isinstance(value, list):
        shown = [clipped(item, characters, items) for item in value[:items]]
        more = len(value) - len(shown)
        return [*shown, f"… and {more} more"] if more else shown
    if isinstance(value, Mapping):
        return _clipped_members(value, characters, items)
    return value


def _clipped_members(value: Mapping[str, Any], characters: int, items: int) -> dict[str, Any]:
    """A list of objects tells what is missing beside it, so that all its items stay objects."""
    shown: dict[str, Any] = {}
    for name, member in value.items():
        if isinstance(member, list) and len(member) > items and isinstance(member[0], Mapping):
            shown[name] = [clipped(item, characters, items) for item in member[:items]]
            shown[f"{name}LeftOut"] = len(member) - items + value.get(f"{name}LeftOut", 0)
        else:
            shown.setdefault(name, clipped(member, characters, items))
    return shown


def first_that_fit(items: Sequence[Any], max_tokens: int) -> int:
    """How many of the first `items` fit."""
    spent = 0
    for count, item in enumerate(items):
        spent += tokens_of(item) + 1
        if spent > max_tokens:
            return count
    return len(items)


def tokens_of(value: Any) -> int:
    """About how many tokens `value` costs as JSON."""
    return estimated_tokens(dumps(value))


def estimated_tokens(body: bytes) -> int:
    """About how many o200k tokens `body` costs, without a tokenizer: rather too many than too few."""
    plain = len(body.translate(None, _DENSE))
    return plain // 4 + (len(body) - plain) * 20 // 29


# Ids, numbers and punctuation pack about 1.45 characters into a token (measured on such answers).
_DENSE = b'0123456789-"[]{},:'
