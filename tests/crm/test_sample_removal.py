"""Sample data goes with one click; what people and agents worked on stays, and one undo brings all back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor, system_actor
from accounts.models import Company, Event, Role, User
from accounts.services import change_status, make_first_link
from crm import field_services, services
from crm.entities import CONTACT, DEAL, ENTITIES, ORGANIZATION, SERVICE, TASK
from crm.models import (
    Contact,
    CustomColumn,
    Deal,
    Organization,
    OrganizationDeal,
    Pipeline,
    Service,
    Stage,
    Task,
)
from crm.sample.loading import load_sample_data
from crm.sample.removing import Removal, is_removable, plan_removal, remove_sample_data
from crm.undo import undo_change_set
from customermates.kernel.errors import NotAllowed
from customermates.kernel.ids import uuid7
from tests import people
from tests.doors.worlds import agent, rows_of

pytestmark = pytest.mark.django_db

ALL = {"contact": 250, "organization": 60, "deal": 120, "service": 12, "task": 90}


@pytest.fixture(autouse=True)
def _sample(company: Company) -> None:
    load_sample_data(system_actor(company))


def again(actor: Actor) -> Actor:
    """The same person, about to do something else."""
    return replace(actor, change_set=uuid7())


def some(model: Any, n: int = 0) -> Any:
    return model.objects.filter(deleted_at=None).order_by("pk")[n]


def alive(actor: Actor) -> dict[str, int]:
    return {e.name: e.model.objects.visible_to(actor).count() for e in ENTITIES.values()}


def kept(removal: Removal) -> dict[str, list[str]]:
    return {s.entity.name: [name for _, name in s.kept] for s in removal.records if s.kept}


def labels(columns: tuple[CustomColumn, ...]) -> list[str]:
    return [column.label for column in columns]


def snapshot(actor: Actor) -> dict[str, object]:
    """What of the company people can see."""
    found: dict[str, object] = {
        e.name: list(e.model.objects.visible_to(actor).order_by("pk").values("pk", "custom", "notes"))
        for e in ENTITIES.values()
    }
    columns = CustomColumn.objects.filter(company_id=actor.company_id, deleted_at=None)
    found["columns"] = list(columns.order_by("pk").values_list("pk", "label", "options"))
    found["people"] = list(User.objects.order_by("pk").values_list("email", "status"))
    found["links"] = [
        sorted(relation.through._default_manager.values_list(relation.source_key, relation.target_key))
        for entity in ENTITIES.values()
        for relation in entity.relations.values()
    ]
    return found


# --- what goes --------------------------------------------------------------------------------------------


def test_untouched_everything_goes_but_the_pipeline(owner: Actor) -> None:
    stages = list(Stage.objects.values_list("pk", flat=True))
    removal = remove_sample_data(owner)
    assert removal.count == sum(ALL.values())
    assert (removal.kept_count, len(removal.columns), removal.kept_columns) == (0, 20, ())
    assert set(alive(owner).values()) == {0}
    assert not CustomColumn.objects.filter(deleted_at=None).exists()
    assert Pipeline.objects.count() == 1
    assert list(Stage.objects.values_list("pk", flat=True)) == stages


def test_the_plan_says_what_will_happen_and_writes_nothing(owner: Actor) -> None:
    before = rows_of()
    plan = plan_removal(owner)
    assert {share.entity.name: len(share.leaving) for share in plan.records} == ALL
    assert rows_of() == before
    done = remove_sample_data(owner)
    assert [s.leaving for s in done.records] == [s.leaving for s in plan.records]


def test_colleagues_who_never_came_are_shut_out_and_those_let_in_stay(owner: Actor) -> None:
    mara = User.objects.get(first_name="Mara")
    make_first_link(again(owner), mara.pk)
    removal = remove_sample_data(owner)
    assert sorted(user.first_name for user in removal.people) == ["Priya", "Tobias"]
    active = User.objects.filter(status="active").values_list("first_name", flat=True)
    assert set(active) == {"Olivia", "Mara"}


def test_it_is_one_change_set_that_says_why(owner: Actor) -> None:
    remove_sample_data(owner)
    told = Event.objects.filter(change_set=owner.change_set)
    assert told.count() == sum(ALL.values()) + 20 + 3
    assert set(told.values_list("reason", "user")) == {("Sample data removed", owner.user_id)}


# --- what stays -------------------------------------------------------------------------------------------


def test_what_a_person_edited_stays(owner: Actor) -> None:
    deal = some(Deal)
    services.update_records(again(owner), DEAL, {deal.pk: {"name": "Ours now"}})
    removal = remove_sample_data(owner)
    assert kept(removal) == {"deal": ["Ours now"]}
    assert alive(owner) == {**dict.fromkeys(ALL, 0), "deal": 1}


def test_what_an_agent_edited_over_mcp_stays(olivia: User, owner: Actor) -> None:
    task = some(Task)
    rows = {"tasks": [{"id": str(task.pk), "priority": "high"}]}
    changed = "low" if task.priority == "high" else "high"
    rows["tasks"][0]["priority"] = changed
    assert not agent(olivia, "*").call("update_tasks", rows)["isError"]
    assert kept(remove_sample_data(owner)) == {"task": [task.name]}


def test_what_a_person_linked_stays_on_both_sides(owner: Actor) -> None:
    contact, organization = some(Contact), some(Organization)
    mine = {"name": "Own task", "contactIds": [str(contact.pk)]}
    services.create_records(again(owner), TASK, [mine])
    linked = OrganizationDeal.objects.filter(organization=organization).values("deal")
    deal = Deal.objects.exclude(pk__in=linked).order_by("pk")[0]
    services.link_records(again(owner), ORGANIZATION, organization.pk, "dealIds", [str(deal.pk)])
    stays = {"contact": [contact.title], "organization": [organization.title], "deal": [deal.title]}
    assert kept(remove_sample_data(owner)) == stays
    assert Task.objects.visible_to(owner).get().title == "Own task"


def test_a_service_in_a_deal_of_ones_own_stays(owner: Actor) -> None:
    service = some(Service)
    mine = {"name": "Own deal", "services": [{"serviceId": str(service.pk), "quantity": 1, "unitPrice": 5}]}
    services.create_records(again(owner), DEAL, [mine])
    assert kept(remove_sample_data(owner)) == {"service": [service.name]}


def test_assigned_anew_is_edited(owner: Actor) -> None:
    organization = some(Organization)
    users = [str(pk) for pk in User.objects.filter(status="active").values_list("pk", flat=True)]
    services.update_records(again(owner), ORGANIZATION, {organization.pk: {"userIds": users}})
    assert kept(remove_sample_data(owner)) == {"organization": [organization.name]}


def test_columns_stay_with_the_values_of_what_stays(owner: Actor) -> None:
    weighing = Service.objects.get(sku="ESP-200")
    services.update_records(again(owner), SERVICE, {weighing.pk: {"notes": "Heavy"}})
    removal = remove_sample_data(owner)
    assert labels(removal.kept_columns) == ["Supplier", "Weight"]
    live = CustomColumn.objects.filter(deleted_at=None).values_list("label", flat=True)
    assert sorted(live) == ["Supplier", "Weight"]


def test_columns_that_own_records_use_stay(owner: Actor) -> None:
    row = {"firstName": "Ada", "customFields": {"Lead source": "Referral", "Birthday": "1990-05-01"}}
    services.create_records(again(owner), CONTACT, [row])
    assert sorted(labels(remove_sample_data(owner).kept_columns)) == ["Birthday", "Lead source"]


def test_columns_that_somebody_changed_stay_even_empty(owner: Actor) -> None:
    column = CustomColumn.objects.get(label="Trial")
    field_services.update_column(again(owner), column.pk, {"label": "Trial period"})
    assert labels(remove_sample_data(owner).kept_columns) == ["Trial period"]


def test_own_records_and_columns_are_not_touched(owner: Actor) -> None:
    services.create_records(again(owner), CONTACT, [{"firstName": "Ada"}])
    own = {"entityType": "contact", "type": "plain", "label": "Own"}
    field_services.create_column(again(owner), own)
    remove_sample_data(owner)
    assert [contact.title for contact in Contact.objects.visible_to(owner)] == ["Ada"]
    assert CustomColumn.objects.get(deleted_at=None).label == "Own"


def test_another_company_with_sample_data_notices_nothing(owner: Actor, stranger: Actor) -> None:
    theirs = Company.objects.get(pk=stranger.company_id)
    load_sample_data(system_actor(theirs))
    before = rows_of(theirs)
    remove_sample_data(owner)
    assert rows_of(theirs) == before
    assert is_removable(stranger)


# --- and back ---------------------------------------------------------------------------------------------


def test_one_undo_brings_everything_back_and_then_it_can_go_again(owner: Actor) -> None:
    services.update_records(again(owner), DEAL, {some(Deal).pk: {"name": "Ours now"}})
    before = snapshot(owner)
    gone = again(owner)
    first = remove_sample_data(gone)
    undone = undo_change_set(again(owner), gone.change_set)
    assert (undone.obstacles, undone.refused) == ((), ())
    assert undone.count == first.count + len(first.columns) + 3
    assert snapshot(owner) == before
    assert is_removable(owner)
    second = remove_sample_data(again(owner))
    assert [share.leaving for share in second.records] == [share.leaving for share in first.records]
    assert kept(second) == {"deal": ["Ours now"]}
    assert labels(second.columns) == labels(first.columns)
    assert len(second.people) == 3


def test_undoing_the_undo_removes_it_again_but_no_column_that_holds_values_by_now(owner: Actor) -> None:
    gone, back = again(owner), again(owner)
    remove_sample_data(gone)
    undo_change_set(back, gone.change_set)
    row = {"firstName": "Ada", "customFields": {"Lead source": "Referral"}}
    services.create_records(again(owner), CONTACT, [row])
    undone = undo_change_set(again(owner), back.change_set)
    assert [issue.code for issue in undone.refused] == ["column_holds_values"]
    assert alive(owner) == {**dict.fromkeys(ALL, 0), "contact": 1}
    assert CustomColumn.objects.get(deleted_at=None).label == "Lead source"


def test_a_column_whose_name_is_taken_meanwhile_stays_hidden_and_is_told(owner: Actor) -> None:
    gone = again(owner)
    remove_sample_data(gone)
    taken = {"entityType": "contact", "type": "plain", "label": "Newsletter"}
    field_services.create_column(again(owner), taken)
    undone = undo_change_set(again(owner), gone.change_set)
    assert [issue.code for issue in undone.refused] == ["duplicate_label"]
    assert alive(owner) == ALL


def test_a_second_removal_does_nothing(owner: Actor) -> None:
    remove_sample_data(again(owner))
    mara = User.objects.get(first_name="Mara")
    change_status(again(owner), mara.pk, status=User.Status.ACTIVE)  # she may stay
    before = rows_of()
    assert remove_sample_data(again(owner)).is_nothing
    assert rows_of() == before


# --- who may, and what it costs ---------------------------------------------------------------------------


def test_only_who_may_delete_all_of_it_may_remove_it(owner: Actor, member: Actor, reader: Actor) -> None:
    before = rows_of()
    for actor in (member, reader):
        assert not is_removable(actor)
        with pytest.raises(NotAllowed):
            remove_sample_data(actor)
        with pytest.raises(NotAllowed):
            plan_removal(actor)
    assert rows_of() == before
    assert is_removable(owner)


def test_who_sees_only_their_own_records_does_not_remove_what_they_cannot_see(company: Company) -> None:
    names = ("contacts", "organizations", "deals", "services", "tasks")
    access = {name: {"read": "own", "manage": True} for name in names}
    access |= {name: {"read": "all", "manage": True} for name in ("columns", "users")}
    role = Role.objects.create(company=company, name="Own", permissions=access)
    ivy = people.signed_in(people.colleague(company, "Ivy", str(role.pk)))
    assert not is_removable(ivy)
    with pytest.raises(NotAllowed) as refused:
        remove_sample_data(ivy)
    assert [issue.code for issue in refused.value.issues] == ["sees_only_own"]


def test_a_company_without_sample_data_has_nothing_to_remove(stranger: Actor) -> None:
    assert not is_removable(stranger)
    assert plan_removal(stranger).is_nothing
    assert remove_sample_data(stranger).is_nothing


def test_asking_costs_two_queries_and_the_plan_a_dozen(owner: Actor, django_assert_num_queries) -> None:
    with django_assert_num_queries(2):
        assert is_removable(owner)
    with CaptureQueriesContext(connection) as asked:
        plan_removal(owner)
    assert len(asked) <= 12


def test_what_was_loaded_before_companies_remembered_is_known_as_well(company: Company) -> None:
    from importlib import import_module

    from django.apps import apps

    known = Company.objects.get(pk=company.pk).sample_change_set
    Company.objects.update(sample_change_set=None)
    import_module("accounts.migrations.0003_sample_change_set").remember(apps, None)
    assert Company.objects.get(pk=company.pk).sample_change_set == known
