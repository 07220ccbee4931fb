"""A throw-away PostgreSQL server on a free loopback port, for tests and measurements.

``python tools/postgres.py start DIR`` prints its DATABASE_URL, ``stop DIR`` ends it and removes DIR.
PostgreSQL refuses to run as root, so root starts it as an unprivileged user.
"""

import contextlib
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

USERS = ("postgres", "nobody")
# The data is thrown away, so nothing needs to survive a power cut.
OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
}


class Unavailable(Exception):
    """No server can be started here; the message is the reason, made to be read."""


@contextlib.contextmanager
def running() -> Iterator[str]:
    """The DATABASE_URL of a server that lives as long as the block."""
    directory = Path(tempfile.mkdtemp(prefix="customermates-postgres-"))
    try:
        yield start(directory)
    finally:
        stop(directory)


def start(directory: Path) -> str:
    """The DATABASE_URL of a new server whose files all lie in the directory."""
    binaries = find_binaries()
    directory.mkdir(parents=True, exist_ok=True)
    password = secrets.token_hex(16)
    secret = directory / "password"
    secret.write_text(password)
    hand_over(directory)
    data, port = str(directory / "data"), free_port()
    initdb = ("--username=customermates", f"--pwfile={secret}", "--auth=scram-sha-256")
    locale = ("--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
    run(binaries / "initdb", "--pgdata", data, *initdb, *locale)
    options = " ".join(f"-c {name}='{value}'" for name, value in (*OPTIONS.items(), ("port", port)))
    log = str(directory / "log")
    run(binaries / "pg_ctl", "start", "--wait", "--pgdata", data, "--log", log, "--options", options)
    return f"postgres://customermates:{password}@127.0.0.1:{port}/postgres"


def stop(directory: Path) -> None:
    """The directory's server, if it runs, has ended, and the directory is gone."""
    data = directory / "data"
    if (data / "postmaster.pid").exists():
        run(find_binaries() / "pg_ctl", "stop", "--wait", "--mode", "immediate", "--pgdata", str(data))
    shutil.rmtree(directory, ignore_errors=True)


def find_binaries() -> Path:
    """The folder of the newest server programs on this machine."""
    on_path = [
        Path(found).resolve().parent for name in ("initdb", "postgres") if (found := shutil.which(name))
    ]
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=version_of, reverse=True)
    for folder in (*packaged, *on_path):
        if all((folder / name).exists() for name in ("initdb", "pg_ctl", "postgres")):
            return folder
    raise Unavailable("no PostgreSQL server is installed (on Debian and Ubuntu: apt install postgresql)")


def version_of(folder: Path) -> int:
    """The major version that a folder like /usr/lib/postgresql/15/bin belongs to."""
    name = folder.parent.name
    return int(name) if name.isdigit() else 0


def server_account() -> pwd.struct_passwd | None:
    """The account to run the server as: None is our own, unless we are root."""
    if os.geteuid() != 0:
        return None
    for name in USERS:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise Unavailable(f"PostgreSQL does not run as root, and there is no user {' or '.join(USERS)}")


def hand_over(directory: Path) -> None:
    """The server's account owns the directory, and nobody else may look into it."""
    directory.chmod(0o700)
    if account := server_account():
        for path in (directory, *directory.iterdir()):
            os.chown(path, account.pw_uid, account.pw_gid)


def free_port() -> int:
    """A loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def run(program: Path, *arguments: str) -> None:
    """The program has done its work as the server's account; otherwise its last words are the reason."""
    account = server_account()
    # Output goes to a file: the server inherits it, and a pipe would stay open as long as the server.
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(
            [program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            check=False,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
        )
        output.seek(0)
        words = output.read().decode(errors="replace").strip()
    if done.returncode != 0:
        raise Unavailable(f"{program.name} failed: {words.splitlines()[-1] if words else done.returncode}")


def main(arguments: list[str]) -> None:
    """The named server runs or has ended."""
    match arguments:
        case ["start", directory]:
            print(start(Path(directory)))
        case ["stop", directory]:
            stop(Path(directory))
        case _:
            sys.exit("Usage: python tools/postgres.py start|stop DIRECTORY")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Unavailable as reason:
        sys.exit(f"{reason}.")
