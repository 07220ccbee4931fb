"""Pipelines with their stages."""

from __future__ import annotations

from accounts.api.calls import Answer, Call
from crm.field_types import Json
from crm.models import Pipeline, Stage
from crm.setup import CompanySetup
from customermates.kernel.errors import Issue, NotFound
from customermates.kernel.ids import find_uuid

RESOURCE = "deals"  # who may read what goes through pipelines may read the pipelines


def listed(call: Call) -> Answer:
    """`{items}`: all pipelines in their order, each with its stages; one query."""
    call.actor.require("read", RESOURCE)
    setup = CompanySetup(call.actor)
    return Answer(body={"items": [shown(setup, pipeline) for pipeline in setup.pipelines]})


def get(call: Call) -> Answer:
    """One pipeline with its stages."""
    call.actor.require("read", RESOURCE)
    setup, pk = CompanySetup(call.actor), find_uuid(call.path["id"])
    found = next((pipeline for pipeline in setup.pipelines if pipeline.pk == pk), None)
    if found is None:
        allowed = [str(pipeline.pk) for pipeline in setup.pipelines]
        raise NotFound(Issue("id", "unknown_choice", {"allowed": allowed}))
    return Answer(body=shown(setup, found))


def shown(setup: CompanySetup, pipeline: Pipeline) -> dict[str, Json]:
    """A pipeline with its stages, as programs see it."""
    stages = [_stage(stage) for stage in setup.stages if stage.pipeline_id == pipeline.pk]
    return {"id": pipeline.pk, "name": pipeline.name, "position": pipeline.position, "stages": stages}


def _stage(stage: Stage) -> dict[str, Json]:
    return {
        "id": stage.pk,
        "name": stage.name,
        "color": stage.color,
        "position": stage.position,
        "probability": stage.probability,
        "kind": stage.kind,
    }
