"""The people of a company as a page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Case, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.forms import role_name
from accounts.models import User
from customermates.kernel.errors import Issue, NotFound

SHOWN_AT_MOST = 1000
STATUSES: dict[str, tuple[str | Promise, str]] = {
    User.Status.ACTIVE: (_("Active"), "green"),
    User.Status.INACTIVE: (_("Inactive"), "slate"),
    User.Status.PENDING: (_("Awaits approval"), "amber"),
}
INVITED: tuple[str | Promise, str] = (_("Invited"), "blue")


@dataclass(frozen=True)
class MemberRow:
    """One person and what can be done by the one who looks."""

    user: User
    is_self: bool
    may_change: bool

    @property
    def role(self) -> str:
        """The role's name."""
        return role_name(self.user.role)

    @property
    def is_invited(self) -> bool:
        """Whether they were added and have not chosen a password yet."""
        return self.user.is_active and self.user.last_login is None and not self.user.has_usable_password()

    @property
    def chip(self) -> tuple[str | Promise, str]:
        """Word and colour of the status."""
        return INVITED if self.is_invited else STATUSES[self.user.status]


def list_members(actor: Actor) -> list[MemberRow]:
    """Everybody in the company, those who may sign in first; one query."""
    order = Case(When(status=User.Status.ACTIVE, then=Value(0)), default=Value(1))
    users = User.objects.filter(company_id=actor.company_id).select_related("role")
    return [
        _row(actor, user)
        for user in users.order_by(order, "first_name", "last_name", "email")[:SHOWN_AT_MOST]
    ]


def get_member_row(actor: Actor, user_id: UUID) -> MemberRow:
    """One person of the company; NotFound for anybody else."""
    user = User.objects.filter(company_id=actor.company_id, pk=user_id).select_related("role").first()
    if user is None:
        raise NotFound(Issue("userId", "unknown_user"))
    return _row(actor, user)


def _row(actor: Actor, user: User) -> MemberRow:
    may_change = actor.can("write", "users") and actor.may_grant(user.role.access())
    return MemberRow(user, user.pk == actor.user_id, may_change)
