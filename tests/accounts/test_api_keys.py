from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.test import RequestFactory
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.actor import Actor
from accounts.api_keys import OVERLAPS, create_key, rename_key, revoke_key, rotate_key
from accounts.authentication import Unauthenticated, authenticate_key
from accounts.key_format import digest, is_well_formed, new_key
from accounts.models import ApiKey, Event, User
from accounts.services import change_status
from customermates.kernel.errors import Conflict, NotAllowed, NotFound, ValidationFailed
from tests.people import key_of, with_key

pytestmark = pytest.mark.django_db


def authenticated(key: str, *, address: str = "192.0.2.1", **headers: str) -> Actor:
    request = RequestFactory().post("/", headers={"x-api-key": key, **headers}, REMOTE_ADDR=address)
    return authenticate_key(request, via="mcp")


def refusal(key: str, **options: Any) -> str:
    with pytest.raises(Unauthenticated) as refused:
        authenticated(key, **options)
    return refused.value.reason


def names_of_events(entity_id: UUID) -> list[str]:
    return list(Event.objects.filter(entity_id=entity_id).order_by("sequence").values_list("name", flat=True))


def test_a_key_is_64_base62_characters_that_check_themselves() -> None:
    key = new_key()
    assert len(key) == 64
    assert key.startswith("cm")
    assert key.isalnum()
    assert is_well_formed(key)


@pytest.mark.parametrize("position", [2, 30, 57, 58, 63])
def test_one_wrong_character_is_noticed(position: int) -> None:
    key = new_key()
    other = "A" if key[position] != "A" else "B"
    assert not is_well_formed(key[:position] + other + key[position + 1 :])


@pytest.mark.parametrize(
    "text",
    ["", "cm", "x" * 64, "cm" + "é" * 62, "cm" + "-" * 62, new_key() + "0", new_key()[1:]],
    # Names of their own, since a key is another one in each process that runs the tests.
    ids=["empty", "prefix", "wrong", "accents", "dashes", "longer", "shorter"],
)
def test_what_is_no_key_is_noticed(text: str) -> None:
    assert not is_well_formed(text)


def test_only_a_digest_is_stored(owner: Actor) -> None:
    key, plaintext = create_key(owner, name="Laptop", scopes=["*"])
    row = ApiKey.objects.filter(pk=key.pk).values().get()
    assert plaintext not in str(row)
    assert row["digest"] == digest(plaintext, 0)
    assert (row["prefix"], row["suffix"]) == (plaintext[:8], plaintext[-4:])


def test_making_a_key_is_on_record_without_the_key(owner: Actor) -> None:
    key, plaintext = create_key(owner, name="Laptop", scopes=["deals:read"], allowed_ips=["10.1.2.3"])
    event = Event.objects.get(name="apiKey.created")
    assert plaintext not in str(event.changes)
    assert event.changes["allowedIps"] == {"previous": None, "current": ["10.1.2.3/32"]}
    assert (event.entity_id, event.user_id, event.via) == (key.pk, owner.user_id, "web")


def test_a_valid_key_costs_one_query(olivia: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    _, plaintext = key_of(olivia, "*")
    authenticated(plaintext)  # writes the first use
    with django_assert_num_queries(1):
        actor = authenticated(plaintext)
        assert actor.can("read", "deals")
        assert actor.time_zone == "UTC"


def test_a_mistyped_key_costs_no_query(
    olivia: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    plaintext = key_of(olivia, "*")[1]
    with django_assert_num_queries(0):
        assert refusal(plaintext[:-1] + ("a" if plaintext[-1] != "a" else "b")) == "malformed"


def test_the_actor_names_key_owner_and_program(olivia: User) -> None:
    key, plaintext = key_of(olivia, "deals:read")
    actor = authenticated(plaintext, user_agent="mcporter/1.0\n\x1b[31m")
    assert (actor.api_key_id, actor.user_id, actor.via) == (key.pk, olivia.pk, "mcp")
    assert actor.client == "mcporter/1.0[31m"
    assert set(actor.scopes or ()) == {"deals:read"}


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({}, "missing"),
        ({"Authorization": "Bearer"}, "missing"),
        ({"Authorization": "Basic b2xpdmlhOng="}, "missing"),
        ({"Authorization": "Bearer nonsense"}, "malformed"),
        ({"x-api-key": "KEY", "Authorization": "Bearer OTHER"}, "ambiguous"),
    ],
)
def test_requests_without_one_clear_key_are_nobodys(headers: dict[str, str], reason: str) -> None:
    with pytest.raises(Unauthenticated) as refused:
        authenticate_key(RequestFactory().post("/", headers=headers), via="mcp")
    assert refused.value.reason == reason


def test_either_header_or_both_alike_open(olivia: User) -> None:
    plaintext = key_of(olivia, "*")[1]
    for headers in (
        {"x-api-key": plaintext},
        {"Authorization": f"Bearer {plaintext}"},
        {"Authorization": f"bearer  {plaintext}", "x-api-key": plaintext},
    ):
        assert authenticate_key(RequestFactory().post("/", headers=headers), via="rest").user_id == olivia.pk


def test_a_well_formed_key_nobody_made_is_unknown(olivia: User) -> None:
    assert refusal(new_key()) == "unknown"


def test_a_key_ends_at_its_time(owner: Actor) -> None:
    _, plaintext = create_key(
        owner, name="Trial", scopes=["*"], expires_at=timezone.now() + timedelta(hours=1)
    )
    authenticated(plaintext)
    with time_machine.travel(timezone.now() + timedelta(hours=1, seconds=1)):
        assert refusal(plaintext) == "expired"


def test_a_key_lives_a_year_unless_told_otherwise(owner: Actor) -> None:
    key, _ = create_key(owner, name="Laptop", scopes=[])
    assert key.expires_at - key.created_at == timedelta(days=365)


def test_a_revoked_key_opens_nothing_at_the_next_request(owner: Actor) -> None:
    key, plaintext = create_key(owner, name="Laptop", scopes=["*"])
    authenticated(plaintext)
    revoke_key(owner, key.pk)
    revoke_key(owner, key.pk)  # a second time changes nothing
    assert refusal(plaintext) == "revoked"
    assert names_of_events(key.pk) == ["apiKey.created", "apiKey.revoked"]


def test_the_keys_of_a_deactivated_person_open_nothing(owner: Actor, max_: User) -> None:
    plaintext = key_of(max_, "*")[1]
    change_status(owner, max_.pk, status="inactive")
    assert refusal(plaintext) == "owner_inactive"
    change_status(owner, max_.pk, status="active")
    authenticated(plaintext)


@pytest.mark.parametrize(
    ("address", "opens"),
    [("10.1.2.3", True), ("10.9.9.9", False), ("2001:db8::5", True), ("2001:db9::5", False), ("", False)],
)
def test_a_key_opens_only_from_its_networks(owner: Actor, address: str, opens: bool) -> None:
    _, plaintext = create_key(
        owner, name="Server", scopes=["*"], allowed_ips=["10.1.0.0/16", "2001:db8::/32"]
    )
    if opens:
        authenticated(plaintext, address=address)
    else:
        assert refusal(plaintext, address=address) == "address"


def test_the_last_use_is_noted_every_five_minutes(
    olivia: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    key, plaintext = key_of(olivia, "*")
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        authenticated(plaintext, user_agent="first")
    with time_machine.travel(start + timedelta(minutes=4), tick=False):
        authenticated(plaintext, user_agent="second")
        key.refresh_from_db()
        assert (key.last_used_at, key.last_used_client, key.last_used_ip) == (start, "first", "192.0.2.1")
    with time_machine.travel(start + timedelta(minutes=5), tick=False), django_assert_num_queries(2):
        authenticated(plaintext, user_agent="third")
    key.refresh_from_db()
    assert key.last_used_client == "third"


@pytest.mark.parametrize("overlap", OVERLAPS.values())
def test_a_rotated_key_works_until_the_overlap_ends(owner: Actor, overlap: timedelta) -> None:
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        key, old = create_key(owner, name="Laptop", scopes=["deals:read"], allowed_ips=["192.0.2.0/24"])
        successor, new = rotate_key(owner, key.pk, overlap=overlap)
    assert (successor.scopes, successor.allowed_ips, successor.name) == (
        ["deals:read"],
        ["192.0.2.0/24"],
        "Laptop",
    )
    assert successor.expires_at == now + timedelta(days=365)
    assert successor.replaces_id == key.pk
    with time_machine.travel(now + overlap - timedelta(seconds=1), tick=False):
        if overlap:
            authenticated(old)
    with time_machine.travel(now + overlap, tick=False):
        assert refusal(old) == "expired"
        authenticated(new)
    assert names_of_events(key.pk) == ["apiKey.created", "apiKey.rotated"]
    assert names_of_events(successor.pk) == ["apiKey.created"]


def test_rotation_never_lengthens_a_life(owner: Actor) -> None:
    soon = timezone.now() + timedelta(minutes=10)
    key, _ = create_key(owner, name="Trial", scopes=[], expires_at=soon)
    rotate_key(owner, key.pk, overlap=timedelta(days=7))
    key.refresh_from_db()
    assert key.expires_at == soon


def test_a_key_is_rotated_once_then_its_successor_is(owner: Actor) -> None:
    key, _ = create_key(owner, name="Laptop", scopes=[])
    successor, _ = rotate_key(owner, key.pk)
    with pytest.raises(Conflict):
        rotate_key(owner, key.pk)
    assert rotate_key(owner, successor.pk)


def test_another_overlap_is_refused_with_the_choices(owner: Actor) -> None:
    key, _ = create_key(owner, name="Laptop", scopes=[])
    with pytest.raises(ValidationFailed) as refused:
        rotate_key(owner, key.pk, overlap=timedelta(hours=2))
    assert refused.value.issues[0].params["allowed"] == ["0", "1h", "24h", "7d"]


def test_renaming_is_on_record_with_before_and_after(owner: Actor) -> None:
    key, _ = create_key(owner, name="Laptop", scopes=[])
    rename_key(owner, key.pk, name=" Server ")
    rename_key(owner, key.pk, name="Server")  # no difference, no event
    [event] = Event.objects.filter(name="apiKey.renamed")
    assert event.changes == {"name": {"previous": "Laptop", "current": "Server"}}


@pytest.mark.parametrize("act", ["create", "rename", "rotate", "revoke"])
def test_no_key_administers_keys(olivia: User, act: str) -> None:
    program = with_key(olivia, "*")
    own = program.api_key_id
    assert own
    acts = {
        "create": lambda: create_key(program, name="More", scopes=["*"]),
        "rename": lambda: rename_key(program, own, name="x"),
        "rotate": lambda: rotate_key(program, own),
        "revoke": lambda: revoke_key(program, own),
    }
    with pytest.raises(NotAllowed) as refused:
        acts[act]()
    assert refused.value.issues[0].code == "keys_not_by_key"


def test_strangers_and_colleagues_find_no_key_that_is_not_theirs(
    owner: Actor, max_: User, member: Actor, reader: Actor, stranger: Actor
) -> None:
    key, _ = key_of(max_, "deals:read")
    for somebody in (reader, stranger):
        for act in (revoke_key, rotate_key):
            with pytest.raises(NotFound):
                act(somebody, key.pk)
    with pytest.raises(NotFound):  # a rotation would hand Olivia a key that acts as Max
        rotate_key(owner, key.pk)
    assert revoke_key(owner, key.pk).revoked_at


def test_scopes_lie_within_the_owners_role(reader: Actor, member: Actor) -> None:
    with pytest.raises(ValidationFailed) as refused:
        create_key(reader, name="Sneaky", scopes=["deals:read", "deals:write"])
    assert refused.value.issues[0].params["scope"] == "deals:write"
    with pytest.raises(ValidationFailed):
        create_key(member, name="Sneaky", scopes=["webhooks:read"])


def test_all_that_is_wrong_with_a_new_key_is_told_at_once(owner: Actor) -> None:
    with pytest.raises(ValidationFailed) as refused:
        create_key(
            owner,
            name=" ",
            scopes=["deals:fly"],
            expires_at=timezone.now() - timedelta(days=1),
            allowed_ips=["10.0.0.0/8", "localhost"],
            toolsets=["core"] * 51,
        )
    assert {issue.field for issue in refused.value.issues} == {
        "name",
        "scopes[0]",
        "expiresAt",
        "allowedIps[1]",
        "toolsets",
    }


def test_a_key_can_be_narrowed_to_toolsets_that_exist(owner: Actor) -> None:
    with pytest.raises(ValidationFailed) as refused:
        create_key(owner, name="Reader", scopes=["*"], toolsets=["core", "cores"])
    [issue] = refused.value.issues
    assert (issue.field, issue.code) == ("toolsets[1]", "unknown_toolset")
    assert "core" in str(issue.params["allowed"])
    _, plaintext = create_key(owner, name="Reader", scopes=["*"], toolsets=["core"])
    assert authenticated(plaintext).toolsets == ("core",)


def test_a_new_pepper_leaves_old_keys_working(olivia: User, settings: Settings) -> None:
    old = key_of(olivia, "*")[1]
    settings.API_KEY_PEPPERS = {**settings.API_KEY_PEPPERS, 3: "a much better pepper of some length"}
    key, new = key_of(olivia, "*")
    assert key.pepper_number == 3
    authenticated(old)
    authenticated(new)
    settings.API_KEY_PEPPERS = {3: "a much better pepper of some length"}
    assert refusal(old) == "unknown"
