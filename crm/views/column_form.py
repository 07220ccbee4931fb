"""The form of a custom column: what every column has, and what its type lets people set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.field_services import RECORDS_LIMIT, count_users_of
from crm.field_types import FieldType, Json
from crm.field_types.choices import SingleSelectType
from crm.field_types.settings import OptionsSetting
from crm.models import CustomColumn
from crm.views.column_options import OptionRows
from crm.views.column_settings import setting_field
from crm.views.faces import Look, value_html
from crm.writing.definitions import DESCRIPTION_LENGTH, LABEL_LENGTH
from customermates.kernel.errors import Issue, ValidationFailed
from customermates.kernel.sentences import sentence

_SET = "options."  # before the names of settings, as in the paths of issues
_FOR_PROGRAMS = ("allowed", "example", "hint", "nearest")  # params that tell programs what to send


class ColumnForm(forms.Form):
    """A column of `kind`: new for an entity, or `column` as it is."""

    # Nothing is demanded here but by the browser: the write path tells all that is wrong at once.
    label = forms.CharField(
        label=_("Label"),
        required=False,
        widget=forms.TextInput(
            {"autocomplete": "off", "autofocus": True, "required": True, "maxlength": LABEL_LENGTH}
        ),
    )
    description = forms.CharField(
        label=_("Description"),
        required=False,
        help_text=_("What belongs here. People see it where they fill it in, and agents read it."),
        widget=forms.Textarea({"rows": 2, "maxlength": DESCRIPTION_LENGTH}),
    )
    required = forms.BooleanField(
        label=_("Required"),
        required=False,
        help_text=_("New records must have a value, and nobody can clear it. Records without one stay."),
    )
    backfill = forms.BooleanField(
        label=_("Give the default to records without a value, too"),
        required=False,
        help_text=_("Each of them changes once, and its timeline tells so."),
    )

    def __init__(
        self,
        look: Look,
        kind: type[FieldType],
        *,
        column: CustomColumn | None = None,
        sent: QueryDict | None = None,
        is_step: bool = False,
    ) -> None:
        """The form as it is at first, or as it was `sent`: to be saved, or for one step on the way."""
        self.kind, self.column = kind, column
        stored = _stored(column)
        initial = {
            "label": column.label if column else "",
            "description": column.description if column else "",
            "required": column.required if column else False,
            **{f"{_SET}{name}": value for name, value in stored.items()},
        }
        super().__init__(None if is_step else sent, initial=initial)
        self._ask_settings(look)
        if is_step and sent is not None:
            self.initial = {name: _as_sent(field, name, sent) for name, field in self.fields.items()}
        self.options = self._option_rows(stored, sent)

    def _ask_settings(self, look: Look) -> None:
        for setting in self.kind.settings:
            if field := setting_field(setting, look):
                field.disabled = setting.is_fixed and self.column is not None
                self.fields[f"{_SET}{setting.name}"] = field
        if not self._options_setting():
            del self.fields["backfill"]

    def _options_setting(self) -> OptionsSetting | None:
        return next((s for s in self.kind.settings if isinstance(s, OptionsSetting)), None)

    def _option_rows(self, stored: Mapping[str, Json], sent: QueryDict | None) -> OptionRows | None:
        setting = self._options_setting()
        if setting is None:
            return None
        options = SingleSelectType.from_options(stored).options if stored else ()
        several = setting.several_defaults
        if sent is None:
            return OptionRows.at_first(options, several_defaults=several)
        return OptionRows.sent(sent, options, several_defaults=several, counted=self.count)

    def count(self, option: str) -> int:
        """How many records have an option of the column."""
        return count_users_of(self.column, option) if self.column else 0

    @property
    def settings(self) -> list[forms.BoundField]:
        """The fields that the type asks for."""
        return [self[name] for name in self.fields if name.startswith(_SET)]

    def example(self, look: Look) -> SafeString:
        """A value of such a column as lists show it; "" while something in the form is wrong."""
        try:
            chosen = {f.name.removeprefix(_SET): f.field.clean(f.value()) for f in self.settings}
            if self.options:
                chosen["options"] = self.options.json()
            kind = self.kind.from_options(self.kind.read_options(chosen, _stored(self.column)))
            return value_html(kind, kind.parse(kind.example(), look.setup.context), look)
        except (forms.ValidationError, ValidationFailed):
            return SafeString("")

    @property
    def limit(self) -> int:
        """How many records can change with a column."""
        return RECORDS_LIMIT

    def values(self) -> dict[str, Json]:
        """What was sent, as the write path takes it."""
        cleaned = dict(self.cleaned_data)
        options = {name.removeprefix(_SET): cleaned[name] for name in self.fields if name.startswith(_SET)}
        values: dict[str, Json] = {name: cleaned[name] for name in ("label", "description", "required")}
        if self.options:
            options["options"] = self.options.json()
            values["backfill"] = cleaned["backfill"]
            if self.column:
                values["replaceWith"] = self.options.replacements()
        return {**values, "options": options}

    def tell(self, issues: Sequence[Issue]) -> None:
        """Show each issue where it belongs."""
        for issue in issues:
            told = sentence(_for_people(issue))
            if issue.code == "option_in_use" and self.options:
                self.options.ask_about_rest(self.count)
                told = gettext("Say what the records get in place of the options that go.")
            if self.options and self.options.tell(issue, told):
                self.add_error(None, forms.ValidationError("", code="in_options"))
            else:
                name = issue.field if issue.field in self.fields else None
                self.add_error(name, told)

    @property
    def other_errors(self) -> list[str]:
        """What is wrong with the whole."""
        return [str(text) for text in self.non_field_errors() if text]


def _stored(column: CustomColumn | None) -> Mapping[str, Json]:
    options: Mapping[str, Json] = column.options if column else {}
    return options


def _as_sent(field: forms.Field, name: str, sent: QueryDict) -> Any:
    return field.widget.value_from_datadict(sent, {}, name)


def _for_people(issue: Issue) -> Issue:
    """The issue without advice that is for programs: the form shows what can be chosen."""
    return replace(issue, params={k: v for k, v in issue.params.items() if k not in _FOR_PROGRAMS})
