"""Who acts: the first argument of everything below the doors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from accounts.permissions import EVERYTHING, FULL_ACCESS, NO_ACCESS, RESOURCES, Access, Reach, Verb
from customermates.kernel.errors import Issue, NotAllowed
from customermates.kernel.ids import uuid7

if TYPE_CHECKING:
    from accounts.models import ApiKey, Company, User

Via = Literal["web", "rest", "mcp", "job", "import", "system"]

CLIENT_LENGTH = 200  # characters of a client's name that are kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts, in which company, through which door, and how far they reach.

    `user_id` None is the system itself. `scopes` None is a signed-in person, who is not narrowed;
    an empty set means no rights. `toolsets` are the groups of tools that the key lists; () leaves
    the choice to the door. All events of one actor share its `change_set`; circumstances
    (`reason`, `change_set`, `client`) are changed with `dataclasses.replace`.
    """

    company_id: UUID
    user_id: UUID | None
    via: Via
    access: Mapping[str, Access]
    scopes: frozenset[str] | None = None
    toolsets: tuple[str, ...] = ()
    api_key_id: UUID | None = None
    client: str = ""
    request_id: str = ""
    change_set: UUID = field(default_factory=uuid7)
    reason: str = ""
    time_zone: str = "UTC"
    language: str = "en"

    def reach(self, resource: str) -> Reach:
        """How far this actor reads `resource`: the role's reach, or "none" without the scope."""
        if not self._in_scope("read", resource):
            return "none"
        return self.access.get(resource, NO_ACCESS).read

    def can(self, verb: Verb, resource: str) -> bool:
        """Whether role and scopes both allow `verb` on `resource`."""
        return self.access.get(resource, NO_ACCESS).permits(verb) and self._in_scope(verb, resource)

    def require(self, verb: Verb, resource: str) -> None:
        """Raise NotAllowed naming what is missing: the role's permission first, else the key's scope."""
        needed = f"{resource}:{verb}"
        if not self.access.get(resource, NO_ACCESS).permits(verb):
            raise NotAllowed(Issue("", "missing_permission", {"permission": needed, "scope": needed}))
        if not self._in_scope(verb, resource):
            raise NotAllowed(Issue("", "missing_scope", {"permission": needed, "scope": needed}))

    def may_grant(self, access: Mapping[str, Access]) -> bool:
        """Whether this actor holds everything `access` would give somebody, so that nobody rises by helpers.

        What keys can never hold (their own administration) is left out of the comparison for a key.
        """
        return all(
            self.access.get(name, NO_ACCESS).covers(granted)
            and all(
                self._in_scope(verb, name)
                for verb in _verbs_of(name, granted, as_key=self.scopes is not None)
            )
            for name, granted in access.items()
        )

    def _in_scope(self, verb: Verb, resource: str) -> bool:
        if self.scopes is None:
            return True
        scope = f"{resource}:{verb}"
        if EVERYTHING in self.scopes:
            known = RESOURCES.find(resource)
            return known is not None and scope in known.scopes
        return scope in self.scopes


def _verbs_of(name: str, access: Access, *, as_key: bool) -> list[Verb]:
    resource = RESOURCES.get(name)
    return [
        verb
        for verb in resource.verbs
        if access.permits(verb) and not (as_key and f"{name}:{verb}" not in resource.scopes)
    ]


def system_actor(company: Company, *, via: Via = "system", reason: str = "") -> Actor:
    """The product itself at work in `company` (setup, jobs, sample data): it may do everything there."""
    return Actor(
        company_id=company.pk,
        user_id=None,
        via=via,
        access=dict.fromkeys(RESOURCES.names(), FULL_ACCESS),
        reason=reason,
        time_zone=company.time_zone,
    )


def user_actor(
    user: User, *, via: Via, api_key: ApiKey | None = None, client: str = "", request_id: str = ""
) -> Actor:
    """`user` at work, narrowed to the scopes of `api_key` when one is used.

    Reads `user.role` and `user.company`: load them together with the user.
    """
    return Actor(
        company_id=user.company_id,
        user_id=user.pk,
        via=via,
        access=user.role.access(),
        scopes=None if api_key is None else frozenset(api_key.scopes),
        toolsets=() if api_key is None else tuple(api_key.toolsets),
        api_key_id=None if api_key is None else api_key.pk,
        client=client[:CLIENT_LENGTH],
        request_id=request_id,
        time_zone=user.time_zone or user.company.time_zone,
        language=user.language,
    )
