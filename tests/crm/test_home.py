"""Home: what it counts, whose tasks it shows, how it tells what happened, and to whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client

from accounts.actor import Actor, system_actor
from accounts.models import Company, Role, User
from accounts.services import SAMPLE_DATA
from crm import services
from crm.activity import last_touched, recent_activity
from crm.entities import CONTACT, DEAL, TASK
from crm.home import my_tasks, sales
from crm.models import Contact, Stage
from crm.setup import CompanySetup
from crm.views.activity_lines import activity_line
from customermates.kernel.ids import uuid7
from customermates.kernel.ui.formats import formats_for
from tests import people

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)


def again(actor: Actor) -> Actor:
    """`actor` in a new request, whose changes are a set of their own."""
    return replace(actor, change_set=uuid7())


def told(actor: Actor) -> list[str]:
    lines = [activity_line(found) for found in recent_activity(actor, limit=20)]
    return [f"{line.who} {line.did}" for line in lines]


def own_only(user: User) -> Actor:
    """`user`, who from now on reads only what is assigned to them."""
    names = ("contacts", "organizations", "deals", "services", "tasks")
    access = {name: {"read": "own", "manage": True} for name in names}
    role = Role.objects.create(company=user.company, name="Own", permissions=access)
    User.objects.filter(pk=user.pk).update(role=role)
    return people.signed_in(user)


# --- sales -----------------------------------------------------------------------------------------------


def test_sales_count_open_deals_by_stage_and_currency(owner: Actor) -> None:
    rows = [
        {"name": "A", "amount": 1000, "stage": "New"},
        {"name": "B", "amount": 3000, "stage": "Proposal"},
        {"name": "C", "amount": 500, "currency": "GBP", "stage": "Proposal"},
        {"name": "D", "amount": 700, "stage": "Won"},
        {"name": "E", "amount": 900, "stage": "Lost"},
    ]
    services.create_records(owner, DEAL, rows)
    found = sales(CompanySetup(owner))
    assert found is not None
    assert (found.open.count, found.open.sums) == (3, {"EUR": Decimal(4000), "GBP": Decimal(500)})
    assert found.weighted.sums == {"EUR": Decimal(1600), "GBP": Decimal(250)}
    assert (found.won.count, found.won.sums) == (1, {"EUR": Decimal(700)})
    [(pipeline, stages)] = found.pipelines
    assert pipeline.name == "Sales"
    assert [(row.stage.name, row.total.count) for row in stages] == [
        ("New", 1),
        ("Qualified", 0),
        ("Proposal", 2),
        ("Negotiation", 0),
    ]
    assert [row.share for row in stages] == [0.5, 0, 1, 0]  # two currencies: the number of deals


def test_won_means_since_the_persons_month_began(owner: Actor, olivia: User) -> None:
    User.objects.filter(pk=olivia.pk).update(time_zone="Pacific/Auckland")
    for closed_at in ("2026-05-31T11:59:00Z", "2026-05-31T12:01:00Z"):  # midnight there is noon in UTC
        row = {"name": closed_at, "amount": 10, "stage": "Won", "closedAt": closed_at}
        services.create_records(owner, DEAL, [row])
    with time_machine.travel(NOON, tick=False):
        found = sales(CompanySetup(people.signed_in(olivia)))
    assert found is not None
    assert found.won.count == 1


def test_a_figure_leads_to_just_the_deals_it_counts(signed_in_client: Client, owner: Actor) -> None:
    services.create_records(owner, DEAL, [{"name": "Pilot", "amount": 1000}])
    stage = Stage.objects.get(company_id=owner.company_id, name="New")
    page = signed_in_client.get("/").text
    assert f"/deals/?f1=stage&amp;o1=in&amp;v1={stage.pk}" in page
    assert "€1K" in page
    for address in ("/deals/?f1=status&o1=in&v1=won&f2=closedAt&o2=gte&v2=startOfMonth",):
        assert address.replace("&", "&amp;") in page
        assert "note-box bad" not in signed_in_client.get(address).text


@pytest.mark.parametrize(
    ("locale", "amount", "shown"),
    [
        ("en-GB", "412053.59", "€412.1K"),
        ("en-GB", "1234567", "€1.2M"),
        ("en-GB", "500", "€500"),
        ("de-DE", "412053.59", "412.054 €"),
        ("de-DE", "1234567", "1,2 Mio. €"),
        ("de-DE", "-80838.217", "-80.838 €"),
    ],
)
def test_sums_are_short_in_every_language(locale: str, amount: str, shown: str) -> None:
    text = formats_for(locale, "en", "UTC").short_money(Decimal(amount), "EUR")
    assert text.replace("\xa0", " ") == shown


# --- tasks -----------------------------------------------------------------------------------------------


def test_my_tasks_are_those_due_that_i_look_after(owner: Actor, max_: User) -> None:
    me, him = [str(owner.user_id)], [str(max_.pk)]
    due = {
        "late": -2,
        "later today": 6 / 24,
        "in a week": 7,
        "in a month": 30,
    }
    rows = [
        {"name": n, "dueAt": (NOON + timedelta(days=d)).isoformat(), "userIds": me} for n, d in due.items()
    ]
    rows += [
        {"name": "his", "dueAt": NOON.isoformat(), "userIds": him},
        {"name": "done", "dueAt": NOON.isoformat(), "status": "done", "userIds": me},
        {"name": "without a date", "userIds": me},
    ]
    services.create_records(owner, TASK, rows)
    with time_machine.travel(NOON, tick=False):
        found = my_tasks(CompanySetup(owner))
    assert found is not None
    names = [[row["name"] for row in group] for group in (found.overdue, found.today, found.soon)]
    assert names == [["late"], ["later today"], ["in a week"]]
    assert found.counts == {"overdue": 1, "today": 1, "soon": 1}


def test_a_long_backlog_is_counted_not_shown(owner: Actor, signed_in_client: Client) -> None:
    day = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    rows = [{"name": f"Task {n}", "dueAt": day, "userIds": [str(owner.user_id)]} for n in range(9)]
    services.create_records(owner, TASK, rows)
    page = signed_in_client.get("/").text
    assert "9 overdue" in page
    assert "4 more" in page


# --- what happened ---------------------------------------------------------------------------------------


def test_a_large_change_set_is_one_line_with_its_count_and_hides_nothing(owner: Actor) -> None:
    [first] = services.create_records(owner, CONTACT, [{"firstName": "Before"}]).records
    importing = replace(again(owner), reason="Trade fair")
    for _ in range(3):
        services.create_records(importing, CONTACT, [{"firstName": f"N {n}"} for n in range(100)])
    services.create_records(again(owner), CONTACT, [{"firstName": "After"}])
    after, many, before = [activity_line(found) for found in recent_activity(owner, limit=5)]
    assert (str(many.did), many.reason) == ("created 300 contacts", "Trade fair")
    assert many.url == f"/changes/{importing.change_set}/"
    assert "After" in after.did
    assert before.url == f"/contacts/{first.pk}/"


def test_records_of_several_kinds_made_at_once_are_counted_together(owner: Actor) -> None:
    services.create_records(owner, CONTACT, [{"firstName": "Ada"}])
    services.create_records(owner, DEAL, [{"name": "A"}, {"name": "B"}])
    [line] = [activity_line(found) for found in recent_activity(owner, limit=5)]
    assert (str(line.did), line.url) == ("created 3 records", f"/changes/{owner.change_set}/")


def test_what_others_did_unseen_does_not_use_up_the_lines(owner: Actor, max_: User) -> None:
    services.create_records(again(owner), CONTACT, [{"firstName": "His", "userIds": [str(max_.pk)]}])
    for n in range(20):
        services.create_records(again(owner), CONTACT, [{"firstName": f"Hidden {n}"}])
    hidden = [{"firstName": f"N {n}"} for n in range(30)]
    his = [{"firstName": "His too", "userIds": [str(max_.pk)]}]
    services.create_records(again(owner), CONTACT, [*hidden, *his])
    assert [text.partition(">")[2].partition("<")[0] for text in told(own_only(max_))] == ["His too", "His"]


def test_a_change_set_is_one_line(owner: Actor) -> None:
    rows = [{"name": name} for name in ("A", "B", "C")]
    deals = services.create_records(owner, DEAL, rows).records
    changes = {deal.pk: {"stage": "Won"} for deal in deals}
    agent = replace(again(owner), via="mcp", client="Claude/1.2")
    services.update_records(agent, DEAL, changes)
    services.update_records(again(owner), DEAL, {deals[0].pk: {"amount": 5, "name": "Z"}})
    services.delete_records(again(owner), DEAL, [deals[1].pk])
    link, gone = (
        f'<a class="link" href="/deals/{deal.pk}/">{name}</a>'
        for deal, name in zip(deals, ("Z", "B"), strict=False)
    )
    assert told(owner) == [
        f"Olivia Owner moved deal {gone} to the trash",
        f"Olivia Owner changed deal {link}",
        "Olivia Owner changed stage of 3 deals",
        "Olivia Owner created 3 deals",
    ]


def test_an_agent_is_called_by_its_own_name_and_its_key(olivia: User) -> None:
    agent = replace(people.with_key(olivia, "*"), client="Claude/1.2 (desktop)")
    services.create_records(agent, CONTACT, [{"firstName": "Ada"}])
    [line] = recent_activity(agent, limit=5)
    assert line.who == "Claude (key Laptop)"
    assert line.is_agent


def test_ripples_of_a_link_are_not_told_apart(owner: Actor) -> None:
    [ada] = services.create_records(owner, CONTACT, [{"firstName": "Ada"}]).records
    services.create_records(again(owner), TASK, [{"name": "Call", "contactIds": [str(ada.pk)]}])
    assert [text.split(" <")[0] for text in told(owner)] == [
        "Olivia Owner created task",
        "Olivia Owner created contact",
    ]


def test_names_are_text_in_the_feed(owner: Actor, signed_in_client: Client) -> None:
    services.create_records(owner, DEAL, [{"name": "<b>100%(x)s</b>"}])
    assert "&lt;b&gt;100%(x)s&lt;/b&gt;" in told(owner)[0]
    assert "<b>100%" not in signed_in_client.get("/").text


def test_people_hear_only_of_what_they_may_see(owner: Actor, max_: User, stranger: Actor) -> None:
    mine = {"firstName": "His", "userIds": [str(max_.pk)]}
    services.create_records(owner, CONTACT, [mine, {"firstName": "Hidden"}])
    services.create_records(again(owner), DEAL, [{"name": "Secret", "amount": 9}])
    actor = own_only(max_)
    [text] = told(actor)
    assert "His" in text
    found = sales(CompanySetup(actor))
    assert found is not None
    assert found.open.count == 0
    assert told(stranger) == []


def test_who_may_read_nothing_sees_no_figures(max_: User, owner: Actor) -> None:
    services.create_records(owner, DEAL, [{"name": "Secret", "amount": 9}])
    User.objects.filter(pk=max_.pk).update(
        role=Role.objects.create(company=max_.company, name="Nothing", permissions={})
    )
    client = Client()
    client.force_login(max_)
    page = client.get("/")
    assert page.status_code == 200
    assert "Secret" not in page.text
    assert "Open deals" not in page.text


# --- the page ----------------------------------------------------------------------------------------------


def test_an_empty_company_gets_first_steps(signed_in_client: Client, owner: Actor) -> None:
    assert "First steps" in signed_in_client.get("/").text
    services.create_records(owner, CONTACT, [{"firstName": "Ada"}])
    assert "First steps" not in signed_in_client.get("/").text


def test_what_to_ask_an_agent_uses_the_companys_words(signed_in_client: Client, owner: Actor) -> None:
    services.create_records(owner, DEAL, [{"name": "Small", "amount": 1}, {"name": "Big one", "amount": 99}])
    page = signed_in_client.get("/").text
    assert "“Big one”" in page
    assert "List the deals in Negotiation" in page
    assert page.count("data-copy=") == 5


@pytest.mark.parametrize(
    ("hour", "words"), [(8, "Good morning"), (14, "Good afternoon"), (20, "Good evening")]
)
def test_the_greeting_knows_the_persons_time(olivia: User, hour: int, words: str) -> None:
    client = Client()
    with time_machine.travel(datetime(2026, 6, 15, hour, tzinfo=UTC), tick=False):
        client.force_login(olivia)
        assert f"{words}, Olivia" in client.get("/").text


def test_home_costs_the_same_however_much_there_is(
    company: Company, signed_in_client: Client, owner: Actor, django_assert_max_num_queries
) -> None:
    call_command("seed", "--contacts=60", "--deals=60", "--tasks=60", "--company", company.name)
    for n in range(12):
        services.create_records(again(owner), CONTACT, [{"firstName": f"Ada {n}"}])
        services.create_records(again(owner), TASK, [{"name": f"Task {n}"}])
    with django_assert_max_num_queries(12):
        signed_in_client.get("/")


def test_home_keeps_to_its_queries_with_sample_data(
    company: Company, signed_in_client: Client, django_assert_max_num_queries
) -> None:
    for load in SAMPLE_DATA.values():
        load(system_actor(company))
    with django_assert_max_num_queries(12):
        assert "You are looking at sample data" in signed_in_client.get("/").text


# --- where somebody was at work --------------------------------------------------------------------------


def test_the_empty_palette_shows_what_i_changed_lately(
    owner: Actor, member: Actor, company: Company, signed_in_client: Client
) -> None:
    services.create_records(owner, CONTACT, [{"firstName": "Mine"}, {"firstName": "Gone"}])
    services.create_records(member, CONTACT, [{"firstName": "His"}])
    gone = Contact.objects.get(first_name="Gone")
    services.delete_records(again(owner), CONTACT, [gone.pk])
    company.refresh_from_db()
    assert [name for _, _, name in last_touched(owner, company.last_sequence, limit=5)] == ["Mine"]
    palette = signed_in_client.get("/palette/", headers={"HX-Request": "true"}).text
    assert "Mine" in palette
    assert "His" not in palette
    assert 'href="/contacts/new/" data-create-too' in palette


def test_the_palette_tells_namesakes_apart(owner: Actor, signed_in_client: Client) -> None:
    rows = [{"firstName": "Ada", "emails": [f"ada@{place}.example"]} for place in ("east", "west")]
    services.create_records(owner, CONTACT, rows)
    services.create_records(owner, DEAL, [{"name": "Ada's pilot", "stage": "Proposal"}])
    palette = signed_in_client.get("/palette/?q=ada", headers={"HX-Request": "true"}).text
    for hint in ("ada@east.example", "ada@west.example", "Proposal"):
        assert hint in palette
    assert "mailto:" not in palette
