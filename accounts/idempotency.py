"""A write that is asked for twice with one key happens once and is answered twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.utils import timezone

from accounts.actor import Actor
from accounts.models import IdempotentRequest
from customermates.kernel.errors import Conflict, Issue, ValidationFailed
from customermates.kernel.ids import uuid7
from customermates.kernel.jsontext import dumps_text
from customermates.kernel.rows import delete_some

KEPT = timedelta(hours=24)
WAIT_SECONDS = 5  # how long the second of two equal requests waits for the first
KEY_LENGTH = 255
FIELD = "idempotencyKey"

Answer = dict[str, Any]


def once(actor: Actor, key: str | None, body: object, produce: Callable[[], Answer]) -> tuple[Answer, bool]:
    """The answer of `produce()` and False, or the stored answer of the same request and True.

    Opens the transaction. The key's row is inserted in it, so it stands or falls with the write: a
    failed request is not remembered. A concurrent twin waits up to 5 s for the first to end, then
    Conflict. The same key with another `body` is refused. Without a key, only the transaction.
    """
    if key is None:
        with transaction.atomic():
            return produce(), False
    check_key(key)
    fingerprint = hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()
    claimed = False
    try:
        with _patience_on_sqlite(), transaction.atomic():
            _wait_for_locks(f"'{WAIT_SECONDS}s'")
            row_id = _claim(actor, key, fingerprint)
            _wait_for_locks("DEFAULT")
            claimed = True
            if row_id is None:
                return _replay(actor, key, fingerprint), True
            answer = produce()
            IdempotentRequest.objects.filter(pk=row_id).update(answer=dumps_text(answer))
    except OperationalError as error:
        if claimed or not _is_lock_timeout(error):
            raise
        raise Conflict(Issue(FIELD, "idempotency_in_progress")) from error
    return answer, False


def check_key(key: str) -> None:
    """ValidationFailed when `key` cannot be one."""
    if not 1 <= len(key) <= KEY_LENGTH or not key.isprintable():
        raise ValidationFailed(Issue(FIELD, "idempotency_key_invalid"))


def delete_expired_requests() -> bool:
    """Some answers older than 24 hours are gone, whose keys may be used again anyway; True while more are."""
    return delete_some(IdempotentRequest.objects.filter(expires_at__lt=timezone.now()))


def _claim(actor: Actor, key: str, fingerprint: str) -> UUID | None:
    """The id of this request's own row, or None when a live row of the same key is there already.

    One statement: PostgreSQL lets it wait for an uncommitted twin, SQLite's transaction waits for
    the write lock before it starts. An expired row is taken over.
    """
    now, row_id = timezone.now(), uuid7()
    values: dict[str, Any] = {
        "id": row_id,
        "company_id": actor.company_id,
        "credential": _credential(actor),
        "key": key,
        "fingerprint": fingerprint,
        "answer": "",
        "expires_at": now + KEPT,
    }
    quote = connection.ops.quote_name
    table = quote(IdempotentRequest._meta.db_table)
    columns = ", ".join(quote(name) for name in values)
    taken_over = ", ".join(f"{quote(name)} = excluded.{quote(name)}" for name in values)
    statement = (
        f"INSERT INTO {table} AS r ({columns}) VALUES ({', '.join(['%s'] * len(values))}) "  # noqa: S608 - our own names
        f"ON CONFLICT (company_id, credential, {quote('key')}) DO UPDATE SET {taken_over} "
        "WHERE r.expires_at <= %s RETURNING id"
    )
    fields = {field.attname: field for field in IdempotentRequest._meta.concrete_fields}
    arguments = [fields[name].get_db_prep_value(value, connection) for name, value in values.items()]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*arguments, fields["expires_at"].get_db_prep_value(now, connection)])
        return row_id if cursor.fetchone() else None


def _replay(actor: Actor, key: str, fingerprint: str) -> Answer:
    row = IdempotentRequest.objects.get(company_id=actor.company_id, credential=_credential(actor), key=key)
    if row.fingerprint != fingerprint:
        raise ValidationFailed(Issue(FIELD, "idempotency_key_reused"))
    answer: Answer = json.loads(row.answer, parse_float=Decimal)
    return answer


def _credential(actor: Actor) -> UUID:
    return actor.api_key_id or actor.user_id or actor.company_id


@contextmanager
def _patience_on_sqlite() -> Iterator[None]:
    """SQLite waits 5 s, not 20, for the write lock: the whole transaction starts by taking it."""
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()
    database = connection.connection  # not through a cursor: a pragma is no query of this request
    [usual] = database.execute("PRAGMA busy_timeout").fetchone()
    database.execute(f"PRAGMA busy_timeout = {WAIT_SECONDS * 1000}")
    try:
        yield
    finally:
        database.execute(f"PRAGMA busy_timeout = {usual}")


def _wait_for_locks(limit: str) -> None:
    """On PostgreSQL, this transaction waits for a lock no longer than `limit`."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout TO {limit}")


def _is_lock_timeout(error: OperationalError) -> bool:
    # 55P03 is PostgreSQL's lock_not_available; SQLite only says so in words.
    return getattr(error.__cause__, "sqlstate", None) == "55P03" or "locked" in str(error)
