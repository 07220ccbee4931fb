"""Serves Customermates on this machine for a person or agent who tries it: `make run`.

The first run sets up a company with sample data and prints how to sign in and how to connect an agent;
later runs bring the database up to date and say where the door is.
"""

import json
import os
import secrets
import shlex
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CUSTOMERMATES = str(Path(sys.executable).with_name("customermates"))
HOST = "127.0.0.1"
PORTS_TRIED = 100
COMPANY = "Northwind Trading"
EMAIL = "olivia@northwind.example"
OWNER = ("--email", EMAIL, "--first-name", "Olivia", "--last-name", "North")


def main() -> None:
    """This process has become the server, or one sentence says why not."""
    os.chdir(ROOT)
    port = choose_port()
    set_environment(port)
    if is_first_run():
        print(welcome(os.environ["BASE_URL"], *set_up()), flush=True)
    else:
        bring_up_to_date()
        print(welcome_back(os.environ["BASE_URL"]), flush=True)
    # Becoming the server, instead of starting it, leaves nobody in between to lose a Ctrl-C or SIGTERM.
    os.execv(CUSTOMERMATES, [CUSTOMERMATES, "serve", "--host", HOST, "--port", str(port)])


def choose_port() -> int:
    """The port that PORT names (default 8000), or the next free one, said aloud."""
    text = os.environ.get("PORT") or "8000"
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        sys.exit(f"PORT must be a number from 1 to 65535, not {text!r}.")
    wanted = int(text)
    for port in range(wanted, min(wanted + PORTS_TRIED, 65536)):
        if is_free(port):
            if port != wanted:
                print(f"Port {wanted} is taken; using {port}.", flush=True)
            return port
    sys.exit(f"No port from {wanted} on may be used here; name another with PORT=… make run.")


def is_free(port: int) -> bool:
    """Whether a server may listen on the port; a connection that is only closing does not count as taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def set_environment(port: int) -> None:
    """What a trial on one machine needs; a value that is already set wins."""
    os.environ.setdefault("CUSTOMERMATES_DATA_DIR", str(ROOT / "var"))
    os.environ.setdefault("BASE_URL", f"http://{HOST}:{port}")
    os.environ.setdefault("WEBHOOK_ALLOWED_NETWORKS", "127.0.0.0/8,::1/128")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "customermates.settings")


def is_first_run() -> bool:
    """Whether the database, wherever it is, holds nobody who could sign in."""
    import django
    from django.contrib.auth import get_user_model
    from django.db import Error, connection

    django.setup()
    try:
        return not get_user_model()._default_manager.exists()
    except Error:  # no tables yet
        return True
    finally:
        connection.close()


def bring_up_to_date() -> None:
    """The migrations that came with newer code are applied; looking first is faster than `migrate` itself."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    is_behind = bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    connection.close()
    if is_behind:
        print("Bringing the database up to date …", flush=True)
        customermates("migrate", "--verbosity", "0")


def set_up() -> tuple[str, str]:
    """A company with sample data, its owner and a key exist; gives the owner's password and the key."""
    print("First run: making the database and the sample company …", flush=True)
    password = secrets.token_urlsafe(12)
    customermates("setup", "--company", COMPANY, *OWNER, "--password", password, "--sample-data")
    key = customermates("key", "create", "--email", EMAIL, "--name", "make run", "--preset", "full")
    return password, key.strip()


def customermates(*arguments: str) -> str:
    """What the command printed; its own error lines and a hint end this program when it fails."""
    done = subprocess.run([CUSTOMERMATES, *arguments], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        hint = f"To start afresh, delete {os.environ['CUSTOMERMATES_DATA_DIR']} and run make run again."
        sys.exit(f"{done.stdout}`customermates {' '.join(arguments[:1])}` failed. {hint}")
    return done.stdout


def welcome(url: str, password: str, key: str) -> str:
    """All that somebody needs to try the product: sign-in, key, and lines that work as they stand."""
    endpoint = f"{url}/api/v1/mcp"
    server = {"baseUrl": endpoint, "headers": {"Authorization": f"Bearer {key}"}}
    wrong_rule = {"field": "frstName", "operator": "equals", "value": "Ada"}
    return f"""
Customermates is ready: {url}

  Sign in    {EMAIL}
  Password   {password}
  API key    {key}

Both are shown this once. The key may do everything its owner may.

Connect Claude Code:
  claude mcp add --transport http customermates {endpoint} --header "Authorization: Bearer {key}"

Connect through mcporter (in config/mcporter.json):
  {json.dumps({"mcpServers": {"customermates": server}})}

Count the contacts, as an agent would:
  {curl(endpoint, key, "count_entity", {"entity": "contact"})}

Make a mistake and read how to mend it:
  {curl(endpoint, key, "filter_entity", {"entity": "contact", "filters": [wrong_rule]})}

Have every change sent to a program of yours, signed with the secret that this prints:
  {webhook_line()}

Ctrl-C stops everything.
"""


def webhook_line() -> str:
    """A shell line that makes a webhook; this machine is allowed here as it is for the server."""
    allowed = f"WEBHOOK_ALLOWED_NETWORKS={shlex.quote(os.environ['WEBHOOK_ALLOWED_NETWORKS'])}"
    address = f"http://{HOST}:9000/"
    return f"{allowed} {shown_command()} webhook create --email {EMAIL} --url {address} --events '*'"


def curl(endpoint: str, key: str, tool: str, arguments: dict[str, object]) -> str:
    """One shell line that calls the tool."""
    params = {"name": tool, "arguments": arguments}
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})
    headers = (
        f"Authorization: Bearer {key}",
        "Content-Type: application/json",
        "Accept: application/json, text/event-stream",
    )
    shown = " ".join(f'-H "{header}"' for header in headers)
    return f"curl -s {endpoint} {shown} -d '{body}'"


def shown_command() -> str:
    """`customermates` as people here would type it, for the data that this server works on."""
    command = Path(CUSTOMERMATES)
    typed = command.relative_to(ROOT) if command.is_relative_to(ROOT) else command
    given = os.environ["CUSTOMERMATES_DATA_DIR"]
    data = os.path.relpath(given, ROOT) if Path(given).is_relative_to(ROOT) else given
    return f"CUSTOMERMATES_DATA_DIR={shlex.quote(data)} {shlex.quote(str(typed))}"


def welcome_back(url: str) -> str:
    """Where the product answers, and how to get another key."""
    return f"""
Customermates: {url}
A new API key: {shown_command()} key create --email {EMAIL} --name NAME --preset full
Ctrl-C stops everything.
"""


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
