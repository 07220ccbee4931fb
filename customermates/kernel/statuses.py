"""Which HTTP status tells which of the five errors, at every door that speaks HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from customermates.kernel.errors import (
    Conflict,
    NotAllowed,
    NotFound,
    ProductError,
    RateLimited,
    ValidationFailed,
)

_STATUS_OF: Mapping[type[ProductError], HTTPStatus] = {
    ValidationFailed: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotFound: HTTPStatus.NOT_FOUND,
    NotAllowed: HTTPStatus.FORBIDDEN,
    Conflict: HTTPStatus.CONFLICT,
    RateLimited: HTTPStatus.TOO_MANY_REQUESTS,
}


def status_of(error: ProductError) -> HTTPStatus:
    """The status of an answer that tells `error`."""
    return next(
        (status for kind, status in _STATUS_OF.items() if isinstance(error, kind)), HTTPStatus.BAD_REQUEST
    )
