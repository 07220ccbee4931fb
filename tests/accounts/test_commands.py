from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from accounts.key_format import is_well_formed
from accounts.models import Company, User
from accounts.services import SAMPLE_DATA, change_status
from customermates.cli import main
from customermates.environment import base_address, numbered
from customermates.kernel.errors import Issue, ValidationFailed
from tests import people

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "glass otter hums at noon"
Run = Callable[..., "subprocess.CompletedProcess[str]"]

PRODUCTION = {
    "BASE_URL": "https://crm.example.com",
    "TRUSTED_PROXIES": "10.0.0.0/8",
    "SECRET_KEY": "k" * 10 + "abcdefghijklmnopqrstuvwxyz0123456789-_ABCDEFGHIJ",
    "API_KEY_PEPPERS": "1:0123456789abcdefghijklmnopqrstuvwxyz",
    "FIELD_KEYS": "1:zyxwvutsrqponmlkjihgfedcba9876543210",
    "EMAIL_URL": "smtp+tls://user:secret@mail.example.com:587",
}


def bare_environment(folder: Path) -> dict[str, str]:
    """A machine where nothing is set but the folder of the data."""
    kept = {
        name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "VIRTUAL_ENV"}
    }
    return {**kept, "CUSTOMERMATES_DATA_DIR": str(folder), "PYTHONWARNINGS": "error"}


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A machine with nothing on it yet."""
    return bare_environment(tmp_path / "data")


@pytest.fixture
def run(environment: dict[str, str]) -> Run:
    """Runs one command the way people do."""
    return runner(environment)


@pytest.fixture(scope="module")
def first_setup(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which `setup` has made Northwind; made once, because migrations take seconds."""
    folder = tmp_path_factory.mktemp("setup") / "data"
    assert "Northwind is ready" in setup(runner(bare_environment(folder)))
    return folder


@pytest.fixture
def _northwind(first_setup: Path, environment: dict[str, str]) -> None:
    """Northwind is set up on this machine."""
    shutil.copytree(first_setup, environment["CUSTOMERMATES_DATA_DIR"])


def runner(environment: dict[str, str]) -> Run:
    """Runs commands on the machine with this environment."""

    def command(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env={**environment, **variables},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return command


def setup(run: Run, company: str = "Northwind", email: str = "olivia@northwind.example") -> str:
    done = run("setup", "--company", company, "--email", email, "--password", PASSWORD)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.usefixtures("_northwind")
def test_from_setup_to_a_key_that_is_alone_on_stdout(run: Run) -> None:
    assert "nothing was changed" in setup(run)
    made = run("key", "create", "--email", "olivia@northwind.example", "--name", "Laptop")
    assert is_well_formed(made.stdout.removesuffix("\n"))


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[object, str]:
    """The exit code of a command run in this process, and what it said about it."""
    try:
        main(["customermates", *words])
    except SystemExit as end:
        return end.code, capsys.readouterr().err
    return 0, capsys.readouterr().out


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


def test_sqlite_waits_its_turn(run: Run) -> None:
    code = (
        "from django.db import connection as c; k = c.cursor();"
        "print(*[k.execute('PRAGMA ' + p).fetchone()[0] for p in"
        " ('journal_mode', 'synchronous', 'busy_timeout', 'foreign_keys')], c.transaction_mode)"
    )
    assert run("shell", "-v", "0", "-c", code).stdout.strip() == "wal 1 20000 1 IMMEDIATE"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> bytes:
    deadline = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
                return bytes(answer.read())
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


@pytest.mark.usefixtures("_northwind")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_serve_serves_until_it_is_ended_and_leaves_nobody_behind(
    environment: dict[str, str], how: signal.Signals
) -> None:
    port = free_port()
    words = [sys.executable, "manage.py", "serve", "--port", str(port), "--threads", "2"]
    server = subprocess.Popen(words, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    assert wait_for(port) == b'{"status": "ok"}'
    server.send_signal(how)
    assert server.wait(timeout=20) == (0 if how == signal.SIGTERM else -how)
    assert re.search(r"Serving http://localhost:8000 on 127.0.0.1:\d+", server.communicate()[0])
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return
        time.sleep(0.1)
    pytest.fail("somebody still listens")


def test_serve_says_what_is_missing(run: Run) -> None:
    failed = run("serve")
    assert failed.returncode == 1
    assert "not migrated" in failed.stderr


@pytest.mark.usefixtures("_northwind")
def test_serve_ends_with_an_error_when_its_port_is_taken(run: Run) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        assert run("serve", "--port", str(holder.getsockname()[1])).returncode == 1
