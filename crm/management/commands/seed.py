"""`customermates seed`: a company filled with as much generated data as wanted, for measurements."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.actor import system_actor
from accounts.management.commands.user_add import find_company
from accounts.models import Company, User
from crm.seeding import Amounts, seed
from customermates.kernel.errors import ProductError
from customermates.kernel.sentences import sentence


class Command(BaseCommand):
    """Adds records to what a company has; contacts get eight custom columns, most of them filled."""

    help = "Fill a company with generated data, for measurements; it is added to what is there."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--contacts", type=_count, required=True, metavar="N")
        parser.add_argument("--organizations", type=_count, metavar="N", help="default: contacts / 5")
        parser.add_argument("--deals", type=_count, metavar="N", help="default: contacts / 2")
        parser.add_argument(
            "--services", type=_count, metavar="N", help="default: contacts / 500, at least 10"
        )
        parser.add_argument("--tasks", type=_count, metavar="N", help="default: contacts / 10")
        whose = parser.add_mutually_exclusive_group()
        whose.add_argument("--company", help="name of the company; needed when there are several")
        whose.add_argument("--email", help="address of a person in it, instead of its name")

    def handle(self, *args: Any, **options: Any) -> None:
        company = _company_of(options["email"]) if options["email"] else find_company(options["company"])
        contacts: int = options["contacts"]
        usual = {"organizations": contacts // 5, "deals": contacts // 2, "tasks": contacts // 10}
        usual["services"] = max(10, contacts // 500)
        wanted = {name: usual[name] if options[name] is None else options[name] for name in usual}
        started = perf_counter()

        def say(text: str) -> None:
            self.stderr.write(f"{perf_counter() - started:7.1f} s  {text}")

        try:
            seed(system_actor(company, reason="seed"), Amounts(contacts=contacts, **wanted), say)
        except ProductError as error:
            raise CommandError(" ".join(sentence(issue) for issue in error.issues)) from error
        self.stdout.write(f"{company.name} has {contacts:,} more contacts, and what belongs to them.")


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ArgumentTypeError("must not be negative")
    return number


def _company_of(email: str) -> Company:
    user = User.objects.select_related("company").filter(email=email.strip().lower()).first()
    if user is None:
        raise CommandError(f"There is no user with the e-mail address {email}.")
    return user.company
