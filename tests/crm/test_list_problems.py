"""A list that cannot be shown as its address says tells people why, in the words of the page."""

from __future__ import annotations

import html
import re

import pytest
from django.test import Client

from accounts.models import User

pytestmark = pytest.mark.django_db


def told(client: Client, address: str) -> list[str]:
    """What the page says is wrong."""
    page = client.get(address)
    assert page.status_code == 200
    [box] = re.findall(r'role="alert">(.*?)</div></div>', page.text, re.DOTALL)
    return [html.unescape(text) for text in re.findall(r"<p>(?!<a)(.*?)</p>", box)]


WRONG = {
    "/contacts/?f1=jobTitle&o1=nonsense&v1=x": (
        "“nonsense” does not work with “Job title”. Choose one of: is, contains, starts with, is any of, "
        "is none of, is empty, is not empty."
    ),
    "/contacts/?f1=jobTitle&o1=gt&v1=x": "“is more than” does not work with “Job title”. Choose one of:",
    "/contacts/?f1=notes&o1=contains&v1=x": "Lists cannot be filtered by “Notes”.",
    "/contacts/?f1=jobTitel&o1=contains&v1=x": "There is no field “jobTitel” here, or not any more.",
    "/contacts/?f1=jobTitle&o1=contains&v1=": "The rule “Job title contains” needs a value.",
    "/deals/?f1=expectedCloseDate&o1=inLastDays&v1=soon": (
        "The rule “Expected close is in the last days soon” needs a number of days."
    ),
    "/deals/?f1=amount&o1=between&v1=5": (
        "The rule “Amount is between 5” needs two values, the lower one first."
    ),
    "/deals/?f1=amount&o1=between&v1=9&v1=5": (
        "The rule “Amount is between 9, 5” needs two values, the lower one first."
    ),
    "/deals/?f1=name&o1=contains&v1=a&f2=amount&o2=gt&v2=many": (
        "The rule “Amount is more than many”: This must be a number, such as 1,234.50."
    ),
    "/deals/?f1=expectedCloseDate&o1=gte&v1=soon": (
        "The rule “Expected close is on or after soon” has a value that does not fit."
    ),
    "/deals/board/?f1=stage&o1=in&v1=Nowhere": "The rule “Stage is any of Nowhere”: There is no such option.",
    "/tasks/agenda/?f1=organizationIds&o1=hasSome&v1=acme": (
        "The rule “Organizations has any of acme” has a value that does not fit."
    ),
    "/contacts/?sort=nonsense": "The list cannot be sorted like that: choose the heading of a column.",
    "/contacts/?after=nonsense": "The list cannot go on from there: begin with its first page.",
}


@pytest.mark.parametrize("address", WRONG)
def test_people_are_told_in_their_own_words(signed_in_client: Client, address: str) -> None:
    [sentence] = told(signed_in_client, address)
    assert sentence.startswith(WRONG[address])


def test_german_people_are_told_in_german(signed_in_client: Client, olivia: User) -> None:
    User.objects.filter(pk=olivia.pk).update(language="de")
    [sentence] = told(signed_in_client, "/contacts/?f1=jobTitle&o1=nonsense&v1=x")
    assert sentence.startswith("„nonsense“ passt nicht zu „Position“. Wählen Sie eines von: ist, enthält,")


def test_a_refused_rule_is_mended_in_its_form_or_dropped(signed_in_client: Client) -> None:
    page = signed_in_client.get("/contacts/?f1=jobTitle&o1=nonsense&v1=x&panel=filter").text
    assert 'href="/contacts/"' in page
    assert "Change the filter" in page
    assert re.search(r'<select class="in op" name="o1".*?<option value="contains" selected>', page)
