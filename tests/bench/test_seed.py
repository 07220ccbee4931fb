"""Generated data looks exactly like data that people wrote."""

from __future__ import annotations

from collections import defaultdict

import pytest
from django.core.management import CommandError, call_command

from accounts.actor import system_actor
from accounts.models import Event
from crm import services
from crm.entities import CONTACT, DEAL, ENTITIES
from crm.models import Contact, CustomColumn, Deal, DealLine, IndexedValue
from crm.presenters import Presenter
from crm.seeding import COLUMNS
from crm.setup import CompanySetup
from crm.writing import storing
from crm.writing.drafts import Draft

pytestmark = pytest.mark.django_db
CONTACTS = 60


@pytest.fixture
def seeded(company):
    """The system at work in a company of generated data."""
    call_command("seed", "--contacts", str(CONTACTS), "--tasks", "20", "--company", company.name)
    return system_actor(company)


@pytest.fixture(params=ENTITIES.names())
def entity(request):
    return ENTITIES.get(request.param)


def stored_values(record):
    """Everything in the record's row."""
    return {field.attname: getattr(record, field.attname) for field in record._meta.concrete_fields}


def test_as_many_records_as_were_asked_for(seeded, entity):
    expected = {"contact": CONTACTS, "organization": 12, "deal": 30, "service": 10, "task": 20}
    assert entity.model.objects.visible_to(seeded).count() == expected[entity.name]


def test_index_columns_are_those_of_the_write_path(seeded, entity):
    catalog = CompanySetup(seeded).catalog(entity)
    for record in entity.model.objects.all():
        before = stored_values(record)
        storing.index_row(record, catalog)
        assert stored_values(record) == before


def test_index_rows_are_those_of_the_write_path(seeded, entity):
    catalog, stored = CompanySetup(seeded).catalog(entity), defaultdict(list)
    for row in IndexedValue.objects.filter(company_id=seeded.company_id, entity=entity.name):
        stored[row.record_id, row.field].append(row.value)
    wanted = {
        (record.pk, name): values
        for record in entity.model.objects.all()
        for name, values in storing._wanted_values(catalog, Draft(record, 0)).items()
        if values
    }
    assert stored == wanted


def test_derived_fields_are_settled(seeded, entity):
    setup = CompanySetup(seeded)
    for record in entity.model.objects.all():
        before = stored_values(record)
        assert not list(record.settle(set(), setup))
        assert stored_values(record) == before


def test_totals_are_those_of_the_lines(seeded):
    for deal in Deal.objects.select_related("stage"):
        assert isinstance(deal, Deal)
        before = stored_values(deal)
        deal.add_up(DealLine.objects.filter(deal=deal))
        assert stored_values(deal) == before


def test_writing_what_readers_see_changes_nothing(seeded, entity):
    presenter = Presenter(CompanySetup(seeded), entity)
    writable = [own.name for own in entity.fields if own.writable]
    rows = entity.model.objects.visible_to(seeded).values(*presenter.attrs())
    shown = {row["id"]: record for row, record in zip(rows, presenter.full(rows), strict=True)}
    told = Event.objects.count()
    receipt = services.update_records(
        seeded,
        entity,
        {
            pk: {name: record[name] for name in (*writable, "customFieldValues")}
            for pk, record in shown.items()
        },
    )
    assert {row.outcome for row in receipt.rows} == {"unchanged"}
    assert Event.objects.count() == told


def test_contacts_have_eight_columns_four_in_five_filled(seeded):
    assert CustomColumn.objects.filter(entity=CONTACT.name).count() == len(COLUMNS) == 8
    filled = sum(len(custom) for custom in Contact.objects.values_list("custom", flat=True))
    assert 0.7 < filled / (8 * CONTACTS) < 0.9


def test_records_are_linked(seeded):
    setup = CompanySetup(seeded)
    for entity, relation in (
        (CONTACT, "organizations"),
        (CONTACT, "deals"),
        (DEAL, "services"),
        (DEAL, "tasks"),
    ):
        rows = list(entity.model.objects.visible_to(seeded).values("id"))
        found = Presenter(setup, entity).references(rows, [relation])
        assert any(references[relation] for references in found.values())


def test_seeding_again_adds_to_what_is_there(seeded):
    call_command("seed", "--contacts", "5", "--email", "olivia@northwind.example")
    assert Contact.objects.visible_to(seeded).count() == CONTACTS + 5
    assert CustomColumn.objects.filter(entity=CONTACT.name).count() == 8


def test_progress_is_told_on_stderr(company, capsys):
    call_command("seed", "--contacts", "5", "--company", company.name)
    printed = capsys.readouterr()
    assert "contacts: 5 of 5" in printed.err
    assert "5 more contacts" in printed.out
    assert "of 5" not in printed.out


def test_a_stranger_to_the_installation_cannot_be_filled(company):
    with pytest.raises(CommandError, match="no user"):
        call_command("seed", "--contacts", "5", "--email", "nobody@northwind.example")
