"""Who is told of what happens, with which secret, and how each telling went.

The table of deliveries is the queue: a row is written in the transaction of the change it tells of.
Rows of messages and attempts die by age together with their deliveries (webhooks.housekeeping), so
those keys have no constraint in the database: to check it, an index without the company would be needed.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Company, Event, User
from customermates.kernel.ids import uuid7


def _company() -> models.ForeignKey[Company, Company]:
    return models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+", db_index=False)


class Endpoint(models.Model):
    """An address outside that is told of events, and how it has been doing."""

    class Pause(models.TextChoices):
        """Why the product itself stopped sending; "" while it did not."""

        NONE = "", ""
        FAILING = "failing", _("failing")  # nothing got through for days: events wait
        GONE = "gone", _("gone")  # it answered 410: events are not even queued

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    company = _company()
    created_by = models.ForeignKey(
        User, on_delete=models.RESTRICT, null=True, related_name="+", db_index=False
    )
    url = models.CharField(max_length=2048)
    description = models.CharField(max_length=255, default="")
    events = models.JSONField(default=list)  # names, `deal.*` or `*`
    filters = models.JSONField(default=dict)  # {entity: rules}; an entity that is not here is not filtered
    ids_only = models.BooleanField(default=False)
    ordered = models.BooleanField(default=False)  # one delivery at a time for each record
    enabled = models.BooleanField(default=True)
    header_names = models.JSONField(default=list)
    headers_sealed = models.TextField(default="")  # {name: value} as sealed JSON
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True)  # its deliveries stay readable until they are too old

    # Written by the worker; None and 0 while all is well.
    last_success_at = models.DateTimeField(null=True)  # to the minute
    failing_since = models.DateTimeField(null=True)  # the first failure after the last success
    failures = models.PositiveIntegerField(default=0)  # since then
    unreached = models.PositiveIntegerField(default=0)  # attempts in a row without any answer
    blocked_until = models.DateTimeField(null=True)
    pause = models.CharField(max_length=8, choices=Pause, default=Pause.NONE)
    paused_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)  # when its owner was mailed of the pause

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["company", "id"], name="endpoint_live", condition=Q(deleted_at=None))
        ]

    def __str__(self) -> str:
        return self.url

    @property
    def is_sending(self) -> bool:
        """Whether deliveries leave for it, a blocked circuit aside."""
        return self.enabled and not self.pause and self.deleted_at is None


class Secret(models.Model):
    """What deliveries of one endpoint are signed with; two of them while one replaces the other."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    company = _company()
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="secrets", db_index=False)
    sealed = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True)  # the end of the overlap, for one that was replaced

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["company", "endpoint", "id"], name="secret_endpoint")
        ]

    def __str__(self) -> str:
        return f"secret of {self.endpoint_id}"


class Message(models.Model):
    """The body that tells of an event, made once and sent byte for byte at each attempt."""

    class Variant(models.TextChoices):
        """How much a body says."""

        FULL = "full", _("full")
        IDS = "ids", _("ids only")
        TRUNCATED = "cut", _("ids only, because the full body was too large")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    company = _company()
    # None is a test, which tells of nothing that happened.
    event = models.ForeignKey(Event, on_delete=models.RESTRICT, null=True, related_name="+", db_index=False)
    variant = models.CharField(max_length=4, choices=Variant, default=Variant.FULL)
    body = models.TextField()

    def __str__(self) -> str:
        return f"message {self.id}"


class Delivery(models.Model):
    """One message on its way to one endpoint."""

    class Status(models.TextChoices):
        """Where it stands; only a pending one will be tried again by itself."""

        PENDING = "pending", _("pending")
        SUCCESS = "success", _("delivered")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    company = _company()
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="+", db_index=False)
    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    event = models.CharField(max_length=64)
    entity_id = models.UUIDField()
    sequence = models.BigIntegerField(null=True)
    lane = models.UUIDField(null=True)  # deliveries of one lane go one after the other
    is_test = models.BooleanField(default=False)
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    retries = models.PositiveSmallIntegerField(default=0)  # steps of the ladder taken since it was queued
    # When it may be taken next; for one that is being sent, when its lease ends; None when it is done with.
    due_at = models.DateTimeField(null=True)
    lease_token = models.UUIDField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    status_code = models.PositiveSmallIntegerField(null=True)  # of the last attempt
    error = models.CharField(max_length=16, default="")  # of the last attempt

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["company", "endpoint", "message"], name="delivery_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["company", "endpoint", "due_at", "id"],
                name="delivery_due",
                condition=Q(due_at__isnull=False),
            ),
            models.Index(
                fields=["company", "endpoint", "due_at"],
                name="delivery_leased",
                condition=Q(lease_token__isnull=False),
            ),
            models.Index(
                fields=["company", "endpoint", "due_at"],
                name="delivery_test",
                condition=Q(is_test=True, due_at__isnull=False),
            ),
            models.Index(
                fields=["company", "endpoint", "lane", "sequence"],
                name="delivery_lane",
                condition=Q(due_at__isnull=False, lane__isnull=False),
            ),
            models.Index(fields=["company", "endpoint", "id"], name="delivery_log"),
            models.Index(fields=["company", "id"], name="delivery_company_log"),
            models.Index(
                fields=["company", "endpoint", "id"], name="delivery_failed", condition=Q(status="failed")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} to {self.endpoint_id}"


class Attempt(models.Model):
    """One try to deliver: what was sent and what came back."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    company = _company()
    delivery = models.ForeignKey(
        Delivery, on_delete=models.CASCADE, related_name="log", db_index=False, db_constraint=False
    )
    number = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    duration_ms = models.PositiveIntegerField()
    status_code = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=16, default="")
    request_headers = models.JSONField(default=dict)  # without the values of custom ones
    response_headers = models.JSONField(default=dict)
    response_excerpt = models.TextField(default="")  # hostile text: escape it wherever it is shown

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["company", "delivery", "number"], name="attempt_number")
        ]

    def __str__(self) -> str:
        return f"attempt {self.number} of {self.delivery_id}"
