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
    """`answer` with the list under `key` cut to the budget; what was cut is stated with its count."""
    whole = dict(answer)
    if estimated_tokens(dumps(whole)) <= max_tokens:
        return whole
    items = list(whole[key])
    rest = estimated_tokens(dumps({**whole, key: []})) + _NOTE_TOKENS
    kept = max(1, _fitting(items, max_tokens - rest)) if items else 0
    if kept == len(items):
        return whole
    left_out = len(items) - kept
    whole[key] = items[:kept]
    if cursor_after is not None:
        whole["nextCursor"] = cursor_after(kept - 1)
    way_on = "Go on with nextCursor" if whole.get("nextCursor") else "Ask for fewer at once"
    limit = f"{left_out} of this page left out to keep to {max_tokens} tokens."
    note = f"{limit} {way_on}, or ask for fewer fields."
    return {**whole, "leftOut": left_out, "note": note}


_NOTE_TOKENS = 60


def _fitting(items: Sequence[Any], max_tokens: int) -> int:
    spent = 0
    for count, item in enumerate(items):
        spent += estimated_tokens(dumps(item)) + 1
        if spent > max_tokens:
            return count
    return len(items)


def estimated_tokens(body: bytes) -> int:
    """About how many o200k tokens `body` costs, without a tokenizer: rather too many than too few."""
    plain = len(body.translate(None, _DENSE))
    return plain // 4 + (len(body) - plain) * 20 // 29


# Ids, numbers and punctuation pack about 1.45 characters into a token (measured on such answers).
_DENSE = b'0123456789-"[]{},:'
