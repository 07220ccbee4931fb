"""The first company of an installation, made in the browser by whoever runs it."""

from __future__ import annotations

import base64
import hmac

from django.conf import settings
from django.db import transaction

from accounts import limits
from accounts.actor import system_actor
from accounts.models import Company, User
from accounts.services import SAMPLE_DATA, create_company
from customermates.kernel.errors import Conflict, Issue

_CODE_BYTES = 10  # 80 bits; tries are limited as well
_GROUP = 4


def is_needed() -> bool:
    """Whether nobody has set up this installation yet."""
    return not Company.objects.exists()


def setup_code() -> str:
    """What `serve` prints and the first page asks for: only who can read the server's output has it.

    It follows from SECRET_KEY, so that every process knows it without storing it, and opens nothing
    once there is a company.
    """
    secret = hmac.digest(settings.SECRET_KEY.encode(), b"first run", "sha256")[:_CODE_BYTES]
    text = base64.b32encode(secret).decode()
    return "-".join(text[start : start + _GROUP] for start in range(0, len(text), _GROUP))


def is_setup_code(typed: str) -> bool:
    """Whether `typed` is the code, however it is grouped and cased."""
    letters = "".join(character for character in typed.upper() if character.isalnum())
    return hmac.compare_digest(letters.encode(), setup_code().replace("-", "").encode())


@transaction.atomic
def set_up(
    *,
    company: str,
    email: str,
    password: str,
    first_name: str,
    last_name: str,
    currency: str,
    time_zone: str,
    language: str,
    sample_data: bool,
) -> User:
    """The first company and its administrator; Conflict when somebody else was faster."""
    limits.count_try(limits.FIRST_RUN, "")  # its row is locked until commit: one at a time looks and makes
    if not is_needed():
        raise Conflict(Issue("", "already_set_up"))
    made, user = create_company(
        name=company,
        email=email,
        password=password,
        first_name=first_name,
        last_name=last_name,
        currency=currency,
        time_zone=time_zone,
        language=language,
        via="web",
    )
    for load in SAMPLE_DATA.values() if sample_data else ():
        load(system_actor(made, reason="sample data"))
    return user
