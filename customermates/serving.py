"""Keeps the programs of one installation running together, and ends them together."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

GRACE_SECONDS = 30  # for requests in flight; after that a child is killed
_LOOK_SECONDS = 0.5
_LOCALHOST = {"127.0.0.1", "::1", "0.0.0.0", "::", ""}  # noqa: S104 - listening there answers localhost, too
_PR_SET_PDEATHSIG = 1  # prctl(2)


@dataclass(frozen=True, slots=True)
class Child:
    """One program that runs as long as the installation does."""

    name: str
    command: Sequence[str]


def address(host: str, port: int) -> str:
    """Host and port as one text."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def base_url(host: str, port: int) -> str:
    """Where a server that listens there is reached, as far as this machine can know."""
    named = "localhost" if host in _LOCALHOST else host
    return f"http://{address(named, port)}".removesuffix(":80")


def web_server(*, host: str, port: int, workers: int, threads: int) -> Child:
    """gunicorn with threads: WSGI behind gthread costs a half to a third of ASGI here (measured)."""
    options = {
        "--worker-class": "gthread",
        "--workers": str(workers),
        "--threads": str(threads),
        "--bind": address(host, port),
        "--graceful-timeout": str(GRACE_SECONDS - 5),  # before the supervisor loses its own patience
        "--keep-alive": "15",
        "--log-level": "warning",
        # Forwarding headers are judged once, by TRUSTED_PROXIES in kernel.middleware.
        "--forwarded-allow-ips": "",
    }
    memory = Path("/dev/shm")  # noqa: S108 - a heartbeat on a slow disk would look like a hang
    if memory.is_dir() and os.access(memory, os.W_OK):
        options["--worker-tmp-dir"] = str(memory)
    flags = [part for option in options.items() for part in option]
    return Child(
        "web",
        [sys.executable, "-m", "gunicorn", *flags, "--no-control-socket", "customermates.wsgi:application"],
    )


def supervise(children: Sequence[Child]) -> int:
    """The exit code after all children have ended: 0 when asked to stop, else that of the one that failed.

    SIGTERM and SIGINT ask everybody to stop; so does the unexpected end of any child.
    """
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    processes = [subprocess.Popen(child.command, preexec_fn=_die_with_parent) for child in children]  # noqa: S603 - our own programs; nothing runs in threads here yet
    code = 0
    while not stopping.wait(_LOOK_SECONDS):
        ended = [process for process in processes if process.poll() is not None]
        if ended:
            code = abs(ended[0].returncode) or 1
            break
    _end(processes)
    return code


def _end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + GRACE_SECONDS
    for process in processes:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _die_with_parent() -> None:
    """A supervisor that is killed takes its children along, so the port is free for the next one."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
