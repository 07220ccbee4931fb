"""Prepared queries: the same rows as Django's own, with the ids of each call and of no other."""

from __future__ import annotations

from uuid import UUID

import pytest

from accounts.models import User
from customermates.kernel.prepared import Prepared

pytestmark = pytest.mark.django_db
SOMEBODY = UUID(int=1)


def names(**where: object) -> Prepared:
    rows = User.objects.filter(**where).order_by("first_name")
    return Prepared(rows.values_list("pk", "first_name", "created_at"), [SOMEBODY])


def test_rows_are_those_that_django_finds(olivia: User, max_: User, rita: User):
    asked = names(pk__in=[SOMEBODY])
    for people in ([olivia], [max_, rita], [rita, olivia, max_]):
        wanted = User.objects.filter(pk__in=[user.pk for user in people]).order_by("first_name")
        found = list(asked.rows({SOMEBODY: [user.pk for user in people]}))
        assert found == list(wanted.values_list("pk", "first_name", "created_at"))


def test_values_that_are_not_open_stay_what_they_are(olivia: User, max_: User):
    asked = names(pk__in=[SOMEBODY], first_name="Max")
    assert [row[0] for row in asked.rows({SOMEBODY: [olivia.pk, max_.pk]})] == [max_.pk]
    assert not list(asked.rows({SOMEBODY: [olivia.pk]}))


def test_an_open_id_that_the_query_does_not_ask_for_is_refused(olivia: User):
    with pytest.raises(RuntimeError, match="does not ask for"):
        names(first_name="Max")


def test_an_id_that_is_not_given_is_missed(olivia: User):
    with pytest.raises(KeyError):
        names(pk__in=[SOMEBODY]).rows({})
