"""The stage and the pipeline of a deal, by id or by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from crm.field_types.choices import ChoiceType, Option, refuse_option
from crm.field_types.field_type import Context, Json, refuse
from crm.field_types.settings import Words
from customermates.kernel.folding import folded
from customermates.kernel.ids import find_uuid


@dataclass(frozen=True)
class PipelineType(ChoiceType):
    """A pipeline; given out by name."""

    name: ClassVar[str] = "pipeline"
    expected: ClassVar[Words] = _("the id or name of a pipeline")

    def stored(self, option: Option) -> UUID:
        return UUID(option.value)

    def present(self, value: UUID) -> Json:
        return next((o.label for o in self.options if o.value == str(value)), None)

    def offered(self) -> tuple[Option, ...]:
        """The options of this company, by whatever name people know them."""
        return self.options


@dataclass(frozen=True)
class StageType(PipelineType):
    """A stage; its name alone must be unambiguous, else `Pipeline / Stage` says which."""

    name: ClassVar[str] = "stage"
    expected: ClassVar[Words] = _("the id or name of a stage")

    pipelines: tuple[str, ...] = ()  # the pipeline's name of each option

    def parse(self, raw: Json, context: Context) -> Any:
        if raw is None or raw == "":
            return None
        if isinstance(raw, str) and not find_uuid(raw):
            return self._by_name(raw)
        return super().parse(raw, context)

    def _by_name(self, text: str) -> UUID:
        key = folded(text.strip())
        pairs = list(zip(self.pipelines, self.options, strict=True))
        named = [option for _, option in pairs if folded(option.label) == key]
        full = [(f"{pipeline} / {option.label}", option) for pipeline, option in pairs]
        named = named or [option for name, option in full if folded(name) == key]
        if len(named) == 1:
            return self.stored(named[0])
        if not named:
            refuse_option([option.label for option in self.options], text)
        refuse("ambiguous_stage", allowed=[name for name, option in full if option in named])


@dataclass(frozen=True)
class PipelineIdType(PipelineType):
    """A pipeline; given out by id."""

    def present(self, value: UUID) -> Json:
        return str(value)


@dataclass(frozen=True)
class StageIdType(StageType):
    """A stage; given out by id."""

    def present(self, value: UUID) -> Json:
        return str(value)
