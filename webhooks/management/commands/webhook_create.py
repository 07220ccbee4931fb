"""`customermates webhook create`: an endpoint; its id and, on a second line, the secret made for it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.actor import user_actor
from accounts.models import User
from customermates.kernel.errors import ProductError
from customermates.kernel.sentences import sentence
from webhooks.services import create_endpoint


class Command(BaseCommand):
    """Makes an endpoint in the name of a person, who must be allowed to."""

    help = "Make a webhook; its id is printed, and the secret that was made for it, this once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", required=True, help="the person in whose name it is made")
        parser.add_argument("--url", required=True, help="where deliveries are sent")
        parser.add_argument(
            "--events", required=True, help="events, comma-separated: deal.created,contact.* or *"
        )
        parser.add_argument("--description", default="", help="what it is for")
        parser.add_argument("--secret", help="the secret that signs deliveries; without it one is made")

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"].strip().lower()
        person = User.objects.select_related("role", "company").filter(email=email).first()
        if person is None:
            raise CommandError(f"There is no user with the e-mail address {email}.")
        if not person.is_active:
            raise CommandError(f"{email} is not active.")
        values = {
            "url": options["url"],
            "description": options["description"],
            "events": [name.strip() for name in options["events"].split(",") if name.strip()],
        }
        if options["secret"] is not None:
            values["secret"] = options["secret"]
        try:
            made = create_endpoint(user_actor(person, via="system"), values)
        except ProductError as error:
            raise CommandError(" ".join(sentence(issue) for issue in error.issues)) from error
        self.stdout.write(str(made.endpoint.pk))
        if made.secret:  # one that was typed is known to who typed it
            self.stdout.write(made.secret)
