"""Pages and workers do not carry the API's framework: DRF comes in when the first call does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def loaded(code: str, tmp_path: Path, settings: str = "customermates.settings") -> str:
    """What `code` prints in a process of its own, with Django set up."""
    program = f"import sys, django; django.setup()\n{code}"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": settings, "CUSTOMERMATES_DATA_DIR": str(tmp_path)}
    environment.pop("DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("what", "code"),
    [
        (
            "pages and their links",
            "from django.test import Client; from django.urls import reverse\n"
            "reverse('contacts'); reverse('api_contacts')\n"
            "client = Client(SERVER_NAME='localhost')\n"
            "assert client.get('/account/password/reset/').status_code == 200\n"
            "assert client.options('/api/v1/contacts').status_code == 204",
        ),
        ("the worker", "import webhooks.worker"),
    ],
)
def test_only_calls_bring_the_framework_in(tmp_path, what, code):
    settings = "customermates.worker_settings" if "worker" in what else "customermates.settings"
    # rest_framework/__init__ and its app are there, since it is installed; what weighs are its views.
    told = "print({'rest_framework.views', 'drf_spectacular'} & set(sys.modules))"
    found = loaded(f"{code}\n{told}", tmp_path, settings)
    assert found.splitlines()[-1] == "set()", found


def test_a_call_does(tmp_path):
    code = "from django.test import Client; Client(SERVER_NAME='localhost').get('/api/v1/contacts')"
    found = loaded(f"{code}\nprint('rest_framework.views' in sys.modules)", tmp_path)
    assert found.splitlines()[-1] == "True"
