"""What callers sent about a custom column, read and checked into a definition that is not saved yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm.catalog import column_type
from crm.columns import LAST_NUMBER
from crm.entities import ENTITIES, Entity
from crm.field_types import CUSTOM_TYPES, FieldType, Json
from crm.field_types.choices import Option, find_option
from crm.field_types.field_type import refuse
from crm.field_types.text import clean_text
from crm.models import CustomColumn
from customermates.kernel.errors import Issue, ValidationFailed
from customermates.kernel.folding import folded_key

COLUMNS_LIMIT = 200  # of one entity: a list of them still reads as one
LABEL_LENGTH = 255
DESCRIPTION_LENGTH = 1_000

NAMES = ("entityType", "type", "label", "options", "required", "position", "description", "backfill")
ONLY_IN_UPDATES = ("replaceWith", "expectedVersion")


@dataclass(slots=True)
class DefinitionReader:
    """Reads values into a column; everything wrong is gathered, and raised by `done`."""

    column: CustomColumn
    values: Mapping[str, Json]
    issues: list[Issue] = field(default_factory=list)
    _options_fail: bool = False

    @property
    def is_new(self) -> bool:
        """Whether the column does not exist yet."""
        return self.column._state.adding

    @property
    def entity(self) -> Entity | None:
        """The entity that the column belongs to, None when the caller named none that exists."""
        return ENTITIES.find(self.column.entity)

    @property
    def kind(self) -> type[FieldType] | None:
        """The class of the column's type, None when the caller named none that exists."""
        return CUSTOM_TYPES.get(self.column.type)

    @property
    def settled_kind(self) -> FieldType | None:
        """The configured type, None while it or its options are not readable."""
        return None if self.kind is None or self._options_fail else column_type(self.column)

    def read(self) -> None:
        """Assign all that the caller sent, options last since they depend on the type."""
        allowed = (*NAMES, *(() if self.is_new else ONLY_IN_UPDATES))
        for name in self.values.keys() - set(allowed):
            self.refuse(name[:80], "unknown_argument", allowed=list(allowed))
        self._read_fixed("entityType", "entity", ENTITIES.names(), "unknown_choice")
        self._read_fixed("type", "type", list(CUSTOM_TYPES), "unknown_type")
        self._read("label", self._label, required=True)
        self._read("description", self._description)
        self._read("required", self._truth)
        self._read("position", self._position)
        self._read_version()
        if self.kind and (self.is_new or "options" in self.values):
            self._read_options(self.kind)

    def check_label(self, others: Sequence[CustomColumn]) -> None:
        """Refuse a label that another column in use has, in any case and accents."""
        keys = {other.label_key: other.label for other in others if other.pk != self.column.pk}
        if taken := keys.get(self.column.label_key):
            self.refuse("label", "duplicate_label", label=taken)

    def asks_backfill(self) -> bool:
        """Whether records without a value shall get the default."""
        asked = self.values.get("backfill", False)
        if not isinstance(asked, bool):
            self.refuse("backfill", "wrong_type", expected="true or false")
            return False
        return asked

    def replacements(self, before: Sequence[Option], after: Sequence[Option]) -> dict[str, str | None]:
        """`replaceWith` by option ids: what takes the place of each option that goes."""
        raw = self.values.get("replaceWith")
        if raw is None:
            return {}
        if not isinstance(raw, dict):
            example = {before[0].label: None} if before else {"Gold": None}
            self.refuse("replaceWith", "wrong_type", expected="an object of options", example=example)
            return {}
        kept = {option.value for option in after}
        gone = [option for option in before if option.value not in kept]
        found: dict[str, str | None] = {}
        for name, replacement in raw.items():
            path, old = f"replaceWith.{name[:80]}", find_option(gone, name)
            new = None if replacement is None else find_option(after, replacement)
            if old is None:
                self.refuse(path, "option_stays", option=name[:80], allowed=[option.label for option in gone])
            elif new is None and replacement is not None:
                self.refuse(path, "unknown_choice", allowed=[option.label for option in after])
            elif new is None and self.column.required:
                self.refuse(path, "required", allowed=[option.label for option in after])
            else:
                found[old.value] = new.value if new else None
        return found

    def refuse(self, path: str, code: str, **params: object) -> None:
        """Note one issue."""
        self.issues.append(Issue(path, code, params))

    def done(self) -> None:
        """Raise all that was noted."""
        ValidationFailed.raise_if(self.issues)

    def _read(self, name: str, read: Callable[[Json], Any], *, required: bool = False) -> None:
        if name not in self.values:
            if required and self.is_new:
                self.refuse(name, "required")
            return
        try:
            setattr(self.column, name, read(self.values[name]))
        except ValidationFailed as error:
            self.issues += [issue.below(name) for issue in error.issues]

    def _read_fixed(self, name: str, attr: str, allowed: Sequence[str], unknown: str) -> None:
        """A value that only a new column takes, one of `allowed`."""
        given = self.values.get(name)
        if self.is_new:
            if given is None:
                self.refuse(name, "required", allowed=allowed)
            elif given not in allowed:
                self.refuse(name, unknown, allowed=allowed)
            else:
                setattr(self.column, attr, given)
        elif name in self.values and given != getattr(self.column, attr):
            self.refuse(name, "never_changes")

    def _label(self, raw: Json) -> str:
        label = clean_text(raw, max_length=LABEL_LENGTH)
        self.column.label_key = folded_key(label)
        if not self.column.label_key:
            refuse("required", example="Lead source")
        return label

    def _description(self, raw: Json) -> str:
        return "" if raw is None else clean_text(raw, max_length=DESCRIPTION_LENGTH)

    def _truth(self, raw: Json) -> bool:
        if not isinstance(raw, bool):
            refuse("wrong_type", expected="true or false")
        return raw

    def _position(self, raw: Json) -> int:
        if type(raw) is not int or not 0 <= raw <= LAST_NUMBER:
            refuse("wrong_type", expected=f"a whole number from 0 to {LAST_NUMBER}")
        return raw

    def _read_version(self) -> None:
        sent = self.values.get("expectedVersion")
        if self.is_new or sent is None:
            return
        if type(sent) is not int:
            self.refuse("expectedVersion", "wrong_type", expected="a whole number")
        elif sent != self.column.version:
            self.issues.append(stale_column(self.column, sent))

    def _read_options(self, kind: type[FieldType]) -> None:
        raw = self.values.get("options")
        if raw is not None and not isinstance(raw, dict):
            self.refuse("options", "wrong_type", expected="an object")
            self._options_fail = True
            return
        try:
            self.column.options = kind.read_options(raw or {}, self.column.options)
        except ValidationFailed as error:
            self.issues += error.issues
            self._options_fail = True


def stale_column(column: CustomColumn, sent: int) -> Issue:
    """The column has moved on from the version that the caller saw."""
    current = column.version
    return Issue("expectedVersion", "stale_version", {"current": current, "sent": sent, "example": current})
