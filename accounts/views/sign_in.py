"""Sign-in and passwords; everything that decides something lies below."""

from __future__ import annotations

from typing import Any

from allauth.account import views as allauth_views
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from accounts import first_run, limits
from accounts.models import User
from accounts.views.refusals import too_many_requests
from customermates.kernel.errors import RateLimited
from customermates.kernel.middleware import client_address


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

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if first_run.is_needed():
            return redirect("first_run")
        response: HttpResponse = super().get(request, *args, **kwargs)
        return response


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

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """With `invited`, the person, when it is their first password: then the page welcomes them."""
        user: User | None = getattr(self, "reset_user", None)
        is_new = user is not None and user.last_login is None and not user.has_usable_password()
        return {**super().get_context_data(**context), "invited": user if is_new else None}


@method_decorator(never_cache, name="dispatch")
class ChangePassword(LimitedView, allauth_views.PasswordChangeView):  # type: ignore[misc]
    """A new password for who knows the old one; tries are limited, a session may be stolen."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        limits.count_try(limits.PASSWORD_CHANGE_BY_USER, str(request.user.pk))
        response: HttpResponse = super().post(request, *args, **kwargs)
        return response
