"""The lines that `make run` prints work as they stand, also where data lies elsewhere."""

from __future__ import annotations

import pytest

from tools import run


@pytest.mark.parametrize(
    ("directory", "shown"),
    [
        (str(run.ROOT / "var"), "CUSTOMERMATES_DATA_DIR=var "),
        ("/srv/my data", "CUSTOMERMATES_DATA_DIR='/srv/my data' "),
    ],
)
def test_printed_commands_name_the_data_that_the_server_works_on(
    monkeypatch: pytest.MonkeyPatch, directory: str, shown: str
) -> None:
    monkeypatch.setenv("CUSTOMERMATES_DATA_DIR", directory)
    monkeypatch.setenv("WEBHOOK_ALLOWED_NETWORKS", "127.0.0.0/8,::1/128")
    assert run.webhook_line().startswith(f"WEBHOOK_ALLOWED_NETWORKS=127.0.0.0/8,::1/128 {shown}")
    assert shown in run.welcome_back("http://127.0.0.1:8000")
