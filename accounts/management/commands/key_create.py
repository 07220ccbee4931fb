"""`customermates key create`: an API key on stdout, and nothing else there."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.actor import user_actor
from accounts.api_keys import create_key
from accounts.models import User
from accounts.permissions import PRESETS, TOOLSETS, preset_scopes
from customermates.kernel.errors import ProductError
from customermates.kernel.sentences import sentence


class Command(BaseCommand):
    """Makes a key that acts as its owner, as far as the preset and the owner's role both go."""

    help = "Make an API key; it is printed once and cannot be shown again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", required=True, help="the person the key acts as")
        parser.add_argument("--name", required=True, help="what the key is for")
        parser.add_argument(
            "--preset", choices=list(PRESETS), default="agent", help="its scopes (default agent)"
        )
        parser.add_argument(
            "--toolset",
            action="append",
            choices=TOOLSETS.names(),
            default=[],
            dest="toolsets",
            help="a group of tools that it offers instead of the usual ones; may be repeated",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"].strip().lower()
        owner = User.objects.select_related("role", "company").filter(email=email).first()
        if owner is None:
            raise CommandError(f"There is no user with the e-mail address {email}.")
        if not owner.is_active:
            raise CommandError(f"{email} is not active, so a key of theirs would open nothing.")
        actor = user_actor(owner, via="system")
        scopes = preset_scopes(options["preset"], actor.access)
        try:
            _, plaintext = create_key(
                actor, name=options["name"], scopes=scopes, toolsets=options["toolsets"]
            )
        except ProductError as error:
            raise CommandError(" ".join(sentence(issue) for issue in error.issues)) from error
        self.stdout.write(plaintext)
