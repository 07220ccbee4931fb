"""The form of a new webhook, sent twice by a slip or after going back."""

from __future__ import annotations

import pytest

from accounts.models import IdempotentRequest
from tests.crm.pages import token
from tests.webhooks.test_pages import FORM, NEW, one, secret_in
from webhooks.models import Endpoint

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_form_sent_twice_makes_one_webhook_and_leads_to_it(signed_in_client, headers):
    form = {**FORM, "_once": token(signed_in_client.get(NEW).text)}
    secret = secret_in(signed_in_client.post(NEW, form, headers=headers).text)
    again = signed_in_client.post(NEW, form, headers=headers)
    made = one(Endpoint.objects.get())
    assert again.headers["HX-Redirect" if headers else "Location"] == made
    page = signed_in_client.get(made).text
    assert "This form was sent before and made this webhook." in page
    assert secret not in again.text + page + IdempotentRequest.objects.get().answer
    changed = signed_in_client.post(NEW, {**form, "url": "https://other.example/in"}, headers=headers)
    assert changed.status_code == 422
    assert "sent before with other values" in changed.text
    assert Endpoint.objects.count() == 1
