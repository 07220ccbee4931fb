"""What can be permitted: resources, the access a role gives, the scopes a key can hold.

A role says how far a person reaches (none, own, all) and whether they manage; a key's scopes narrow
that at each call and never widen it. Upper packages register their resources in `AppConfig.ready()`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast, get_args

from django.utils.functional import Promise

from customermates.kernel.errors import Issue
from customermates.kernel.registry import Registry

Verb = Literal["read", "write", "delete"]
Reach = Literal["none", "own", "all"]

REACHES: tuple[str, ...] = get_args(Reach)
RECORD_VERBS: tuple[Verb, ...] = ("read", "write", "delete")
SETTINGS_VERBS: tuple[Verb, ...] = ("read", "write")

EVERYTHING = "*"  # the scope that stands for all the owner may do


@dataclass(frozen=True, slots=True)
class Access:
    """How far a role reaches into one resource, and whether it may change what it reaches."""

    read: Reach = "none"
    manage: bool = False

    def permits(self, verb: Verb) -> bool:
        """Whether this access alone allows `verb`; "manage" covers write and delete."""
        return self.read != "none" and (verb == "read" or self.manage)

    def covers(self, other: Access) -> bool:
        """Whether everything `other` allows is allowed by this one too."""
        return REACHES.index(self.read) >= REACHES.index(other.read) and (self.manage or not other.manage)


NO_ACCESS = Access()
FULL_ACCESS = Access("all", manage=True)
READ_ALL = Access("all")


@dataclass(frozen=True, slots=True)
class Resource:
    """One thing that roles and scopes speak of.

    `key_verbs` are the verbs a key can hold; None means all of `verbs`. `member` and `reader` are
    what the shipped roles get; None means the rule of domain §4: members manage records and read
    settings, readers read both.
    """

    name: str
    label: str | Promise
    verbs: tuple[Verb, ...] = SETTINGS_VERBS
    has_own: bool = False
    key_verbs: tuple[Verb, ...] | None = None
    member: Access | None = None
    reader: Access | None = None

    @property
    def is_record(self) -> bool:
        """Whether this is CRM data rather than a setting: only records can be deleted."""
        return "delete" in self.verbs

    @property
    def scopes(self) -> list[str]:
        """The scopes that keys can hold for this resource."""
        verbs = self.verbs if self.key_verbs is None else self.key_verbs
        return [f"{self.name}:{verb}" for verb in verbs]


RESOURCES: Registry[Resource] = Registry("permission resource")
TOOLSETS: Registry[str] = Registry("toolset")  # titles of the groups of tools that a key can be narrowed to


def register_resource(resource: Resource) -> Resource:
    """Make `resource` known under its own name."""
    return RESOURCES.register(resource.name, resource)


def _admin_access(_resource: Resource) -> Access:
    return FULL_ACCESS


def _member_access(resource: Resource) -> Access:
    return resource.member or (FULL_ACCESS if resource.is_record else READ_ALL)


def _reader_access(resource: Resource) -> Access:
    return resource.reader or READ_ALL


# Shipped roles live in code, so a resource that a later release adds is permitted at once.
SHIPPED_ROLES: Mapping[str, Callable[[Resource], Access]] = {
    "admin": _admin_access,
    "member": _member_access,
    "read-only": _reader_access,
}


def shipped_access(role: str) -> dict[str, Access]:
    """What the shipped role named `role` permits, per resource."""
    return {resource.name: SHIPPED_ROLES[role](resource) for resource in RESOURCES.values()}


def parse_access(permissions: object) -> tuple[dict[str, Access], list[Issue]]:
    """The access that a custom role's JSON describes, and what is wrong with it.

    `{"contacts": {"read": "all", "manage": true}}`; an absent resource is no access.
    """
    access: dict[str, Access] = {}
    issues: list[Issue] = []
    if not isinstance(permissions, Mapping):
        return access, [Issue("permissions", "wrong_type", {"expected": "an object"})]
    for name, value in permissions.items():
        where = f"permissions.{name}"
        resource = RESOURCES.find(str(name))
        if resource is None:
            issues.append(Issue(where, "unknown_resource", {"name": name, "allowed": RESOURCES.names()}))
            continue
        reaches = [reach for reach in REACHES if reach != "own" or resource.has_own]
        if not isinstance(value, Mapping) or not set(value) <= {"read", "manage"}:
            issues.append(Issue(where, "invalid_access", {"example": {"read": "all", "manage": False}}))
        elif value.get("read", "none") not in reaches:
            issues.append(Issue(f"{where}.read", "invalid_choice", {"allowed": reaches}))
        elif not isinstance(manage := value.get("manage", False), bool):
            issues.append(Issue(f"{where}.manage", "wrong_type", {"expected": "true or false"}))
        elif (read := value.get("read", "none")) == "none" and manage:
            issues.append(Issue(where, "manage_without_read"))
        else:
            access[resource.name] = Access(cast("Reach", read), manage=manage)
    return access, issues


def all_scopes() -> list[str]:
    """Every scope a key can hold, in the order of registration, without `*`."""
    return [scope for resource in RESOURCES.values() for scope in resource.scopes]


def validate_scopes(scopes: object) -> list[Issue]:
    """What is wrong with a list of scopes: unknown ones are named together with the allowed ones."""
    if not isinstance(scopes, list) or not all(isinstance(scope, str) for scope in scopes):
        return [Issue("scopes", "wrong_type", {"expected": "a list of scopes"})]
    allowed = [EVERYTHING, *all_scopes()]
    return [
        Issue(f"scopes[{index}]", "unknown_scope", {"scope": scope, "allowed": allowed})
        for index, scope in enumerate(scopes)
        if scope not in allowed
    ]


def validate_toolsets(toolsets: Sequence[str]) -> list[Issue]:
    """What is wrong with the names of toolsets: unknown ones are named together with the allowed ones."""
    allowed = TOOLSETS.names()
    return [
        Issue(f"toolsets[{index}]", "unknown_toolset", {"toolset": name, "allowed": allowed})
        for index, name in enumerate(toolsets)
        if name not in allowed
    ]


def scopes_beyond(scopes: Iterable[str], access: Mapping[str, Access]) -> list[str]:
    """The scopes that a role with `access` does not cover; `*` is always within, it means "all I may do"."""
    return [scope for scope in scopes if scope != EVERYTHING and not _within(scope, access)]


def _within(scope: str, access: Mapping[str, Access]) -> bool:
    name, _, verb = scope.partition(":")
    return access.get(name, NO_ACCESS).permits(cast("Verb", verb))


def _read_preset() -> list[str]:
    return [scope for scope in all_scopes() if scope.endswith(":read")]


def _agent_preset() -> list[str]:
    records = [resource for resource in RESOURCES.values() if resource.is_record]
    return [
        *(f"{record.name}:{verb}" for record in records for verb in ("read", "write")),
        "users:read",
        "company:read",
    ]


# Functions, because resources join while the process starts.
PRESETS: Mapping[str, Callable[[], list[str]]] = {
    "read": _read_preset,
    "agent": _agent_preset,
    "full": lambda: [EVERYTHING],
}


def preset_scopes(name: str, access: Mapping[str, Access]) -> list[str]:
    """The scopes of preset `name` as far as a role with `access` covers them."""
    scopes = PRESETS[name]()
    beyond = set(scopes_beyond(scopes, access))
    return [scope for scope in scopes if scope not in beyond]
