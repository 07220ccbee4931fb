"""Pages keep what the content security policy and the sprite demand, and vendored files are what they say."""

from __future__ import annotations

import gzip
import hashlib
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
CODE = sorted(
    path
    for package in ("accounts", "crm", "mcp_gateway", "webhooks", "customermates")
    for path in (ROOT / package).rglob("*.py")
)
SCRIPTS = sorted((ROOT / "static" / "ui" / "js").glob("*.js"))

SCRIPTS_LIMIT = 22_200  # all modules together; what one page loads of them is in docs/ui-budgets.md

FORBIDDEN = {
    "an inline style": r"\sstyle\s*=",
    "a handler in an attribute": r"\son[a-z]+\s*=\s*[\"']",
    "a handler of htmx": r"hx-on\b",
    "a script in a value": r"[\"']\s*(js|javascript):",
    "a filter in a trigger": r"hx-trigger=\"[^\"]*\[",
    "a script in the page": r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")",
    "a style in the page": r"<style\b",
}


def words(text: str) -> str:
    """A template without its comments."""
    return re.sub(r"{#.*?#}", "", text, flags=re.DOTALL)


@pytest.mark.parametrize("what", FORBIDDEN)
def test_nothing_needs_what_the_policy_forbids(what):
    pattern = re.compile(FORBIDDEN[what], re.IGNORECASE)
    guilty = [
        f"{path.relative_to(ROOT)}: {found[0].strip()}"
        for path in [*TEMPLATES, *CODE]
        for found in pattern.finditer(words(path.read_text()))
        if path.suffix == ".html" or "<" in found[0]
    ]
    assert not guilty, f"{what}: {guilty}"


@pytest.mark.parametrize(
    ("what", "planted"),
    [
        ("an inline style", '<p style="color: red">'),
        ("a handler in an attribute", '<p onclick="go()">'),
        ("a handler of htmx", '<p hx-on:click="go()">'),
        ("a script in a value", '<p hx-vals="js:{a: 1}">'),
        ("a filter in a trigger", '<p hx-trigger="keyup[ctrlKey]">'),
        ("a script in the page", "<script>go()</script>"),
        ("a style in the page", "<style>p {}</style>"),
    ],
)
def test_a_planted_one_is_noticed(what, planted):
    assert re.search(FORBIDDEN[what], planted, re.IGNORECASE)


def test_every_icon_is_in_the_sprite():
    sprite = set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / "static/vendor/icons.svg").read_text()))
    named = {name for path in TEMPLATES for name in re.findall(r'{% icon "([\w-]+)"', path.read_text())} | {
        name for path in CODE for name in re.findall(r'\bicon(?:\(|=)"([a-z][\w-]*)"', path.read_text())
    }
    assert named <= sprite, sorted(named - sprite)


def test_vendored_files_are_the_ones_on_record():
    entries = tomllib.loads((ROOT / "static/vendor/VENDOR.toml").read_text())["file"]
    for entry in entries:
        data = (ROOT / entry["path"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == entry["sha256"], entry["path"]
    recorded = {entry["path"] for entry in entries}
    there = {
        path.relative_to(ROOT).as_posix()
        for folder in ("static/vendor", "tests/browser/vendor")
        for path in (ROOT / folder).iterdir()
        if path.suffix in (".js", ".woff2", ".svg")
    }
    assert there == recorded


def test_licences_of_vendored_packages_are_kept():
    entries = tomllib.loads((ROOT / "static/vendor/VENDOR.toml").read_text())["file"]
    texts = (ROOT / "static/vendor/LICENSES.txt").read_text()
    assert all(f"{entry['package']} {entry['version']}" in texts for entry in entries)


def test_scripts_of_ours_stay_small():
    together = b"".join(path.read_bytes() for path in SCRIPTS)
    assert len(gzip.compress(together, 9)) <= SCRIPTS_LIMIT
