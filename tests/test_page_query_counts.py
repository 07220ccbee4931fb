"""How many queries each page costs: a number on file, the same for a few rows and for many.

As for tools: UPDATE_QUERY_COUNTS=1 writes the file anew, and the difference is reviewed.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from crm.entities import ENTITIES
from tools.gallery.budgets import query_budget
from tools.gallery.company import shown_records
from tools.gallery.places import pages

FILE = Path(__file__).with_name("page_query_counts.json")

pytestmark = pytest.mark.django_db


def seed(company, amount: int) -> None:
    amounts = [word for entity in ENTITIES.values() for word in (f"--{entity.plural}", str(amount))]
    call_command("seed", *amounts, "--company", company.name)


def counts(client: Client) -> dict[str, int]:
    """Queries by the name of the page."""
    ids = shown_records()
    found = {}
    for place in pages():
        with CaptureQueriesContext(connection) as captured:
            client.get(place.at(ids))
        marks = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
        found[place.name] = sum(not query["sql"].startswith(marks) for query in captured.captured_queries)
    return found


def test_each_page_needs_the_queries_on_file_however_many_rows(company, signed_in_client):
    seed(company, 60)
    few = counts(signed_in_client)
    seed(company, 120)
    many = counts(signed_in_client)
    assert few == many
    if os.environ.get("UPDATE_QUERY_COUNTS"):
        FILE.write_text(json.dumps(few, indent=2) + "\n")
    assert few == json.loads(FILE.read_text())


def test_every_page_keeps_to_its_budget():
    over = {name: n for name, n in json.loads(FILE.read_text()).items() if n > query_budget(name)}
    assert not over
