"""The same change on many records: whole lists, in pieces that the write path takes.

Each piece is a transaction of its own and all share one change set, so that one undo takes all back.
Records that cannot be changed are left out and told; the others are changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from accounts.actor import Actor
from crm import queries, services
from crm.entities import Entity, Relation
from crm.presenters import Presenter
from crm.queries import ListQuery
from crm.services import Receipt
from crm.setup import CompanySetup
from customermates.kernel.errors import Conflict, Issue, NotFound, ValidationFailed

RECORDS_LIMIT = 10_000  # of one bulk change; more is refused, not cut
PIECE = 500
TRIES = 5  # when somebody else keeps changing records of a piece

Values = Mapping[str, Any]  # as the write path takes them


@dataclass(slots=True)
class BulkResult:
    """What became of a bulk change."""

    changed: int = 0
    unchanged: int = 0
    gone: int = 0  # deleted or out of sight meanwhile
    refused: dict[UUID, tuple[Issue, ...]] = field(default_factory=dict)  # why a record could not be changed

    def count(self, receipt: Receipt) -> None:
        """Take in what one piece did."""
        same = sum(row.outcome == "unchanged" for row in receipt.rows)
        self.unchanged += same
        self.changed += len(receipt.rows) - same


def matching_ids(setup: CompanySetup, entity: Entity, query: ListQuery) -> list[UUID]:
    """The ids of all records that a list finds; ValidationFailed when there are too many."""
    count = queries.count_records(setup.actor, entity, query, exact=True)
    if count.total > RECORDS_LIMIT:
        raise ValidationFailed(Issue("", "too_many_rows", {"limit": RECORDS_LIMIT, "count": count.total}))
    return queries.list_ids(setup, entity, query)


def update_many(actor: Actor, entity: Entity, ids: Sequence[UUID], values: Values) -> BulkResult:
    """The same `values` on all of these records."""
    return _in_pieces(ids, lambda piece: services.update_records(actor, entity, dict.fromkeys(piece, values)))


def link_many(
    setup: CompanySetup, entity: Entity, ids: Sequence[UUID], relation: Relation, others: Sequence[str]
) -> BulkResult:
    """All of these records linked to `others` (ids) as well as to what they are linked to."""

    def write(piece: Sequence[UUID]) -> Receipt:
        return services.update_records(
            setup.actor, entity, _with_links(setup, entity, piece, relation, others)
        )

    return _in_pieces(ids, write)


def delete_many(actor: Actor, entity: Entity, ids: Sequence[UUID]) -> BulkResult:
    """All of these records in the trash."""
    return _in_pieces(ids, lambda piece: services.delete_records(actor, entity, piece))


def _with_links(
    setup: CompanySetup, entity: Entity, piece: Sequence[UUID], relation: Relation, others: Sequence[str]
) -> dict[UUID, Values]:
    """What to write to each record: its links of now and the new ones, unless it changes meanwhile."""
    rows = entity.model.objects.visible_to(setup.actor).filter(pk__in=piece).values("id", "version")
    versions = {row["id"]: row for row in rows}
    linked = Presenter(setup, entity).references(list(versions.values()), {relation.name})
    return {
        pk: {
            relation.written_as: [*(item["id"] for item in linked[pk][relation.name]), *others],
            "expectedVersion": versions[pk]["version"],
        }
        if pk in versions
        else {}
        for pk in piece
    }


def _in_pieces(ids: Sequence[UUID], write: Callable[[Sequence[UUID]], Receipt]) -> BulkResult:
    result = BulkResult()
    unique = list(dict.fromkeys(ids))
    for start in range(0, len(unique), PIECE):
        _write_piece(unique[start : start + PIECE], write, result)
    return result


def _write_piece(
    piece: Sequence[UUID], write: Callable[[Sequence[UUID]], Receipt], result: BulkResult
) -> None:
    """Write `piece`; rows that stand in its way are left out, and the rest tried again."""
    conflicts = 0
    while piece:
        left_out: set[int] = set()
        try:
            result.count(write(piece))
            return
        except NotFound as error:
            left_out = {issue.row for issue in error.issues}
            result.gone += len(left_out)
        except ValidationFailed as error:
            left_out = {issue.row for issue in error.issues}
            for row in left_out:
                result.refused[piece[row]] = tuple(i for i in error.issues if i.row == row)
        except Conflict:
            conflicts += 1
            if conflicts > TRIES:
                raise
        piece = [pk for row, pk in enumerate(piece) if row not in left_out]
