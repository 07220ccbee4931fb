"""The people of the tests: Olivia, Max and Rita work at Northwind Trading; Sven is a stranger."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.actor import Actor, system_actor, user_actor
from accounts.api_keys import create_key
from accounts.models import ApiKey, Company, User
from accounts.services import add_user, create_company

PASSWORD = "a long pass phrase of Olivia's"


def northwind() -> tuple[Company, User]:
    """The company most tests happen in, and its owner Olivia."""
    return create_company(
        name="Northwind Trading",
        email="olivia@northwind.example",
        password=PASSWORD,
        first_name="Olivia",
        last_name="Owner",
    )


def southwind() -> tuple[Company, User]:
    """Another company, and Sven, who must never see or change anything of Northwind."""
    return create_company(
        name="Southwind",
        email="sven@southwind.example",
        password=PASSWORD,
        first_name="Sven",
        last_name="Stranger",
    )


def colleague(company: Company, first_name: str, role: str) -> User:
    """One more person in `company`, in a shipped role."""
    return add_user(
        system_actor(company),
        email=f"{first_name.lower()}@{company.name.split()[0].lower()}.example",
        role=role,
        password=PASSWORD,
        first_name=first_name,
        last_name=role.title(),
    )


def signed_in(user: User) -> Actor:
    """`user` at the browser: all their role permits."""
    return user_actor(User.objects.select_related("role", "company").get(pk=user.pk), via="web")


def key_of(
    user: User, *scopes: str, name: str = "Laptop", toolsets: Sequence[str] = ()
) -> tuple[ApiKey, str]:
    """A key of `user` and its plaintext."""
    return create_key(signed_in(user), name=name, scopes=list(scopes), toolsets=toolsets)


def with_key(user: User, *scopes: str) -> Actor:
    """A program of `user` over MCP with these scopes; none means no rights."""
    key, _ = key_of(user, *scopes)
    return user_actor(key.user, via="mcp", api_key=key, client="pytest")
