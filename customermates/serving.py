"""Keeps the programs of one installation running together, and ends them together."""

from __future__ import annotations

import ctypes
import logging
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
_RESTART_SECONDS = (1.0, 30.0)  # before a child is started again: doubled each time it dies young, up to
_SOON_SECONDS = 60.0  # until what runs now and then runs first
_DAY_SECONDS = 86_400.0
_OLD_SECONDS = 60.0  # after so long a child did not die of how it was started
_LOCALHOST = {"127.0.0.1", "::1", "0.0.0.0", "::", ""}  # noqa: S104 - listening there answers localhost, too
_PR_SET_PDEATHSIG = 1  # prctl(2)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Child:
    """One program that runs as long as the installation does."""

    name: str
    command: Sequence[str]
    restarts: bool = False  # whether its end is mended by another, or ends everybody
    every: float = 0.0  # seconds from its end, which is no failure, to its next start; the first comes soon


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


def worker() -> Child:
    """The worker of deliveries: nothing waits for it, so it may come and go."""
    return Child("worker", [sys.executable, "-m", "customermates.cli", "worker"], restarts=True)


def housekeeping() -> Child:
    """What goes after its time, out of the way of those who start."""
    command = [sys.executable, "-m", "customermates.cli", "housekeep", "--verbosity", "0"]
    return Child("housekeeping", command, every=_DAY_SECONDS)


@dataclass(slots=True)
class _Running:
    """A child and its process; `process` None while it waits to be started again."""

    child: Child
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    starts_at: float = 0.0
    patience: float = _RESTART_SECONDS[0]

    def start(self) -> None:
        self.process = subprocess.Popen(self.child.command, preexec_fn=_die_with_parent)  # noqa: S603 - our own programs; nothing runs in threads here
        self.started_at = time.monotonic()

    def look_after(self) -> int | None:
        """The exit code of a child whose end is everybody's; one that may be restarted is, in time."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.starts_at:
                self.start()
            return None
        code = self.process.poll()
        if code is not None and self.child.every:
            self.process, self.starts_at = None, now + self.child.every
            return None
        if code is None or not self.child.restarts:
            return code
        if now - self.started_at >= _OLD_SECONDS:
            self.patience = _RESTART_SECONDS[0]
        logger.warning("%s ended (%s); it is started again in %.0f s", self.child.name, code, self.patience)
        self.process, self.starts_at = None, now + self.patience
        self.patience = min(2 * self.patience, _RESTART_SECONDS[1])
        return None


def supervise(children: Sequence[Child]) -> int:
    """The exit code after all children have ended: 0 when asked to stop, else that of the one that failed.

    SIGTERM and SIGINT ask everybody to stop; so does the unexpected end of a child that is not restarted.
    """
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    soon = time.monotonic() + _SOON_SECONDS
    running = [_Running(child, starts_at=soon) for child in children]
    for each in running:
        if not each.child.every:
            each.start()
    code = 0
    while not stopping.wait(_LOOK_SECONDS):
        ends = [end for each in running if (end := each.look_after()) is not None]
        if ends:
            code = abs(ends[0]) or 1
            break
    _end([each.process for each in running if each.process])
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
