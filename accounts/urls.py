"""Pages of accounts. The names `account_…` are those allauth reverses."""

from __future__ import annotations

from allauth.account import views as allauth_views
from django.urls import path, re_path

from accounts.pages import page
from accounts.views import first_run, keys, members, preferences, profile, sign_in

urlpatterns = [
    path("settings/", preferences.settings, name="settings"),
    path("settings/theme/", preferences.set_theme, name="settings_theme"),
    path("settings/profile/", profile.profile, name="settings_profile"),
    path("settings/password/", page(sign_in.ChangePassword.as_view()), name="account_change_password"),
    path("settings/keys/", keys.keys, name="api_keys"),
    path("settings/keys/new/", keys.create, name="api_key_create"),
    path("settings/keys/<uuid:key_id>/rename/", keys.rename, name="api_key_rename"),
    path("settings/keys/<uuid:key_id>/rotate/", keys.rotate, name="api_key_rotate"),
    path("settings/keys/<uuid:key_id>/revoke/", keys.revoke, name="api_key_revoke"),
    path("settings/members/", members.members, name="members"),
    path("settings/members/new/", members.add, name="member_add"),
    path("settings/members/<uuid:user_id>/role/", members.role, name="member_role"),
    path("settings/members/<uuid:user_id>/deactivate/", members.deactivate, name="member_deactivate"),
    path("settings/members/<uuid:user_id>/activate/", members.activate, name="member_activate"),
    path("settings/members/<uuid:user_id>/link/", members.link, name="member_link"),
    path("welcome/", first_run.welcome, name="first_run"),
    path("account/sign-in/", sign_in.SignIn.as_view(), name="account_login"),
    path("account/sign-out/", allauth_views.LogoutView.as_view(), name="account_logout"),
    path("account/sign-up/", allauth_views.SignupView.as_view(), name="account_signup"),
    path("account/inactive/", allauth_views.AccountInactiveView.as_view(), name="account_inactive"),
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
