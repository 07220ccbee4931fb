"""Planted secrets of webhooks are in no answer, page, log, event, mail or database file in clear."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from accounts.models import Event
from crm import services as records
from crm.entities import CONTACT
from customermates.kernel.errors import ProductError
from customermates.kernel.logs import LineFormatter
from customermates.kernel.sealing import Unreadable, seal, unseal
from customermates.kernel.sentences import sentence
from tests.webhooks.conftest import drain
from webhooks import services, transport
from webhooks.models import Endpoint

TYPED = "planted secret of Olivia: glass otter hums at noon"
HEADER = "Bearer planted-token-of-another-system"


def stored() -> Iterator[bytes]:
    """Everything that the database keeps: its files, or all rows where it is a server."""
    if connection.vendor == "sqlite":
        name = str(connection.settings_dict["NAME"])
        for path in (Path(name), Path(f"{name}-wal")):
            yield path.read_bytes() if path.exists() else b""
        return
    with connection.cursor() as cursor:
        for model in apps.get_models():
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} AS t")  # noqa: S608 - our own names
            yield cursor.fetchone()[0].encode()


@pytest.mark.django_db(transaction=True)
def test_what_is_planted_never_comes_out(owner, endpoint, receiver, caplog, mailoutbox, monkeypatch):
    caplog.set_level(logging.DEBUG)
    made = endpoint(receiver.url, secret=TYPED, headers={"Authorization": HEADER})
    generated = services.rotate_secret(owner, made.pk).secret or ""
    said = []
    for wrong in ({"secret": TYPED}, {"headers": {"Host": HEADER}}, {"events": [TYPED], "url": TYPED}):
        with pytest.raises(ProductError) as refused:
            services.update_endpoint(owner, made.pk, wrong)
        if "events" not in wrong:  # names of events are no secrets: they are repeated to be mended
            said += [sentence(issue) for issue in refused.value.issues]
    records.create_records(owner, CONTACT, [{"firstName": "Ada"}])
    drain()
    assert receiver.requests[0].headers["authorization"] == HEADER  # the receiver alone is sent it

    def explode(*_: object, **__: object) -> None:
        raise RuntimeError("something breaks while it is sent")

    monkeypatch.setattr(transport, "_request", explode)
    monkeypatch.setattr("webhooks.signing.hmac.digest", explode)
    records.create_records(owner, CONTACT, [{"firstName": "Ada"}])
    drain()
    Endpoint.objects.update(pause="failing", paused_at=timezone.now(), told_at=None)
    drain()

    said += [mail.body for mail in mailoutbox]
    said += [json.dumps(list(Event.objects.values_list("name", "changes", "reason")), default=str)]
    said += [LineFormatter().format(record) for record in caplog.records]
    assert any("could not be sent" in text for text in said)
    kept = b"".join(stored())
    assert b"Authorization" in kept
    for secret in (TYPED, HEADER, generated, generated.removeprefix("whsec_")):
        assert not [text for text in said if secret in text], secret
        assert secret.encode() not in kept, secret


def test_a_secret_that_slips_into_a_log_line_is_covered():
    record = logging.LogRecord("x", logging.ERROR, "", 0, "failed with %s", ("whsec_" + "A" * 44,), None)
    assert "whsec_" not in LineFormatter().format(record)


def test_sealed_text_opens_with_older_keys_and_not_without_them(settings):
    settings.FIELD_KEYS = {0: "the oldest of all keys", 1: "a newer key, long and random"}
    sealed = seal("glass otter")
    assert sealed.startswith("1:")
    assert seal("glass otter") != sealed
    settings.FIELD_KEYS = {1: "a newer key, long and random", 2: "the newest key, long and random"}
    assert unseal(sealed) == "glass otter"
    assert seal("glass otter").startswith("2:")
    settings.FIELD_KEYS = {2: "the newest key, long and random"}
    with pytest.raises(Unreadable):
        unseal(sealed)
    settings.FIELD_KEYS = {1: "another key under the same number"}
    for broken in (sealed, sealed[:-4] + "AAAA", "", "x:y", "1:"):
        with pytest.raises(Unreadable):
            unseal(broken)
