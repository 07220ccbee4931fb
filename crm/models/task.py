"""Something to be done."""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import TYPE_CHECKING, ClassVar

from django.db import models

from crm.models.record import Record, key
from customermates.kernel.errors import Issue

if TYPE_CHECKING:
    from crm.setup import CompanySetup


class TaskStatus(models.TextChoices):
    """Whether there is still something to do."""

    OPEN = "open"
    DONE = "done"


class TaskPriority(models.TextChoices):
    """How much it matters, least first."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class TaskType(models.TextChoices):
    """Who made it: people and agents, or the product itself."""

    CUSTOM = "custom"
    SYSTEM = "system"


class Task(Record):
    """A thing to do, for somebody, by some time."""

    resource = "tasks"

    name = models.CharField(max_length=255)
    due_at = models.DateTimeField(null=True)
    status = models.CharField(max_length=10, choices=TaskStatus, default=TaskStatus.OPEN)
    completed_at = models.DateTimeField(null=True)
    priority = models.CharField(max_length=10, choices=TaskPriority, default=TaskPriority.NORMAL)
    type = models.CharField(max_length=10, choices=TaskType, default=TaskType.CUSTOM)

    name_key = key()

    class Meta(Record.Meta):
        indexes: ClassVar[list[models.Index]] = [
            *Record.Meta.indexes,
            models.Index(fields=["company", "name_key", "id"], name="task_name"),
            models.Index(fields=["company", "due_at", "id"], name="task_due"),
        ]

    def settle(self, given: Set[str], setup: CompanySetup) -> Iterable[Issue]:
        """The completion time follows the status; a system task keeps its name."""
        self.status = self.status or TaskStatus.OPEN
        self.priority = self.priority or TaskPriority.NORMAL
        if self.status == TaskStatus.OPEN:
            if "completedAt" in given and self.completed_at is not None:
                yield Issue("completedAt", "only_for_done_tasks")
            self.completed_at = None
        elif self.completed_at is None:
            self.completed_at = self.stored.get("completed_at") or setup.context.now
        if self.type == TaskType.SYSTEM and "name" in given and not self._state.adding:
            yield Issue("name", "system_task")

    def deletion_issues(self) -> Iterable[Issue]:
        """System tasks go when their reason goes, not by hand."""
        if self.type == TaskType.SYSTEM:
            yield Issue("", "system_task")
