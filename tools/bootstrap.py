"""Makes the virtual environment and installs a lock into it; needs nothing but the standard library.

``python tools/bootstrap.py run`` installs what the product needs, ``dev`` what tests and checks need too.
A stamp inside the environment remembers the lock's hash, so a second call with the same lock does nothing.
"""

import sys

if not (3, 11) <= sys.version_info[:2] <= (3, 14):  # before any import an older Python may not have
    sys.exit("Customermates needs Python 3.11 to 3.14; this is Python {}.{}.".format(*sys.version_info))

import hashlib
import json
import os
import subprocess
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "customermates-installed.json"
LOCKS = {"run": ROOT / "requirements" / "run.txt", "dev": ROOT / "requirements" / "dev.txt"}


def main(arguments: list[str]) -> None:
    """The environment holds the named lock and the project, or one sentence says why not."""
    if len(arguments) != 1 or arguments[0] not in LOCKS:
        sys.exit("Usage: python tools/bootstrap.py run|dev")
    wanted = arguments[0]
    if not is_runnable():
        create_venv()
    installed = read_stamp()
    if installed.get(wanted) == fingerprint(wanted):
        return
    install(wanted)
    write_stamp(wanted, installed)


def fingerprint(lock: str) -> str:
    """Hash of all that an installed environment depends on: the lock, and the project's metadata."""
    parts = (LOCKS[lock].read_bytes(), (ROOT / "pyproject.toml").read_bytes(), str(ROOT).encode())
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def is_runnable() -> bool:
    """Whether the environment's Python starts and is a supported one (it may have been removed or moved)."""
    check = "import sys, pip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))"
    try:
        return subprocess.run([PYTHON, "-c", check], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def create_venv() -> None:
    """A fresh environment with pip; a half-made or broken one is replaced."""
    print(f"Making a virtual environment in .venv with Python {sys.version.split()[0]} …", flush=True)
    try:
        venv.create(VENV, clear=True, with_pip=True, symlinks=True)
    except (ImportError, OSError, subprocess.CalledProcessError):
        sys.exit("This Python lacks venv or pip: install them (on Debian: apt install python3-venv).")


def install(lock: str) -> None:
    """The lock's exact packages are installed, then the project itself, in place, without a download."""
    print(f"Installing the locked packages of requirements/{lock}.txt (once, about a minute) …", flush=True)
    pip("--require-hashes", "-r", str(LOCKS[lock]))
    pip("--no-deps", "--no-build-isolation", "-e", str(ROOT))


def pip(*arguments: str) -> None:
    """Runs ``pip install``; pip's own words explain a failure."""
    command = [str(PYTHON), "-m", "pip", "install", "-qq", "--disable-pip-version-check", *arguments]
    if subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, check=False).returncode != 0:
        sys.exit("The packages could not be installed; the lines above say why. Nothing else was changed.")


def read_stamp() -> dict[str, str]:
    """``{lock: fingerprint}`` of what is installed; empty when unknown."""
    try:
        stamp: dict[str, str] = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return stamp


def write_stamp(lock: str, before: dict[str, str]) -> None:
    """Remembers the installed lock. dev holds all of run; a changed run lock makes an older dev stale."""
    now = {"run": fingerprint("run")}
    if lock == "dev" or before.get("run") == now["run"]:
        now["dev"] = fingerprint("dev") if lock == "dev" else before.get("dev", "")
    draft = STAMP.with_suffix(".new")
    draft.write_text(json.dumps(now))
    os.replace(draft, STAMP)


if __name__ == "__main__":
    main(sys.argv[1:])
