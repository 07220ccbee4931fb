"""A named list that upper packages fill once, in `AppConfig.ready()`, for lower ones to read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Registry(Generic[T]):
    """Items by name in the order of registration."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._items: dict[str, T] = {}

    def register(self, name: str, item: T) -> T:
        """Add `item`; the same name twice is a programming error."""
        if name in self._items:
            raise ValueError(f"{self.kind} {name!r} is registered already")
        self._items[name] = item
        return item

    def unregister(self, name: str) -> None:
        """Take `name` out again; only tests need this."""
        del self._items[name]

    def get(self, name: str) -> T:
        """The item of this name; KeyError when there is none."""
        return self._items[name]

    def find(self, name: str) -> T | None:
        """The item of this name, or None."""
        return self._items.get(name)

    def names(self) -> list[str]:
        """All names, first registered first."""
        return list(self._items)

    def values(self) -> list[T]:
        """All items, first registered first."""
        return list(self._items.values())

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __contains__(self, name: object) -> bool:
        return name in self._items

    def __len__(self) -> int:
        return len(self._items)
