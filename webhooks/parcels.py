"""What is taken along to send one delivery: where to, the bytes, and what they are signed with."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from customermates.kernel.release import product_version
from customermates.kernel.sealing import Unreadable, unseal
from webhooks.claims import Claim
from webhooks.models import Delivery, Endpoint, Secret
from webhooks.signing import signatures

HIDDEN = "••••"  # for the values of custom headers, wherever they are kept or shown
FRESH = timedelta(minutes=1)  # how exactly the time of an endpoint's last success is known


@dataclass(frozen=True, slots=True)
class Parcel:
    """One delivery, ready to be sent; it holds secrets, so it is never logged or stored."""

    delivery_id: UUID
    company_id: UUID
    endpoint_id: UUID
    token: UUID
    number: int  # of the attempt
    retries: int
    is_test: bool
    is_settled: bool  # whether a success would tell nothing new about the endpoint
    message_id: str
    url: str
    body: bytes
    secrets: Sequence[str]  # oldest first; () when they cannot be read any more
    custom_headers: Mapping[str, str]

    def headers(self) -> dict[str, str]:
        """All headers of an attempt made now."""
        signed = signatures(
            self.secrets, message_id=self.message_id, timestamp=int(time.time()), body=self.body
        )
        return {
            **self.custom_headers,
            "Content-Type": "application/json",
            "User-Agent": f"Customermates-Webhooks/{product_version()}",
            "Accept-Encoding": "identity",
            "X-Customermates-Delivery-Id": str(self.delivery_id),
            "X-Customermates-Attempt": str(self.number),
            **signed,
        }

    def shown(self, headers: Mapping[str, str]) -> dict[str, str]:
        """The headers of an attempt as they may be kept."""
        return {**headers, **dict.fromkeys(self.custom_headers, HIDDEN)}


def load(claim: Claim) -> list[Parcel]:
    """The parcels of what was claimed, in three queries."""
    rows = Delivery.objects.filter(pk__in=claim.ids, lease_token=claim.token).values(*_COLUMNS)
    deliveries = {row["pk"]: row for row in rows}
    endpoints = Endpoint.objects.in_bulk({row["endpoint_id"] for row in deliveries.values()})
    now = timezone.now()
    sealed = _secrets(endpoints.values(), now)
    opened = {pk: _open(endpoint, sealed[pk]) for pk, endpoint in endpoints.items()}
    return [
        _parcel(row, claim.token, endpoints[row["endpoint_id"]], opened[row["endpoint_id"]], now)
        for pk in claim.ids
        if (row := deliveries.get(pk))
    ]


_COLUMNS = (
    *("pk", "company_id", "endpoint_id", "attempts", "retries", "is_test"),
    *("message_id", "message__event_id", "message__body"),
)

Opened = tuple[Sequence[str], Mapping[str, str]]  # secrets and custom headers


def _secrets(endpoints: Iterable[Endpoint], now: datetime) -> Mapping[UUID, list[str]]:
    """The sealed secrets of each endpoint that are active, oldest first."""
    active = Secret.objects.filter(
        company_id__in={endpoint.company_id for endpoint in endpoints},
        endpoint_id__in=[endpoint.pk for endpoint in endpoints],
    ).filter(Q(expires_at=None) | Q(expires_at__gt=now))
    found: dict[UUID, list[str]] = defaultdict(list)
    for endpoint_id, sealed in active.order_by("id").values_list("endpoint_id", "sealed"):
        found[endpoint_id].append(sealed)
    return found


def _open(endpoint: Endpoint, sealed: Sequence[str]) -> Opened:
    """What is needed to sign for the endpoint; nothing when it cannot be read any more."""
    try:
        custom = json.loads(_opened(endpoint.headers_sealed)) if endpoint.headers_sealed else {}
        return [_opened(secret) for secret in sealed], custom
    except Unreadable:
        return (), {}


def _parcel(row: Mapping[str, Any], token: UUID, endpoint: Endpoint, opened: Opened, now: datetime) -> Parcel:
    secrets, custom = opened
    return Parcel(
        delivery_id=row["pk"],
        company_id=row["company_id"],
        endpoint_id=endpoint.pk,
        token=token,
        number=row["attempts"] + 1,
        retries=row["retries"],
        is_test=row["is_test"],
        is_settled=_is_settled(endpoint, now),
        message_id=str(row["message__event_id"] or row["message_id"]),
        url=endpoint.url,
        body=row["message__body"].encode(),
        secrets=secrets,
        custom_headers=custom,
    )


def _is_settled(endpoint: Endpoint, now: datetime) -> bool:
    is_well = not endpoint.failures and not endpoint.unreached
    return is_well and endpoint.last_success_at is not None and now - endpoint.last_success_at < FRESH


@lru_cache(maxsize=1_000)
def _opened(sealed: str) -> str:
    return unseal(sealed)
