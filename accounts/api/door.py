"""The door of the REST API: a DRF view that lets calls in, and hands them to their operations.

Only `accounts.api.routing` imports it, when the first call comes: DRF takes 20 MB and most of a
second (measured), which pages and workers need not pay for.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, CSRFCheck
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import BasePermission
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from accounts import idempotency
from accounts.actor import Actor
from accounts.api.calls import IDEMPOTENCY_KEY, IF_MATCH, Answer, Call, read_call
from accounts.api.errors import Failure, failure_of
from accounts.api.operations import Operation
from accounts.api.responses import answered, failed
from accounts.authentication import Unauthenticated, authenticate_key, presents_key, session_actor
from accounts.limits import LimitState, check_api_limits
from customermates.kernel.bodies import Refused
from customermates.kernel.errors import Issue, NotAllowed, ProductError, ValidationFailed
from customermates.kernel.jsonin import BadJson

logger = logging.getLogger(__name__)

CHALLENGE = 'Bearer realm="Customermates", error="invalid_token"'
_WHERE_KEYS_ARE = (
    "Send an API key as 'x-api-key: KEY' or 'Authorization: Bearer KEY'; people make them under "
    "Settings, API keys."
)


class KeyOrSession(BaseAuthentication):
    """Programs come with a key, pages of ours with the session of who is signed in.

    DRF's user stays empty: whoever asks is an Actor, at `request.auth`.
    """

    def authenticate(self, request: Request) -> tuple[None, Actor] | None:
        asked: HttpRequest = request._request
        if presents_key(asked):
            try:
                return None, authenticate_key(asked, via="rest")
            except Unauthenticated as error:
                raise exceptions.AuthenticationFailed from error
        actor = session_actor(asked, via="rest")
        if actor is None:
            return None
        _check_csrf(asked)
        return None, actor

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE


def _check_csrf(request: HttpRequest) -> None:
    """Refuse what a page of another site made a signed-in browser send."""
    check = CSRFCheck(lambda _request: HttpResponse())
    check.process_request(request)
    if check.process_view(request, lambda _request: HttpResponse(), (), {}):
        raise Refused(403, "csrf", "A call by session needs the token of the page in X-CSRFToken.")


class IsSomebody(BasePermission):
    """Who nobody knows is asked for a key; what they may do is asked further in."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return request.auth is not None


class KeyLimits(BaseThrottle):
    """The limits of the key; RateLimited when the minute is used up."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        assert isinstance(view, Endpoint)
        operation = view.operation
        view.limits = check_api_limits(view.actor, writes=bool(operation and operation.writes))
        return True


class OnlyJson(BaseContentNegotiation):
    """Everything is answered with JSON, whatever the caller would like."""

    def select_parser(self, request: Request, parsers: Any) -> None:
        return None

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return JSONRenderer(), "application/json"


class Endpoint(APIView):
    """One path of the API with its operations by HTTP method."""

    authentication_classes = [KeyOrSession]
    permission_classes = [IsSomebody]
    throttle_classes = [KeyLimits]
    renderer_classes = [JSONRenderer]
    content_negotiation_class = OnlyJson

    operations: Mapping[str, Operation] = {}
    limits: LimitState | None = None

    @property
    def operation(self) -> Operation | None:
        """What this method of this path does, None when it does nothing here."""
        method = self.request.method or ""
        return self.operations.get("GET" if method == "HEAD" else method)

    @property
    def actor(self) -> Actor:
        """Who asks; there is somebody once `IsSomebody` has agreed."""
        found: Any = self.request.auth
        assert isinstance(found, Actor)
        return found

    @property
    def allowed_methods(self) -> list[str]:
        """The methods that this path answers to."""
        return methods_of(self.operations)

    def act(self, request: Request, **path: str) -> HttpResponse:
        """The answer of the operation that the method asks for."""
        operation = self.operation
        if operation is None:
            raise exceptions.MethodNotAllowed(request.method or "")
        if operation.by_person and self.actor.api_key_id is not None:
            raise NotAllowed(Issue("", "keys_not_by_key"))
        call = read_call(request._request, operation, self.actor, path)
        if operation.tells_secret and call.idempotency_key is not None:
            raise ValidationFailed(Issue(IDEMPOTENCY_KEY, "secret_not_kept"))
        answer, replayed = _answer(operation, call, request._request)
        return answered(request._request, answer, replayed=replayed)

    get = head = post = put = patch = delete = act

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        with translation.override("en"):
            return super().dispatch(request, *args, **kwargs)

    def handle_exception(self, exc: Exception) -> Any:
        """The response that tells what went wrong, in the one form of errors."""
        request: HttpRequest = self.request._request
        return failed(request, _failure(exc, request))

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response["Allow"] = ", ".join(self.allowed_methods)
        for name, value in self.limits.headers().items() if self.limits else ():
            response[name] = value
        return response


def methods_of(operations: Mapping[str, Operation]) -> list[str]:
    """The HTTP methods of a path, with those that come by themselves."""
    return [*operations, *(["HEAD"] if "GET" in operations else []), "OPTIONS"]


def _answer(operation: Operation, call: Call, request: HttpRequest) -> tuple[Answer, bool]:
    """The operation's answer, and whether it is that of an earlier call with the same Idempotency-Key."""
    if call.idempotency_key is None:
        return operation.run(call), False
    if call.dry_run:  # uses up no key, but says what would be wrong with it
        idempotency.check_key(call.idempotency_key)
        return operation.run(call), False
    body = {
        "method": request.method,
        "path": request.get_full_path(),
        "version": call.version,
        "body": call.body,
    }
    produce: Callable[[], dict[str, Any]] = lambda: operation.run(call).stored()  # noqa: E731 - named for its type
    stored, replayed = idempotency.once(call.actor, call.idempotency_key, body, produce)
    return Answer(**stored), replayed


def _failure(error: Exception, request: HttpRequest) -> Failure:
    match error:
        case ProductError():
            return failure_of(error, is_guarded=request.headers.get(IF_MATCH, "*") != "*")
        case Refused():
            return Failure(status=error.status, code=error.error, message=error.message)
        case BadJson():
            return Failure(status=400, code="malformed_json", message=f"The body is not JSON: {error}.")
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            headers = {"WWW-Authenticate": CHALLENGE}
            return Failure(status=401, code="unauthenticated", message=_WHERE_KEYS_ARE, headers=headers)
        case exceptions.MethodNotAllowed():
            message = f"This path does not answer to {request.method}."
            return Failure(status=405, code="method_not_allowed", message=message)
        case Http404():
            return Failure(status=404, code="not_found", message="There is nothing at this path.")
    request_id = str(getattr(request, "request_id", ""))
    logger.error("%s failed", request.method, exc_info=error, extra={"details": {"request": request_id}})
    message = f"Internal error, reference {request_id}"
    return Failure(status=500, code="internal", message=message)
