"""Installations of the product, each in a folder of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.accounts.installation import Run, bare_environment, runner, setup


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A machine with nothing on it yet."""
    return bare_environment(tmp_path / "data")


@pytest.fixture
def run(environment: dict[str, str]) -> Run:
    """Runs one command the way people do."""
    return runner(environment)


@pytest.fixture(scope="module")
def first_setup(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which `setup` has made Northwind; made once, because migrations take seconds."""
    folder = tmp_path_factory.mktemp("setup") / "data"
    assert "Northwind is ready" in setup(runner(bare_environment(folder)))
    return folder


@pytest.fixture
def _northwind(first_setup: Path, environment: dict[str, str]) -> None:
    """Northwind is set up on this machine."""
    shutil.copytree(first_setup, environment["CUSTOMERMATES_DATA_DIR"])
