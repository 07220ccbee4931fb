"""The routes of what a company sets up for itself: custom columns and pipelines, declared."""

from __future__ import annotations

from accounts.api.operations import DRY_RUN, Operation, Parameter, Route
from accounts.api.schemas import (
    COUNT,
    EXAMPLE_ID,
    ID,
    TEXT,
    TRUTH,
    Schema,
    listing,
    nullable,
    ref,
    sent,
    shape,
)
from crm.api import columns, pipelines
from crm.entities import ENTITIES
from crm.field_types import CUSTOM_TYPES, Json
from crm.models import StageKind
from crm.writing.definitions import DESCRIPTION_LENGTH, LABEL_LENGTH

_COLUMN: dict[str, Json] = {
    "id": EXAMPLE_ID,
    "key": "lead_source",
    "label": "Lead source",
    "type": "plain",
    "entityType": "contact",
    "options": {},
    "required": False,
    "position": 0,
    "version": 1,
}
_STAGE: dict[str, Json] = {
    "id": EXAMPLE_ID,
    "name": "New",
    "color": "slate",
    "position": 0,
    "probability": 10,
    "kind": "open",
}
_PIPELINE: dict[str, Json] = {"id": EXAMPLE_ID, "name": "Sales", "position": 0, "stages": [_STAGE]}
_READS, _WRITES = ("columns:read",), ("columns:write",)


def setup_routes() -> list[Route]:
    """The routes of custom columns and pipelines."""
    one = "custom-columns/<str:id>"
    return [
        Route(
            path="custom-columns",
            name="api_columns",
            operations={"GET": _list(), "POST": _create()},
        ),
        Route(
            path=one,
            name="api_column",
            operations={
                "GET": _get(),
                "PUT": _update("updateCustomColumn"),
                "PATCH": _update("patchCustomColumn"),
                "DELETE": _delete(),
            },
        ),
        Route(path=f"{one}/restore", name="api_column_restore", operations={"POST": _restore()}),
        *_pipelines(),
    ]


def components() -> dict[str, Schema]:
    """The components of these routes."""
    stage = {
        "id": ID,
        "name": TEXT,
        "color": TEXT,
        "position": COUNT,
        "probability": {"type": "integer", "minimum": 0, "maximum": 100},
        "kind": {"enum": list(StageKind.values)},
    }
    pipeline = {"id": ID, "name": TEXT, "position": COUNT, "stages": listing(shape(stage))}
    return {"Pipeline": shape(pipeline)}


def _body(*, is_new: bool) -> Schema:
    """A definition as it is sent; what never changes is only sent once."""
    properties: dict[str, Schema] = {
        "entityType": {"type": "string", "enum": ENTITIES.names()},
        "type": {"type": "string", "enum": list(CUSTOM_TYPES)},
        "label": {**TEXT, "maxLength": LABEL_LENGTH},
        "options": {"type": "object", "description": "By type: options, currency, decimals, unit, …"},
        "required": TRUTH,
        "position": COUNT,
        "description": nullable({**TEXT, "maxLength": DESCRIPTION_LENGTH}),
        "backfill": {**TRUTH, "description": "Give the default option to the records there are."},
    }
    if is_new:
        return sent(properties, required=["entityType", "type", "label"])
    replacing = {"type": "object", "description": "{option that goes: option that stays, or null}"}
    more = {"id": ID, "replaceWith": nullable(replacing), "expectedVersion": {"type": "integer"}}
    return sent(properties | more)


def _list() -> Operation:
    parameter = Parameter(
        name="entityType",
        description="Only the columns of this entity.",
        schema={"type": "string", "enum": ENTITIES.names()},
        example="contact",
    )
    return Operation(
        run=columns.listed,
        id="getCustomColumns",
        tag="custom-columns",
        summary="List custom columns",
        needs=_READS,
        query=(parameter,),
        answer=shape({"items": listing(ref("CustomColumn"))}),
        example={"items": [_COLUMN]},
    )


def _get() -> Operation:
    return Operation(
        run=columns.get,
        id="getCustomColumnById",
        tag="custom-columns",
        summary="Get a custom column",
        needs=_READS,
        answer=ref("CustomColumn"),
        example=_COLUMN,
        errors=(404,),
    )


def _create() -> Operation:
    return Operation(
        run=columns.create,
        id="createCustomColumn",
        tag="custom-columns",
        summary="Create a custom column",
        needs=_WRITES,
        query=(DRY_RUN,),
        body=_body(is_new=True),
        body_example={"entityType": "contact", "type": "plain", "label": "Lead source"},
        answer=ref("CustomColumn"),
        example=_COLUMN,
        status=201,
        writes=True,
    )


def _update(id: str) -> Operation:
    return Operation(
        run=columns.update,
        id=id,
        tag="custom-columns",
        summary="Change a custom column",
        description="Options that are in use go only with `replaceWith`. Type and entity never change.",
        needs=_WRITES,
        query=(DRY_RUN,),
        body=_body(is_new=False),
        body_example={"label": "Source of the lead"},
        answer=ref("CustomColumn"),
        example=_COLUMN,
        writes=True,
        guarded=True,
        errors=(404, 409, 412),
    )


def _delete() -> Operation:
    return Operation(
        run=columns.delete,
        id="deleteCustomColumn",
        tag="custom-columns",
        summary="Hide a custom column and its values; restorable for 30 days",
        needs=_WRITES,
        query=(DRY_RUN,),
        answer=ID,
        example=EXAMPLE_ID,
        writes=True,
        guarded=True,
        errors=(404, 412),
    )


def _restore() -> Operation:
    return Operation(
        run=columns.restore,
        id="restoreCustomColumn",
        tag="custom-columns",
        summary="Bring a deleted custom column back, with its values",
        needs=_WRITES,
        query=(DRY_RUN,),
        answer=ref("CustomColumn"),
        example=_COLUMN,
        writes=True,
        errors=(404,),
    )


def _pipelines() -> list[Route]:
    needs = (f"{pipelines.RESOURCE}:read",)
    return [
        Route(
            path="pipelines",
            name="api_pipelines",
            operations={
                "GET": Operation(
                    run=pipelines.listed,
                    id="getPipelines",
                    tag="pipelines",
                    summary="List the pipelines with their stages",
                    needs=needs,
                    answer=shape({"items": listing(ref("Pipeline"))}),
                    example={"items": [_PIPELINE]},
                )
            },
        ),
        Route(
            path="pipelines/<str:id>",
            name="api_pipeline",
            operations={
                "GET": Operation(
                    run=pipelines.get,
                    id="getPipelineById",
                    tag="pipelines",
                    summary="Get a pipeline with its stages",
                    needs=needs,
                    answer=ref("Pipeline"),
                    example=_PIPELINE,
                    errors=(404,),
                )
            },
        ),
    ]
