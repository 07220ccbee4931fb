"""Pages of accounts. The names `account_…` are those allauth reverses."""

from __future__ import annotations

from allauth.account import views as allauth_views
from django.urls import path, re_path

from accounts.views import preferences, sign_in

urlpatterns = [
    path("settings/", preferences.settings, name="settings"),
    path("settings/theme/", preferences.set_theme, name="settings_theme"),
    path("account/sign-in/", sign_in.SignIn.as_view(), name="account_login"),
    path("account/sign-out/", allauth_views.LogoutView.as_view(), name="account_logout"),
    path("account/sign-up/", allauth_views.SignupView.as_view(), name="account_signup"),
    path("account/inactive/", allauth_views.AccountInactiveView.as_view(), name="account_inactive"),
    path("account/password/change/", sign_in.ChangePassword.as_view(), name="account_change_password"),
    path("account/password/reset/", sign_in.RequestReset.as_view(), name="account_reset_password"),
    path(
        "account/password/reset/sent/",
        allauth_views.PasswordResetDoneView.as_view(),
        name="account_reset_password_done",
    ),
    path(
        "account/password/reset/done/",
        allauth_views.PasswordResetFromKeyDoneView.as_view(),
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^account/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        sign_in.SetNewPassword.as_view(),
        name="account_reset_password_from_key",
    ),
]
