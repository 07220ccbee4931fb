"""How every form is drawn: one template per field, with its label, help and error tied to the control."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting

from customermates.kernel.errors import Issue
from customermates.kernel.sentences import sentence

_BOXES = (forms.CheckboxInput, forms.RadioSelect, forms.CheckboxSelectMultiple, forms.HiddenInput)


class Field(BoundField):
    """A bound field whose control carries the class that the pages' CSS styles."""

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        """The control's attributes; choices beside each other and boxes look after themselves."""
        built = super().build_widget_attrs(attrs, widget)
        if not isinstance(widget or self.field.widget, _BOXES):
            built.setdefault("class", "in")
        return built


class Renderer(TemplatesSetting):
    """`FORM_RENDERER`: `{{ field.as_field_group }}` draws `ui/_field.html`."""

    field_template_name = "ui/_field.html"
    bound_field_class = Field


def add_issues(form: forms.Form, issues: tuple[Issue, ...], names: dict[str, str] | None = None) -> None:
    """Show `issues` in `form`, each at its field; `names` are the fields that are called otherwise there."""
    for issue in issues:
        name = re.split(r"[.\[]", issue.field)[0]
        name = (names or {}).get(name, name)
        form.add_error(name if name in form.fields else None, sentence(issue))
