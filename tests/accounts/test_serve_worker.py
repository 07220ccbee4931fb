"""`customermates serve` sends webhooks, too, whatever happens to its worker; the worker stays small."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from customermates.serving import Child, _Running
from tests.accounts.installation import ROOT, Run
from tests.accounts.test_serve import free_port, wait_for
from tests.webhooks.receiver import Receiver, receiving

EMAIL = "olivia@northwind.example"
LOOPBACK = {"WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def children(pid: int) -> dict[str, int]:
    """The processes below `pid` on Linux: {"gunicorn" or "worker": its process id}."""
    found = {}
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
        found["worker" if b"worker" in words else "gunicorn"] = int(child)
    return found


def wait_until(is_so: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def create_contact(port: int, key: str) -> None:
    call = {"name": "create_contacts", "arguments": {"contacts": [{"firstName": "Ada"}]}}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    accept = "application/json, text/event-stream"
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", "Accept": accept}
    url = f"http://localhost:{port}/api/v1/mcp"
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - a URL of ours
        assert not json.load(answer)["result"]["isError"]


@pytest.mark.usefixtures("_northwind")
def test_a_change_reaches_the_receiver_even_after_the_worker_was_killed(
    run: Run, environment: dict[str, str], receiver: Receiver
) -> None:
    made = run(
        *("webhook", "create", "--email", EMAIL, "--url", receiver.url, "--events", "contact.created"),
        **LOOPBACK,
    )
    identity, secret = made.stdout.split()
    assert len(identity) == 36
    assert secret.startswith("whsec_")
    key = run("key", "create", "--email", EMAIL, "--name", "Test", "--preset", "full").stdout.strip()
    port = free_port()
    words = [sys.executable, "manage.py", "serve", "--port", str(port), "--threads", "2"]
    server = subprocess.Popen(words, cwd=ROOT, env={**environment, **LOOPBACK})
    try:
        wait_for(port)
        create_contact(port, key)
        wait_until(lambda: len(receiver.requests) == 1)
        old = children(server.pid)["worker"]
        os.kill(old, signal.SIGKILL)
        create_contact(port, key)
        wait_until(lambda: len({request.headers["webhook-id"] for request in receiver.requests}) == 2)
        assert children(server.pid)["worker"] != old
    finally:
        server.terminate()
        assert server.wait(timeout=30) == 0


@pytest.mark.usefixtures("_northwind")
def test_a_wrong_webhook_is_refused_in_one_sentence(run: Run) -> None:
    made = run(
        "webhook", "create", "--email", EMAIL, "--url", "https://10.0.0.1/", "--events", "deal.make,deal.*"
    )
    assert made.returncode == 1
    assert made.stdout == ""
    assert "There is no event deal.make." in made.stderr
    assert "WEBHOOK_ALLOWED_NETWORKS" in made.stderr
    assert "Traceback" not in made.stderr


@pytest.mark.usefixtures("_northwind")
def test_a_secret_that_was_typed_is_not_repeated(run: Run) -> None:
    typed = ("--secret", "glass otter hums")
    events = ("--events", "*")
    made = run("webhook", "create", "--email", EMAIL, "--url", "https://example.com/", *events, *typed)
    assert len(made.stdout.strip()) == 36


@pytest.mark.usefixtures("_northwind")
def test_a_worker_loads_nothing_of_doors_and_pages(environment: dict[str, str]) -> None:
    code = (
        "import sys; from customermates.cli import main; main(['customermates', 'worker', '--drain']);"
        "print(*sorted({name.split('.')[0] for name in sys.modules}), *sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "could not" not in done.stderr  # do a chore, say
    loaded = set(done.stdout.split())
    assert {"webhooks.worker", "h11", "django"} <= loaded
    unwanted = {
        "httpx",
        "rest_framework",
        "mcp",
        "allauth",
        "crm",
        "mcp_gateway",
        "gunicorn",
        "customermates.urls",
    }
    assert not loaded & unwanted


@pytest.mark.usefixtures("_northwind")
def test_housekeeping_knows_the_chores_of_all(run: Run) -> None:
    done = run("housekeep").stdout.splitlines()
    assert [line.partition(":")[0] for line in done] == [
        "delete expired idempotent requests",
        "delete expired rate windows",
        "delete expired sessions",
        "tell owners of paused webhooks",
        "delete old deliveries",
        "purge records",
        "purge custom columns",
    ]


def test_what_runs_now_and_then_starts_again_in_time_and_its_end_is_no_failure():
    running = _Running(Child("chores", [sys.executable, "-c", "raise SystemExit(3)"], every=3_600))
    assert running.look_after() is None  # its time has come
    assert running.process
    running.process.wait()
    before = time.monotonic()
    assert running.look_after() is None
    assert running.process is None
    assert running.starts_at >= before + 3_600
    assert running.look_after() is None
    assert running.process is None


def test_a_child_that_dies_again_and_again_is_started_less_and_less_often():
    running = _Running(Child("worker", [sys.executable, "-c", "raise SystemExit(3)"], restarts=True))
    running.start()
    waits = []
    for _ in range(3):
        assert running.process is not None
        running.process.wait(timeout=20)
        assert running.look_after() is None
        waits.append(running.patience)
        assert running.process is None
        running.starts_at = 0.0
        running.look_after()
    assert running.process is not None
    running.process.wait(timeout=20)
    assert waits == [2, 4, 8]  # seconds before the start after the next


def test_a_web_server_that_ends_ends_everybody():
    running = _Running(Child("web", [sys.executable, "-c", "raise SystemExit(4)"]))
    running.start()
    assert running.process is not None
    running.process.wait(timeout=20)
    assert running.look_after() == 4
