"""Sign-in, passwords and the start page; everything that decides something lies below."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from allauth.account import views as allauth_views
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import limits
from accounts.models import ApiKey, User
from customermates.kernel.errors import RateLimited
from customermates.kernel.middleware import client_address

MCP_PATH = "/api/v1/mcp"  # where mcp_gateway answers; shown here, decided there


@require_safe
@never_cache
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Who you are, your company, your keys, and the lines that connect an agent."""
    user = request.user
    assert isinstance(user, User)
    context = {
        "person": user,
        "keys": ApiKey.objects.filter(company_id=user.company_id, user=user).order_by("-id"),
        "now": timezone.now(),
        "mcp_url": f"{settings.BASE_URL}{MCP_PATH}",
    }
    return render(request, "account/home.html", context)


class LimitedView:
    """A view whose exhausted limits are a page with status 429 that says when to try again."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]  # a view
        except RateLimited as error:
            return too_many_requests(request, error.retry_after_seconds)
        return response


class SignIn(LimitedView, allauth_views.LoginView):  # type: ignore[misc]  # allauth ships no types
    """E-mail and password; the adapter counts the tries."""


class RequestReset(LimitedView, allauth_views.PasswordResetView):  # type: ignore[misc]
    """A link by mail; the answer is the same whether or not the address is known."""

    def form_valid(self, form: Any) -> HttpResponse:
        limits.count_try(limits.RESET_BY_ADDRESS, limits.address_subject(client_address(self.request)))
        limits.count_try(limits.RESET_BY_ACCOUNT, form.cleaned_data["email"])
        response: HttpResponse = super().form_valid(form)
        return response

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return {**super().get_context_data(**context), "sends_mail": settings.SENDS_MAIL}


@method_decorator(never_cache, name="dispatch")
class SetNewPassword(LimitedView, allauth_views.PasswordResetFromKeyView):  # type: ignore[misc]
    """The page behind the mailed link."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            limits.count_try(limits.NEW_PASSWORD_BY_ADDRESS, limits.address_subject(client_address(request)))
        except RateLimited as error:
            return too_many_requests(request, error.retry_after_seconds)
        return super().dispatch(request, *args, **kwargs)


@method_decorator(never_cache, name="dispatch")
class ChangePassword(LimitedView, allauth_views.PasswordChangeView):  # type: ignore[misc]
    """A new password for who knows the old one; tries are limited, a session may be stolen."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        limits.count_try(limits.PASSWORD_CHANGE_BY_USER, str(request.user.pk))
        response: HttpResponse = super().post(request, *args, **kwargs)
        return response


def too_many_requests(request: HttpRequest, retry_after_seconds: int) -> HttpResponse:
    """The 429 page, with the time to wait in words and in `Retry-After` (RFC 9110 §10.2.3)."""
    response = render(
        request, "429.html", {"retry_after_seconds": retry_after_seconds}, status=HTTPStatus.TOO_MANY_REQUESTS
    )
    response["Retry-After"] = str(retry_after_seconds)
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The 400 page; it takes nothing from the request, which may be anything."""
    return render(request, "400.html", status=HTTPStatus.BAD_REQUEST)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The 403 page."""
    return render(request, "403.html", status=HTTPStatus.FORBIDDEN)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The 404 page."""
    return render(request, "404.html", status=HTTPStatus.NOT_FOUND)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The 403 page for a form whose token does not fit."""
    return render(request, "403_csrf.html", status=HTTPStatus.FORBIDDEN)


def server_error(request: HttpRequest) -> HttpResponse:
    """The 500 page with the id under which the failure is logged.

    Rendered without the request: what failed may be the database that holds the session.
    """
    page = render_to_string("500.html", {"reference": getattr(request, "request_id", "")})
    return HttpResponse(page, status=HTTPStatus.INTERNAL_SERVER_ERROR)
