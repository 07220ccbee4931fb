"""What a reader may rely on in every file of the repository, and what Django itself can check."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.one_database
ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("customermates", "accounts", "crm", "mcp_gateway", "webhooks")
LINES_PER_FILE = 400
LINES_PER_FUNCTION = 40

# {path or path::function: (lines allowed, why it may be longer)}; an exception nobody needs any more fails.
EXCEPTIONS: dict[str, tuple[int, str]] = {}

VAGUE_NAMES = {"utils", "helpers", "common", "misc", "mixins", "base"}
GIVEN_NAMES = {"customermates/kernel/sqlite/base.py"}  # where Django looks for the backend of a database


def files(pattern: str = "*") -> list[Path]:
    """The repository's own files: what git tracks or would track."""
    # A checkout may belong to somebody else than who tests it, as in a container.
    git = ["git", "-c", "safe.directory=*"]
    command = [*git, "ls-files", "--cached", "--others", "--exclude-standard", "--", pattern]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [path for name in names if (path := ROOT / name).is_file()]


def python_files(*, product_only: bool = False) -> list[Path]:
    """Python files people write (not migrations)."""
    written = [path for path in files("*.py") if "migrations" not in path.parts]
    return [path for path in written if not product_only or name_of(path).split("/")[0] in PRODUCT]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# --- Size and names ----------------------------------------------------------------------------------


def lengths() -> Iterator[tuple[str, int, int]]:
    """(name, lines, allowed) of every Python file and every function."""
    for path in python_files():
        text = path.read_text()
        yield name_of(path), len(text.splitlines()), LINES_PER_FILE
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                yield f"{name_of(path)}::{node.name}", node.end_lineno - node.lineno + 1, LINES_PER_FUNCTION


def test_files_and_functions_stay_short():
    long = [
        f"{name}: {lines} lines, {allowed} allowed"
        for name, lines, usual in lengths()
        if lines > (allowed := EXCEPTIONS.get(name, (usual, ""))[0])
    ]
    assert not long, "Look for the seam, or name the reason in EXCEPTIONS:\n" + "\n".join(long)


def test_every_exception_of_length_is_still_needed():
    too_long = {name for name, lines, usual in lengths() if lines > usual}
    assert EXCEPTIONS.keys() <= too_long


def test_no_module_has_a_name_that_says_nothing():
    vague = {name_of(path) for path in python_files() if {path.stem, path.parent.name} & VAGUE_NAMES}
    assert vague == GIVEN_NAMES


# --- What the product does not do -----------------------------------------------------------------------


def test_business_effects_are_calls_not_signals():
    assert not [name_of(path) for path in python_files(product_only=True) if uses_signals(path)]


def uses_signals(path: Path) -> bool:
    text = path.read_text()
    return bool(
        re.search(r"\bdjango\.dispatch\b|\bdjango\.db\.models\.signals\b|\bmodels import signals\b", text)
    )


def test_the_product_does_not_print():
    """Commands write to self.stdout, servers to the log: print would mix with both."""
    guilty = [
        name_of(path)
        for path in python_files(product_only=True)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert not guilty


def test_the_admin_is_not_installed(settings):
    assert "django.contrib.admin" not in settings.INSTALLED_APPS


# --- Nothing of the machine it was written on -----------------------------------------------------------

LOCKS = ("requirements/run.txt", "requirements/dev.txt")
# Folders of somebody's machine, and addresses of a private package registry, are of no use to anybody else.
FOREIGN = re.compile(
    r"(?<![\w.])/(?:home|Users|root|work)/\w|--(?:extra-)?index-url|--find-links|--trusted-host|"
    r"registry=http|https?://[^\s\"']*(?:artifactory|nexus|/simple/)"
)


def test_no_file_names_a_machine_or_a_registry():
    found = [
        f"{name_of(path)}:{number}: {line.strip()[:80]}"
        for path in files()
        if path != Path(__file__).resolve()
        for number, line in enumerate(text_of(path).splitlines(), start=1)
        if FOREIGN.search(line)
    ]
    assert not found, "\n".join(found)


def text_of(path: Path) -> str:
    """The file's text; a picture or other binary has none."""
    try:
        return path.read_text()
    except UnicodeDecodeError:
        return ""


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_is_pinned_and_hashed(lock):
    entries = re.split(r"\n(?=\S)", re.sub(r"(?m)^\s*#.*\n", "", (ROOT / lock).read_text()).strip())
    assert len(entries) > 30
    loose = [e.split()[0] for e in entries if not re.match(r"[\w.-]+==\S+ .*--hash=sha256:", e, re.DOTALL)]
    assert not loose


def test_the_product_runs_on_the_same_releases_that_tests_use():
    run, dev = (set(re.findall(r"(?m)^[\w.-]+==[^ ;\\]+", (ROOT / lock).read_text())) for lock in LOCKS)
    assert run <= dev


def test_every_setting_is_explained_in_the_example():
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (ROOT / "customermates" / "settings.py").read_text()))
    explained = set(re.findall(r"(?m)^#([A-Z_]+)=", (ROOT / ".env.example").read_text()))
    assert read == explained


# --- What Django can check ------------------------------------------------------------------------------


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", *arguments]
    surroundings = {**os.environ, **environment}
    return subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False)


def test_no_migration_is_missing(tmp_path):
    done = manage("makemigrations", "--check", "--dry-run", CUSTOMERMATES_DATA_DIR=str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_production_environment_passes_all_checks(tmp_path):
    done = manage(
        "check",
        "--deploy",
        "--fail-level=WARNING",
        API_KEY_PEPPERS="1:a long and random text of its own 0123456789",
        BASE_URL="https://crm.example.com",
        CACHE_URL="rediscache://127.0.0.1:6379/0",
        CUSTOMERMATES_DATA_DIR=str(tmp_path),
        DATABASE_URL="postgres://customermates:secret@127.0.0.1:5432/customermates",
        EMAIL_URL="smtp+tls://user:secret@mail.example.com:587",
        FIELD_KEYS="1:another long and random text 0123456789 abcdef",
        SECRET_KEY="a long and random text: 0123456789 abcdefghijklmnopqrstuvwxyz",
        TRUSTED_PROXIES="10.0.0.0/8",
        WEBHOOK_ALLOWED_NETWORKS="",
    )
    assert done.returncode == 0, done.stdout + done.stderr
