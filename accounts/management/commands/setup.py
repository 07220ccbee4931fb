"""`customermates setup`: from nothing to a company whose first person can sign in."""

from __future__ import annotations

import shlex
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.urls import reverse

from accounts.actor import system_actor
from accounts.models import Company, User
from accounts.services import SAMPLE_DATA, create_company
from customermates.kernel.errors import ProductError
from customermates.kernel.sentences import sentence


class Command(BaseCommand):
    """Migrations, the company, its first administrator and, when asked, sample data."""

    help = "Prepare the database and make a company with its first administrator."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--company", "--name", required=True, help="name of the company")
        parser.add_argument("--email", required=True, help="address the administrator signs in with")
        parser.add_argument("--password", required=True, help="the administrator's password")
        parser.add_argument("--first-name", default="", help="the administrator's first name")
        parser.add_argument("--last-name", default="", help="the administrator's last name")
        parser.add_argument("--sample-data", action="store_true", help="fill the company with sample data")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        email = options["email"].strip().lower()
        known = User.objects.filter(email=email).select_related("company").first()
        if known is not None:
            self.stdout.write(f"{email} is already in {known.company.name}; nothing was changed.")
            return
        name = options["company"].strip()
        if Company.objects.filter(name=name).exists():
            raise CommandError(f"A company named {name} exists already. Add people to it with `user add`.")
        try:
            with transaction.atomic():  # a company without its sample data would count as set up
                company, _ = create_company(
                    name=name,
                    email=email,
                    password=options["password"],
                    first_name=options["first_name"].strip(),
                    last_name=options["last_name"].strip(),
                )
                for load in SAMPLE_DATA.values() if options["sample_data"] else ():
                    load(system_actor(company, reason="sample data"))
        except ProductError as error:
            raise CommandError(" ".join(sentence(issue) for issue in error.issues)) from error
        self.stdout.write(f"{company.name} is ready; sign in as {email}.\n{next_steps(email)}")


def next_steps(email: str) -> str:
    """The commands that follow: to serve, to make a key, to connect an agent with it."""
    endpoint = f"{settings.BASE_URL}{reverse('mcp')}"
    return f"""
Serve, and sign in at {settings.BASE_URL}:
  customermates serve

Make an API key for an agent:
  customermates key create --email {shlex.quote(email)} --name "My agent"

Connect Claude Code with it, and other agents likewise:
  claude mcp add --transport http customermates {endpoint} --header "Authorization: Bearer KEY"
"""
