"""Records as REST gives them out: whole, or only the members that a caller asks for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from crm import queries
from crm.entities import Entity
from crm.field_types import Json
from crm.presenters import BASE_ATTRS, Presenter, Row, present
from crm.setup import CompanySetup
from customermates.kernel.errors import Issue, ValidationFailed
from customermates.kernel.nearest import nearest

CUSTOM_VALUES = "customFieldValues"


@dataclass(frozen=True)
class Selection:
    """The members of records of one entity that a call wants; `names` None is all of them."""

    setup: CompanySetup
    entity: Entity
    names: Sequence[str] | None = None

    def __post_init__(self) -> None:
        if self.names is not None:
            allowed = self._known
            ValidationFailed.raise_if(
                Issue("fields", "unknown_field", {"allowed": allowed, "nearest": nearest(name, allowed)})
                for name in self.names
                if name not in allowed
            )

    def attrs(self) -> list[str]:
        """The model attributes that these members are made of."""
        if self.names is None:
            return self.presenter.attrs()
        own = (field.attr for field in self.entity.fields if field.name in self.names)
        return [*BASE_ATTRS, *dict.fromkeys(own), *(["custom"] if CUSTOM_VALUES in self.names else [])]

    def records(self, rows: Sequence[Row]) -> list[dict[str, Json]]:
        """One object for each row."""
        if self.names is None:
            return self.presenter.full(rows)
        catalog = self.setup.catalog(self.entity)
        own = {name: field for name, field in catalog.own.items() if name in self.names}
        references = self.presenter.references(rows, self.names)
        return [
            {
                "id": row["id"],
                **{name: present(field, row) for name, field in own.items()},
                **({"version": row["version"]} if "version" in self.names else {}),
                **references[row["id"]],
                **({CUSTOM_VALUES: self.presenter.custom_values(row)} if CUSTOM_VALUES in self.names else {}),
            }
            for row in rows
        ]

    def by_id(self, ids: Iterable[UUID]) -> list[tuple[dict[str, Json], int]]:
        """The records of `ids` with their versions, in order; NotFound for those that cannot be seen."""
        wanted = [(str(pk), "id") for pk in ids]
        rows = queries.get_records(self.setup.actor, self.entity, wanted, self.attrs())
        shown = self.records(rows)
        return [(record, row["version"]) for record, row in zip(shown, rows, strict=True)]

    @cached_property
    def presenter(self) -> Presenter:
        """What renders the rows."""
        return Presenter(self.setup, self.entity)

    @property
    def _known(self) -> list[str]:
        catalog = self.setup.catalog(self.entity)
        relations = [field.relation.name for field in catalog.relations.values() if field.relation]
        return ["id", *catalog.own, "version", *relations, CUSTOM_VALUES]
