"""Runs the official MCP conformance suite and other people's clients against this checkout.

Everything is made anew below `var/conformance`: exact versions of the Node programs from
`tests/clients/package-lock.json`, a company on SQLite, a server with the suite's fixture tools, and a
proxy that adds the key. The table is printed and written to `docs/conformance.md`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CLIENTS = ROOT / "tests" / "clients"
HOME = ROOT / "var" / "conformance"
DOCUMENT = ROOT / "docs" / "conformance.md"
REVISIONS = ("2026-07-28", "2025-11-25")
NODE_MAJOR = 24  # what the newest of the clients asks for
EMAIL = "olivia@northwind.example"
START_SECONDS = 30
SUITE_SECONDS = 600
CLIENT_SECONDS = 120

# The bar: these pass whatever the list of expected failures says.
REQUIRED = {
    "2026-07-28": {
        "server-stateless",
        "tools-list",
        "tools-call-simple-text",
        "tools-call-image",
        "tools-call-audio",
        "tools-call-embedded-resource",
        "tools-call-mixed-content",
        "tools-call-error",
        "http-header-validation",
        "caching",
        "dns-rebinding-protection",
    },
    "2025-11-25": set(),
}


@dataclass(frozen=True, slots=True)
class Scenario:
    """How one scenario of the suite went in one revision."""

    name: str
    passed: int
    failed: int
    reason: str  # why it is expected to fail; "" when it must pass
    is_scored: bool  # part of what the revision requires

    @property
    def is_fine(self) -> bool:
        """True when it went as expected: an expected failure that passes is none any more."""
        return bool(self.reason) == bool(self.failed)

    def line(self) -> str:
        """The scenario as a row of the table."""
        scored = "yes" if self.is_scored else "no"
        return f"| {self.name} | {scored} | {self.passed} | {self.failed} | {self.reason} |"


@dataclass(frozen=True, slots=True)
class Visit:
    """What one client managed to do."""

    client: str
    lists: bool
    calls: bool
    shows_error: bool
    trouble: str = ""

    @property
    def is_fine(self) -> bool:
        """True when it listed, called and showed the validation error."""
        return self.lists and self.calls and self.shows_error


def main() -> int:
    """0 when everything went as expected."""
    node = install()
    with ExitStack() as stack:
        data = stack.enter_context(tempfile.TemporaryDirectory(prefix="customermates-conformance-"))
        port, proxy_port = free_port(), free_port()
        key = stack.enter_context(product(Path(data), port))
        stack.enter_context(proxy(proxy_port, port, key))
        suites = {
            revision: suite(node, revision, f"http://localhost:{proxy_port}/api/v1/mcp")
            for revision in REVISIONS
        }
        visits = [*typescript(node, port, key), mcporter(node, port, key, Path(data))]
    text = report(suites, visits)
    DOCUMENT.parent.mkdir(exist_ok=True)
    DOCUMENT.write_text(text)
    print(text)
    problems = [
        *troubles(suites),
        *(f"{visit.client}: {visit.trouble}" for visit in visits if not visit.is_fine),
    ]
    print("\n".join(problems) if problems else "Everything as expected.")
    return 1 if problems else 0


# --- What is installed ------------------------------------------------------------------------------


def install() -> Path:
    """The Node program; beside it are the suite and the clients at their locked versions."""
    modules = HOME / "node_modules"
    lock = (CLIENTS / "package-lock.json").read_bytes()
    stamp = HOME / "installed-lock.json"
    if not (stamp.exists() and stamp.read_bytes() == lock and modules.exists()):
        npm = shutil.which("npm")
        if npm is None:
            sys.exit(f"make conformance needs npm (any version) to fetch Node {NODE_MAJOR} and the clients.")
        HOME.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(CLIENTS / name, HOME / name)
        print("Installing Node and the clients …", flush=True)
        # No install scripts: Node itself comes as a package that holds the program.
        run([npm, "ci", "--ignore-scripts", "--no-fund", "--no-audit", "--loglevel=error"], cwd=HOME)
        stamp.write_bytes(lock)
    packaged = sorted(modules.glob("node-*/bin/node"))
    found = packaged[0] if packaged else Path(shutil.which("node") or "node")
    version = run([str(found), "--version"])
    if int(version.lstrip("v").split(".")[0]) < NODE_MAJOR:
        sys.exit(
            f"make conformance needs Node {NODE_MAJOR}; for this machine npm has only {version.strip()}."
        )
    shutil.copy(CLIENTS / "typescript.mjs", HOME)  # beside the modules it imports
    return found


def run(command: list[str], *, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> str:
    """What `command` printed; the program ends with its words when it fails."""
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=SUITE_SECONDS)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


# --- What is started --------------------------------------------------------------------------------


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def process(command: list[str], env: Mapping[str, str], log: Path) -> Iterator[None]:
    """`command` runs in its own group and is stopped with all its children."""
    with log.open("wb") as output:
        started = subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            yield
        finally:
            for how in (signal.SIGTERM, signal.SIGKILL):
                if started.poll() is None:
                    os.killpg(started.pid, how)
                    try:
                        started.wait(timeout=10)
                    except subprocess.TimeoutExpired:
                        continue


@contextmanager
def product(data: Path, port: int) -> Iterator[str]:
    """The product serves a fresh company on `port`; gives a key that may do everything."""
    env = {
        **os.environ,
        "CUSTOMERMATES_DATA_DIR": str(data),
        "DATABASE_URL": f"sqlite:///{data / 'conformance.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "tests.mcp_gateway.conformance_settings",
        "BASE_URL": f"http://localhost:{port}",
        "API_CALLS_PER_MINUTE": "0",
        "API_WRITES_PER_MINUTE": "0",
        "LOG_LEVEL": "WARNING",
    }
    manage = [sys.executable, str(ROOT / "manage.py")]
    phrase = "nobody signs in to this company"
    run(
        [*manage, "setup", "--company", "Northwind Trading", "--email", EMAIL, "--password", phrase],
        env=env,
    )
    key = run(
        [*manage, "key_create", "--email", EMAIL, "--name", "Conformance", "--preset", "full"], env=env
    ).strip()
    log = data / "server.log"
    with process([*manage, "serve", "--port", str(port)], env, log):
        wait_for(port, {"Authorization": f"Bearer {key}"}, log)
        yield key


@contextmanager
def proxy(port: int, server_port: int, key: str) -> Iterator[None]:
    """The header-adding proxy listens on `port`."""
    log = HOME / "proxy.log"
    command = [sys.executable, str(CLIENTS / "proxy.py"), str(port), str(server_port)]
    with process(command, {**os.environ, "MCP_KEY": key}, log):
        wait_for(port, {}, log)
        yield


def wait_for(port: int, headers: Mapping[str, str], log: Path) -> None:
    """The endpoint answers a ping; a broken one would let every scenario wait for its own time-out."""
    ping = b'{"jsonrpc":"2.0","id":1,"method":"ping"}'
    url = f"http://localhost:{port}/api/v1/mcp"
    request = urllib.request.Request(url, ping, {"Content-Type": "application/json", **headers})
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(request, timeout=START_SECONDS):  # noqa: S310 - ours
                return
        except OSError:
            time.sleep(0.2)
    sys.exit(f"Nothing good answers at {url}:\n{log.read_text()[-4000:]}")


# --- What is asked ----------------------------------------------------------------------------------


def suite(node: Path, revision: str, url: str) -> list[Scenario]:
    """How the scenarios that `revision` asks for went."""
    baseline = CLIENTS / "expected-failures" / f"{revision}.yml"
    results = HOME / "results" / revision
    shutil.rmtree(results, ignore_errors=True)
    print(f"Running the suite for {revision} …", flush=True)
    program = [str(node), str(HOME / "node_modules/@modelcontextprotocol/conformance/dist/index.js")]
    options = ["--requirements", revision, "--expected-failures", str(baseline), "-o", str(results)]
    done = subprocess.run(
        [*program, "server", "--url", url, *options],
        cwd=HOME,
        capture_output=True,
        text=True,
        timeout=SUITE_SECONDS,
    )
    (HOME / f"{revision}.log").write_text(done.stdout + done.stderr)
    reasons, scored = expected_failures(baseline), required_by(revision)
    return [
        Scenario(name, int(passed), int(failed), reasons.get(name, ""), name in scored)
        for name, passed, failed in re.findall(
            r"^[✓✗~] (\S+): (\d+) passed, (\d+) failed", done.stdout, re.MULTILINE
        )
    ]


def required_by(revision: str) -> set[str]:
    """The scenarios that count for `revision`; the suite runs others beside them."""
    path = HOME / f"node_modules/@modelcontextprotocol/conformance/requirements/{revision}.yaml"
    server = re.search(r"^server:\n((?:  - .*\n|\s*#.*\n|\n)+)", path.read_text(), re.MULTILINE)
    return set(re.findall(r"^  - (\S+)", server[1], re.MULTILINE)) if server else set()


def expected_failures(path: Path) -> dict[str, str]:
    """Scenario by scenario, why it may fail; an entry without a reason ends the program."""
    entries = re.findall(r"^  - (\S+)(?: +# *(.*))?$", path.read_text(), re.MULTILINE)
    if bare := [name for name, reason in entries if not reason]:
        sys.exit(f"{path.name}: no reason is given for {', '.join(bare)}")
    return dict(entries)


def troubles(suites: Mapping[str, list[Scenario]]) -> list[str]:
    """One line for each thing the suite found that nobody expected."""
    found = []
    for revision, scenarios in suites.items():
        by_name = {scenario.name: scenario for scenario in scenarios}
        if not scenarios:
            found.append(f"{revision}: the suite reported nothing, see {HOME / f'{revision}.log'}")
        found += [
            f"{revision} {scenario.name}: {'passes, take it off the list' if scenario.reason else 'fails'}"
            for scenario in scenarios
            if not scenario.is_fine
        ]
        found += [
            f"{revision} {name}: required, and does not pass"
            for name in sorted(REQUIRED[revision])
            if name not in by_name or by_name[name].failed
        ]
    return found


def typescript(node: Path, port: int, key: str) -> list[Visit]:
    """The official TypeScript clients, version 1 and version 2 in both eras."""
    names = {
        "v1": "TypeScript SDK 1.32 (legacy)",
        "v2-legacy": "TypeScript SDK 2.4 (legacy)",
        "v2-auto": "TypeScript SDK 2.4 (2026-07-28)",
    }
    url = f"http://localhost:{port}/api/v1/mcp"
    program = [str(node), str(HOME / "typescript.mjs")]
    return [typescript_visit(name, client([*program, kind, url], key)) for kind, name in names.items()]


def typescript_visit(name: str, done: subprocess.CompletedProcess[str]) -> Visit:
    """What the one line that `typescript.mjs` prints says."""
    try:
        seen = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        return Visit(name, lists=False, calls=False, shows_error=False, trouble=done.stderr[-2000:])
    return Visit(
        name,
        lists="test_rows" in seen["tools"],
        calls=seen["answer"]["written"] == 1,
        shows_error=seen["isError"] and seen["error"].startswith("Validation error:"),
        trouble=done.stdout[-2000:],
    )


def mcporter(node: Path, port: int, key: str, folder: Path) -> Visit:
    """The command-line client the product's users know from its documentation."""
    server = {
        "baseUrl": f"http://localhost:{port}/api/v1/mcp",
        "headers": {"Authorization": "Bearer ${MCP_KEY}"},
    }
    config = folder / "mcporter.json"
    config.write_text(json.dumps({"mcpServers": {"customermates": server}}))
    program = [str(node), str(HOME / "node_modules/mcporter/dist/cli.js"), "--config", str(config)]
    right = json.dumps({"entity": "user", "rows": [{"firstName": "Ada"}]})
    listed = client([*program, "list", "customermates"], key)
    called = client([*program, "call", "customermates.test_rows", "--args", right], key)
    wrong = client([*program, "call", "customermates.test_rows", "entity=users"], key)
    return Visit(
        "mcporter 0.12",
        lists="test_rows" in listed.stdout,
        calls='"written": 1' in called.stdout,
        shows_error="Validation error:" in wrong.stdout + wrong.stderr,
        trouble="\n".join(part.stdout[-500:] + part.stderr[-500:] for part in (listed, called, wrong)),
    )


def client(command: list[str], key: str) -> subprocess.CompletedProcess[str]:
    """What a client printed; it finds the key in its environment and our Node first in its path."""
    path = f"{Path(command[0]).parent}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "MCP_KEY": key, "PATH": path}
    return subprocess.run(command, cwd=HOME, env=env, capture_output=True, text=True, timeout=CLIENT_SECONDS)


# --- What is told -----------------------------------------------------------------------------------


def report(suites: Mapping[str, list[Scenario]], visits: list[Visit]) -> str:
    """The tables of `docs/conformance.md`."""
    versions = json.loads((CLIENTS / "package.json").read_text())["dependencies"]
    lines = [
        "# MCP conformance",
        "",
        "Written by `make conformance`. Versions: "
        + ", ".join(f"{name} {version}" for name, version in versions.items())
        + f", Node {NODE_MAJOR}.",
        "",
        "## Clients",
        "",
        "| client | lists tools | calls a tool | shows a validation error |",
        "|---|---|---|---|",
        *(
            f"| {visit.client} | {yes(visit.lists)} | {yes(visit.calls)} | {yes(visit.shows_error)} |"
            for visit in visits
        ),
    ]
    for revision, scenarios in suites.items():
        scored = [scenario for scenario in scenarios if scenario.is_scored]
        passing = sum(not scenario.failed for scenario in scored)
        lines += [
            "",
            f"## Revision {revision}: {passing} of {len(scored)} scored scenarios pass",
            "",
            "| scenario | scored | checks passed | checks failed | why it may fail |",
            "|---|---|---|---|---|",
            *(each.line() for each in scenarios),
        ]
    return "\n".join(lines) + "\n"


def yes(fact: bool) -> str:
    """`fact` in a table."""
    return "yes" if fact else "**no**"


if __name__ == "__main__":
    sys.exit(main())
