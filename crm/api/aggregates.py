"""Groups of records and what they add up to: the route's question and answer, and their schemas."""

from __future__ import annotations

from accounts.api.calls import Answer, Call
from accounts.api.schemas import (
    ANYTHING,
    EXAMPLE_ID,
    TEXT,
    TRUTH,
    Schema,
    listing,
    nullable,
    ref,
    sent,
    shape,
)
from crm.aggregates.groups import GROUPS_LIMIT, Aggregate, AggregateQuery, Group, aggregate_records
from crm.aggregates.keys import BUCKETS, takes_bucket
from crm.aggregates.measures import COUNT, FUNCTIONS
from crm.aggregates.reading import KEYS_LIMIT, MEASURES_LIMIT, groupable, measurable
from crm.catalog import Catalog
from crm.entities import Entity
from crm.field_types import Json

BODY = ("filters", "searchTerm", "groupBy", "measures")

DESCRIPTION = (
    f"Filters and search are those of a search. `groupBy` names up to {KEYS_LIMIT} fields; a date comes "
    "with a `bucket`. Without it, everything is one group. `measures` say what is told of each group, a "
    "count when left out. A record with several values of a key, or several links, is in the group of "
    "each. Amounts in the record's currency are never added up across currencies: then each group has a "
    "`currency`. Groups come in the order of their keys (stages and options as set up, dates upwards), the "
    "largest first where keys have no order, and those without a value last."
)
_KEY = {"field": TEXT, "bucket": nullable({"type": "string", "enum": list(BUCKETS)})}
_MEASURE = {"function": {"type": "string", "enum": list(FUNCTIONS)}, "field": nullable(TEXT)}


def sent_body(selection: Schema) -> Schema:
    """What callers send: `selection` is how a search says which records."""
    keys = listing(sent(_KEY, required=["field"]), most=KEYS_LIMIT)
    measures = listing(sent(_MEASURE, required=["function"]), least=1, most=MEASURES_LIMIT)
    return sent({**selection, "groupBy": nullable(keys), "measures": nullable(measures)})


def components() -> dict[str, Schema]:
    """The answer."""
    key = shape({"value": ANYTHING, "label": nullable(TEXT)})
    key["description"] = "`value` as filters take it; of a bucket, its first day. Both null without a value."
    group = shape(
        {
            "keys": {**listing(ref("GroupKey")), "description": "In the order of groupBy."},
            "currency": {**nullable(TEXT), "description": "Of amounts in the currency of each record."},
            "values": {
                **listing(nullable({"type": "number"})),
                "description": "In the order of measures; null for the average or extreme of nothing.",
            },
        }
    )
    complete = {**TRUTH, "description": f"Else these are the {GROUPS_LIMIT} with the largest first measure."}
    return {
        "GroupKey": key,
        "Group": group,
        "Aggregate": shape(
            {
                "groupBy": listing(shape({"field": TEXT, "bucket": nullable(TEXT)})),
                "measures": listing(
                    shape({"function": TEXT, "field": nullable(TEXT), "currency": nullable(TEXT)})
                ),
                "groups": listing(ref("Group"), most=GROUPS_LIMIT),
                "isComplete": complete,
            }
        ),
    }


def examples(entity: Entity) -> tuple[dict[str, Json], dict[str, Json]]:
    """A question and its answer: deals by stage with their worth, others by the month they came in."""
    key, measure, shown, total = _example(entity)
    asked = {"groupBy": [key], "measures": [{"function": COUNT}, *([measure] if measure else [])]}
    measures = [
        {"function": m["function"], "field": m.get("field"), "currency": None} for m in asked["measures"]
    ]
    answer = {
        "groupBy": [{"field": key["field"], "bucket": key.get("bucket")}],
        "measures": measures,
        "groups": [{"keys": [shown], "currency": "EUR" if measure else None, "values": [12, *total]}],
        "isComplete": True,
    }
    return asked, answer


def _example(entity: Entity) -> tuple[dict[str, str], dict[str, str] | None, dict[str, str], list[float]]:
    if entity.lanes:
        measure = {"function": "sum", "field": entity.worth}
        return {"field": entity.lanes}, measure, {"value": EXAMPLE_ID, "label": "Proposal"}, [48_500]
    by_month = {"field": "createdAt", "bucket": "month"}
    return by_month, None, {"value": "2026-11-01", "label": "2026-11"}, []


def offered(catalog: Catalog) -> dict[str, Json]:
    """`{groupableFields, measurableFields}`: what can be asked for in this company."""
    keys = [{"field": name, "takesBucket": takes_bucket(catalog.fields[name])} for name in groupable(catalog)]
    return {"groupableFields": keys, "measurableFields": measurable(catalog)}


def aggregated(entity: Entity, call: Call) -> Answer:
    """`{groupBy, measures, groups, isComplete}`."""
    body = call.only(*BODY)
    query = AggregateQuery(
        filters=body.get("filters"),
        search=body.get("searchTerm"),
        group_by=body.get("groupBy"),
        measures=body.get("measures"),
    )
    return Answer(body=_shown(aggregate_records(call.actor, entity, query)))


def _shown(found: Aggregate) -> dict[str, Json]:
    return {
        "groupBy": [{"field": key.field, "bucket": key.bucket} for key in found.keys],
        "measures": [
            {"function": m.function, "field": m.field.name if m.field else None, "currency": m.currency}
            for m in found.measures
        ],
        "groups": [_group(group) for group in found.groups],
        "isComplete": found.is_complete,
    }


def _group(group: Group) -> dict[str, Json]:
    return {
        "keys": [
            {"value": key.value if key else None, "label": key.label if key else None} for key in group.keys
        ],
        "currency": group.currency,
        "values": group.values,
    }
