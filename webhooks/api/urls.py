"""The REST routes of webhooks and deliveries, declared."""

from __future__ import annotations

from accounts.api.operations import DRY_RUN, Operation, Parameter, Route
from accounts.api.schemas import (
    COUNT,
    EXAMPLE_ID,
    ID,
    PAGE_SIZE,
    TEXT,
    TRUTH,
    listing,
    nullable,
    ref,
    sent,
    shape,
)
from webhooks.api import deliveries, endpoints
from webhooks.api.schemas import (
    DELIVERY,
    DELIVERY_DETAIL,
    TYPED_SECRET,
    WEBHOOK,
    WEEK_OF_WEBHOOK,
    endpoint_body,
)
from webhooks.models import Delivery

_TAG, _LOG = "webhooks", "webhook-deliveries"
_READS = ("webhooks:read",)
_WRITES = (*_READS, "webhooks:write")
_MADE = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
_SECRETS = (
    "Without `secret` one is made, which this answer is the only one to hold; then the call takes no "
    "Idempotency-Key."
)
_NEW: dict[str, object] = {"url": "https://example.com/webhooks", "events": ["deal.updated", "contact.*"]}


def routes() -> list[Route]:
    """The routes of this package."""
    one, log = "webhooks/<str:id>", "webhook-deliveries"
    acts = {
        "rotate-secret": _rotate(),
        "end-overlap": _end_overlap(),
        "resume": _resume(),
        "replay": _replay(),
        "test": _test(),
    }
    changes = {"PUT": _update("updateWebhook"), "PATCH": _update("patchWebhook"), "DELETE": _delete()}
    return [
        Route(path="webhooks", name="api_webhooks", operations={"GET": _list(), "POST": _create()}),
        Route(path=one, name="api_webhook", operations={"GET": _get(), **changes}),
        *(
            Route(
                path=f"{one}/{act}", name=f"api_webhook_{act.replace('-', '_')}", operations={"POST": found}
            )
            for act, found in acts.items()
        ),
        Route(path=log, name="api_deliveries", operations={"GET": _list_deliveries()}),
        Route(path=f"{log}/<str:id>", name="api_delivery", operations={"GET": _get_delivery()}),
        Route(path=f"{log}/<str:id>/resend", name="api_delivery_resend", operations={"POST": _resend()}),
    ]


def _list() -> Operation:
    return Operation(
        run=endpoints.listed,
        id="getWebhooks",
        tag=_TAG,
        summary="List the webhooks",
        needs=_READS,
        answer=shape({"items": listing(ref("Webhook"))}),
        example={"items": [WEBHOOK]},
    )


def _get() -> Operation:
    return Operation(
        run=endpoints.get,
        id="getWebhookById",
        tag=_TAG,
        summary="Get a webhook, with its last seven days",
        needs=_READS,
        answer=ref("WebhookDetail"),
        example=WEBHOOK | WEEK_OF_WEBHOOK,
        errors=(404,),
    )


def _create() -> Operation:
    return Operation(
        run=endpoints.create,
        id="createWebhook",
        tag=_TAG,
        summary="Create a webhook",
        description=_SECRETS,
        needs=_WRITES,
        query=(DRY_RUN,),
        body=endpoint_body(is_new=True),
        body_example=_NEW,
        answer=ref("WebhookWithSecret"),
        example=WEBHOOK | {"secret": _MADE},
        status=201,
        writes=True,
    )


def _update(id: str) -> Operation:
    return Operation(
        run=endpoints.update,
        id=id,
        tag=_TAG,
        summary="Change a webhook",
        description="Only what is sent changes. `enabled: true` also resumes one that is paused; a header "
        "whose value is null keeps the stored one.",
        needs=_WRITES,
        query=(DRY_RUN,),
        body=endpoint_body(is_new=False),
        body_example={"events": ["deal.*"]},
        answer=ref("Webhook"),
        example=WEBHOOK,
        writes=True,
        guarded=True,
        errors=(404, 409, 412),
    )


def _delete() -> Operation:
    return Operation(
        run=endpoints.delete,
        id="deleteWebhook",
        tag=_TAG,
        summary="Delete a webhook with its secret, for good",
        needs=("webhooks:write",),
        query=(DRY_RUN,),
        answer=ID,
        example=EXAMPLE_ID,
        writes=True,
        guarded=True,
        errors=(404, 412),
    )


def _rotate() -> Operation:
    return Operation(
        run=endpoints.rotate_secret,
        id="rotateWebhookSecret",
        tag=_TAG,
        summary="Give a webhook a new secret; the old one signs along for 24 hours",
        description=_SECRETS,
        needs=_WRITES,
        query=(DRY_RUN,),
        body=sent({"secret": TYPED_SECRET}),
        body_example={},
        body_may_lack=True,
        answer=ref("WebhookWithSecret"),
        example=WEBHOOK | {"secret": _MADE},
        writes=True,
        errors=(404,),
    )


def _end_overlap() -> Operation:
    return Operation(
        run=endpoints.end_overlap,
        id="endWebhookOverlap",
        tag=_TAG,
        summary="Stop signing with the old secret at once",
        needs=_WRITES,
        answer=ref("Webhook"),
        example=WEBHOOK,
        writes=True,
        errors=(404, 409),
    )


def _resume() -> Operation:
    return Operation(
        run=endpoints.resume,
        id="resumeWebhook",
        tag=_TAG,
        summary="Let a webhook that is paused or off send again",
        needs=_WRITES,
        body=sent({"replay": {**TRUTH, "description": "Also send again what failed since it began to."}}),
        body_example={"replay": True},
        body_may_lack=True,
        answer=shape({"webhook": ref("Webhook"), "deliveries": COUNT}),
        example={"webhook": WEBHOOK, "deliveries": 3},
        writes=True,
        errors=(404, 409),
    )


def _replay() -> Operation:
    return Operation(
        run=endpoints.replay,
        id="replayWebhook",
        tag=_TAG,
        summary="Send again all that failed since a time",
        needs=("webhooks:write",),
        body=sent({"since": {"type": "string", "format": "date-time"}}, required=["since"]),
        body_example={"since": endpoints.EXAMPLE_TIME},
        answer=shape({"deliveries": COUNT}),
        example={"deliveries": 3},
        status=202,
        writes=True,
        errors=(404, 409),
    )


def _test() -> Operation:
    return Operation(
        run=endpoints.send_test,
        id="testWebhook",
        tag=_TAG,
        summary="Send a test to a webhook, also while it is paused or off",
        needs=_WRITES,
        answer=ref("WebhookDelivery"),
        example=DELIVERY,
        status=202,
        writes=True,
        errors=(404,),
    )


_DELIVERY_QUERY = (
    Parameter(name="webhookId", description="Only those to this webhook.", schema=ID),
    Parameter(
        name="status",
        description="Only those in this state.",
        schema={"type": "string", "enum": list(Delivery.Status.values)},
    ),
    Parameter(name="event", description="Only those of this event.", example="deal.updated"),
    Parameter(name="entityId", description="Only those that tell of this record.", schema=ID),
    Parameter(
        name="since",
        description="Only those from this time on.",
        schema={"type": "string", "format": "date-time"},
    ),
    Parameter(name="cursor", description="`nextCursor` of the answer before."),
    Parameter(name="pageSize", description="25 unless given.", schema=PAGE_SIZE, example=25),
)


def _list_deliveries() -> Operation:
    return Operation(
        run=deliveries.listed,
        id="getWebhookDeliveries",
        tag=_LOG,
        summary="List deliveries, newest first",
        needs=_READS,
        query=_DELIVERY_QUERY,
        answer=shape({"items": listing(ref("WebhookDelivery")), "nextCursor": nullable(TEXT)}),
        example={"items": [DELIVERY], "nextCursor": None},
    )


def _get_delivery() -> Operation:
    return Operation(
        run=deliveries.get,
        id="getWebhookDeliveryById",
        tag=_LOG,
        summary="Get a delivery with its body and every attempt",
        needs=_READS,
        answer=ref("WebhookDeliveryDetail"),
        example=DELIVERY_DETAIL,
        errors=(404,),
    )


def _resend() -> Operation:
    return Operation(
        run=deliveries.resend,
        id="resendWebhookDelivery",
        tag=_LOG,
        summary="Send a delivery again, byte for byte",
        needs=_WRITES,
        answer=ref("WebhookDeliveryDetail"),
        example=DELIVERY_DETAIL,
        status=202,
        writes=True,
        errors=(404, 409),
    )
