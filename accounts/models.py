"""Companies, the people in them, their keys, and what was done: the tables everything else hangs on."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, NoReturn

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Access, parse_access, shipped_access
from customermates.kernel.ids import uuid7


class Company(models.Model):
    """The tenant: everything in the product belongs to exactly one company."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=255)
    street = models.CharField(max_length=255, blank=True, default="")
    city = models.CharField(max_length=255, blank=True, default="")
    postal_code = models.CharField(max_length=32, blank=True, default="")
    country = models.CharField(max_length=2, blank=True, default="")  # ISO 3166-1 alpha-2
    currency = models.CharField(max_length=3, default="EUR")  # ISO 4217
    vat_number = models.CharField(max_length=64, blank=True, default="")
    website = models.CharField(max_length=2048, blank=True, default="")
    phone = models.CharField(max_length=64, blank=True, default="")
    email = models.CharField(max_length=320, blank=True, default="")
    time_zone = models.CharField(max_length=64, default="UTC")
    last_sequence = models.BigIntegerField(default=0, editable=False)  # of the newest Event
    sample_change_set = models.UUIDField(null=True, editable=False)  # that its sample data came with
    # Whether anybody outside is told of events. Kept by whoever tells them, so that a write of a company
    # without listeners never has to look for any.
    has_listeners = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")

    def __str__(self) -> str:
        return self.name


class Role(models.Model):
    """What a group of people may do.

    A shipped role (`shipped` names it) takes its access from code; a custom one from `permissions`.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="roles", db_index=False)
    name = models.CharField(max_length=255)
    shipped = models.CharField(max_length=16, blank=True, default="", editable=False)
    permissions = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "name"],
                name="role_name_unique_per_company",
                violation_error_code="duplicate",
            ),
            models.UniqueConstraint(
                fields=["company", "shipped"],
                condition=~Q(shipped=""),
                name="role_shipped_unique_per_company",
                violation_error_code="duplicate",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def access(self) -> dict[str, Access]:
        """What this role permits, per resource; an absent resource is no access."""
        return shipped_access(self.shipped) if self.shipped else parse_access(self.permissions)[0]


class UserManager(BaseUserManager["User"]):
    """Users by e-mail; making one is the business of `accounts.services`."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser):
    """A person in one company, who signs in by e-mail."""

    class Status(models.TextChoices):
        """Only active people sign in and act; the others keep their name on what they did."""

        ACTIVE = "active", _("active")
        INACTIVE = "inactive", _("inactive")
        PENDING = "pendingAuthorization", _("pending authorization")

    class Language(models.TextChoices):
        """Languages the product speaks; each in its own words."""

        ENGLISH = "en", "English"
        GERMAN = "de", "Deutsch"

    class Theme(models.TextChoices):
        """Colours of the pages."""

        SYSTEM = "system", _("like the device")
        LIGHT = "light", _("light")
        DARK = "dark", _("dark")

    class Density(models.TextChoices):
        """Height of table rows."""

        COMFORTABLE = "comfortable", _("comfortable")
        COMPACT = "compact", _("compact")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="users", db_index=False)
    role = models.ForeignKey(Role, on_delete=models.RESTRICT, related_name="users")
    email = models.EmailField(unique=True, error_messages={"unique": _("This e-mail address is taken.")})
    first_name = models.CharField(max_length=255, blank=True, default="")
    last_name = models.CharField(max_length=255, blank=True, default="")
    country = models.CharField(max_length=2, blank=True, default="")
    avatar_url = models.CharField(max_length=2048, blank=True, default="")
    status = models.CharField(max_length=24, choices=Status, default=Status.ACTIVE)
    language = models.CharField(max_length=8, choices=Language, default=Language.ENGLISH)
    locale = models.CharField(max_length=16, blank=True, default="")  # formats; "" follows the language
    time_zone = models.CharField(max_length=64, blank=True, default="")  # "" is the company's
    theme = models.CharField(max_length=8, choices=Theme, default=Theme.SYSTEM)
    density = models.CharField(max_length=12, choices=Density, default=Density.COMPACT)
    single_keys = models.BooleanField(
        default=True
    )  # shortcuts of one letter, which speech input can trip over
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        indexes = [models.Index(fields=["company", "status", "id"], name="user_status")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["active", "inactive", "pendingAuthorization"]),
                name="user_status_known",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """First and last name, or the e-mail address while both are unknown."""
        return f"{self.first_name} {self.last_name}".strip() or self.email

    @property
    def is_active(self) -> bool:  # type: ignore[override]  # Django's class attribute, allauth's filter
        """Whether this person may sign in: `status` is the only truth, so it can never be stale."""
        return self.status == self.Status.ACTIVE


class ApiKey(models.Model):
    """A program's way in: acts as its owner, narrowed to its scopes. The key itself is not stored."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="api_keys", db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_keys", db_index=False)
    name = models.CharField(max_length=255)
    digest = models.CharField(max_length=64, unique=True, editable=False)  # HMAC-SHA256, hex
    pepper_number = models.PositiveSmallIntegerField(editable=False)
    prefix = models.CharField(max_length=8, editable=False)  # shown, so people can tell keys apart
    suffix = models.CharField(max_length=4, editable=False)
    scopes = models.JSONField(default=list)
    toolsets = models.JSONField(default=list)
    allowed_ips = models.JSONField(default=list)  # networks in CIDR form; empty is everywhere
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    last_used_ip = models.GenericIPAddressField(null=True)
    last_used_client = models.CharField(max_length=200, blank=True, default="")
    replaces = models.OneToOneField(
        "self", on_delete=models.SET_NULL, null=True, related_name="successor"
    )  # one to one: a key is rotated once, then its successor is

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        indexes = [models.Index(fields=["company", "user", "id"], name="api_key_owner")]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…{self.suffix})"

    def is_usable(self, now: datetime) -> bool:
        """Whether the key itself still opens anything; its owner's status is another question."""
        return self.revoked_at is None and now < self.expires_at


class AppendOnlyQuerySet(models.QuerySet["Event"]):
    """Rows that are written once: what happened cannot be made to have been otherwise."""

    def update(self, **values: Any) -> NoReturn:
        raise TypeError("events are append-only")

    def delete(self) -> NoReturn:
        raise TypeError("events are append-only")

    def bulk_update(self, *args: object, **options: object) -> NoReturn:
        raise TypeError("events are append-only")


class Event(models.Model):
    """Who did what, when, through which door. Written by `accounts.events.record` only."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+", db_index=False)
    sequence = models.BigIntegerField()  # per company without gaps; its order is commit order
    name = models.CharField(max_length=64)  # "deal.updated"
    entity = models.CharField(max_length=32)
    entity_id = models.UUIDField()
    change_set = models.UUIDField()
    # RESTRICT: people and keys are deactivated and revoked, never removed from under their history.
    user = models.ForeignKey(User, on_delete=models.RESTRICT, null=True, related_name="+", db_index=False)
    api_key = models.ForeignKey(
        ApiKey, on_delete=models.RESTRICT, null=True, related_name="+", db_index=False
    )
    via = models.CharField(max_length=8)
    client = models.CharField(max_length=200, blank=True, default="")
    request_id = models.CharField(max_length=64, blank=True, default="")
    reason = models.TextField(blank=True, default="")
    changes = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[models.Manager[Event]] = models.Manager.from_queryset(AppendOnlyQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "sequence"], name="event_sequence_unique_per_company")
        ]
        indexes = [
            models.Index(fields=["company", "entity_id", "sequence"], name="event_record"),
            models.Index(fields=["company", "change_set", "sequence"], name="event_change_set"),
        ]

    def __str__(self) -> str:
        return f"#{self.sequence} {self.name}"

    def save(self, *args: Any, **options: Any) -> None:
        if not self._state.adding:
            raise TypeError("events are append-only")
        super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> NoReturn:
        raise TypeError("events are append-only")


class IdempotentRequest(models.Model):
    """A write that was asked for with a key, and its answer, so that a retry does nothing twice."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+", db_index=False)
    credential = models.UUIDField()  # the API key, else the person: two programs may choose equal keys
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)  # SHA-256 of the body, hex
    answer = models.TextField(default="")  # JSON; empty only inside the transaction that writes it
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "credential", "key"], name="idempotent_request_key_unique_per_credential"
            )
        ]

    def __str__(self) -> str:
        return self.key


class RateWindow(models.Model):
    """Tries counted in one window of time, shared by all processes."""

    bucket = models.CharField(primary_key=True, max_length=64)  # SHA-256 of purpose and subject, hex
    started_at = models.BigIntegerField()  # Unix seconds
    expires_at = models.BigIntegerField(db_index=True)
    count = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.bucket[:8]}: {self.count}"
