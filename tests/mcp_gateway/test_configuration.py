"""What an agent is told before it asks and writes: allowed values, and the forms of filters and sorts."""

from __future__ import annotations

from typing import Any

import pytest

from crm.field_types.currencies import CURRENCIES
from crm.models import Pipeline, Stage
from tests.mcp_gateway.client import Mcp

pytestmark = pytest.mark.django_db


def _fields(mcp: Mcp, entity: str, part: str) -> dict[str, dict[str, Any]]:
    answer = mcp.call("get_entity_configuration", {"entity": entity})["structuredContent"]
    return {field["field"]: field for field in answer[part]}


def test_fields_that_follow_others_tell_their_values_for_filters(mcp: Mcp):
    assert _fields(mcp, "deal", "filterableFields")["status"]["options"] == ["open", "won", "lost"]
    assert _fields(mcp, "task", "filterableFields")["type"]["options"] == ["custom", "system"]
    assert _fields(mcp, "task", "writableFields")["status"]["options"] == ["open", "done"]


def test_every_currency_is_told(mcp: Mcp):
    for entity in ("deal", "service"):
        assert _fields(mcp, entity, "writableFields")["currency"]["options"] == list(CURRENCIES)


def test_stages_and_pipelines_by_id_are_told_with_their_names(mcp: Mcp):
    fields = _fields(mcp, "deal", "writableFields")
    [pipeline] = fields["pipelineId"]["options"]
    assert pipeline == {"id": str(Pipeline.objects.get().pk), "name": "Sales"}
    stages = fields["stageId"]["options"]
    lost = Stage.objects.get(name="Lost")
    assert stages[-1] == {"id": str(lost.pk), "name": "Lost", "pipeline": "Sales"}
    assert fields["stage"]["options"] == [stage["name"] for stage in stages]


def test_a_thousand_stages_are_cut_and_counted(mcp: Mcp):
    pipeline = Pipeline.objects.get()
    Stage.objects.bulk_create(
        Stage(company_id=pipeline.company_id, pipeline=pipeline, name=f"Stage {n}", position=9 + n)
        for n in range(994)
    )
    fields = _fields(mcp, "deal", "writableFields")
    assert len(fields["stageId"]["options"]) + fields["stageId"]["moreOptions"] == 1_000


@pytest.mark.parametrize("tool", ["filter_entity", "count_entity"])
def test_the_schema_lists_groups_and_sorts_by_several_keys(mcp: Mcp, tool: str):
    listed = {each["name"]: each["inputSchema"]["properties"] for each in mcp.ask("tools/list")["tools"]}
    rule, group = listed[tool]["filters"]["items"]["anyOf"]
    assert set(rule["properties"]) == {"field", "operator", "value"}
    assert set(group["properties"]) == {"any", "all"}
    one, several = listed[tool]["sortDescriptor"]["anyOf"]
    assert several == {"type": "array", "items": one, "maxItems": 3}


def test_what_the_schema_lists_is_taken(mcp: Mcp):
    rule = {"field": "name", "operator": "isNotNull"}
    for filters in ([{"all": [rule, {"any": [rule, {"all": [rule]}]}]}], [{"any": [rule]}, rule]):
        for sort in ({"field": "name"}, [{"field": "name", "direction": "desc"}, {"field": "createdAt"}]):
            sent = {"entity": "deal", "filters": filters, "sortDescriptor": sort}
            assert mcp.call("filter_entity", sent)["isError"] is False
