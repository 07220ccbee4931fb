"""Machines on which nothing but the product is installed, and its commands run there as people run them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from customermates.cli import main

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "glass otter hums at noon"
Run = Callable[..., "subprocess.CompletedProcess[str]"]


def bare_environment(folder: Path) -> dict[str, str]:
    """A machine where nothing is set but the folder of the data."""
    kept = {
        name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "VIRTUAL_ENV"}
    }
    return {**kept, "CUSTOMERMATES_DATA_DIR": str(folder), "PYTHONWARNINGS": "error"}


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


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[object, str]:
    """The exit code of a command run in this process, and what it said about it."""
    try:
        main(["customermates", *words])
    except SystemExit as end:
        return end.code, capsys.readouterr().err
    return 0, capsys.readouterr().out
