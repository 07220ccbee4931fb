from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from accounts.key_format import is_well_formed
from accounts.models import Company, User
from accounts.services import SAMPLE_DATA, change_status
from customermates.environment import base_address, numbered
from customermates.kernel.errors import Issue, ValidationFailed
from tests import people
from tests.accounts.installation import PASSWORD, ROOT, Run, said, setup

PRODUCTION = {
    "BASE_URL": "https://crm.example.com",
    "TRUSTED_PROXIES": "10.0.0.0/8",
    "SECRET_KEY": "k" * 10 + "abcdefghijklmnopqrstuvwxyz0123456789-_ABCDEFGHIJ",
    "API_KEY_PEPPERS": "1:0123456789abcdefghijklmnopqrstuvwxyz",
    "FIELD_KEYS": "1:zyxwvutsrqponmlkjihgfedcba9876543210",
    "EMAIL_URL": "smtp+tls://user:secret@mail.example.com:587",
}


@pytest.mark.usefixtures("_northwind")
def test_from_setup_to_a_key_that_is_alone_on_stdout(run: Run) -> None:
    assert "nothing was changed" in setup(run)
    made = run("key", "create", "--email", "olivia@northwind.example", "--name", "Laptop")
    assert is_well_formed(made.stdout.removesuffix("\n"))


@pytest.mark.django_db(transaction=True)
def test_wrong_commands_are_told_in_one_sentence(capsys: pytest.CaptureFixture[str], olivia: User) -> None:
    add, key = ("user", "add", "--password", PASSWORD), ("key", "create", "--name", "Laptop")
    new = ("setup", "--email", "a@b.example")
    for words, code, sentence in [
        (
            (*add, "--email", "max@northwind.example", "--role", "member"),
            0,
            "can sign in to Northwind Trading",
        ),
        ((*add, "--email", "max@northwind.example", "--role", "member"), 1, "exists already"),
        ((*add, "--email", "max", "--role", "member"), 1, "not an e-mail address"),
        ((*add, "--email", "a@b.example", "--role", "member", "--company", "Nope"), 1, "no company named"),
        ((*add, "--email", "a@b.example", "--role", "boss"), 2, "invalid choice: 'boss'"),
        ((*key, "--email", "nobody@northwind.example"), 1, "There is no user"),
        ((*key, "--email", olivia.email, "--preset", "all"), 2, "invalid choice: 'all'"),
        ((*new, "--company", "Northwind Trading", "--password", PASSWORD), 1, "exists already"),
        ((*new, "--company", "Eastwind", "--password", "12345"), 1, "too short"),
        ((*new, "--company", "Southwind", "--password", PASSWORD), 0, "Southwind is ready"),
        ((*add, "--email", "c@d.example", "--role", "member"), 1, "choose one with --company"),
        (("serve", "--workers", "0"), 1, "at least one worker"),
        (("serve", "--port", "99999"), 1, "from 1 to 65535"),
    ]:
        told = said(capsys, *words)
        assert told[0] == code, told
        assert sentence in told[1]
        assert "Traceback" not in told[1]


@pytest.mark.django_db(transaction=True)
def test_a_readers_agent_key_only_reads(capsys: pytest.CaptureFixture[str], olivia: User, rita: User) -> None:
    assert said(capsys, "key", "create", "--email", rita.email, "--name", "Agent")[0] == 0
    assert all(scope.endswith(":read") for scope in rita.api_keys.get().scopes)
    change_status(people.signed_in(olivia), rita.pk, status="inactive")
    code, sentence = said(capsys, "key", "create", "--email", rita.email, "--name", "Agent")
    assert code == 1
    assert "is not active" in sentence


@pytest.mark.django_db(transaction=True)
def test_a_key_offers_the_toolsets_that_were_asked_for(
    capsys: pytest.CaptureFixture[str], olivia: User
) -> None:
    words = ("key", "create", "--email", olivia.email, "--name", "Agent")
    assert said(capsys, *words, "--toolset", "core", "--toolset", "history")[0] == 0
    assert olivia.api_keys.get().toolsets == ["core", "history"]
    code, sentence = said(capsys, *words, "--toolset", "cor")
    assert code == 2
    assert "invalid choice: 'cor' (choose from 'core', 'records'" in sentence
    assert said(capsys, *words)[0] == 0
    assert [key.toolsets for key in olivia.api_keys.order_by("id")] == [["core", "history"], []]


@pytest.mark.django_db(transaction=True)
def test_setup_tells_the_next_steps_and_they_work(capsys: pytest.CaptureFixture[str]) -> None:
    names = ("--name", "Eastwind", "--first-name", "Eva", "--last-name", "East")
    code, told = said(capsys, "setup", *names, "--email", "eva@eastwind.example", "--password", PASSWORD)
    assert code == 0
    eva = User.objects.get()
    assert (eva.company.name, eva.first_name, eva.last_name) == ("Eastwind", "Eva", "East")
    assert "sign in at http://localhost:8000:" in told
    assert "http customermates http://localhost:8000/api/v1/mcp --header" in told
    commands = [shlex.split(line)[1:] for line in told.splitlines() if line.startswith("  customermates ")]
    assert [words[0] for words in commands] == ["serve", "key"]
    assert said(capsys, *commands[1])[0] == 0
    assert eva.api_keys.get().name == "My agent"


@pytest.mark.django_db(transaction=True)
def test_sample_data_comes_with_the_company_or_neither_comes(capsys: pytest.CaptureFixture[str]) -> None:
    def fail(_: object) -> None:
        raise ValidationFailed(Issue("", "required"))

    SAMPLE_DATA.register("failing", fail)
    try:
        words = ("setup", "--company", "Eastwind", "--email", "eva@eastwind.example", "--password", PASSWORD)
        assert said(capsys, *words, "--sample-data")[0] == 1
        assert not Company.objects.exists()
        assert said(capsys, *words)[0] == 0
    finally:
        SAMPLE_DATA.unregister("failing")


def test_secrets_are_kept_from_other_people_on_the_machine(run: Run, environment: dict[str, str]) -> None:
    assert run("check").returncode == 0
    folder = Path(environment["CUSTOMERMATES_DATA_DIR"])
    first = (folder / "secret_key").read_text()
    assert (folder / "secret_key").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert run("check").returncode == 0
    assert (folder / "secret_key").read_text() == first
    assert [path.name for path in folder.iterdir()] == ["secret_key"]


def test_processes_that_start_at_once_agree_on_the_secret(environment: dict[str, str]) -> None:
    code = "from customermates import settings; print(settings.SECRET_KEY)"
    starts = [
        subprocess.Popen(
            [sys.executable, "-c", code], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
        )
        for _ in range(6)
    ]
    assert len({start.communicate(timeout=60)[0] for start in starts}) == 1


def test_a_production_environment_has_nothing_to_complain_about(run: Run) -> None:
    checked = run("check", "--deploy", "--fail-level", "INFO", **PRODUCTION)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({}, None),
        ({"BASE_URL_IS_LOOPBACK": True}, "customermates.E002"),
        ({"SECURE_SSL_REDIRECT": False}, "customermates.E003"),
        ({"TRUSTED_PROXIES": []}, "customermates.E004"),
        ({"API_KEY_PEPPERS": {0: "x" * 64, 1: "short"}}, "customermates.E001"),
        ({"API_KEY_PEPPERS": {0: "x" * 64}}, "customermates.W002"),
        ({"FIELD_KEYS": {0: "x" * 64}}, "customermates.W003"),
        ({"SENDS_MAIL": False}, "customermates.W004"),
        ({"WEB_WORKERS": 4}, "customermates.W001"),
        ({"WEB_WORKERS": 4, "CACHE_IS_SHARED": True}, None),
    ],
)
def test_what_production_lacks_is_named(
    settings: Settings, changes: dict[str, object], complaint: str | None
) -> None:
    good = {
        "BASE_URL_IS_LOOPBACK": False,
        "SECURE_SSL_REDIRECT": True,
        "TRUSTED_PROXIES": ["10.0.0.0/8"],
        "API_KEY_PEPPERS": {0: "x" * 64, 1: "y" * 40},
        "FIELD_KEYS": {0: "x" * 64, 1: "y" * 40},
        "WEB_WORKERS": 1,
        "CACHE_IS_SHARED": False,
    }
    for name, value in {**good, **changes}.items():
        setattr(settings, name, value)
    found = [
        message.id
        for message in run_checks(include_deployment_checks=True)
        if "customermates" in str(message.id)
    ]
    assert found == ([complaint] if complaint else [])


@pytest.mark.parametrize(
    "url", ["crm.example.com", "ftp://crm.example.com", "https://crm.example.com/crm", ""]
)
def test_a_base_url_is_an_address_without_a_path(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="BASE_URL must look like"):
        base_address(url)


@pytest.mark.parametrize("text", ["secret", "1:", "0:zero is the derived one", "-1:x", "1:a,1:b", "99999:x"])
def test_a_malformed_list_of_secrets_is_told_so(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="API_KEY_PEPPERS"):
        numbered("API_KEY_PEPPERS", text, secret_key="s")


def test_a_list_of_secrets_keeps_the_derived_one() -> None:
    derived = numbered("API_KEY_PEPPERS", "", secret_key="s")
    assert numbered("API_KEY_PEPPERS", "1:a, 7:b:c", secret_key="s") == {**derived, 1: "a", 7: "b:c"}
    assert numbered("FIELD_KEYS", "", secret_key="s") != derived


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("TRUSTED_PROXIES", "everybody", "TRUSTED_PROXIES"),
        ("DATABASE_URL", "postgres://x:y@127.0.0.1:1/z", "customermates: connection"),
    ],
)
def test_a_wrong_environment_is_one_sentence(run: Run, variable: str, value: str, sentence: str) -> None:
    failed = run("migrate", **{variable: value})
    assert failed.returncode == 1
    assert sentence in failed.stderr
    assert "Traceback" not in failed.stderr


def test_https_brings_secure_cookies_and_hsts(run: Run) -> None:
    code = (
        "from django.conf import settings as s;"
        "print(s.ALLOWED_HOSTS, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS,"
        " s.SECURE_SSL_REDIRECT, s.CSRF_TRUSTED_ORIGINS, s.EMAIL_USE_TLS)"
    )
    shown = run("shell", "-v", "0", "-c", code, **PRODUCTION).stdout
    assert shown.strip() == "['crm.example.com'] True True 31536000 True ['https://crm.example.com'] True"
