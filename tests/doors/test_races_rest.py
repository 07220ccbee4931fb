"""Many programs at once over REST: one wins, nothing is done twice."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from crm.models import Contact
from tests import people
from tests.doors import truth
from tests.doors.test_races import MANY, together
from tests.doors.worlds import House
from tests.rest.client import Rest

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_fifty_updates_with_one_etag_one_wins(ours: House):
    key, pk = people.key_of(ours.admin, "*")[1], ours.records["contact"][0]
    etag = Rest(key).send("GET", f"contacts/{pk}")["ETag"]

    def put(n: int) -> Any:
        return Rest(key).send("PUT", f"contacts/{pk}", {"jobTitle": f"Writer {n}"}, If_Match=etag)

    answers = together(MANY, put)
    assert Counter(answer.status_code for answer in answers) == {200: 1, 412: MANY - 1}
    [won] = [answer.json() for answer in answers if answer.status_code == 200]
    for lost in (answer.json()["error"] for answer in answers if answer.status_code == 412):
        [issue] = lost["issues"]
        assert (issue["field"], issue["code"]) == ("If-Match", "stale_version")
        assert issue["example"] == won["version"]
    stored = Contact.objects.get(pk=pk)
    assert (stored.job_title, stored.version) == (won["jobTitle"], won["version"])
    truth.check(ours.actor)


def test_of_fifty_updates_with_one_version_in_the_body_one_wins(ours: House):
    key, pk = people.key_of(ours.admin, "*")[1], ours.records["contact"][0]
    version = Contact.objects.get(pk=pk).version

    def put(n: int) -> int:
        body = {"jobTitle": f"Writer {n}", "expectedVersion": version}
        return int(Rest(key).send("PUT", f"contacts/{pk}", body).status_code)

    assert Counter(together(MANY, put)) == {200: 1, 409: MANY - 1}
    truth.check(ours.actor)


def test_fifty_posts_with_one_idempotency_key_make_one_record_and_answer_alike(ours: House):
    key = people.key_of(ours.admin, "*")[1]

    def post(_n: int) -> Any:
        # Who waits longer than five seconds for a twin is told so, and asks again with the same key.
        while True:
            answer = Rest(key).send(
                "POST", "contacts", {"firstName": "Once", "lastName": "Only"}, Idempotency_Key="action 1"
            )
            if answer.status_code != 409:
                return answer

    answers = together(MANY, post)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotent-Replayed" in answer for answer in answers) == MANY - 1
    assert Contact.objects.filter(first_name="Once").count() == 1
    truth.check_events(ours.actor)
