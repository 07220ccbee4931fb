"""Many rows in one statement: every kind of column, empty ones, and more rows than a statement takes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.events import EventDraft, record
from accounts.models import Event
from crm import services
from crm.entities import CONTACT
from crm.models import Contact, ContactUser, Deal, Organization
from crm.pipelines import FIRST_STAGES
from crm.setup import CompanySetup
from customermates.kernel import rows
from customermates.kernel.rows import insert_rows, update_rows

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def deals(owner) -> list[Deal]:
    """One deal of each stage of the first pipeline, not stored yet."""
    return [
        Deal(
            company_id=owner.company_id,
            created_at=NOON,
            updated_at=NOON,
            name=stage.name,
            name_key=stage.name.lower(),
            stage=stage,
            pipeline=stage.pipeline,
            currency="EUR",
            amount=None if position % 2 else Decimal("12.5"),
            expected_close_date=date(2026, 11, 22) if position % 2 else None,
            custom={"1": "Grün", "2": position},
            n1=Decimal(position) if position % 2 else None,
        )
        for position, stage in enumerate(CompanySetup(owner).stages)
    ]


def values_of(deal):
    return {field.attname: getattr(deal, field.attname) for field in Deal._meta.concrete_fields}


def test_rows_are_stored_as_they_are(deals):
    insert_rows(Deal, deals)
    assert Deal.objects.count() == len(FIRST_STAGES)
    for deal in deals:
        assert not deal._state.adding
        assert values_of(Deal.objects.get(pk=deal.pk)) == values_of(deal)


def test_rows_change_in_the_named_columns_only(deals):
    insert_rows(Deal, deals)
    fields = {field.attname: field for field in Deal._meta.concrete_fields}
    named = ("amount", "expected_close_date", "custom", "closed_at", "n1", "t1", "version", "stage_id")
    before = {deal.pk: values_of(deal) for deal in deals}
    for position, deal in enumerate(deals):
        deal.amount = Decimal("7.25") if position % 3 else None
        deal.expected_close_date = None if position % 2 else date(2027, 1, 1)
        deal.custom = {} if position % 2 else {"1": 'with "quotes" and %s'}
        deal.closed_at, deal.n1, deal.t1 = NOON, None, "key" if position % 2 else None
        deal.version, deal.name = 2, "not named"
        deal.stage_id = deals[0].stage_id
    update_rows(Deal, [fields[name] for name in named], deals)
    for deal in deals:
        expected = {**values_of(deal), "name": before[deal.pk]["name"]}
        assert values_of(Deal.objects.get(pk=deal.pk)) == expected


def test_a_column_that_is_empty_in_all_rows_is_not_sent(company):
    with CaptureQueriesContext(connection) as captured:
        insert_rows(Contact, [Contact(company=company, created_at=NOON, updated_at=NOON, first_name="Ada")])
    [query] = captured.captured_queries
    assert "first_name" in query["sql"]
    assert "deleted_at" not in query["sql"]
    assert Contact.objects.get().first_name == "Ada"


def test_rows_beyond_one_statement_go_into_the_next(company, monkeypatch):
    monkeypatch.setattr(rows, "VALUES_LIMIT", 50)
    made = [
        Organization(company=company, created_at=NOON, updated_at=NOON, name=str(number))
        for number in range(20)
    ]
    with CaptureQueriesContext(connection) as captured:
        insert_rows(Organization, made)
        for organization in made:
            organization.name += "!"
        update_rows(Organization, [Organization._meta.get_field("name")], made)
    assert len(captured) > 4
    assert set(Organization.objects.values_list("name", flat=True)) == {f"{n}!" for n in range(20)}


def test_what_all_rows_share_is_made_ready_once(company, monkeypatch):
    """Most of a record's fifty columns are: preparing each anew was a fifth of creating a hundred."""
    prepared = []
    field = Contact._meta.get_field("company")
    prepare = field.get_db_prep_save

    def noted(value, database):
        prepared.append(value)
        return prepare(value, database)

    monkeypatch.setattr(field, "get_db_prep_save", noted)
    insert_rows(
        Contact, [Contact(company=company, created_at=NOON, updated_at=NOON, first_name=n) for n in "ABC"]
    )
    assert prepared == [company.pk]
    assert sorted(Contact.objects.values_list("first_name", flat=True)) == ["A", "B", "C"]


def test_a_link_that_somebody_made_meanwhile_is_passed_over(owner):
    [ada] = services.create_records(owner, CONTACT, [{"firstName": "Ada"}]).records
    links = [ContactUser(company_id=owner.company_id, record_id=ada.pk, user_id=owner.user_id)]
    insert_rows(ContactUser, links, if_absent=True)
    insert_rows(ContactUser, links, if_absent=True)
    assert ContactUser.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_rows(ContactUser, links)


def test_events_are_read_back_as_they_were_told(owner):
    changes = {"name": {"previous": None, "current": "Ä\u2028"}}
    draft = EventDraft(name="contact.updated", entity="contact", entity_id=owner.company_id, changes=changes)
    with transaction.atomic():
        told = record(owner, [draft, draft])
    stored = list(Event.objects.filter(entity="contact").order_by("sequence"))
    assert [vars(event) | {"_state": 0} for event in stored] == [
        vars(event) | {"_state": 0} for event in told
    ]
