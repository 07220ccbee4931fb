"""Every operator on every type answers what plain Python answers, on whatever data and whatever tree."""

from __future__ import annotations

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from crm.entities import CONTACT, DEAL, ORGANIZATION, SERVICE, TASK
from crm.filters import filter_condition
from tests.crm import generated, worlds
from tests.profiles import IS_DEEP

pytestmark = pytest.mark.django_db

RECORDS, TREES = (25, 80) if IS_DEEP else (14, 40)


def found(world, tree):
    rows = world.entity.model.objects.visible_to(world.actor).filter(
        filter_condition(world.setup, world.entity, tree)
    )
    return sorted(rows.values_list("pk", flat=True))


@pytest.mark.parametrize(
    "entity", [CONTACT, ORGANIZATION, DEAL, SERVICE, TASK], ids=lambda entity: entity.name
)
def test_filters_agree_with_the_oracle(berlin, entity):
    @given(seed=st.integers(0, 2**32), data=st.data())
    def agree(seed, data):
        with transaction.atomic():
            world = worlds.build(berlin, entity, seed=seed, size=RECORDS)
            for tree in data.draw(st.lists(generated.trees(world), min_size=TREES, max_size=TREES)):
                expected = sorted(r["id"] for r in world.records if world.oracle.matches(r, tree))
                assert found(world, tree) == expected, (tree, world.now, world.actor.time_zone)
            transaction.set_rollback(True)

    agree()
