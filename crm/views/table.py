"""The rows of a list as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from crm.catalog import Field
from crm.entities import Entity
from crm.field_types import (
    BooleanType,
    ChoiceType,
    DateTimeType,
    DateType,
    EmailType,
    LinkType,
    MultiSelectType,
    NotesType,
    NumberType,
    PhoneType,
    UserType,
)
from crm.field_types.choices import CodeType
from crm.field_types.dates import RangeType
from crm.presenters import Presenter, Row
from crm.views.editors import is_editable
from crm.views.faces import Look, field_html, label_of, record_link

# How wide a column is, by its kind: table.css has a class for each.
_WIDTHS: Sequence[tuple[type | tuple[type, ...], str]] = (
    (NumberType, "number"),
    ((BooleanType, CodeType), "short"),
    (MultiSelectType, "chips"),
    (ChoiceType, "chip"),
    (RangeType, "range"),
    ((DateType, DateTimeType), "date"),
    (UserType, "person"),
    ((EmailType, LinkType), "address"),
    (PhoneType, "phone"),
    (NotesType, "text"),
)
# Where a small screen shows the first column of a kind beside the name: at the top, and on the second line.
_SMALL = {
    "s-top": ("c-chip", "c-number", "c-chips"),
    "s-left": ("c-links", "c-text", "c-address", "c-phone"),
    "s-right": ("c-date", "c-person"),
}


class Column(NamedTuple):
    """One column of a table after the name."""

    field: Field
    label: str
    css: str
    is_editable: bool


def table_column(field: Field, look: Look, entity: Entity) -> Column:
    """How `field` stands in a table."""
    may_write = look.setup.actor.can("write", entity.resource)
    return Column(field, label_of(field), column_class(field), may_write and is_editable(field))


def column_class(field: Field) -> str:
    """The class that gives a column of `field` its width and alignment."""
    if field.relation:
        return "c-person" if field.relation.target == "user" else "c-links"
    return next((f"c-{name}" for kind, name in _WIDTHS if isinstance(field.type, kind)), "c-text")


@dataclass(frozen=True)
class Table:
    """Draws rows of one entity."""

    look: Look
    entity: Entity
    fields: Sequence[Field]
    query: str = ""  # the list's state as `?…`, which goes along to a record and back

    def columns(self) -> list[Column]:
        """The columns after the name."""
        columns = [table_column(field, self.look, self.entity) for field in self.fields]
        for place, kinds in _SMALL.items():
            at = next((at for at, column in enumerate(columns) if column.css in kinds), None)
            if at is not None:
                columns[at] = columns[at]._replace(css=f"{columns[at].css} {place}")
        return columns

    def attrs(self) -> list[str]:
        """The model attributes that the rows need."""
        needed = {"id", "version", "custom", self.entity.by_name["name"].attr}
        needed |= {field.own.attr for field in self.fields if field.own}
        # Money is shown in the record's currency; a deadline is late only while the record is open.
        needed |= {own.attr for own in self.entity.fields if own.name in ("currency", "status")}
        return sorted(needed)

    def rows(self, rows: Sequence[Row]) -> SafeString:
        """All rows."""
        names = {field.relation.name for field in self.fields if field.relation}
        linked = Presenter(self.look.setup, self.entity).references(rows, names) if names else {}
        columns = self.columns()
        return format_html_join(
            "\n", "{}", ((self._row(row, columns, linked.get(row["id"], {})),) for row in rows)
        )

    def _row(self, row: Row, columns: Sequence[Column], links: dict[str, list[Any]]) -> SafeString:
        name = str(row[self.entity.by_name["name"].attr])
        cells = format_html_join(
            "",
            '<td class="{}" tabindex="-1" data-field="{}"{}>{}</td>',
            (
                (
                    column.css,
                    column.field.name,
                    SafeString(" data-edit") if column.is_editable else "",
                    field_html(self.look, column.field, row, links),
                )
                for column in columns
            ),
        )
        pk = row["id"]
        return format_html(
            '<tr data-record="{}" data-version="{}" data-id="{}"><td class="ck">'
            '<input type="checkbox" name="id" value="{}" aria-label="{}"></td>'
            '<td class="c-name" tabindex="-1" data-field="name"{}>{}</td>{}</tr>',
            reverse(self.entity.name, args=[pk]),
            row["version"],
            pk,
            pk,
            _("Select %(name)s") % {"name": name},
            SafeString(" data-edit") if self._may_rename() else "",
            record_link(self.entity.name, row, name, self.query),
            cells,
        )

    def _may_rename(self) -> bool:
        return self.look.setup.actor.can("write", self.entity.resource)
