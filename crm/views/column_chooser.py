"""Which columns a list shows, and in which order."""

from __future__ import annotations

from dataclasses import dataclass

from crm.catalog import Field
from crm.field_types.identifiers import IdentifiersType
from crm.field_types.stages import PipelineIdType, StageIdType
from crm.views.faces import label_of
from crm.views.list_state import ListState


@dataclass(frozen=True, slots=True)
class Choice:
    """A column that can be shown."""

    name: str
    label: str
    is_shown: bool


def column_choices(state: ListState) -> list[Choice]:
    """Shown columns in their order, then the rest as the entity declares them."""
    shown = state.fields
    names = {field.name for field in shown}
    catalog = state.setup.catalog(state.entity)
    rest = [field for field in catalog.fields.values() if field.name not in names and is_showable(field)]
    return [
        Choice(field.name, label_of(field), is_shown)
        for fields, is_shown in ((shown, True), (rest, False))
        for field in fields
    ]


def is_showable(field: Field) -> bool:
    """Whether a column can show `field`: ids are for programs, and the name is always there."""
    return field.name != "name" and not isinstance(field.type, PipelineIdType | StageIdType | IdentifiersType)
