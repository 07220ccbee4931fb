"""The fourteen types of custom columns: what each reads, refuses, stores, gives out and shows."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.field_types import CUSTOM_TYPES, FieldType
from customermates.kernel.errors import ValidationFailed
from customermates.kernel.jsontext import dumps
from customermates.kernel.sentences import SENTENCES
from tests.crm.kinds import CONTEXT, GOLD, KINDS, MAX, OLIVIA, SILVER, anything, every_kind


def moment(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]  # among the parts?


def test_there_are_fourteen():
    expected = "plain number currency boolean date dateTime dateRange dateTimeRange singleSelect multiSelect"
    assert list(CUSTOM_TYPES) == [*expected.split(), "user", "email", "phone", "link"]


# --- What each type reads, stores, gives out and shows --------------------------------------------------

# (kind, what is sent, the value, what is stored, what people read)
READINGS: list[tuple[str, Any, Any, Any, str]] = [
    ("plain", "  Follow up ", "Follow up", "Follow up", "Follow up"),
    ("number", 12.5, Decimal("12.50"), 12.5, "12.50 kg"),
    ("number", "1200", Decimal(1200), 1200, "1,200.00 kg"),
    ("number", -0.0, Decimal(0), 0, "0.00 kg"),
    ("currency", "1500.5", Decimal("1500.5"), 1500.5, "1,500.50 EUR"),
    ("currency", 99_999_999_999.9999, Decimal("99999999999.9999"), 99999999999.9999,
     "100,000,000,000.00 EUR"),
    ("boolean", True, True, True, "True"),
    ("boolean", "false", False, False, "False"),
    ("date", "2026-11-22", date(2026, 11, 22), "2026-11-22", "2026-11-22"),
    ("date", "2026-11-22T23:30:00Z", date(2026, 11, 23), "2026-11-23", "2026-11-23"),
    ("dateTime", "2026-11-22", moment(2026, 11, 21, 23), "2026-11-21T23:00:00Z", "2026-11-22 00:00"),
    ("dateTime", "2026-11-22 09:30", moment(2026, 11, 22, 8, 30), "2026-11-22T08:30:00Z", "2026-11-22 09:30"),
    ("dateTime", "2026-11-22T09:30:00.5+0200", moment(2026, 11, 22, 7, 30, 0, 500_000),
     "2026-11-22T07:30:00.500000Z", "2026-11-22 08:30"),
    ("dateRange", "2026-11-22,2026-11-25", (date(2026, 11, 22), date(2026, 11, 25)),
     "2026-11-22,2026-11-25", "2026-11-22 – 2026-11-25"),
    ("dateRange", {"start": "2026-11-22", "end": "2026-11-22"}, (date(2026, 11, 22), date(2026, 11, 22)),
     "2026-11-22,2026-11-22", "2026-11-22 – 2026-11-22"),
    ("dateTimeRange", "2026-11-22T08:00Z,2026-11-22T09:00Z",
     (moment(2026, 11, 22, 8), moment(2026, 11, 22, 9)),
     "2026-11-22T08:00:00Z,2026-11-22T09:00:00Z", "2026-11-22 09:00 – 2026-11-22 10:00"),
    ("singleSelect", GOLD, GOLD, GOLD, "Gold"),
    ("singleSelect", " GOLD ", GOLD, GOLD, "Gold"),
    ("singleSelect", "große s", SILVER, SILVER, "Größe S"),
    ("multiSelect", ["Größe S", GOLD, "gold"], [GOLD, SILVER], [GOLD, SILVER], "Gold, Größe S"),
    ("multiSelect", "Gold", [GOLD], [GOLD], "Gold"),
    ("user", str(OLIVIA), str(OLIVIA), str(OLIVIA), "Olivia Owner"),
    ("user", "Olivia@Northwind.example", str(OLIVIA), str(OLIVIA), "Olivia Owner"),
    ("user", "me", str(OLIVIA), str(OLIVIA), "Olivia Owner"),
    ("email", " Ada@Engines.example ", "Ada@Engines.example", "Ada@Engines.example", "Ada@Engines.example"),
    ("several emails", ["a@x.example", "A@X.example", ""], ["a@x.example"], ["a@x.example"], "a@x.example"),
    ("several emails", "a@x.example, b@x.example", ["a@x.example", "b@x.example"],
     ["a@x.example", "b@x.example"], "a@x.example, b@x.example"),
    ("phone", "030 901820", "+4930901820", "+4930901820", "+4930901820"),
    ("phone", "+44 20 7946 0958", "+442079460958", "+442079460958", "+442079460958"),
    ("phone", "ask at the desk", "ask at the desk", "ask at the desk", "ask at the desk"),
    ("phone", "0000000", "0000000", "0000000", "0000000"),
    ("several phones", ["030 901820", "+49 30 901820"], ["+4930901820"], ["+4930901820"], "+4930901820"),
    ("link", "engines.example/a", "https://engines.example/a", "https://engines.example/a",
     "https://engines.example/a"),
    ("link", "mailto:ada@engines.example", "mailto:ada@engines.example", "mailto:ada@engines.example",
     "mailto:ada@engines.example"),
    ("several links", ["a.example", "https://a.example"], ["https://a.example"], ["https://a.example"],
     "https://a.example"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "raw", "value", "stored", "shown"), READINGS)
def test_a_value_is_read_stored_given_out_and_shown(name, raw, value, stored, shown):
    kind = KINDS[name]
    read = kind.parse(raw, CONTEXT)
    assert read == value
    assert kind.dump(read) == stored
    assert kind.load(json.loads(json.dumps(stored))) == value
    assert kind.format(read, CONTEXT) == shown
    assert kind.parse(kind.present(read), CONTEXT) == value


@every_kind
@pytest.mark.parametrize("nothing", [None, ""])
def test_null_and_the_empty_text_clear(kind, nothing):
    assert kind.parse(nothing, CONTEXT) is None


# --- What each type refuses -----------------------------------------------------------------------------

# (kind, what is sent, issue code, path)
REFUSALS: list[tuple[str, Any, str, str]] = [
    ("plain", 5, "wrong_type", ""),
    ("plain", "a\0b", "nul_character", ""),
    ("plain", "a\ud800b", "lone_surrogate", ""),
    ("plain", "x" * 10_001, "too_long", ""),
    ("number", "twelve", "wrong_type", ""),
    ("number", "1_000", "wrong_type", ""),
    ("number", True, "wrong_type", ""),
    ("number", "NaN", "number_out_of_range", ""),
    ("number", float("inf"), "number_out_of_range", ""),
    ("number", "1e300", "number_out_of_range", ""),
    ("number", 100_000_000_000, "number_out_of_range", ""),
    ("number", 1.234, "too_many_decimals", ""),
    ("currency", [1], "wrong_type", ""),
    ("currency", "0.00001", "too_many_decimals", ""),
    ("boolean", "yes", "wrong_type", ""),
    ("boolean", 1, "wrong_type", ""),
    ("date", "22.11.2026", "wrong_type", ""),
    ("date", "2026-02-30", "no_such_day", ""),
    ("date", "today", "word_for_day", ""),
    ("dateTime", " -7D", "word_for_day", ""),
    ("dateRange", "today,+30d", "word_for_day", "start"),
    ("date", "0000-01-01", "no_such_day", ""),
    ("dateTime", "9999-12-31T23:59:59Z", "no_such_day", ""),
    ("dateTime", 1_700_000_000, "wrong_type", ""),
    ("dateTime", "2026-11-22T25:00", "no_such_day", ""),
    ("dateRange", "2026-11-22", "wrong_type", ""),
    ("dateRange", "2026-11-25,2026-11-22", "range_reversed", ""),
    ("dateRange", {"start": "2026-11-22", "end": None}, "range_end_missing", ""),
    ("dateRange", {"start": "2026-11-22", "end": "2026-11-25", "x": 1}, "wrong_type", ""),
    ("dateRange", {"start": "2026-13-22", "end": "2026-11-25"}, "no_such_day", "start"),
    ("dateTimeRange", {"start": "2026-11-22T08:00Z", "end": 9}, "wrong_type", "end"),
    ("dateTimeRange", [1, 2], "wrong_type", ""),
    ("singleSelect", "Bronze", "unknown_choice", ""),
    ("singleSelect", ["Gold"], "unknown_choice", ""),
    ("multiSelect", ["Gold", "Bronze", 4], "unknown_choice", "[1]"),
    ("user", "sven@southwind.example", "unknown_user", ""),
    ("user", str(UUID(int=99)), "unknown_user", ""),
    ("user", {"id": 1}, "unknown_user", ""),
    ("email", "ada at engines", "wrong_email", ""),
    ("email", ["a@x.example"], "only_one_value", ""),
    ("email", "a" * 310 + "@x.example.example", "too_long", ""),
    ("several emails", ["a@x.example", "nonsense"], "wrong_email", "[1]"),
    ("several emails", {"a": 1}, "wrong_type", ""),
    ("several emails", [f"a{n}@x.example" for n in range(51)], "too_many_values", ""),
    ("phone", 4930901820, "wrong_type", ""),
    ("phone", "1" * 256, "too_long", ""),
    ("link", "javascript:alert(1)", "wrong_link", ""),
    ("link", "data:text/html,x", "wrong_link", ""),
    ("link", "https://", "wrong_link", ""),
    ("link", "https://a b.example", "wrong_link", ""),
    ("link", "http://[::1", "wrong_link", ""),
    ("link", "nowhere", "wrong_link", ""),
    ("several links", ["https://a.example", "ftp://a.example"], "wrong_link", "[1]"),
]


@pytest.mark.parametrize(("name", "raw", "code", "path"), REFUSALS)
def test_a_wrong_value_is_refused_at_its_place(name, raw, code, path):
    with pytest.raises(ValidationFailed) as caught:
        KINDS[name].parse(raw, CONTEXT)
    first = caught.value.issues[0]
    assert (first.code, first.field) == (code, path)
    assert {issue.code for issue in caught.value.issues} <= SENTENCES.keys()


def test_every_wrong_item_of_a_list_is_told():
    with pytest.raises(ValidationFailed) as caught:
        KINDS["multiSelect"].parse(["Bronze", "Gold", 4], CONTEXT)
    assert [issue.field for issue in caught.value.issues] == ["[0]", "[2]"]


def test_a_word_for_a_day_is_answered_with_that_day():
    with pytest.raises(ValidationFailed) as caught:
        KINDS["date"].parse("tomorrow", CONTEXT)
    assert caught.value.issues[0].params["example"] == "2026-11-24"  # it is the 23rd in Berlin


def test_an_unknown_option_is_answered_with_all_there_are():
    with pytest.raises(ValidationFailed) as caught:
        KINDS["singleSelect"].parse("Bronze", CONTEXT)
    assert caught.value.issues[0].params["allowed"] == ["Gold", "Größe S"]


# --- Whatever comes ------------------------------------------------------------------------------------


@every_kind
@given(raw=anything)
def test_whatever_is_sent_is_refused_or_kept_without_loss(kind, raw):
    try:
        value = kind.parse(raw, CONTEXT)
    except ValidationFailed as error:
        value, codes = None, {issue.code for issue in error.issues}
    else:
        codes = set()
    assert codes <= SENTENCES.keys()
    if value is not None:
        assert_kept(kind, value)


def assert_kept(kind: FieldType, value: Any) -> None:
    """Storing loses nothing, what is given out can be sent back, and the index has its place."""
    assert kind.load(json.loads(json.dumps(kind.dump(value)))) == value
    given_out = json.loads(dumps(kind.present(value)))
    assert kind.parse(given_out, CONTEXT) == value
    assert isinstance(kind.format(value, CONTEXT), str)
    keys = kind.index_values(value)
    assert len(keys) == (len(value) if kind.multiple else len(kind.slots))


days = st.dates(date(2, 1, 1), date(9998, 12, 31))
moments = st.datetimes(datetime(2, 1, 2), datetime(9998, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "plain": st.text(st.characters(codec="utf-8", exclude_characters="\0")).map(str.strip).filter(bool),
    "number": st.decimals(-(10**10), 10**10, places=2),
    "currency": st.decimals(Decimal(-99999999999), Decimal(99999999999), places=4),
    "boolean": st.booleans(),
    "date": days,
    "dateTime": moments,
    "dateRange": st.tuples(days, days).map(lambda pair: tuple(sorted(pair))),
    "dateTimeRange": st.tuples(moments, moments).map(lambda pair: tuple(sorted(pair))),
    "singleSelect": st.sampled_from([GOLD, SILVER]),
    "multiSelect": st.sampled_from([[GOLD], [SILVER], [GOLD, SILVER]]),
    "user": st.sampled_from([str(OLIVIA), str(MAX)]),
}


@pytest.mark.parametrize("name", VALUES)
@given(data=st.data())
def test_every_value_survives_storing_and_being_sent_back(name, data):
    assert_kept(KINDS[name], data.draw(VALUES[name]))


@given(first=VALUES["currency"], second=VALUES["currency"])
def test_amounts_keep_their_order_and_exact_value(first, second):
    kind = KINDS["currency"]
    stored = [kind.load(json.loads(json.dumps(kind.dump(value)))) for value in (first, second)]
    assert (stored[0] < stored[1]) == (first < second)
    assert stored == [first, second]


@given(text=st.text())
def test_a_phone_number_once_normalised_stays_as_it_is(text):
    kind = KINDS["phone"]
    try:
        once = kind.parse(text, CONTEXT)
    except ValidationFailed:
        return
    assert kind.parse(once, CONTEXT) == once


# --- What each type says of itself ----------------------------------------------------------------------


@every_kind
def test_the_example_is_accepted_and_fits_the_schema(kind):
    example = kind.example()
    assert kind.parse(example, CONTEXT) is not None
    jsonschema.validate(example, kind.json_schema())


# What a schema must not let through, since parse refuses it.
NEVER = {
    "boolean": "yes",
    "number": "twelve",
    "currency": [1],
    "multiSelect": ["Bronze"],
    "singleSelect": "Bronze",
    "dateRange": "2026-11-22",
    "dateTimeRange": 5,
}


@every_kind
def test_what_the_schema_refuses_is_no_value_either(kind):
    wrong = NEVER.get(kind.name, {"an": "object"})
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, kind.json_schema())
    with pytest.raises(ValidationFailed):
        kind.parse(wrong, CONTEXT)


@every_kind
@given(value=st.data())
def test_what_is_given_out_fits_the_schema(kind, value):
    if kind.name in ("singleSelect", "multiSelect"):
        return  # the schema offers the labels that people know; ids are taken as well
    example = kind.parse(kind.example(), CONTEXT)
    jsonschema.validate(json.loads(dumps(kind.present(example))), kind.json_schema())


@every_kind
def test_operators_and_sorting_fit_the_index(kind):
    order = kind.order(() if kind.multiple else tuple(f"{slot}1" for slot in kind.slots), CONTEXT)
    assert (order is None) == kind.multiple
    assert {"isNull", "isNotNull"} <= set(kind.operators)


def test_a_select_is_sorted_by_its_options_and_people_by_name():
    single = KINDS["singleSelect"].order(("t1",), CONTEXT)
    people = KINDS["user"].order(("t1",), CONTEXT)
    assert single
    assert list(single.phases or ()) == [GOLD, SILVER]
    assert people
    assert list(people.phases or ()) == [str(MAX), str(OLIVIA)]
