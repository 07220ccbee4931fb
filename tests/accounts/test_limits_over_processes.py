"""The limits on passwords hold over four servers that share nothing but the database."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.db import connection

from accounts import limits
from accounts.limits import TryLimit
from accounts.models import User
from customermates.serving import web_server
from tests.accounts.installation import ROOT
from tests.accounts.test_serve import free_port, wait_for
from tests.people import PASSWORD

SERVERS = 4
TRIES = 60  # more than any limit
AT_ONCE = 12
WRONG = "guess"

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True)
class Answer:
    """What a server said."""

    status: int
    text: str
    retry_after: str | None


@dataclass
class Servers:
    """Servers in processes of their own, and the log of all of them."""

    ports: list[int]
    log: Path

    def post(self, path: str, form: dict[str, str], *, address: str, at: int) -> Answer:
        """`form` sent by somebody at `address` to server number `at`; the page before gives the token."""
        talk = http.client.HTTPConnection("localhost", self.ports[at % SERVERS], timeout=60)
        headers = {"X-Forwarded-For": address}
        try:
            talk.request("GET", path, headers=headers)
            page = talk.getresponse()
            cookie = str(page.headers["Set-Cookie"]).partition(";")[0]
            token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.read().decode())
            assert token, page.status
            body = urlencode({"csrfmiddlewaretoken": token[1], **form})
            headers |= {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
            talk.request("POST", path, body, headers)
            answer = talk.getresponse()
            return Answer(answer.status, answer.read().decode(), answer.headers["Retry-After"])
        finally:
            talk.close()


@pytest.fixture
def servers(olivia: User, tmp_path: Path) -> Iterator[Servers]:
    """Four servers on the database of this test."""
    url = f"sqlite:///{connection.settings_dict['NAME']}"
    if connection.vendor == "postgresql":
        url = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**connection.settings_dict)
    # Behind a proxy that is trusted, so that one machine can be many clients.
    environment = {**os.environ, "DATABASE_URL": url, "TRUSTED_PROXIES": "127.0.0.0/8,::1/128"}
    environment |= {"BASE_URL": "http://localhost", "DJANGO_SETTINGS_MODULE": "customermates.settings"}
    ports, log = [free_port() for _ in range(SERVERS)], tmp_path / "servers.log"
    with log.open("w") as out:
        running = [
            subprocess.Popen(
                web_server(host="127.0.0.1", port=port, workers=1, threads=4).command,
                cwd=ROOT,
                env=environment,
                stdout=out,
                stderr=out,
            )
            for port in ports
        ]
        try:
            for port in ports:
                wait_for(port)
            yield Servers(ports, log)
        finally:
            for process in running:
                process.send_signal(signal.SIGTERM)
            for process in running:
                process.wait(timeout=30)


def within_one_window(limit: TryLimit, hammer: Callable[[str], list[Answer]]) -> list[Answer]:
    """The answers of a run that the clock did not cut in two; each run is about somebody else."""
    for run in range(3):
        window = int(time.time()) // limit.seconds
        answers = hammer(f"run{run}")
        if int(time.time()) // limit.seconds == window:
            return answers
    pytest.fail("no run fits into a window")


def at_once(ask: Callable[[int], Answer]) -> list[Answer]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(ask, range(TRIES)))


def sign_in(servers: Servers, n: int, *, account: str, address: str, password: str = WRONG) -> Answer:
    form = {"login": account, "password": password}
    return servers.post("/account/sign-in/", form, address=address, at=n)


def ask_for_reset(servers: Servers, n: int, *, account: str, address: str) -> Answer:
    return servers.post("/account/password/reset/", {"email": account}, address=address, at=n)


def statuses(answers: list[Answer]) -> dict[int, int]:
    return dict(Counter(answer.status for answer in answers))


def test_four_servers_allow_together_what_one_would(servers: Servers, olivia: User) -> None:
    assert statuses(wrong_passwords_of_one_account(servers)) == {200: 5, 429: TRIES - 5}
    assert statuses(wrong_passwords_from_one_address(servers)) == {200: 30, 429: TRIES - 30}
    assert statuses(resets_of_one_account(servers)) == {302: 5, 429: TRIES - 5}
    assert statuses(resets_from_one_address(servers)) == {302: 20, 429: TRIES - 20}
    late = right_passwords_after_wrong_ones(servers, olivia)
    assert statuses(late) == {429: SERVERS}
    for answer in late:
        assert "Too many tries" in answer.text
        assert 0 < int(str(answer.retry_after)) <= limits.SIGN_IN_FAILURES.seconds
    assert sign_in(servers, 0, account="max@northwind.example", address="10.6.0.2").status == 200
    assert "locked" not in servers.log.read_text()
    assert "Traceback" not in servers.log.read_text()


def wrong_passwords_of_one_account(servers: Servers) -> list[Answer]:
    def hammer(run: str) -> list[Answer]:
        account = f"{run}@northwind.example"
        return at_once(lambda n: sign_in(servers, n, account=account, address=f"10.1.0.{n}"))

    return within_one_window(limits.SIGN_IN_FAILURES, hammer)


def wrong_passwords_from_one_address(servers: Servers) -> list[Answer]:
    def hammer(run: str) -> list[Answer]:
        address = f"10.2.0.{run[-1]}"
        return at_once(lambda n: sign_in(servers, n, account=f"{n}{run}@a.example", address=address))

    return within_one_window(limits.SIGN_IN_BY_ADDRESS, hammer)


def resets_of_one_account(servers: Servers) -> list[Answer]:
    def hammer(run: str) -> list[Answer]:
        account = f"{run}@northwind.example"
        return at_once(lambda n: ask_for_reset(servers, n, account=account, address=f"10.3.0.{n}"))

    return within_one_window(limits.RESET_BY_ACCOUNT, hammer)


def resets_from_one_address(servers: Servers) -> list[Answer]:
    def hammer(run: str) -> list[Answer]:
        address = f"10.4.0.{run[-1]}"
        return at_once(lambda n: ask_for_reset(servers, n, account=f"{n}{run}@b.example", address=address))

    return within_one_window(limits.RESET_BY_ADDRESS, hammer)


def right_passwords_after_wrong_ones(servers: Servers, olivia: User) -> list[Answer]:
    """What each server says to Olivia herself, in whatever case she writes her address."""

    def hammer(run: str) -> list[Answer]:
        at_once(lambda n: sign_in(servers, n, account=olivia.email, address=f"10.5.0.{n}"))
        account = olivia.email.upper()
        return [
            sign_in(servers, n, account=account, address=f"10.6.0.{run[-1]}", password=PASSWORD)
            for n in range(SERVERS)
        ]

    return within_one_window(limits.SIGN_IN_FAILURES, hammer)
