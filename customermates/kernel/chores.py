"""What the background process does now and then, beside sending: old things go, owners are told."""

from __future__ import annotations

from collections.abc import Callable

from customermates.kernel.registry import Registry

# Each does one piece of its work in a transaction of its own, so that nobody waits for long; True when
# more of the same is left. `customermates worker` does them in turn, again and again.
Chore = Callable[[], bool]
CHORES: Registry[Chore] = Registry("chore")
