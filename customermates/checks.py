"""System checks: what this installation lacks, each with an id and what to do about it.

Those about production run with `check --deploy`; a checkout on one's own machine is not nagged.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004 - Django's name

from customermates.environment import DERIVED

SECRET_LENGTH = 32  # characters; as long as the hash that uses it


@register(Tags.security)
def check_secret_lists(app_configs: Sequence[AppConfig] | None, **options: object) -> list[CheckMessage]:
    """Explicit peppers and field keys are long enough to be secrets."""
    return [
        Error(
            f"Number {number} of {name} is shorter than {SECRET_LENGTH} characters.",
            hint="Make one: python -c 'import secrets; print(secrets.token_urlsafe(48))'",
            id="customermates.E001",
        )
        for name in ("API_KEY_PEPPERS", "FIELD_KEYS")
        for number, secret in getattr(settings, name).items()
        if len(secret) < SECRET_LENGTH
    ]


@register(Tags.caches, deploy=True)
def check_shared_cache(app_configs: Sequence[AppConfig] | None, **options: object) -> list[CheckMessage]:
    """Limits per API key count calls of all processes together."""
    return [] if settings.CACHE_IS_SHARED else unshared_cache(settings.WEB_WORKERS)


def unshared_cache(workers: int) -> list[CheckMessage]:
    """The warning that each of `workers` processes counts API calls on its own; none for one process."""
    if workers <= 1:
        return []
    return [
        Warning(
            f"Each of {workers} web processes counts for itself, so a key gets {workers} times its limit.",
            hint="Set CACHE_URL (rediscache://…), or WEB_WORKERS=1.",
            id="customermates.W001",
        )
    ]


@register(Tags.security, deploy=True)
def check_base_url(app_configs: Sequence[AppConfig] | None, **options: object) -> list[CheckMessage]:
    """People reach a public installation by https, through a proxy that is trusted to say so."""
    if settings.BASE_URL_IS_LOOPBACK:
        return [
            Error(
                f"BASE_URL is {settings.BASE_URL}, which only this machine can reach.",
                hint="Set BASE_URL to the address people use, such as https://crm.example.com.",
                id="customermates.E002",
            )
        ]
    if not settings.SECURE_SSL_REDIRECT:
        return [
            Error(
                "BASE_URL is not https: passwords and API keys would travel in the open.",
                hint="Put a proxy that speaks TLS in front and set BASE_URL=https://….",
                id="customermates.E003",
            )
        ]
    if not settings.TRUSTED_PROXIES:
        return [
            Error(
                "BASE_URL is https but no proxy is trusted, so every request is redirected to https again.",
                hint="Set TRUSTED_PROXIES to the addresses of the proxy that ends TLS.",
                id="customermates.E004",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def check_own_secrets(app_configs: Sequence[AppConfig] | None, **options: object) -> list[CheckMessage]:
    """API keys and stored secrets survive a change of SECRET_KEY."""
    return [
        Warning(
            f"{name} is not set, so it is derived from SECRET_KEY: with a new SECRET_KEY, {lost}.",
            hint=f"Set {name}=1:… to a random text of {SECRET_LENGTH} or more characters and keep it.",
            id=id_,
        )
        for name, lost, id_ in (
            ("API_KEY_PEPPERS", "every API key stops working", "customermates.W002"),
            ("FIELD_KEYS", "stored secrets cannot be read any more", "customermates.W003"),
        )
        if max(getattr(settings, name)) == DERIVED
    ]


@register(Tags.security, deploy=True)
def check_mail(app_configs: Sequence[AppConfig] | None, **options: object) -> list[CheckMessage]:
    """People who forget their password can get a new one."""
    if settings.SENDS_MAIL:
        return []
    return [
        Warning(
            "No mail is sent, so nobody can reset a forgotten password.",
            hint="Set EMAIL_URL, such as smtp+tls://user:password@mail.example.com:587.",
            id="customermates.W004",
        )
    ]
