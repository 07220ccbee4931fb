"""A person the team talks to."""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import TYPE_CHECKING, ClassVar

from django.db import models

from crm.models.record import Record, key
from customermates.kernel.errors import Issue
from customermates.kernel.folding import folded

if TYPE_CHECKING:
    from crm.setup import CompanySetup

EMAILS_LIMIT = 50  # with the addresses that identifiers bring
MAIL_PROVIDERS = ("mail", "google", "outlook")  # identifiers whose values are e-mail addresses


class Contact(Record):
    """A person, with every address they are reached at."""

    resource = "contacts"

    name = models.CharField(max_length=511)  # first and last name, kept by `settle`
    first_name = models.CharField(max_length=255)
    last_name = models.CharField(max_length=255, default="")
    job_title = models.CharField(max_length=255, default="")
    emails = models.JSONField(default=list)  # texts, the first is the primary one
    phones = models.JSONField(default=list)  # E.164 where readable, else as typed
    identifiers = models.JSONField(default=list)  # [{provider, value, …}] of outside clients

    name_key = key()
    first_name_key = key()
    last_name_key = key()
    job_title_key = key()

    class Meta(Record.Meta):
        indexes: ClassVar[list[models.Index]] = [
            *Record.Meta.indexes,
            models.Index(fields=["company", "name_key", "id"], name="contact_name"),
        ]

    def settle(self, given: Set[str], setup: CompanySetup) -> Iterable[Issue]:
        """The name follows its parts; mail addresses among the identifiers are e-mails too."""
        self.name = f"{self.first_name} {self.last_name}".strip()
        if "identifiers" in given:
            known = {folded(email) for email in self.emails}
            mails = [row["value"] for row in self.identifiers if row["provider"] in MAIL_PROVIDERS]
            self.emails = [
                *self.emails,
                *(mail for mail in dict.fromkeys(mails) if folded(mail) not in known),
            ]
            if len(self.emails) > EMAILS_LIMIT:
                yield Issue("identifiers", "too_many_values", {"limit": EMAILS_LIMIT})
