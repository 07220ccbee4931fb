"""Groups and what they add up to: the same as plain Python makes of the same records, and in what order."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from itertools import product

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.actor import Actor
from accounts.models import Role
from crm import services
from crm.aggregates import groups
from crm.aggregates.groups import AggregateQuery, aggregate_records
from crm.aggregates.keys import BUCKETS, takes_bucket
from crm.aggregates.measures import FUNCTIONS
from crm.aggregates.reading import groupable, measurable
from crm.entities import CONTACT, DEAL, ENTITIES, ORGANIZATION, SERVICE, TASK
from crm.field_services import create_column
from crm.setup import CompanySetup
from customermates.kernel.errors import ValidationFailed
from tests import people
from tests.crm import generated, worlds
from tests.crm.oracle import TEXTS, fold, measured
from tests.profiles import IS_DEEP

pytestmark = pytest.mark.django_db

RECORDS, QUESTIONS = (25, 60) if IS_DEEP else (14, 30)
WHOLE_WORLD = "9" * 11  # the largest number that is kept


def ask(actor: Actor, entity, **question):
    return aggregate_records(actor, entity, AggregateQuery(**question))


def told(found):
    """Groups as `[(labels, currency, values)]`, in their order."""
    return [
        (tuple(key.label if key else None for key in group.keys), group.currency, tuple(group.values))
        for group in found.groups
    ]


def labels(found):
    return [names[0] for names, _, _ in told(found)]


def questions(world):
    """Any keys and measures that this entity can be asked for."""
    catalog = world.setup.catalog(world.entity)

    def key(name):
        buckets = st.sampled_from(BUCKETS) if takes_bucket(catalog.fields[name]) else st.none()
        return buckets.map(lambda bucket: {"field": name, "bucket": bucket})

    numbers = st.builds(
        lambda function, name: {"function": function, "field": name},
        st.sampled_from(FUNCTIONS[1:]),
        st.sampled_from(measurable(catalog)),
    )
    measure = st.one_of(st.just({"function": "count"}), numbers)
    keys = st.lists(st.sampled_from(groupable(catalog)).flatmap(key), max_size=2, unique_by=str)
    return st.tuples(keys, st.lists(measure, min_size=1, max_size=3))


def expected(world, records, keys, measures):
    """`{(group of each key …, currency): values}`, made by the oracle."""
    catalog, found = world.setup.catalog(world.entity), defaultdict(list)
    fields = [catalog.fields[measure["field"]] for measure in measures if "field" in measure]
    own_money = any(field.own and field.type.name == "currency" for field in fields)
    named = any(key["field"] == "currency" for key in keys)
    for record in records:
        places = [world.oracle.group(record, key["field"], key.get("bucket")) for key in keys]
        for place in product(*places, [record["currency"] if own_money and not named else None]):
            found[place].append(record)
    return {place: [value(rows, measure) for measure in measures] for place, rows in found.items()}


def value(records, measure):
    if measure["function"] == "count":
        return len(records)
    numbers = [record.get(measure["field"]) for record in records]
    return measured(measure["function"], [number for number in numbers if number is not None])


def answered(world, found):
    """The same from the product; a text stands for all spellings of its group."""
    subjects = [world.oracle.subjects[key.field] for key in found.keys]

    def group(subject, key, shown):
        if shown is None:
            return None
        if key.bucket:
            return shown.rank
        return fold(shown.value) if subject.kind in TEXTS else shown.value

    return {
        (*map(group, subjects, found.keys, each.keys), each.currency): list(each.values)
        for each in found.groups
    }


@pytest.mark.parametrize(
    "entity", [CONTACT, ORGANIZATION, DEAL, SERVICE, TASK], ids=lambda entity: entity.name
)
def test_aggregates_agree_with_the_oracle(berlin, entity):
    @given(seed=st.integers(0, 2**32), data=st.data())
    def agree(seed, data):
        with transaction.atomic():
            world = worlds.build(berlin, entity, seed=seed, size=RECORDS)
            for _ in range(QUESTIONS):
                tree, (keys, measures) = data.draw(generated.trees(world)), data.draw(questions(world))
                rows = [r for r in world.records if world.oracle.matches(r, tree)]
                query = AggregateQuery(filters=tree, group_by=keys, measures=measures)
                found = aggregate_records(world.actor, entity, query, setup=world.setup)
                wanted = expected(world, rows, keys, measures)
                if not wanted and len(found.groups) == 1:  # without keys, nothing is still one group
                    wanted = {(None,): [value([], measure) for measure in measures]}
                assert answered(world, found) == wanted, (tree, keys, measures, world.actor.time_zone)
                assert found.is_complete
            transaction.set_rollback(True)

    agree()


@pytest.fixture
def deals(owner):
    """Two in Proposal, one won, in two currencies."""
    rows = [
        {"name": "Pilot", "stage": "Proposal", "amount": "0.1"},
        {"name": "Fleet", "stage": "Proposal", "amount": "0.2"},
        {"name": "Depot", "stage": "Won", "amount": "1000", "currency": "USD"},
    ]
    return services.create_records(owner, DEAL, rows).records


def test_a_count_of_everything_is_one_group(owner, deals):
    assert told(ask(owner, DEAL)) == [((), None, (3,))]
    none = [{"field": "name", "operator": "equals", "value": "no such deal"}]
    assert told(ask(owner, DEAL, filters=none)) == [((), None, (0,))]
    assert told(ask(owner, DEAL, filters=none, group_by=[{"field": "stage"}])) == []
    assert told(ask(owner, DEAL, search="pilot")) == [((), None, (1,))]


def test_money_is_never_added_up_across_currencies(owner, deals):
    total = [{"function": "sum", "field": "totalValue"}]
    assert told(ask(owner, DEAL, measures=total)) == [
        ((), "EUR", (Decimal("0.3"),)),
        ((), "USD", (Decimal(1000),)),
    ]
    by_currency = ask(owner, DEAL, measures=total, group_by=[{"field": "currency"}])
    assert told(by_currency) == [(("EUR",), None, (Decimal("0.3"),)), (("USD",), None, (Decimal(1000),))]


def test_the_largest_sums_are_exact(owner):
    rows = [{"name": f"Whale {n}", "amount": f"{WHOLE_WORLD}.9999"} for n in range(50)]
    services.create_records(owner, DEAL, rows)
    [(_, _, (total, mean))] = told(
        ask(owner, DEAL, measures=[{"function": f, "field": "amount"} for f in ("sum", "avg")])
    )
    assert (total, mean) == (50 * Decimal(f"{WHOLE_WORLD}.9999"), Decimal(f"{WHOLE_WORLD}.9999"))


def test_stages_come_in_their_order_and_dates_upwards(owner, deals):
    found = ask(owner, DEAL, group_by=[{"field": "stage"}, {"field": "createdAt", "bucket": "year"}])
    year = str(deals[0].created_at.year)
    assert told(found) == [(("Proposal", year), None, (2,)), (("Won", year), None, (1,))]
    keys = found.groups[0].keys
    assert keys[0] is not None
    assert (keys[0].value, keys[0].label) == (str(deals[0].stage_id), "Proposal")


def test_buckets_are_named_alike_in_every_language(owner):
    services.create_records(owner, DEAL, [{"name": "Pilot", "expectedCloseDate": "2027-01-02"}])
    found = {
        bucket: ask(owner, DEAL, group_by=[{"field": "expectedCloseDate", "bucket": bucket}])
        .groups[0]
        .keys[0]
        for bucket in BUCKETS
    }
    assert {bucket: (key.label, key.value) for bucket, key in found.items() if key} == {
        "day": ("2027-01-02", "2027-01-02"),
        "week": ("2026-W53", "2026-12-28"),
        "month": ("2027-01", "2027-01-01"),
        "quarter": ("2027-Q1", "2027-01-01"),
        "year": ("2027", "2027-01-01"),
    }


def test_linked_records_come_largest_first_and_those_without_last(owner):
    engines, mills = services.create_records(
        owner, ORGANIZATION, [{"name": "Engines Ltd"}, {"name": "Mills & Co"}]
    ).records
    rows = [
        {"name": "Both", "amount": 5, "organizationIds": [str(engines.pk), str(mills.pk)]},
        {"name": "Mills", "amount": 20, "organizationIds": [str(mills.pk)]},
        {"name": "Nobody", "amount": 90},
    ]
    services.create_records(owner, DEAL, rows)
    question = {
        "group_by": [{"field": "organizationIds"}],
        "measures": [{"function": "sum", "field": "amount"}],
    }
    assert [(names, values) for names, _, values in told(ask(owner, DEAL, **question))] == [
        (("Mills & Co",), (25,)),
        (("Engines Ltd",), (5,)),
        ((None,), (90,)),
    ]
    services.delete_records(owner, ORGANIZATION, [mills.pk])
    assert labels(ask(owner, DEAL, **question)) == ["Engines Ltd", None]


def test_stages_of_the_same_name_are_told_apart_by_their_pipelines(owner, company, deals):
    from crm.models import Pipeline, Stage

    other = Pipeline.objects.create(company=company, name="Renewals", position=9)
    won = Stage.objects.create(company=company, pipeline=other, name="Won", kind="won", position=0)
    services.create_records(owner, DEAL, [{"name": "Again", "stageId": str(won.pk)}])
    assert labels(ask(owner, DEAL, group_by=[{"field": "stage"}]))[1:] == ["Sales / Won", "Renewals / Won"]


def test_texts_are_grouped_without_case_and_accents(owner):
    rows = [{"firstName": "A", "jobTitle": title} for title in ("Käufer", "kaufer", "KÄUFER", "Clerk", "")]
    services.create_records(owner, CONTACT, rows)
    found = told(ask(owner, CONTACT, group_by=[{"field": "jobTitle"}]))
    assert [(names[0] and fold(names[0]), values) for names, _, values in found] == [
        ("kaufer", (3,)),
        ("clerk", (1,)),
        (None, (1,)),
    ]


def test_beyond_a_thousand_groups_the_largest_are_told(owner, monkeypatch):
    monkeypatch.setattr(groups, "GROUPS_LIMIT", 2)
    rows = [{"firstName": "A", "jobTitle": title} for title in ("Clerk", "Baker", "Baker", "Smith", "Smith")]
    services.create_records(owner, CONTACT, rows)
    found = ask(owner, CONTACT, group_by=[{"field": "jobTitle"}])
    assert (labels(found), found.is_complete) == (["Baker", "Smith"], False)


def test_only_what_is_seen_is_counted(owner, company, deals, max_):
    services.update_records(owner, DEAL, {deals[0].pk: {"userIds": [str(max_.pk)]}})
    permissions = {"deals": {"read": "own", "manage": False}}
    role = Role.objects.create(company=company, name="Own deals", permissions=permissions)
    type(max_).objects.filter(pk=max_.pk).update(role=role)
    max_.refresh_from_db()
    actor = people.signed_in(max_)
    assert told(ask(actor, DEAL, group_by=[{"field": "userIds"}])) == [(("Max Member",), None, (1,))]
    issue = refusal(actor, DEAL, group_by=[{"field": "organizationIds"}])[0]
    assert (issue.code, issue.field) == ("unknown_field", "groupBy[0].field")


def test_a_deal_whose_service_went_to_the_trash_has_none_that_is_seen(owner):
    service = services.create_records(owner, SERVICE, [{"name": "Day", "amount": 10}]).records[0]
    services.create_records(owner, DEAL, [{"name": "Pilot", "services": [{"serviceId": str(service.pk)}]}])
    assert labels(ask(owner, DEAL, group_by=[{"field": "serviceIds"}])) == ["Day"]
    services.delete_records(owner, SERVICE, [service.pk])
    assert labels(ask(owner, DEAL, group_by=[{"field": "serviceIds"}])) == [None]


def refusal(actor, entity, **question):
    with pytest.raises(ValidationFailed) as refused:
        ask(actor, entity, **question)
    return refused.value.issues


@pytest.mark.parametrize(
    ("question", "field", "code"),
    [
        ({"group_by": "stage"}, "groupBy", "wrong_type"),
        ({"group_by": ["stage"]}, "groupBy[0]", "wrong_type"),
        ({"group_by": [{"field": "stage"}] * 2}, "groupBy", "same_field_twice"),
        ({"group_by": [{"field": n} for n in ("stage", "status", "currency")]}, "groupBy", "too_many_values"),
        ({"group_by": [{"field": "stag"}]}, "groupBy[0].field", "unknown_field"),
        ({"group_by": [{}]}, "groupBy[0].field", "unknown_field"),
        ({"group_by": [{"field": ["stage"]}]}, "groupBy[0].field", "unknown_field"),
        ({"group_by": [{"field": "amount"}]}, "groupBy[0].field", "not_groupable"),
        ({"group_by": [{"field": "stage", "bucket": "day"}]}, "groupBy[0].bucket", "no_bucket"),
        ({"group_by": [{"field": "createdAt"}]}, "groupBy[0].bucket", "bucket_wanted"),
        ({"group_by": [{"field": "createdAt", "bucket": "mont"}]}, "groupBy[0].bucket", "unknown_choice"),
        ({"group_by": [{"field": "createdAt", "bucket": ["day"]}]}, "groupBy[0].bucket", "unknown_choice"),
        ({"group_by": [{"field": "stage", "by": 1}]}, "groupBy[0].by", "unknown_argument"),
        ({"measures": {}}, "measures", "wrong_type"),
        ({"measures": []}, "measures", "measures_wanted"),
        ({"measures": [{"function": "count"}] * 11}, "measures", "too_many_values"),
        ({"measures": ["count"]}, "measures[0]", "wrong_type"),
        ({"measures": [{"function": "total"}]}, "measures[0].function", "unknown_choice"),
        ({"measures": [{"function": "count", "field": "amount"}]}, "measures[0].field", "count_has_no_field"),
        ({"measures": [{"function": "sum"}]}, "measures[0].field", "unknown_field"),
        ({"measures": [{"function": "sum", "field": "name"}]}, "measures[0].field", "not_measurable"),
        ({"filters": [{"field": "nme"}]}, "filters[0].field", "unknown_field"),
        ({"search": 5}, "searchTerm", "wrong_type"),
    ],
)
def test_what_cannot_be_asked_is_refused_where_it_stands(owner, question, field, code):
    assert [(issue.field, issue.code) for issue in refusal(owner, DEAL, **question)] == [(field, code)]


def test_all_that_is_wrong_is_told_at_once(owner):
    issues = refusal(
        owner,
        DEAL,
        filters=[{"field": "nme"}],
        group_by=[{"field": "amount"}, {"field": "createdAt"}],
        measures=[{"function": "sum", "field": "stage"}],
    )
    assert [issue.code for issue in issues] == [
        *("unknown_field", "not_groupable", "bucket_wanted", "not_measurable")
    ]


def test_a_field_that_cannot_be_grouped_by_names_those_that_can(owner):
    create_column(owner, {"entityType": "deal", "type": "boolean", "label": "Strategic"})
    allowed = refusal(owner, DEAL, group_by=[{"field": "totalValue"}])[0].params["allowed"]
    assert {"stage", "currency", "expectedCloseDate", "organizationIds", "userIds", "strategic"} <= set(
        allowed
    )
    assert not {"amount", "notes"} & set(allowed)


@pytest.mark.parametrize("entity", ENTITIES.values(), ids=lambda entity: entity.name)
def test_every_field_that_is_offered_works(owner, berlin, entity):
    catalog = CompanySetup(owner).catalog(entity)
    for name in groupable(catalog):
        bucket = {"bucket": "month"} if takes_bucket(catalog.fields[name]) else {}
        assert told(ask(owner, entity, group_by=[{"field": name, **bucket}])) == []
    for name in measurable(catalog):
        ask(owner, entity, measures=[{"function": "avg", "field": name}])
