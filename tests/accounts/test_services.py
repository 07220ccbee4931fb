from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.account.models import EmailAddress
from django.db import connections, transaction

from accounts.actor import Actor, system_actor
from accounts.events import EventDraft, record
from accounts.models import Company, Event, User
from accounts.roles import create_role, delete_role, update_role
from accounts.services import COMPANY_STARTERS, add_user, change_role, change_status, create_company
from customermates.kernel.errors import Conflict, NotAllowed, NotFound, ValidationFailed
from customermates.kernel.ids import uuid7
from tests.people import PASSWORD, colleague, signed_in, with_key

pytestmark = pytest.mark.django_db


@pytest.fixture
def starts() -> Iterator[list[Actor]]:
    seen: list[Actor] = []
    COMPANY_STARTERS.register("test", seen.append)
    yield seen
    COMPANY_STARTERS.unregister("test")


def test_a_new_company_has_its_roles_and_an_administrator(olivia: User) -> None:
    roles = olivia.company.roles.values_list("shipped", flat=True)
    assert sorted(roles) == ["admin", "member", "read-only"]
    assert (olivia.role.shipped, olivia.is_active, olivia.check_password(PASSWORD)) == ("admin", True, True)
    names = list(
        Event.objects.filter(company=olivia.company).order_by("sequence").values_list("name", flat=True)
    )
    assert names[-2:] == ["user.created", "company.created"]


def test_upper_packages_start_a_company_too(starts: list[Actor]) -> None:
    company, _ = create_company(name="Eastwind", email="eva@eastwind.example")
    assert [actor.company_id for actor in starts] == [company.pk]


def test_a_company_whose_start_fails_was_never_there(starts: list[Actor]) -> None:
    with pytest.raises(ValidationFailed):
        create_company(name="Eastwind", email="not an address")
    assert not Company.objects.exists()


def test_an_added_persons_address_counts_as_verified(max_: User) -> None:
    address = EmailAddress.objects.get(user=max_)
    assert (address.email, address.verified, address.primary) == (max_.email, True, True)


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"email": "olivia@NORTHWIND.example"}, "email", "email_taken"),
        ({"email": "olivia"}, "email", "invalid_email"),
        ({"email": ""}, "email", "invalid_email"),
        ({"role": "boss"}, "role", "unknown_role"),
        ({"role": str(uuid7())}, "role", "unknown_role"),
        ({"password": "password"}, "password", "weak_password"),
        ({"first_name": "x" * 256}, "firstName", "too_long"),
        ({"language": "fr"}, "language", "invalid_choice"),
    ],
)
def test_what_is_wrong_with_a_new_person_is_told(
    owner: Actor, fields: dict[str, str], field: str, code: str
) -> None:
    with pytest.raises(ValidationFailed) as refused:
        add_user(owner, **{"email": "new@northwind.example", "role": "member", **fields})
    assert [(issue.field, issue.code) for issue in refused.value.issues[:1]] == [(field, code)]


def test_a_role_of_another_company_is_no_role_here(owner: Actor, sven: User) -> None:
    with pytest.raises(ValidationFailed):
        add_user(owner, email="new@northwind.example", role=str(sven.role_id))


def test_only_who_manages_users_adds_them(member: Actor) -> None:
    with pytest.raises(NotAllowed):
        add_user(member, email="new@northwind.example", role="member")


def test_a_changed_role_is_on_record_with_before_and_after(owner: Actor, max_: User) -> None:
    change_role(owner, max_.pk, role="read-only")
    change_role(owner, max_.pk, role="read-only")  # no difference, no event
    [event] = Event.objects.filter(name="user.updated", entity_id=max_.pk)
    assert event.changes == {"role": {"previous": "Member", "current": "Read-only"}}


def test_the_last_administrator_stays_one(owner: Actor, olivia: User) -> None:
    with pytest.raises(Conflict):
        change_role(owner, olivia.pk, role="member")
    with pytest.raises(Conflict):
        change_status(owner, olivia.pk, status="inactive")
    anna = colleague(olivia.company, "Anna", "admin")
    change_status(owner, anna.pk, status="inactive")
    with pytest.raises(Conflict):  # an inactive administrator helps nobody
        change_role(owner, olivia.pk, role="member")
    change_status(owner, anna.pk, status="active")
    assert change_role(owner, olivia.pk, role="member").role.shipped == "member"


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_demote_each_other_leave_one(olivia: User) -> None:
    anna = colleague(olivia.company, "Anna", "admin")
    together = threading.Barrier(2)

    def demote(actor: Actor, other: User) -> bool:
        try:
            together.wait()
            change_role(actor, other.pk, role="member")
        except Conflict:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(demote, [signed_in(olivia), signed_in(anna)], [anna, olivia]))
    assert sorted(done) == [False, True]


def test_a_stranger_is_not_found(owner: Actor, sven: User) -> None:
    with pytest.raises(NotFound):
        change_status(owner, sven.pk, status="inactive")


def helper(owner: Actor) -> Actor:
    """Hanna, who manages users and nothing else."""
    role = create_role(owner, name="Helper", permissions={"users": {"read": "all", "manage": True}})
    company = Company.objects.get(pk=owner.company_id)
    user = add_user(system_actor(company), email="hanna@northwind.example", role=str(role.pk))
    return signed_in(user)


def test_nobody_rises_by_managing_users(owner: Actor, olivia: User, max_: User) -> None:
    hanna = helper(owner)
    assert hanna.user_id
    for attempt in (
        lambda: change_role(hanna, hanna.user_id, role="admin"),
        lambda: add_user(hanna, email="new@northwind.example", role="member"),
        lambda: change_status(hanna, olivia.pk, status="inactive"),
        lambda: create_role(hanna, name="More", permissions={"deals": {"read": "all"}}),
    ):
        with pytest.raises(NotAllowed) as refused:
            attempt()
        assert refused.value.issues[0].code == "role_beyond_yours"


def test_a_key_for_users_alone_gives_nobody_more_than_it_has(olivia: User) -> None:
    narrow = with_key(olivia, "users:read", "users:write")
    with pytest.raises(NotAllowed):
        add_user(narrow, email="new@northwind.example", role="admin")
    add_user(with_key(olivia, "*"), email="new@northwind.example", role="member")


def test_custom_roles_come_change_and_go_on_record(owner: Actor, company: Company) -> None:
    role = create_role(owner, name="Sales", permissions={"deals": {"read": "own", "manage": True}})
    update_role(owner, role.pk, name="Sales", permissions={"deals": {"read": "all", "manage": True}})
    erik = add_user(owner, email="erik@northwind.example", role=str(role.pk))
    assert signed_in(erik).reach("deals") == "all"
    with pytest.raises(Conflict):
        delete_role(owner, role.pk)
    change_role(owner, erik.pk, role="member")
    delete_role(owner, role.pk)
    names = Event.objects.filter(entity_id=role.pk).order_by("sequence").values_list("name", flat=True)
    assert list(names) == ["role.created", "role.updated", "role.deleted"]


def test_shipped_roles_stay_and_names_are_unique(owner: Actor, olivia: User, stranger: Actor) -> None:
    with pytest.raises(NotAllowed):
        update_role(owner, olivia.role_id, name="Boss", permissions={})
    with pytest.raises(ValidationFailed):
        create_role(owner, name="Member", permissions={})
    with pytest.raises(NotFound):
        delete_role(stranger, olivia.role_id)


@pytest.mark.django_db(transaction=True)
def test_event_numbers_have_no_gaps_when_twenty_write_at_once(owner: Actor) -> None:
    before = Event.objects.filter(company_id=owner.company_id).count()

    def write(n: int) -> None:
        try:
            with transaction.atomic():
                draft = EventDraft(name="deal.created", entity="deal", entity_id=uuid7())
                record(owner, [draft] * (1 + n % 3))
                if n % 5 == 0:
                    raise LookupError  # taken numbers are given back by the rollback
        except LookupError:
            pass
        finally:
            connections.close_all()

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(write, range(60)))
    numbers = Event.objects.filter(company_id=owner.company_id).order_by("sequence")
    assert list(numbers.values_list("sequence", flat=True)) == list(range(1, numbers.count() + 1))
    assert numbers.count() > before
