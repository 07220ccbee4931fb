"""The people and roles of a company as programs look them up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounts.actor import Actor
from accounts.models import ApiKey, Company, Role, User
from customermates.kernel.errors import Issue, NotFound
from customermates.kernel.folding import folded

SORTS: Mapping[str, Sequence[str]] = {
    "name": ("first_name", "last_name", "email"),
    "email": ("email",),
    "createdAt": ("created_at",),
    "updatedAt": ("updated_at",),
}


@dataclass(frozen=True, slots=True)
class UserPage:
    """One page of a company's people, and how many there are in all."""

    users: Sequence[User]
    total: int


def list_users(
    actor: Actor, *, words: Sequence[str], sort: str, descending: bool, page: int, size: int
) -> UserPage:
    """Those in whose name or address each of `words` is found; one query.

    A company has hundreds of people, not millions, so they are matched here: folding reads every
    alphabet the same on both databases.
    """
    actor.require("read", "users")
    keys = [folded(word) for word in words]
    users = User.objects.filter(company_id=actor.company_id).select_related("role").order_by("id")
    found = [user for user in users if all(key in _text_of(user) for key in keys)]
    found.sort(key=lambda user: [_key(getattr(user, name)) for name in SORTS[sort]], reverse=descending)
    start = (page - 1) * size
    return UserPage(found[start : start + size], len(found))


def get_user(actor: Actor, user_id: UUID | None) -> User:
    """One person of the company; NotFound for anybody else. Everybody may look at themselves."""
    if user_id is None or user_id != actor.user_id:
        actor.require("read", "users")
    users = User.objects.filter(company_id=actor.company_id).select_related("role", "company")
    user = users.filter(pk=user_id).first() if user_id else None
    if user is None:
        raise NotFound(Issue("id", "unknown_user"))
    return user


def get_company(actor: Actor) -> Company:
    """The actor's company."""
    actor.require("read", "company")
    return Company.objects.get(pk=actor.company_id)


def list_roles(actor: Actor) -> Sequence[Role]:
    """The roles of the company, those that come with the product first."""
    actor.require("read", "users")
    roles = Role.objects.filter(company_id=actor.company_id)
    return sorted(roles, key=lambda role: (not role.shipped, folded(role.name)))


def get_role(actor: Actor, role_id: UUID | None) -> Role:
    """One role of the company; NotFound for any other."""
    actor.require("read", "users")
    role = Role.objects.filter(company_id=actor.company_id, pk=role_id).first() if role_id else None
    if role is None:
        raise NotFound(Issue("id", "unknown_role"))
    return role


def own_key(actor: Actor) -> ApiKey | None:
    """The key that the actor came with, None for a person."""
    return ApiKey.objects.filter(pk=actor.api_key_id).first() if actor.api_key_id else None


def _text_of(user: User) -> str:
    return folded(f"{user.first_name} {user.last_name} {user.email}")


def _key(value: Any) -> Any:
    return folded(value) if isinstance(value, str) else value
