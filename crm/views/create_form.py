"""The form of a new record: what it asks for, what stands in it at first, and what it posts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

from django.http import QueryDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from crm.catalog import Field
from crm.entities import Entity
from crm.field_types import ChoiceType, Json, MultiSelectType, NotesType, PlainType, SingleSelectType
from crm.field_types.dates import RangeType
from crm.field_types.identifiers import IdentifiersType
from crm.field_types.stages import PipelineIdType, StageIdType, StageType
from crm.views.editors import LONG_TEXT, Control, field_control, is_editable, read_value
from crm.views.faces import Look, label_of
from customermates.kernel.errors import Issue, ValidationFailed
from customermates.kernel.sentences import sentence

_WIDE = (NotesType, MultiSelectType, RangeType)
_EMPTY: tuple[Json, ...] = ("", [], None)


class Asked(NamedTuple):
    """One field of the form."""

    name: str
    id: str
    label: str
    control: SafeString
    is_required: bool
    has_label: bool  # whether the control itself can be labelled, not only its parts
    help: str
    sentences: Sequence[str]
    is_half: bool = False  # whether it stands beside another one


@dataclass(frozen=True)
class CreateForm:
    """The form for a new record of `entity`, with `posted` in its fields."""

    look: Look
    entity: Entity
    posted: QueryDict
    issues: tuple[Issue, ...] = ()

    def with_issues(self, issues: Sequence[Issue]) -> CreateForm:
        """The form as it was sent, saying what is wrong."""
        return replace(self, issues=tuple(issues))

    @cached_property
    def essentials(self) -> list[Asked]:
        """What is asked first."""
        return _paired([self._asked(field) for field in _essentials(self.look, self.entity)])

    @cached_property
    def more(self) -> list[Asked]:
        """What can be said besides."""
        first = {field.name for field in _essentials(self.look, self.entity)}
        rest = [f for f in asked_fields(self.look, self.entity) if f.name not in first]
        return _paired([self._asked(field) for field in rest])

    @property
    def name_ends(self) -> int:
        """The number of the field after which the name is complete, where a warning about it stands."""
        return len(_name_parts(self.entity))

    @property
    def list_url(self) -> str:
        """Where the records of this kind are listed."""
        return reverse(self.entity.plural)

    @property
    def is_more_open(self) -> bool:
        """Whether the second part has something in it that somebody gave, or something wrong."""
        start = starting_values(self.look, self.entity, QueryDict())
        return any(
            asked.sentences or self.posted.getlist(asked.name) not in ([], [""], start.getlist(asked.name))
            for asked in self.more
        )

    @property
    def other_sentences(self) -> list[str]:
        """What is wrong with the whole, or with fields that are not asked for."""
        names = {asked.name for asked in (*self.essentials, *self.more)}
        return list(dict.fromkeys(sentence(i) for i in self.issues if _field_of(i) not in names))

    @property
    def told_apart_by(self) -> str:
        """The names of the controls that show whether there is such a record already."""
        names = [n for n in self.entity.told_apart_by if n != "name"] + _name_parts(self.entity)
        return " ".join(names)

    def read(self) -> tuple[dict[str, Json], list[Issue]]:
        """The row that the write path takes, without what was left empty; and what could not be read."""
        values: dict[str, Json] = {}
        custom: dict[str, Json] = {}
        unread: list[Issue] = []
        currency = self.posted.get("currency") or self.look.setup.company.currency
        for field in asked_fields(self.look, self.entity):
            path = f"customFields.{field.name}" if field.column else field.name
            try:
                value = read_value(field, self.posted, self.look, field.name, currency=currency)
            except ValidationFailed as error:
                unread += [issue.below(path) for issue in error.issues]
                continue
            if field.column:
                if value not in _EMPTY:
                    custom[field.name] = value
                elif field.name in self.posted and _default(self.look, self.entity, field):
                    custom[field.name] = None  # somebody took the default away
            elif value not in _EMPTY:
                values[field.relation.written_as if field.relation else field.name] = value
        return {**values, **({"customFields": custom} if custom else {})}, unread

    def _asked(self, field: Field) -> Asked:
        id = f"new-{field.name}"
        sentences = list(dict.fromkeys(sentence(i) for i in self.issues if _field_of(i) == field.name))
        is_required = bool((field.own and field.own.required) or (field.column and field.column.required))
        control = Control(
            look=self.look,
            entity=self.entity,
            name=field.name,
            label=label_of(field),
            id=id,
            is_invalid=bool(sentences),
            described_by=f"{id}-error" if sentences else "",
            required=is_required or bool(field.own and _default(self.look, self.entity, field)),
            posted=self.posted,
        )
        shown = _notes(control) if isinstance(field.type, NotesType) else field_control(field, None, control)
        return Asked(
            name=field.name,
            id=id,
            label=label_of(field),
            control=shown,
            is_required=is_required,
            has_label=f'id="{id}"' in shown,
            help=field.column.description if field.column else "",
            sentences=sentences,
            is_half=not _is_wide(field),
        )


def _is_wide(field: Field) -> bool:
    kind = field.type
    if field.name == "name" or field.relation or isinstance(kind, _WIDE):
        return True
    return isinstance(kind, PlainType) and kind.max_length >= LONG_TEXT


def _paired(fields: Sequence[Asked]) -> list[Asked]:
    """The fields, with halves only where two of them stand side by side."""
    paired: list[Asked] = []
    waiting = False  # whether the last one has nobody beside it yet
    for asked in fields:
        if waiting and not asked.is_half:
            paired[-1] = paired[-1]._replace(is_half=False)
        waiting = asked.is_half and not waiting
        paired.append(asked)
    if waiting:
        paired[-1] = paired[-1]._replace(is_half=False)
    return paired


def starting_values(look: Look, entity: Entity, params: QueryDict) -> QueryDict:
    """What stands in the form at first: defaults, and over them what the address gives."""
    start = QueryDict(mutable=True)
    for field in asked_fields(look, entity):
        if given := params.getlist(field.name):
            start.setlist(field.name, given)
        else:
            start.setlist(field.name, _default(look, entity, field))
    return start


def asked_fields(look: Look, entity: Entity) -> list[Field]:
    """Everything that can be said of a new record in one form; lines come later."""
    return [
        field
        for field in look.setup.catalog(entity).fields.values()
        if field.name not in entity.later and (is_editable(field) or isinstance(field.type, NotesType))
        if not isinstance(field.type, PipelineIdType | StageIdType | IdentifiersType)
    ]


def _essentials(look: Look, entity: Entity) -> list[Field]:
    fields = {field.name: field for field in asked_fields(look, entity)}
    chosen = [fields[name] for name in entity.essentials if name in fields]
    return [*chosen, *(f for f in fields.values() if f.column and f.column.required)]


def _default(look: Look, entity: Entity, field: Field) -> list[str]:
    """What the product would choose: shown, so that nobody wonders."""
    kind = field.type
    if field.relation:
        return [str(look.setup.actor.user_id)] if field.relation.target == "user" else []
    if isinstance(kind, SingleSelectType):
        return [kind.default] if kind.default else []
    if isinstance(kind, MultiSelectType):
        return kind.default or []
    if isinstance(kind, StageType):
        return [kind.options[0].value]
    if field.own and field.name == "currency":
        return [look.setup.company.currency]
    if field.own and isinstance(kind, ChoiceType):
        column: Any = entity.model._meta.get_field(field.own.attr)
        return [str(column.get_default())]
    return []


def _field_of(issue: Issue) -> str:
    """The name of the field that an issue is about: "emails" for "emails[1]"."""
    return re.split(r"[.\[]", issue.field.removeprefix("customFields."))[0]


def _name_parts(entity: Entity) -> list[str]:
    return ["name"] if entity.by_name["name"].writable else list(entity.refs)


def _notes(control: Control) -> SafeString:
    area = '<textarea class="in" rows="4"{}>{}</textarea>'
    return format_html(area, control.attributes, control.text(""))
