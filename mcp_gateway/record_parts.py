"""Parts of a record: only some of its fields, or notes that are longer than one answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from customermates.kernel.errors import Issue
from customermates.kernel.jsontext import dumps_text
from customermates.kernel.nearest import nearest
from mcp_gateway.answers import DEFAULT_BUDGET, fenced, shortened, tokens_of
from mcp_gateway.arguments import BadArguments

NOTES = "notes"
_ALWAYS = ("entity", "id", "version")
_NOTE_TOKENS = 80

Record = dict[str, Any]


def one_record(record: Record) -> Record:
    """`record` within the budget; where its notes end early, the call that reads them whole."""
    if tokens_of(record) <= DEFAULT_BUDGET:
        return record
    found: Record = shortened(record, DEFAULT_BUDGET - _NOTE_TOKENS)
    if found.get(NOTES) == record.get(NOTES):
        return found
    sent = {"entity": record["entity"], "id": record["id"], "fields": [NOTES]}
    way = f"All notes: get_entity_details {dumps_text(sent)}."
    return {**found, "note": f"{found['note']} {way}" if "note" in found else way}


def only_fields(records: Sequence[Record], names: Sequence[str]) -> list[Record]:
    """The records with just these members; BadArguments for a name that one of them does not have."""
    issues = []
    for position, name in enumerate(names):
        if lacking := next((record for record in records if name not in record), None):
            allowed = [known for known in lacking if known not in _ALWAYS]
            params = {"allowed": allowed, "nearest": nearest(name, allowed)}
            issues.append(Issue(f"fields[{position}]", "unknown_field", params))
    if issues:
        raise BadArguments(*issues)
    return [{name: record[name] for name in dict.fromkeys((*_ALWAYS, *names))} for record in records]


def notes_part(record: Mapping[str, Any], cursor: str | None) -> Record:
    """The part of the notes that starts at `cursor`, as long as an answer can be.

    A cursor is the number of characters told before, with the version that they are of.
    """
    text: str = (record[NOTES] or {}).get("text", "")
    start = _start(cursor, record["version"], len(text))
    shown: Record = {name: record[name] for name in _ALWAYS}
    size = 4 * DEFAULT_BUDGET
    while True:
        end = start + size
        part = {NOTES: fenced(text[start:end]) if text else None, "characters": len(text)}
        answer = {**shown, **part, "nextCursor": f"{record['version']}-{end}" if end < len(text) else None}
        if tokens_of(answer) <= DEFAULT_BUDGET:
            return answer
        size = size * 3 // 4


def _start(cursor: str | None, version: int, length: int) -> int:
    if cursor is None:
        return 0
    of_version, _, place = cursor.partition("-")
    is_ours = of_version.isdecimal() and place.isdecimal() and len(cursor) < 40
    if is_ours and int(of_version) != version:
        raise BadArguments(Issue("cursor", "changed_since"))
    if not is_ours or not 0 < int(place) < length:
        raise BadArguments(Issue("cursor", "wrong_cursor"))
    return int(place)
