"""The one error body: `{error: {code, message, requestId, issues: [{field, code, message, row}]}}`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

from accounts.api.calls import IDEMPOTENCY_KEY, IF_MATCH
from accounts.idempotency import FIELD as IDEMPOTENCY_FIELD
from customermates.kernel.errors import Conflict, Issue, ProductError, RateLimited
from customermates.kernel.sentences import corrections, sentence
from customermates.kernel.statuses import status_of

ISSUES_TOLD = 200  # a batch of 100 rows with two faults each is told in full
_IN_MESSAGE = 3
_STALE = ("stale_version", "stale_webhook")
_IN_TRASH = "It is in the trash: POST …/{id}/restore brings it back."
_ALLOWED_TOLD = 100  # values of one list


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What is answered when a call fails."""

    status: int
    code: str
    message: str
    issues: Sequence[dict[str, Any]] = ()
    left_out: int = 0
    headers: dict[str, str] = field(default_factory=dict)

    def body(self, request_id: str) -> dict[str, Any]:
        """The body of the answer."""
        error: dict[str, Any] = {
            "code": self.code,
            "message": self.message,
            "requestId": request_id,
            "issues": list(self.issues),
        }
        if self.left_out:
            error["issuesLeftOut"] = self.left_out
        return {"error": error}


def failure_of(error: ProductError, *, is_guarded: bool = False) -> Failure:
    """The failure that tells `error`; a stale version is 412 when the call demanded one by If-Match."""
    issues = [_renamed(issue, is_guarded=is_guarded) for issue in error.issues[:ISSUES_TOLD]]
    status, code = status_of(error), error.code
    if is_guarded and isinstance(error, Conflict) and any(i.code in _STALE for i in error.issues):
        status, code = HTTPStatus.PRECONDITION_FAILED, "precondition_failed"
    told = [_told(issue) for issue in issues]
    return Failure(
        status=status,
        code=code,
        message=_message(told, len(error.issues)),
        issues=told,
        left_out=len(error.issues) - len(told),
        headers=_limit_headers(error) if isinstance(error, RateLimited) else {},
    )


def _told(issue: Issue) -> dict[str, Any]:
    told: dict[str, Any] = {
        "field": issue.field,
        "code": issue.code,
        "message": sentence(issue),
        "row": issue.row,
        **corrections(issue),
    }
    if len(told.get("allowed", ())) > _ALLOWED_TOLD:
        told["allowed"] = list(told["allowed"])[:_ALLOWED_TOLD]
    return told


def _renamed(issue: Issue, *, is_guarded: bool) -> Issue:
    """The issue in the words of this door: at the header that the caller sent, with the way on."""
    if issue.field == IDEMPOTENCY_FIELD:
        return replace(issue, field=IDEMPOTENCY_KEY)
    if issue.params.get("trash"):
        return replace(issue, params={**issue.params, "hint": _IN_TRASH})
    if is_guarded and issue.code in _STALE:
        return replace(issue, field=IF_MATCH)
    return issue


def _message(told: Sequence[dict[str, Any]], count: int) -> str:
    """The first issues as one text, for logs and for clients that show nothing else."""
    texts = [f"{_place(issue)}{issue['message']}" for issue in told[:_IN_MESSAGE]]
    more = count - len(texts)
    return " ".join([*texts, *([f"And {more} more."] if more > 0 else [])])


def _place(issue: dict[str, Any]) -> str:
    row = f"row {issue['row']}: " if issue["row"] else ""
    return f"{row}{issue['field']}: " if issue["field"] else row


def _limit_headers(error: RateLimited) -> dict[str, str]:
    seconds = str(error.retry_after_seconds)
    return {
        "Retry-After": seconds,
        "RateLimit-Limit": str(error.limit),
        "RateLimit-Remaining": "0",
        "RateLimit-Reset": seconds,
    }
