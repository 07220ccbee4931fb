"""How outside clients know a contact: `[{provider, value, …}]`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from crm.field_types.addresses import SEVERAL_LIMIT, EmailType
from crm.field_types.field_type import Context, FieldType, Gathered, Json, Order, refuse, refuse_unknown
from crm.field_types.settings import Words
from crm.field_types.text import clean_text
from crm.models.contact import MAIL_PROVIDERS
from customermates.kernel.errors import ValidationFailed

PROVIDERS = ("mail", "google", "instagram", "linkedin", "outlook", "telegram", "whatsapp")
_TEXTS = ("value", "messagingId", "displayName", "profileUrl")


@dataclass(frozen=True)
class IdentifiersType(FieldType):
    """The accounts of a contact elsewhere, kept and given back as they came."""

    name: ClassVar[str] = "identifiers"
    operators: ClassVar[tuple[str, ...]] = ()
    expected: ClassVar[Words] = _("a list of identifiers")

    def parse(self, raw: Json, context: Context) -> list[dict[str, Json]] | None:
        if raw is None or raw == []:
            return None
        if not isinstance(raw, list) or len(raw) > SEVERAL_LIMIT:
            refuse(
                "wrong_type",
                expected=f"a list of at most {SEVERAL_LIMIT} identifiers",
                example=self.example(),
            )
        gathered, rows = Gathered(), []
        for position, row in enumerate(raw):
            try:
                rows.append(self._read(row, context))
            except ValidationFailed as error:
                gathered.issues += [issue.below(f"[{position}]") for issue in error.issues]
        gathered.done()
        return rows

    def _read(self, row: Json, context: Context) -> dict[str, Json]:
        if not isinstance(row, dict):
            refuse("wrong_type", expected="an identifier", example=self.example()[0])
        refuse_unknown(row, allowed=("provider", *_TEXTS), path="")
        if row.get("provider") not in PROVIDERS:
            refuse("unknown_choice", at="provider", allowed=list(PROVIDERS))
        texts = {}
        for name in _TEXTS:
            if row.get(name) is not None:
                try:
                    texts[name] = clean_text(row[name], max_length=2_048)
                except ValidationFailed as error:
                    raise ValidationFailed(*(issue.below(name) for issue in error.issues)) from error
        if not texts.get("value"):
            refuse("required", at="value")
        if row["provider"] in MAIL_PROVIDERS:
            try:
                EmailType().parse(texts["value"], context)
            except ValidationFailed as error:
                raise ValidationFailed(*(issue.below("value") for issue in error.issues)) from error
        return {"provider": row["provider"], **texts}

    def order(self, slots: Sequence[str], context: Context) -> Order | None:
        return None

    def json_schema(self) -> dict[str, Json]:
        properties = {"provider": {"type": "string", "enum": list(PROVIDERS)}}
        properties |= {name: {"type": "string"} for name in _TEXTS}
        row = {"type": "object", "properties": properties, "required": ["provider", "value"]}
        return {"type": "array", "items": {**row, "additionalProperties": False}}

    def example(self) -> list[dict[str, str]]:
        return [{"provider": "mail", "value": "ada@engines.example"}]
