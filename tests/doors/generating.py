"""Arguments for a tool from its own input schema: some that fit, most broken in one of many ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

HUGE = "x" * 20_000
TEXTS = (
    "", " ", "x", "Ada", "null", "[]", "{}", '["x"]', '{"field": "name"}', "true", "0", "-1", "1e999",
    "2026-11-22", "2026-13-45", "9999-12-31", "0001-01-01", "today", "-7d", "+999999999d", "me",
    "Won", "Sales / Won", "EUR", "a@b.example", "https://x.example", "javascript:alert(1)",
    "'; DROP TABLE crm_contact; --", "%", "_", "\\", "a\0b", "\ud800", "\udfff x", "\u202e", "\u0301",
    "日本", "🦄" * 300, HUGE, "00000000-0000-0000-0000-000000000000",
)  # fmt: skip
SCALARS = (
    None, True, False, 0, 1, -1, 2, 3, 101, 2**31, 2**63, 2**64, 10**30, -(10**30), 0.1, -0.0, 1e-300, 1e300,
    99999999999.9999, 100000000000, 123456789012.12345,
)  # fmt: skip


@dataclass
class Maker:
    """Makes arguments by chance; `known` are values of the company that a right call would name."""

    random: Random
    known: Sequence[Any]
    names: Sequence[str]
    fault: float = 0.12  # how often a part is made wrong

    def arguments(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """An object for the schema's top level."""
        made = self._object(schema)
        if self.random.random() < 0.05:
            made[self._name()] = self.anything()
        return made

    def value(self, schema: Mapping[str, Any]) -> Any:
        """A value that fits `schema`, or one that does not."""
        if self.random.random() < self.fault:
            return self.anything()
        if branches := schema.get("anyOf"):
            return self.value(self.random.choice(branches))
        if choices := schema.get("enum"):
            return self.random.choice(choices)
        kind = schema.get("type")
        if kind == "object":
            return self._object(schema)
        if kind == "array":
            few = self.random.choice((0, 1, 1, 1, 2, 2, 3))
            return [self.value(schema.get("items", {})) for _ in range(few)]
        if kind == "boolean":
            return self.random.random() < 0.5
        if kind in ("integer", "number"):
            return self.random.choice((0, 1, 2, 5, 10, 25, 100))
        return self._text() if kind == "string" else self.anything()

    def anything(self, depth: int = 0) -> Any:
        """Any JSON value."""
        if (chance := self.random.random()) < 0.35:
            return self._text()
        if chance < 0.7 or depth > 3:
            return self.random.choice(SCALARS)
        if chance < 0.85:
            return [self.anything(depth + 1) for _ in range(self.random.randint(0, 3))]
        return {self._name(): self.anything(depth + 1) for _ in range(self.random.randint(0, 3))}

    def _object(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        made = {}
        required = schema.get("required", ())
        for name, part in schema.get("properties", {}).items():
            if self.random.random() < (0.95 if name in required else 0.3):
                made[name] = self.value(part)
        if schema.get("additionalProperties") is True:
            made |= {self._name(): self.anything() for _ in range(self.random.randint(0, 3))}
        return made

    def _text(self) -> str:
        if self.random.random() < 0.6 and self.known:
            return str(self.random.choice(self.known))
        return self.random.choice((*TEXTS, *self.names))

    def _name(self) -> str:
        return self.random.choice((*self.names, *TEXTS)) if self.names else self.random.choice(TEXTS)
