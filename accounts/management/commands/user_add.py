"""`customermates user add`: one more person in the company, or one of the companies, of this installation."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.actor import system_actor
from accounts.models import Company
from accounts.permissions import SHIPPED_ROLES
from accounts.services import add_user
from customermates.kernel.errors import ProductError
from customermates.kernel.sentences import sentence


class Command(BaseCommand):
    """Adds a person; without a password they set their own by the reset page."""

    help = "Add a person who can sign in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", required=True, help="address the person signs in with")
        parser.add_argument("--role", required=True, choices=list(SHIPPED_ROLES), help="what they may do")
        parser.add_argument("--password", help="without it, they set one by the password reset page")
        parser.add_argument("--company", help="name of the company; needed when there are several")

    def handle(self, *args: Any, **options: Any) -> None:
        company = find_company(options["company"])
        if options["password"] is None and not settings.SENDS_MAIL:
            raise CommandError("Without EMAIL_URL nobody can set a password by mail; give --password.")
        try:
            user = add_user(
                system_actor(company),
                email=options["email"],
                role=options["role"],
                password=options["password"],
            )
        except ProductError as error:
            raise CommandError(" ".join(sentence(issue) for issue in error.issues)) from error
        self.stdout.write(f"{user.email} can sign in to {company.name} as {options['role']}.")


def find_company(name: str | None) -> Company:
    """The company of that name, or the only one there is; else a CommandError that says what to do."""
    companies = list(Company.objects.filter(name=name) if name else Company.objects.order_by("id")[:2])
    if len(companies) == 1:
        return companies[0]
    if name:
        raise CommandError(
            f"There is no company named {name}." if not companies else f"Several are named {name}."
        )
    raise CommandError(
        "There are several companies; choose one with --company."
        if companies
        else "There is no company yet. Run `customermates setup` first."
    )
