"""The code that the page offers to receivers is that of docs/webhooks.md, whose own tests run it."""

from __future__ import annotations

from pathlib import Path

import pytest

from webhooks.verification import RECIPES

DOCS = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text()


@pytest.mark.parametrize("recipe", RECIPES, ids=[recipe.name for recipe in RECIPES])
def test_each_recipe_is_the_one_in_the_documents(recipe):
    assert f"\n{recipe.text}```" in DOCS


@pytest.mark.django_db
def test_the_page_shows_every_recipe(signed_in_client):
    page = signed_in_client.get("/settings/webhooks/verifying/").text
    assert all(f'<pre id="recipe-{recipe.name}"' in page for recipe in RECIPES)
