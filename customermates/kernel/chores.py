"""What is done now and then, whoever asks: old things go, owners are told."""

from __future__ import annotations

from collections.abc import Callable

from customermates.kernel.registry import Registry

# Each does one piece of its work in a transaction of its own, so that nobody waits for long; True when
# more of the same is left. A worker, small as it is, knows those of webhooks and does them all the time;
# `customermates housekeep` does all of them, which `serve` runs once a day.
Chore = Callable[[], bool]
CHORES: Registry[Chore] = Registry("chore")
