"""Every setting, from the environment, with defaults that are safe to start with.

`.env.example` explains the variables; `customermates.checks` says what production lacks.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from customermates.environment import base_address, networks, numbered, secret_from

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.str("CUSTOMERMATES_DATA_DIR", default=str(BASE_DIR / "var"))).resolve()

# --- Secrets ---------------------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or secret_from(DATA_DIR / "secret_key")
# {number: secret}; new values use the highest number, old ones stay readable as long as theirs is here.
API_KEY_PEPPERS = numbered("API_KEY_PEPPERS", env.str("API_KEY_PEPPERS", default=""), secret_key=SECRET_KEY)
FIELD_KEYS = numbered("FIELD_KEYS", env.str("FIELD_KEYS", default=""), secret_key=SECRET_KEY)

# --- Where it is reached ---------------------------------------------------------------------------

BASE_URL = env.str("BASE_URL", default="http://localhost:8000").rstrip("/")
_scheme, _host, BASE_URL_IS_LOOPBACK = base_address(BASE_URL)
_https = _scheme == "https"
_loopback_hosts = ["localhost", "127.0.0.1", "[::1]"] if BASE_URL_IS_LOOPBACK else []
ALLOWED_HOSTS = [f"[{_host}]" if ":" in _host else _host, *_loopback_hosts]
CSRF_TRUSTED_ORIGINS = [BASE_URL]
CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])
TRUSTED_PROXIES = networks("TRUSTED_PROXIES", env.list("TRUSTED_PROXIES", default=[]))
# Believed only from TRUSTED_PROXIES: kernel.middleware.proxy_headers removes it from anyone else.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = _https
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _https
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "accounts.views.refusals.csrf_failure"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
# HSTS preloading binds a whole domain for years: its owner's choice, not this product's.
SILENCED_SYSTEM_CHECKS = ["security.W021"]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

# --- Database and cache ----------------------------------------------------------------------------

SQLITE = "customermates.kernel.sqlite"  # Django's backend, with fairer waiting


def _database(url: str) -> dict[str, Any]:
    """The connection settings for `url`; what they are for is in docs and research, measured there."""
    config: dict[str, Any] = env.db_url_config(url)
    if config["ENGINE"] == "django.db.backends.sqlite3":
        config["ENGINE"] = SQLITE
        # IMMEDIATE: a transaction that reads and then writes takes its lock at once and waits its
        # turn, instead of dying when two of them upgrade. 20 s is longer than any writer holds it.
        sqlite = {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
        config["OPTIONS"] = sqlite | config.get("OPTIONS", {})
    else:
        config.setdefault("CONN_HEALTH_CHECKS", True)  # survives a restart of the database
    # One connection per server thread, kept: opening a file, its pragmas and its schema cost a request
    # on SQLite as much again as its work.
    config.setdefault("CONN_MAX_AGE", 600)
    return config


DATABASES = {
    "default": _database(env.str("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'customermates.sqlite3'}"))
}
IS_SQLITE = DATABASES["default"]["ENGINE"] == SQLITE
if IS_SQLITE and "memory" not in str(DATABASES["default"]["NAME"]):
    Path(DATABASES["default"]["NAME"]).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {"default": env.cache_url("CACHE_URL", default="locmemcache://")}
CACHE_IS_SHARED = not CACHES["default"]["BACKEND"].endswith("LocMemCache")
if not CACHE_IS_SHARED:
    # Rate limits count here; Django's default of 300 entries would forget counters.
    CACHES["default"].setdefault("OPTIONS", {})["MAX_ENTRIES"] = 100_000

# SQLite has one writer, so one process with many threads serves it best.
WEB_WORKERS = env.int("WEB_WORKERS", default=1 if IS_SQLITE else 2)
WEB_THREADS = env.int("WEB_THREADS", default=16)

# --- Application -----------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",  # so that FORM_RENDERER finds the templates of Django's own controls
    "allauth",
    "allauth.account",
    "csp",
    "rest_framework",
    "drf_spectacular_sidecar",  # the files of the API reference
    "customermates",
    "accounts",
    "webhooks",
    "crm",
    "mcp_gateway",
]

MIDDLEWARE = [
    "customermates.kernel.middleware.request_identity",
    "customermates.health.health_check",  # before hosts and redirects: balancers ask by address
    "customermates.kernel.middleware.proxy_headers",
    "django.middleware.security.SecurityMiddleware",
    "customermates.kernel.middleware.security_headers",
    "csp.middleware.CSPMiddleware",
    "customermates.static_files.StaticFiles",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.preferences",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "customermates.kernel.ui.toasts.toast_headers",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "customermates.urls"
WSGI_APPLICATION = "customermates.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.shell.shell",
            ],
            "builtins": ["customermates.kernel.ui.template_tags"],
        },
    }
]

FORM_RENDERER = "customermates.kernel.ui.forms.Renderer"

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
# `collectstatic` writes the manifest; without it (a checkout) files come straight from the finders.
_has_manifest = (STATIC_ROOT / "staticfiles.json").exists()
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if _has_manifest
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not _has_manifest
WHITENOISE_AUTOREFRESH = DEBUG

# --- People ----------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.EmailBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = int(timedelta(hours=24).total_seconds())
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"

ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.sign_in_forms.SignInForm",
    "reset_password": "accounts.sign_in_forms.RequestResetForm",
    "reset_password_from_key": "accounts.sign_in_forms.NewPasswordForm",
    "change_password": "accounts.sign_in_forms.ChangePasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # people are made by administrators, who vouch for the address
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_RATE_LIMITS = False  # ours count across processes: accounts.limits
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _scheme

REST_FRAMEWORK = {
    # Closed: an endpoint opens itself, and keys are the business of accounts.authentication.
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "accounts.api.document.OperationSchema",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Customermates API",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "DESCRIPTION": "Contacts, organizations, deals, services and tasks over HTTP. docs/rest.md tells the "
    "rules that all calls share: authentication, errors, pages, retries and concurrency.",
    "LICENSE": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    "POSTPROCESSING_HOOKS": [],
}

API_CALLS_PER_MINUTE = env.int("API_CALLS_PER_MINUTE", default=1200)  # per key; 0 is no limit
API_WRITES_PER_MINUTE = env.int("API_WRITES_PER_MINUTE", default=300)
WEBHOOK_ALLOWED_NETWORKS = networks(
    "WEBHOOK_ALLOWED_NETWORKS", env.list("WEBHOOK_ALLOWED_NETWORKS", default=[])
)
WEBHOOK_RETENTION_DAYS = env.int("WEBHOOK_RETENTION_DAYS", default=30)  # of deliveries, attempts and bodies

# --- Mail ------------------------------------------------------------------------------------------

_mail_url = env.str("EMAIL_URL", default="")
SENDS_MAIL = bool(_mail_url) or BASE_URL_IS_LOOPBACK or DEBUG
# On one's own machine mail is printed. Elsewhere it never is: a reset link in a log is a way in.
_mail = env.email_url_config(_mail_url or ("consolemail://" if SENDS_MAIL else "dummymail://"))
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_HOST = _mail.get("EMAIL_HOST") or "localhost"
EMAIL_PORT = _mail.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = _mail.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = _mail.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = bool(_mail.get("EMAIL_USE_TLS"))
EMAIL_USE_SSL = bool(_mail.get("EMAIL_USE_SSL"))
EMAIL_FILE_PATH = _mail.get("EMAIL_FILE_PATH")
EMAIL_TIMEOUT = 10  # a dead mail server must not hold a request
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"Customermates <noreply@{_host}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- Language, time, logs --------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("de", _("German"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "customermates.kernel.logs.LineFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        # Its 4xx lines carry paths; customermates.request logs every answer with its route instead.
        "django.request": {"handlers": [], "level": "ERROR", "propagate": True},
        "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
    },
}
