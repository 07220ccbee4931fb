"""The arrows of the architecture hold, and the contract that says so would notice if they did not."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.one_database
ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("customermates", "accounts", "crm", "mcp_gateway", "webhooks")
RULE_MODULES = ("services", "field_services", "queries")


def lint_imports(directory: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)


@pytest.fixture
def copy_of_the_code(tmp_path: Path) -> Path:
    """The packages and the contract, to be spoiled."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_every_import_points_down():
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("module", "imported"),
    [
        ("customermates/kernel/planted.py", "accounts.models"),
        ("customermates/kernel/planted.py", "customermates.settings"),
        ("accounts/planted.py", "webhooks.apps"),
        ("webhooks/planted.py", "crm.models"),
        ("crm/planted.py", "mcp_gateway.registry"),
        ("crm/services.py", "crm.views"),
        ("crm/services.py", "rest_framework"),
    ],
)
def test_a_planted_import_against_the_arrows_is_noticed(copy_of_the_code, module, imported):
    plant(copy_of_the_code, module, imported)
    done = lint_imports(copy_of_the_code)
    assert done.returncode == 1
    assert "BROKEN" in done.stdout


def plant(directory: Path, module: str, imported: str) -> None:
    (directory / "crm" / "views.py").touch()  # whatever is imported must exist
    with (directory / module).open("a") as file:
        file.write(f"\nimport {imported}\n")


def test_every_assembling_module_is_in_the_top_layer():
    contract = (ROOT / "pyproject.toml").read_text()
    modules = {path.stem for path in (ROOT / "customermates").glob("*.py")} - {"__init__"}
    unlisted = sorted(name for name in modules if f"customermates.{name}" not in contract)
    assert not unlisted, f"Name them in the first layer of pyproject.toml: {unlisted}"


def test_rules_do_not_import_django_http():
    modules = [path for name in RULE_MODULES for path in ROOT.glob(f"[a-z]*/{name}.py")]
    guilty = [str(path.relative_to(ROOT)) for path in modules if "django.http" in imports(path)]
    assert not guilty


def imports(path: Path) -> set[str]:
    """The dotted names that the file imports, as `a.b` for both `import a.b` and `from a.b import c`."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found
