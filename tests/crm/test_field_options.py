"""The options of custom columns: what each type takes, completes, keeps and refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.field_types import CUSTOM_TYPES
from customermates.kernel.errors import ValidationFailed
from customermates.kernel.sentences import SENTENCES
from tests.crm.kinds import GOLD, OPTIONS, SILVER, anything

# (type, what is sent, what was before, what is stored)
READ_OPTIONS: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ("plain", {}, {}, {}),
    ("number", {}, {}, {"decimals": 4, "unit": ""}),
    ("number", {"unit": "kg"}, {"decimals": 1, "unit": ""}, {"decimals": 1, "unit": "kg"}),
    ("number", {"decimals": 3}, {"decimals": 1, "unit": "kg"}, {"decimals": 3, "unit": "kg"}),
    ("currency", {"currency": "usd"}, {}, {"currency": "USD"}),
    ("currency", {}, {"currency": "GBP"}, {"currency": "GBP"}),
    ("boolean", {}, {}, {}),
    ("date", {}, {}, {"displayFormat": "descriptiveLong"}),
    ("dateTime", {"displayFormat": "relative"}, {}, {"displayFormat": "relative"}),
    ("dateRange", {}, {"displayFormat": "relative"}, {"displayFormat": "relative"}),
    ("dateTimeRange", {"displayFormat": "numericalShort"}, {}, {"displayFormat": "numericalShort"}),
    ("user", {}, {}, {}),
    ("email", {}, {}, {"allowMultiple": False, "color": "slate"}),
    ("phone", {"allowMultiple": True}, {}, {"allowMultiple": True, "color": "slate"}),
    ("link", {"color": "success"}, {"allowMultiple": False, "color": "blue"},
     {"allowMultiple": False, "color": "green"}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "raw", "previous", "stored"), READ_OPTIONS)
def test_options_are_completed_and_kept(name, raw, previous, stored):
    kind = CUSTOM_TYPES[name]
    assert kind.read_options(raw, previous) == stored
    assert kind.read_options({}, stored) == stored


@pytest.mark.parametrize("name", ["singleSelect", "multiSelect"])
def test_an_option_keeps_its_id_under_its_label_or_by_its_id(name):
    kind = CUSTOM_TYPES[name]
    new = [{"value": GOLD, "label": "Platin"}, "grösse s", {"label": "Bronze", "color": "destructive"}]
    first, second, third = kind.read_options({"options": new}, {"options": OPTIONS})["options"]
    assert (first["value"], first["label"], first["color"]) == (GOLD, "Platin", "amber")
    assert (second["value"], second["isDefault"]) == (SILVER, True)
    assert third["value"] not in (GOLD, SILVER)
    assert (third["color"], [first["index"], second["index"], third["index"]]) == ("rose", [0, 1, 2])


# (type, what is sent, what was before, issue code, path)
REFUSED_OPTIONS: list[tuple[str, Any, dict[str, Any], str, str]] = [
    ("plain", {"color": "blue"}, {}, "unknown_option", "options.color"),
    ("number", {"decimals": 5}, {}, "wrong_type", "options.decimals"),
    ("number", {"decimals": True}, {}, "wrong_type", "options.decimals"),
    ("number", {"decimals": 1}, {"decimals": 2, "unit": ""}, "fewer_decimals", "options.decimals"),
    ("number", {"unit": "x" * 21}, {}, "wrong_type", "options.unit"),
    ("currency", {}, {}, "required", "options.currency"),
    ("currency", {"currency": "Taler"}, {}, "unknown_choice", "options.currency"),
    ("date", {"displayFormat": "nice"}, {}, "unknown_choice", "options.displayFormat"),
    ("date", {"displayFormat": []}, {}, "unknown_choice", "options.displayFormat"),
    ("email", {"allowMultiple": "yes"}, {}, "wrong_type", "options.allowMultiple"),
    ("email", {"allowMultiple": True}, {"allowMultiple": False, "color": "slate"},
     "never_changes", "options.allowMultiple"),
    ("link", {"color": "mauve"}, {}, "unknown_choice", "options.color"),
    ("singleSelect", {}, {}, "options_wanted", "options.options"),
    ("singleSelect", {"options": []}, {}, "options_wanted", "options.options"),
    ("singleSelect", {"options": ["Gold", "GOLD"]}, {}, "duplicate_label", "options.options[1].label"),
    ("singleSelect", {"options": [{"label": " "}]}, {}, "required", "options.options[0].label"),
    ("singleSelect", {"options": [{"label": 5}]}, {}, "wrong_type", "options.options[0].label"),
    ("singleSelect", {"options": [4]}, {}, "wrong_type", "options.options[0]"),
    ("singleSelect", {"options": [{"label": "Gold", "value": SILVER}]}, {},
     "unknown_option_value", "options.options[0].value"),
    ("singleSelect", {"options": [{"label": "Gold", "size": 1}]}, {},
     "unknown_option", "options.options[0].size"),
    ("singleSelect", {"options": [{"label": "A", "isDefault": True}, {"label": "B", "isDefault": True}]}, {},
     "one_default", "options.options"),
    ("singleSelect", {"options": [{"value": GOLD}, {"value": GOLD, "label": "B"}]}, {"options": OPTIONS},
     "duplicate_option", "options.options"),
    ("multiSelect", {"options": [{"label": "A", "color": 3}]}, {},
     "unknown_choice", "options.options[0].color"),
    ("multiSelect", {"options": [{"label": "A", "index": -1}]}, {}, "wrong_type", "options.options[0].index"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "raw", "previous", "code", "path"), REFUSED_OPTIONS)
def test_wrong_options_are_refused_at_their_place(name, raw, previous, code, path):
    with pytest.raises(ValidationFailed) as caught:
        CUSTOM_TYPES[name].read_options(raw, previous)
    first = caught.value.issues[0]
    assert (first.code, first.field) == (code, path)
    assert code in SENTENCES


some_options = st.fixed_dictionaries(
    {},
    optional={
        name: anything
        | st.lists(st.text() | st.dictionaries(st.sampled_from(["label", "color", "index"]), anything))
        for name in ("options", "currency", "decimals", "unit", "displayFormat", "allowMultiple", "color")
    },
)
ONE_OPTION = {"singleSelect": "options", "multiSelect": "options", "currency": "currency"}


@pytest.mark.parametrize("name", CUSTOM_TYPES)
@given(raw=some_options)
def test_whatever_options_are_sent_are_refused_or_make_a_type(name, raw):
    kind = CUSTOM_TYPES[name]
    if name in ONE_OPTION:  # else nearly all examples would end at a name that this type does not know
        raw = {key: value for key, value in raw.items() if key == ONE_OPTION[name]}
    try:
        stored = kind.read_options(raw, {})
    except ValidationFailed as error:
        stored, codes = None, {issue.code for issue in error.issues}
    else:
        codes = set()
    assert codes <= SENTENCES.keys()
    if stored is not None:
        assert kind.from_options(json.loads(json.dumps(stored))).operators
        assert kind.read_options({}, stored) == stored
