"""Whatever is wrong with filters, sort, search or page is told at its path, with what to send instead."""

from __future__ import annotations

import copy
import json
import re
from uuid import uuid4

import pytest

from crm import queries, services
from crm.entities import CONTACT, DEAL, ORGANIZATION
from crm.field_types import CUSTOM_TYPES
from crm.filters import EXAMPLE
from crm.queries import ListQuery
from customermates.kernel.errors import ValidationFailed
from customermates.kernel.jsontext import dumps
from customermates.kernel.sentences import sentence
from tests.crm.columns import column

pytestmark = pytest.mark.django_db

OPTIONS = {
    "singleSelect": {"options": [{"label": "Gold"}, {"label": "Größe L"}]},
    "multiSelect": {"options": [{"label": "Gold"}, {"label": "Silver"}]},
    "currency": {"currency": "EUR"},
    "email": {"allowMultiple": True},
}
OPERATORS = {
    "plain": "equals contains startsWith in notIn isNull isNotNull",
    "number": "equals gt gte lt lte between in isNull isNotNull",
    "currency": "equals gt gte lt lte between in isNull isNotNull",
    "boolean": "equals isNull isNotNull",
    "date": "equals gt gte lt lte between inLastDays inNextDays isNull isNotNull",
    "dateTime": "equals gt gte lt lte between inLastDays inNextDays isNull isNotNull",
    "dateRange": "contains overlaps gt gte lt lte between isNull isNotNull",
    "dateTimeRange": "contains overlaps gt gte lt lte between isNull isNotNull",
    "singleSelect": "equals in notIn isNull isNotNull",
    "multiSelect": "in notIn hasSome hasNone isNull isNotNull",
    "user": "equals in notIn isNull isNotNull",
    "email": "equals contains isNull isNotNull",
    "phone": "equals contains isNull isNotNull",
    "link": "equals contains isNull isNotNull",
}


@pytest.fixture
def northwind(owner):
    """Olivia's company with a column of every type, named like its type, on contacts."""
    for kind in CUSTOM_TYPES:
        column(owner, f"The {kind}", kind, options=OPTIONS.get(kind, {}))
    return owner


def key(kind):
    return f"the_{kind.lower()}"


def issues(actor, entity=CONTACT, **question):
    """Everything the question is refused for; nothing when it is answered."""
    try:
        queries.list_records(actor, entity, ListQuery(**question), [])
    except ValidationFailed as error:
        return error.issues
    return ()


def rule(field, operator, *value):
    return {"field": field, "operator": operator} | ({"value": value[0]} if value else {})


def nested(depth):
    tree = rule("name", "isNotNull")
    for _ in range(depth):
        tree = {"any": [tree]}
    return tree


# (what is asked, path, code): each is wrong in one place.
RULES = [
    ("name = Ada", "", "wrong_type"),
    (17, "", "wrong_type"),
    (True, "", "wrong_type"),
    ([[rule("name", "isNull")]], "[0]", "wrong_type"),
    (["name"], "[0]", "wrong_type"),
    ([None], "[0]", "wrong_type"),
    ([{"any": []}], "[0].any", "empty_group"),
    ([{"any": [{"all": []}]}], "[0].any[0].all", "empty_group"),
    ([{"any": {"field": "name"}}], "[0]", "wrong_type"),
    ([{"any": EXAMPLE, "all": EXAMPLE}], "[0]", "wrong_type"),
    ([{"any": EXAMPLE, "field": "name"}], "[0]", "wrong_type"),
    ([nested(5)], "[0].any[0].any[0].any[0].any[0]", "filter_too_deep"),
    (nested(5), ".any[0].any[0].any[0].any[0]", "filter_too_deep"),
    ([{"all": EXAMPLE * 51}], "", "too_many_rules"),
    ([{"any": [{"any": []}] * 1000}, *["x"] * 1000], "", "too_many_rules"),
    ([{}], "[0].field", "unknown_field"),
    ([rule("nmae", "isNull")], "[0].field", "unknown_field"),
    ([rule(["name"], "isNull")], "[0].field", "unknown_field"),
    ([rule("\ud800", "isNull")], "[0].field", "unknown_field"),
    ([rule("\0" * 100_000, "isNull")], "[0].field", "unknown_field"),
    ([rule("notes", "isNull")], "[0].field", "not_filterable"),
    ([rule("identifiers", "isNull")], "[0].field", "not_filterable"),
    ([rule(str(uuid4()), "isNull")], "[0].field", "unknown_field"),
    ([rule("name", "is")], "[0].operator", "unknown_operator"),
    ([rule("name", "startswith", "A")], "[0].operator", "unknown_operator"),
    ([rule("name", "gt", "A")], "[0].operator", "unknown_operator"),
    ([rule("name", None)], "[0].operator", "unknown_operator"),
    ([rule("name", ["equals"])], "[0].operator", "unknown_operator"),
    ([rule("name", "isNull") | {"not": True}], "[0].not", "unknown_argument"),
    ([rule("name", "equals")], "[0].value", "wrong_operand"),
    ([rule("name", "equals", None)], "[0].value", "wrong_operand"),
    ([rule("name", "equals", ["Ada"])], "[0].value", "wrong_operand"),
    ([rule("name", "equals", [])], "[0].value", "empty_list"),
    ([rule("name", "equals", 5)], "[0].value", "wrong_type"),
    ([rule("name", "equals", {"a": 1})], "[0].value", "wrong_type"),
    ([rule("name", "equals", True)], "[0].value", "wrong_type"),
    ([rule("name", "equals", "")], "[0].value", "empty_operand"),
    ([rule("name", "contains", "\u0301")], "[0].value", "empty_operand"),
    ([rule("name", "equals", "A\0")], "[0].value", "nul_character"),
    ([rule("name", "equals", "\ud800")], "[0].value", "lone_surrogate"),
    ([rule("name", "contains", "x" * 70_000)], "[0].value", "too_long"),
    ([rule("name", "in", "Ada")], "[0].value", "wrong_operand"),
    ([rule("name", "in", [])], "[0].value", "empty_list"),
    ([rule("name", "notIn", [])], "[0].value", "empty_list"),
    ([rule("name", "in", ["Ada"] * 501)], "[0].value", "wrong_operand"),
    ([rule("name", "in", ["Ada", ""])], "[0].value[1]", "empty_operand"),
    ([rule("name", "in", ["Ada", None])], "[0].value[1]", "wrong_type"),
    ([rule("name", "isNull", "yes")], "[0].value", "wrong_operand"),
    ([rule("name", "isNotNull", [])], "[0].value", "empty_list"),
    ([rule("emails", "equals", 5)], "[0].value", "wrong_type"),
    ([rule(key("number"), "gt", "many")], "[0].value", "wrong_type"),
    ([rule(key("number"), "gt", "1_000")], "[0].value", "wrong_type"),
    ([rule(key("number"), "gt", True)], "[0].value", "wrong_type"),
    ([rule(key("number"), "gt", {"gt": 1})], "[0].value", "wrong_type"),
    ([rule(key("number"), "gt", float("nan"))], "[0].value", "number_out_of_range"),
    ([rule(key("number"), "gt", float("inf"))], "[0].value", "number_out_of_range"),
    ([rule(key("number"), "gt", 10**400)], "[0].value", "number_out_of_range"),
    ([rule(key("number"), "gt", "1e999999")], "[0].value", "number_out_of_range"),
    ([rule(key("currency"), "equals", 0.00001)], "[0].value", "too_many_decimals"),
    ([rule(key("number"), "between", [1])], "[0].value", "wrong_operand"),
    ([rule(key("number"), "between", [1, 2, 3])], "[0].value", "wrong_operand"),
    ([rule(key("number"), "between", {"from": 1, "to": 2})], "[0].value", "wrong_operand"),
    ([rule(key("number"), "between", [2, 1])], "[0].value", "range_reversed"),
    ([rule(key("number"), "between", [1, None])], "[0].value[1]", "wrong_type"),
    ([rule(key("boolean"), "equals", 1)], "[0].value", "wrong_type"),
    ([rule(key("boolean"), "equals", "yes")], "[0].value", "wrong_type"),
    ([rule(key("date"), "equals", "2026-02-30")], "[0].value", "no_such_day"),
    ([rule(key("date"), "equals", "0001-01-01")], "[0].value", "no_such_day"),
    ([rule(key("dateTime"), "lte", "9999-12-31")], "[0].value", "no_such_day"),
    ([rule(key("dateTime"), "lte", "9999-12-31T23:59:59-12:00")], "[0].value", "no_such_day"),
    ([rule(key("date"), "gt", "+99999y")], "[0].value", "no_such_day"),
    ([rule(key("date"), "equals", "22.11.2026")], "[0].value", "wrong_date"),
    ([rule(key("date"), "equals", "someday")], "[0].value", "wrong_date"),
    ([rule(key("date"), "equals", 20261122)], "[0].value", "wrong_date"),
    ([rule("createdAt", "equals", "")], "[0].value", "wrong_date"),
    ([rule("createdAt", "between", ["2026-11-23", "2026-11-22"])], "[0].value", "range_reversed"),
    ([rule("createdAt", "between", ["tomorrow", "yesterday"])], "[0].value", "range_reversed"),
    ([rule(key("date"), "between", ["today", "-7d"])], "[0].value", "range_reversed"),
    ([rule(key("date"), "between", ["+1m", " TODAY"])], "[0].value", "range_reversed"),
    ([rule(key("dateTimeRange"), "between", ["endOfWeek", "startOfWeek"])], "[0].value", "range_reversed"),
    ([rule(key("dateRange"), "overlaps", "tomorrow,today")], "[0].value", "range_reversed"),
    ([rule("createdAt", "inLastDays", "7d")], "[0].value", "wrong_operand"),
    ([rule("createdAt", "inLastDays", "36501")], "[0].value", "wrong_operand"),
    ([rule("createdAt", "inLastDays", True)], "[0].value", "wrong_operand"),
    ([rule("createdAt", "inLastDays", -1)], "[0].value", "wrong_operand"),
    ([rule("createdAt", "inNextDays", 36_501)], "[0].value", "wrong_operand"),
    ([rule(key("dateRange"), "contains", {"start": "today", "end": "today"})], "[0].value", "wrong_date"),
    ([rule(key("dateRange"), "overlaps", "today")], "[0].value", "wrong_type"),
    ([rule(key("dateRange"), "overlaps", ["today", "today"])], "[0].value", "wrong_operand"),
    ([rule(key("dateRange"), "overlaps", {"start": "x", "end": "today"})], "[0].value.start", "wrong_date"),
    ([rule(key("dateTimeRange"), "overlaps", "2026-11-23,2026-11-22")], "[0].value", "range_reversed"),
    ([rule(key("dateTimeRange"), "between", ["2026-11-23", "2026-11-22"])], "[0].value", "range_reversed"),
    ([rule(key("singleSelect"), "equals", "Platinum")], "[0].value", "unknown_choice"),
    ([rule(key("singleSelect"), "in", ["Gold", "Platinum"])], "[0].value[1]", "unknown_choice"),
    ([rule(key("singleSelect"), "equals", str(uuid4()))], "[0].value", "unknown_choice"),
    ([rule(key("multiSelect"), "hasSome", ["Platinum"])], "[0].value[0]", "unknown_choice"),
    ([rule(key("multiSelect"), "hasSome", None)], "[0].value", "wrong_operand"),
    ([rule(key("multiSelect"), "hasNone", [])], "[0].value", "empty_list"),
    ([rule(key("multiSelect"), "in", [["Gold"]])], "[0].value[0]", "unknown_choice"),
    ([rule(key("user"), "equals", "nobody@northwind.example")], "[0].value", "unknown_user"),
    ([rule(key("user"), "equals", "\0\ud800@x.example")], "[0].value", "unknown_user"),
    ([rule(key("user"), "equals", 7)], "[0].value", "unknown_user"),
    ([rule("userIds", "in", ["me", "you"])], "[0].value[1]", "unknown_user"),
    ([rule("userIds", "hasSome", [])], "[0].value", "empty_list"),
    ([rule("organizationIds", "in", [])], "[0].value", "empty_list"),
    ([rule("organizationIds", "in", "x")], "[0].value", "wrong_operand"),
    ([rule("organizationIds", "hasSome", None)], "[0].value", "wrong_operand"),
    ([rule("organizationIds", "hasNone", ["Engines Ltd"])], "[0].value[0]", "unknown_record"),
    ([rule("organizationIds", "hasNone", [7])], "[0].value[0]", "unknown_record"),
    ([rule("organizationIds", "equals", "x")], "[0].operator", "unknown_operator"),
    ([rule("organizations", "hasSome")], "[0].field", "unknown_field"),
]


def test_every_mistake_in_a_filter_is_told_where_it_is(northwind, subtests):
    for tree, path, code in RULES:
        with subtests.test(filters=json.dumps(tree)[:80]):
            told = {(issue.field, issue.code) for issue in issues(northwind, filters=tree)}
            assert (f"filters{path}", code) in told
            assert code == "too_many_rules" or len(told) == 1


def test_ends_that_only_some_days_of_the_calendar_swap_are_no_mistake(northwind, time_machine):
    for today in ("2026-11-01", "2026-11-30", "2027-01-01"):
        time_machine.move_to(today)
        for ends in (["startOfMonth", "yesterday"], ["-7d", "startOfMonth"], ["today", "2026-11-15"]):
            assert not issues(northwind, filters=[rule("createdAt", "between", ends)])


def test_no_answer_to_a_mistake_is_longer_than_a_reader_can_bear(northwind):
    tree = [{"any": [{"any": []}, 7, {}] * 100_000}]
    assert len(issues(northwind, filters=tree)) <= 51


def test_what_a_mistake_is_answered_with_mends_it(northwind, subtests):
    mended = set()
    for tree, _, _ in RULES:
        for issue in issues(northwind, filters=tree):
            assert sentence(issue) != issue.code
            assert dumps(dict(issue.params))
            for kind, instead in advice(issue):
                with subtests.test(filters=json.dumps(tree)[:80], instead=instead):
                    after = issues(northwind, filters=replaced(tree, issue.field, instead))
                    wrong = [i for i in after if i.field.startswith(issue.field) and kind == "example"]
                    assert not [i for i in after if (i.field, i.code) == (issue.field, issue.code)]
                    assert not wrong
                    mended.add(issue.code)
    assert {
        "wrong_type",
        "wrong_operand",
        "empty_list",
        "unknown_field",
        "unknown_choice",
        "wrong_date",
    } <= mended


def advice(issue):
    """(kind, value) of everything an issue says to send instead of what stands at its path."""
    if "example" in issue.params:
        yield "example", issue.params["example"]
    if "nearest" in issue.params:
        yield "nearest", issue.params["nearest"]
    if issue.code in ("unknown_choice", "unknown_field", "unknown_operator", "wrong_date", "not_filterable"):
        yield from (("allowed", value) for value in issue.params.get("allowed", ()))


def replaced(tree, path, value):
    """A copy of the tree with `value` at the path."""
    steps = [name or int(number) for name, number in re.findall(r"\.(\w+)|\[(\d+)\]", path)]
    holder = [copy.deepcopy(tree)]
    at, step = holder, 0
    for following in steps:
        at, step = at[step], following
    at[step] = value
    return holder[0]


def test_every_operator_of_every_type_has_an_example_that_is_accepted(northwind, subtests):
    """The grammar of the types, and for each operator the example that a missing operand is answered with."""
    for kind, names in OPERATORS.items():
        assert CUSTOM_TYPES[kind].operators == tuple(names.split()), kind
        for operator in names.split():
            with subtests.test(kind=kind, operator=operator):
                asked = [rule(key(kind), operator)]
                for issue in issues(northwind, filters=asked):
                    asked = replaced(asked, issue.field, issue.params["example"])
                assert not issues(northwind, filters=asked)


def test_all_mistakes_of_a_question_come_at_once(northwind):
    wrong = issues(
        northwind,
        filters=[rule("nmae", "isNull"), {"any": [rule("name", "in", []), rule("emails", "gt")]}],
        search="a\0",
        sort=[{"field": "notes"}, {"field": "name", "direction": "up"}],
        page=0,
        page_size=7,
    )
    assert {(issue.field, issue.code) for issue in wrong} == {
        ("filters[0].field", "unknown_field"),
        ("filters[1].any[0].value", "empty_list"),
        ("filters[1].any[1].operator", "unknown_operator"),
        ("searchTerm", "nul_character"),
        ("sortDescriptor[0].field", "not_sortable"),
        ("sortDescriptor[1].direction", "unknown_choice"),
        ("page", "wrong_type"),
        ("pageSize", "unknown_choice"),
    }


def test_an_unknown_field_names_the_nearest_with_its_operators(northwind):
    [issue] = issues(northwind, filters=[rule("jobTilte", "contains", "x")])
    assert issue.params["nearest"] == "jobTitle"
    assert "startsWith" in str(issue.params["hint"])
    [issue] = issues(northwind, filters=[rule("the numbr", "gt", 1)])
    assert issue.params["nearest"] == "the_number"


def test_columns_answer_to_key_id_and_label(northwind):
    made = column(northwind, "Jährlicher Umsatz", "number")
    for name in (made.key, str(made.pk), made.pk.hex.upper(), "Jährlicher Umsatz", " JÄHRLICHER umsatz "):
        assert not issues(northwind, filters=[rule(name, "gt", 1)], sort={"field": name})


def test_ids_of_strangers_look_like_ids_of_nobody(northwind, stranger):
    [theirs] = services.create_records(stranger, ORGANIZATION, [{"name": "Theirs"}]).records
    [gone] = services.create_records(northwind, ORGANIZATION, [{"name": "Gone"}]).records
    services.delete_records(northwind, ORGANIZATION, [gone.pk])
    answers = set()
    for pk in (str(theirs.pk), str(gone.pk), str(uuid4())):
        [issue] = issues(northwind, filters=[rule("organizationIds", "in", [pk])])
        answers.add((issue.field, issue.code, sentence(issue).replace(pk, "…")))
    assert len(answers) == 1
    people = set()
    for reference in (str(stranger.user_id), "sven@southwind.example", str(uuid4()), "nobody@x.example"):
        [issue] = issues(northwind, filters=[rule("userIds", "in", [reference])])
        people.add((issue.field, issue.code, sentence(issue).replace(reference, "…")))
    assert len(people) == 1
    their_column = column(stranger, "Secret", "plain")
    [issue] = issues(northwind, filters=[rule(str(their_column.pk), "isNull")])
    assert issue.code == "unknown_field"
    assert "secret" not in sentence(issue).casefold()


def test_an_ambiguous_stage_is_told_with_its_pipelines(owner):
    from crm.models import Pipeline, Stage

    other = Pipeline.objects.create(company_id=owner.company_id, name="Renewals", position=1)
    Stage.objects.create(company_id=owner.company_id, pipeline=other, name="Won", kind="won")
    [issue] = issues(owner, DEAL, filters=[rule("stage", "equals", "won")])
    assert (issue.code, issue.params["allowed"]) == ("ambiguous_stage", ["Sales / Won", "Renewals / Won"])
    for name in issue.params["allowed"]:
        assert not issues(owner, DEAL, filters=[rule("stage", "in", [name])])


MEANT = [
    ("name", "notEquals", "notIn"),
    ("name", "ne", "notIn"),
    ("name", "!=", "notIn"),
    ("name", "isEmpty", "isNull"),
    ("name", "exists", "isNotNull"),
    ("name", "doesNotContain", None),
    ("name", "notContainsAny", None),
    ("createdAt", "after", "gt"),
    ("createdAt", "not_equals", None),
    ("organizationIds", "isNull", "hasNone"),
    ("organizationIds", "isNotNull", "hasSome"),
    ("organizationIds", "notEquals", "notIn"),
    ("organizationIds", "equals", "in"),
    ("organizationIds", "contains", "hasSome"),
    ("organizationIds", "nin", "notIn"),
    ("organizationIds", "excludes", "hasNone"),
]


def test_another_word_for_an_operator_leads_to_its_meaning_and_never_to_the_opposite(northwind, subtests):
    for name, operator, instead in MEANT:
        with subtests.test(field=name, operator=operator):
            [issue] = issues(northwind, filters=[rule(name, operator, ["x"])])
            near = issue.params.get("nearest")
            assert near == instead or (instead is None and near in (None, "notIn"))
    [issue] = issues(northwind, filters=[rule("organizationIds", "isNull")])
    assert "Send hasNone without a value." in sentence(issue)


@pytest.mark.parametrize(
    ("name", "instead"), [("or", "any"), ("$and", "all"), ("AND", "all"), ("feild", "field")]
)
def test_an_unknown_name_in_a_node_tells_what_rules_and_groups_have(northwind, name, instead):
    [issue] = issues(northwind, filters=[{name: []}])
    assert (issue.field, issue.code) == (f"filters[0].{name}", "unknown_argument")
    assert issue.params["nearest"] == instead
    assert issue.params["allowed"] == ["field", "operator", "value", "any", "all"]


@pytest.mark.parametrize(("kind", "example"), [("date", "2026-11-22"), ("dateTime", "2026-11-22T09:30:00Z")])
def test_the_example_of_a_date_is_of_its_own_kind(northwind, kind, example):
    for operator in ("equals", "between"):
        value = "soon" if operator == "equals" else ["soon", "today"]
        [issue] = issues(northwind, filters=[rule(key(kind), operator, value)])
        assert issue.params["example"] == example
    row = {"firstName": "Ada", "customFields": {key(kind): "soon"}}
    with pytest.raises(ValidationFailed) as caught:
        services.create_records(northwind, CONTACT, [row])
    [issue] = caught.value.issues
    assert issue.params["example"] == example
