"""`customermates serve`: where it answers, what it keeps, and how it ends."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.test import RequestFactory

from accounts.first_run import setup_code
from accounts.models import Company, User
from customermates.cli import main
from customermates.environment import base_address
from customermates.management.commands.serve import gather_statistics, invitation
from customermates.serving import Child, base_url
from tests.accounts.installation import ROOT, Run


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


def refusal(url: str) -> str:
    """What the MCP endpoint tells somebody without a key."""
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{url}/api/v1/mcp", b"{}", timeout=60)  # noqa: S310 - a URL of ours
    return str(json.load(refused.value)["message"])


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
    assert f"API keys are made at http://localhost:{port}/" in refusal(f"http://localhost:{port}")
    server.send_signal(how)
    assert server.wait(timeout=20) == (0 if how == signal.SIGTERM else -how)
    assert f"Serving http://localhost:{port} on 127.0.0.1:{port};" in server.communicate()[0]
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return
        time.sleep(0.1)
    pytest.fail("somebody still listens")


@pytest.mark.parametrize(
    ("host", "port", "url"),
    [
        ("127.0.0.1", 8000, "http://localhost:8000"),
        ("0.0.0.0", 8080, "http://localhost:8080"),  # noqa: S104 - binds nothing
        ("::", 9000, "http://localhost:9000"),
        ("localhost", 80, "http://localhost"),
        ("192.0.2.7", 8000, "http://192.0.2.7:8000"),
        ("2001:db8::7", 8000, "http://[2001:db8::7]:8000"),
        ("127.0.0.2", 8000, "http://127.0.0.2:8000"),
    ],
)
def test_where_it_is_reached_follows_from_where_it_listens(host: str, port: int, url: str) -> None:
    assert base_url(host, port) == url
    base_address(url)


@pytest.fixture
def serve(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Runs `serve` as far as its web processes would start; gives what it said on both streams."""
    monkeypatch.setattr("customermates.management.commands.serve.supervise", lambda _children: 0)
    # Close nothing: the tests' own connection is one of them.
    monkeypatch.setattr("customermates.management.commands.serve.connections.close_all", lambda: None)

    def command(*words: str) -> str:
        with pytest.raises(SystemExit):
            main(["customermates", "serve", *words])
        said = capsys.readouterr()
        return said.out + said.err

    return command


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "told", "warned"),
    [
        ("", "Serving http://localhost:8123 on [::]:8123", True),
        ("https://crm.example.com", "Serving https://crm.example.com on [::]:8123", False),
    ],
)
def test_a_base_url_that_is_set_wins(
    serve: Callable[..., str], monkeypatch: pytest.MonkeyPatch, given: str, told: str, warned: bool
) -> None:
    monkeypatch.setenv("BASE_URL", given)
    if not given:
        monkeypatch.delenv("BASE_URL")
    said = serve("--host", "::", "--port", "8123")
    assert told in said
    assert ("Only this machine is answered" in said) == warned


@pytest.mark.django_db
def test_a_machine_for_pages_alone_starts_no_worker(
    serve: Callable[..., str], monkeypatch: pytest.MonkeyPatch
):
    started: list[list[str]] = []

    def supervise(children: list[Child]) -> int:
        started.append([child.name for child in children])
        return 0

    monkeypatch.setattr("customermates.management.commands.serve.supervise", supervise)
    serve("--port", "8123")
    serve("--port", "8123", "--no-worker")
    assert started == [["web", "worker", "housekeeping"], ["web", "housekeeping"]]


@pytest.mark.django_db
def test_the_planner_knows_large_tables_and_forgets_small_ones(company: Company) -> None:
    """A company that was small when `serve` started would read all links for each page later on."""
    User.objects.bulk_create(
        User(company=company, role=company.roles.first(), email=f"{number}@northwind.example")
        for number in range(30)
    )
    gather_statistics(large=20)
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tbl FROM sqlite_stat1")
        known = {name for (name,) in cursor.fetchall()}
    assert "accounts_user" in known
    assert "accounts_company" not in known


@pytest.mark.django_db(transaction=True)
def test_requests_share_a_connection() -> None:
    """Opening one cost a request on SQLite as much as all its work."""
    application = get_wsgi_application()

    def ask() -> object:
        request = RequestFactory().get("/health")
        response = application(request.environ, lambda *_: lambda _: None)
        assert b"".join(response) == b'{"status": "ok"}'
        response.close()  # as a server does at the end; here connections would be closed
        return connection.connection

    connection.close()
    first = ask()
    assert first is not None
    assert ask() is first
    connection.close()


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


@pytest.mark.parametrize(
    ("url", "host", "is_asked"),
    [
        ("http://localhost:8000", "127.0.0.1", False),
        ("http://localhost:8000", "0.0.0.0", True),  # noqa: S104 - others may come
        ("https://crm.example.com", "127.0.0.1", True),  # through a proxy
    ],
)
def test_the_code_is_printed_only_where_it_is_asked(url: str, host: str, is_asked: bool) -> None:
    assert (setup_code() in invitation(url, host)) is is_asked
