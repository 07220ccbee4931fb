"""Accounts: companies, people, keys, sign-in, and the record of who did what."""

from __future__ import annotations

from django.apps import AppConfig, apps
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Registers the permission resources and sentences of this package."""

    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        from accounts.housekeeping import delete_expired_sessions
        from accounts.idempotency import delete_expired_requests
        from accounts.limits import delete_expired_windows
        from accounts.permissions import NO_ACCESS, Access, Resource, register_resource
        from accounts.sentences import SENTENCES
        from customermates.kernel import sentences
        from customermates.kernel.chores import CHORES

        own = Access("own", manage=True)
        register_resource(Resource("users", _("Users")))
        register_resource(Resource("company", _("Company")))
        # Keys never administer keys (domain §4), hence no key verbs. "own": everybody's own keys.
        register_resource(Resource("api", _("API keys"), has_own=True, key_verbs=(), member=own, reader=own))
        register_resource(
            Resource("auditLog", _("Audit log"), key_verbs=("read",), member=NO_ACCESS, reader=NO_ACCESS)
        )
        sentences.register(SENTENCES)
        register_settings()
        CHORES.register("delete expired idempotent requests", delete_expired_requests)
        CHORES.register("delete expired rate windows", delete_expired_windows)
        if apps.is_installed("django.contrib.sessions"):  # a worker has none
            CHORES.register("delete expired sessions", delete_expired_sessions)


def register_settings() -> None:
    """The pages of accounts join the settings."""
    from customermates.kernel.ui.navigation import SETTINGS, SettingsPage

    for page in (
        SettingsPage(url_name="settings_profile", label=_("Profile"), icon="circle-user", group="account"),
        SettingsPage(
            url_name="account_change_password", label=_("Password"), icon="shield-check", group="account"
        ),
        SettingsPage(
            url_name="api_keys",
            label=_("API keys"),
            icon="key-round",
            group="account",
            permission=("read", "api"),
        ),
        SettingsPage(
            url_name="members",
            label=_("Members"),
            icon="users",
            group="company",
            permission=("read", "users"),
        ),
    ):
        SETTINGS.register(page.url_name, page)
