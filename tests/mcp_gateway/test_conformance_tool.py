"""`make conformance` fails when something unexpected happens, in either direction."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from mcp_gateway import catalogue

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def conformance() -> ModuleType:
    spec = importlib.util.spec_from_file_location("conformance_tool", ROOT / "tools" / "conformance.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("revision", ["2026-07-28", "2025-11-25"])
def test_every_expected_failure_has_a_reason_and_none_is_required(conformance: ModuleType, revision: str):
    path = ROOT / "tests" / "clients" / "expected-failures" / f"{revision}.yml"
    reasons = conformance.expected_failures(path)
    assert len(reasons) == path.read_text().count("\n  - ")
    assert not conformance.REQUIRED[revision] & reasons.keys()


def test_an_entry_without_a_reason_stops_the_run(conformance: ModuleType, tmp_path: Path):
    path = tmp_path / "bare.yml"
    path.write_text("server:\n  - ping\n")
    with pytest.raises(SystemExit, match="no reason is given for ping"):
        conformance.expected_failures(path)


@pytest.mark.parametrize(
    ("failed", "reason", "told"),
    [
        (0, "", []),
        (1, "known", []),
        (1, "", ["r ping: fails"]),
        (0, "known", ["r ping: passes, take it off the list"]),
    ],
)
def test_only_the_unexpected_is_trouble(
    conformance: ModuleType, monkeypatch: pytest.MonkeyPatch, failed: int, reason: str, told: list[str]
):
    monkeypatch.setitem(conformance.REQUIRED, "r", set())
    scenario = conformance.Scenario("ping", 1, failed, reason, True)
    assert conformance.troubles({"r": [scenario]}) == told


def test_a_required_scenario_that_is_missing_is_trouble(
    conformance: ModuleType, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(conformance.REQUIRED, "r", {"ping"})
    assert "r ping: required, and does not pass" in conformance.troubles({"r": []})


def test_a_process_without_debug_refuses_the_fixtures(settings: Settings):
    settings.MCP_FIXTURES, settings.DEBUG = "tests.mcp_gateway.fixtures", False
    with pytest.raises(ImproperlyConfigured, match="MCP_FIXTURES"):
        catalogue.load()


def test_the_lock_names_exact_versions_and_no_address():
    text = (ROOT / "tests" / "clients" / "package-lock.json").read_text()
    assert '"resolved"' not in text
    assert "http://" not in text
    manifest = (ROOT / "tests" / "clients" / "package.json").read_text()
    assert "^" not in manifest
    assert "~" not in manifest
