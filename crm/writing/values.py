"""Values of one custom column changed on many records at once, as its definition changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from django.db.models import Q, QuerySet

from accounts.actor import Actor
from accounts.events import EventDraft
from accounts.permissions import FULL_ACCESS
from crm.catalog import column_type, custom_index
from crm.entities import Entity
from crm.field_types import Json
from crm.models import CustomColumn, Record
from crm.setup import CompanySetup
from crm.writing.batch import Batch
from crm.writing.drafts import Draft

BATCH = 500  # records loaded, locked and written at once


def count_using(entity: Entity, column: CustomColumn, values: list[str]) -> int:
    """How many records of the company, those in the trash included, have one of these options."""
    return _records(entity, column).filter(_having(column, values)).count()


def replace_options(
    actor: Actor, entity: Entity, column: CustomColumn, replacements: Mapping[str, str | None]
) -> list[EventDraft]:
    """The events of every record that had one of these options and now has its replacement, or none.

    The definition without the old options is stored already. Records in the trash change as well:
    they can come back. Needs a transaction.
    """

    def replaced(stored: Json) -> Json:
        values = stored if isinstance(stored, list) else [stored]
        kept = [kept for value in values if (kept := replacements.get(value, value))]
        return kept if isinstance(stored, list) else next(iter(kept), None)

    return _rewrite(actor, entity, column, _having(column, list(replacements)), replaced)


def count_lacking(entity: Entity, column: CustomColumn) -> int:
    """How many records of the company, those in the trash left out, have no value in the column."""
    return _records(entity, column).filter(_lacking(column)).count()


def fill_in(actor: Actor, entity: Entity, column: CustomColumn, value: Json) -> list[EventDraft]:
    """The events of every record that had no value in this column and now has `value`."""
    return _rewrite(actor, entity, column, _lacking(column), lambda _: value)


def _rewrite(
    actor: Actor, entity: Entity, column: CustomColumn, condition: Q, rewritten: Callable[[Json], Json]
) -> list[EventDraft]:
    # A column is everybody's: whoever may change it changes it on records they do not see, too.
    setup = CompanySetup(replace(actor, access={entity.resource: FULL_ACCESS}, scopes=None))
    kind, number = column_type(column), str(column.number)
    events = []
    for drafts in _batches(entity, column, condition):
        for draft in drafts:
            custom = {name: stored for name, stored in draft.record.custom.items() if name != number}
            value = kind.parse(rewritten(draft.record.custom.get(number)), setup.context)
            draft.record.custom = custom if value is None else {**custom, number: kind.dump(value)}
        Batch(setup, entity, drafts).save()
        events += [_updated(entity, draft) for draft in drafts if draft.changes]
    return events


def _batches(entity: Entity, column: CustomColumn, condition: Q) -> Iterator[list[Draft]]:
    """Drafts of all records that meet `condition`, locked in the order of their ids."""
    rows = _records(entity, column).filter(condition).order_by("pk").select_for_update(of=("self",))
    found = list(rows[:BATCH])
    while found:
        yield [Draft.of(record, position) for position, record in enumerate(found)]
        found = list(rows.filter(pk__gt=found[-1].pk)[:BATCH])


def _records(entity: Entity, column: CustomColumn) -> QuerySet[Record]:
    return entity.model.objects.filter(company_id=column.company_id)


def _having(column: CustomColumn, values: list[str]) -> Q:
    return custom_index(column, column_type(column)).where("in", values)


def _lacking(column: CustomColumn) -> Q:
    return Q(deleted_at=None) & custom_index(column, column_type(column)).missing()


def _updated(entity: Entity, draft: Draft) -> EventDraft:
    name = f"{entity.name}.updated"
    return EventDraft(name=name, entity=entity.name, entity_id=draft.record.pk, changes=draft.changes)
