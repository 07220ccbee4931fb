"""Pages of accounts. The names `account_…` are those allauth reverses."""

from __future__ import annotations

from allauth.account import views as allauth_views
from django.urls import path, re_path

from accounts import views

urlpatterns = [
    path("", views.home, name="home"),
    path("account/sign-in/", views.SignIn.as_view(), name="account_login"),
    path("account/sign-out/", allauth_views.LogoutView.as_view(), name="account_logout"),
    path("account/sign-up/", allauth_views.SignupView.as_view(), name="account_signup"),
    path("account/inactive/", allauth_views.AccountInactiveView.as_view(), name="account_inactive"),
    path("account/password/change/", views.ChangePassword.as_view(), name="account_change_password"),
    path("account/password/reset/", views.RequestReset.as_view(), name="account_reset_password"),
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
        views.SetNewPassword.as_view(),
        name="account_reset_password_from_key",
    ),
]
