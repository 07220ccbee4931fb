from __future__ import annotations

import pytest

from accounts.actor import Actor, user_actor
from accounts.models import User
from accounts.permissions import (
    PRESETS,
    RESOURCES,
    Access,
    Verb,
    all_scopes,
    parse_access,
    preset_scopes,
    scopes_beyond,
    shipped_access,
    validate_scopes,
)
from customermates.kernel.errors import NotAllowed
from tests.people import with_key

RECORDS = ["contacts", "organizations", "deals", "services", "tasks"]
OTHERS = ["users", "company", "columns", "webhooks", "auditLog", "api"]

# role → resource → what it permits, as "reach" or "reach+" with managing
SHIPPED = {
    "admin": dict.fromkeys([*RECORDS, *OTHERS], "all+"),
    "member": {
        **dict.fromkeys(RECORDS, "all+"),
        "users": "all",
        "company": "all",
        "columns": "all",
        "webhooks": "none",
        "auditLog": "none",
        "api": "own+",
    },
    "read-only": {
        **dict.fromkeys(RECORDS, "all"),
        "users": "all",
        "company": "all",
        "columns": "all",
        "webhooks": "none",
        "auditLog": "none",
        "api": "own+",
    },
}


@pytest.mark.parametrize("role", SHIPPED)
def test_shipped_roles_permit_what_the_table_says(role: str) -> None:
    found = {
        name: f"{access.read}{'+' if access.manage else ''}" for name, access in shipped_access(role).items()
    }
    assert found == SHIPPED[role]


# a key's scopes → what Olivia's, Max's and Rita's key may do to deals: read, write, delete
SCOPES = [
    ([], "---", "---", "---"),
    (["deals:read"], "r--", "r--", "r--"),
    (["deals:read", "deals:write"], "rw-", "rw-", "r--"),
    (["deals:delete"], "--d", "--d", "---"),
    (["contacts:read"], "---", "---", "---"),
    (["*"], "rwd", "rwd", "r--"),
]


@pytest.mark.parametrize(("scopes", "olivia_may", "max_may", "rita_may"), SCOPES)
def test_a_key_may_what_its_scopes_and_its_owners_role_both_permit(
    scopes, olivia_may, max_may, rita_may, olivia: User, max_: User, rita: User
) -> None:
    def may(user: User) -> str:
        beyond = set(scopes_beyond(scopes, user.role.access()))
        actor = with_key(user, *[scope for scope in scopes if scope not in beyond])
        return "".join(verb[0] if actor.can(verb, "deals") else "-" for verb in ("read", "write", "delete"))

    assert [may(olivia), may(max_), may(rita)] == [olivia_may, max_may, rita_may]


def test_a_demotion_reaches_the_keys_at_once(olivia: User, max_: User) -> None:
    before = with_key(max_, "deals:read", "deals:write")
    max_.role = olivia.company.roles.get(shipped="read-only")
    max_.save()
    key = max_.api_keys.get()
    assert before.can("write", "deals")
    assert not user_actor(key.user, via="mcp", api_key=key).can("write", "deals")


@pytest.mark.parametrize("verb", ["read", "write"])
def test_no_key_ever_touches_keys(olivia: User, verb: Verb) -> None:
    assert not with_key(olivia, "*").can(verb, "api")
    assert not any(scope.startswith("api:") for scope in all_scopes())


def test_the_audit_log_is_read_with_a_scope_and_never_written() -> None:
    assert "auditLog:read" in all_scopes()
    assert "auditLog:write" not in all_scopes()


def test_what_is_missing_is_named(olivia: User, reader: Actor) -> None:
    with pytest.raises(NotAllowed) as by_role:
        reader.require("write", "deals")
    with pytest.raises(NotAllowed) as by_scope:
        with_key(olivia, "deals:read").require("write", "deals")
    assert [error.value.issues[0].code for error in (by_role, by_scope)] == [
        "missing_permission",
        "missing_scope",
    ]
    assert by_scope.value.issues[0].params["scope"] == "deals:write"


def test_reach_is_the_roles_and_none_without_the_scope(olivia: User) -> None:
    assert with_key(olivia, "deals:read").reach("deals") == "all"
    assert with_key(olivia, "deals:write").reach("deals") == "none"


def test_presets_hold_what_the_domain_says() -> None:
    assert PRESETS["full"]() == ["*"]
    assert set(PRESETS["read"]()) == {scope for scope in all_scopes() if scope.endswith(":read")}
    agent = {f"{name}:{verb}" for name in RECORDS for verb in ("read", "write")} | {
        "users:read",
        "company:read",
    }
    assert set(PRESETS["agent"]()) == agent


def test_a_preset_stays_within_the_owners_role() -> None:
    reader = shipped_access("read-only")
    assert scopes_beyond(preset_scopes("agent", reader), reader) == []
    assert "deals:write" not in preset_scopes("agent", reader)
    assert preset_scopes("full", reader) == ["*"]


@pytest.mark.parametrize(
    ("scopes", "codes"),
    [
        (["deals:read", "*"], []),
        (["deal:read"], ["unknown_scope"]),
        (["api:write", "deals:own"], ["unknown_scope", "unknown_scope"]),
        ("deals:read", ["wrong_type"]),
        ([1], ["wrong_type"]),
    ],
)
def test_wrong_scopes_are_issues(scopes: object, codes: list[str]) -> None:
    assert [issue.code for issue in validate_scopes(scopes)] == codes


@pytest.mark.parametrize(
    ("permissions", "problem"),
    [
        ({"contacts": {"read": "own", "manage": True}}, None),
        ({}, None),
        ({"contact": {"read": "all"}}, "unknown_resource"),
        ({"contacts": {"read": "some"}}, "invalid_choice"),
        ({"users": {"read": "own"}}, "invalid_choice"),
        ({"contacts": {"manage": True}}, "manage_without_read"),
        ({"contacts": {"read": "all", "manage": "yes"}}, "wrong_type"),
        ({"contacts": "all"}, "invalid_access"),
        ({"contacts": {"read": ["all"]}}, "invalid_choice"),
        ([], "wrong_type"),
    ],
)
def test_a_custom_role_says_what_it_permits_or_what_is_wrong(
    permissions: object, problem: str | None
) -> None:
    access, issues = parse_access(permissions)
    assert [issue.code for issue in issues] == ([problem] if problem else [])
    if permissions == {"contacts": {"read": "own", "manage": True}}:
        assert access == {"contacts": Access("own", manage=True)}


def test_every_resource_has_a_name_people_can_read() -> None:
    assert all(str(resource.label) for resource in RESOURCES.values())
