"""What a page of records is linked to: every list, every detail, and the answer of every write asks it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef

from accounts.actor import Actor
from accounts.permissions import Access, Reach
from crm.entities import ENTITIES, Relation
from customermates.kernel.prepared import Prepared

USER_SHOWN = ("first_name", "last_name", "email", "avatar_url")

# They stand for the ids of a call in the prepared queries, which hold nothing of any one caller.
_RECORD, _COMPANY, _USER = UUID(int=1), UUID(int=2), UUID(int=3)


def linked_rows(actor: Actor, relation: Relation, ids: Sequence[UUID]) -> Iterable[tuple[Any, ...]]:
    """(source id, target id, own fields of a reference to it …) for each link whose other end can be seen."""
    target = ENTITIES.find(relation.target)
    reach = actor.reach(target.resource) if target else "all"
    if not ids or reach == "none":
        return ()
    given = {_RECORD: ids, _COMPANY: [actor.company_id]}
    if reach == "own":
        assert actor.user_id is not None
        given[_USER] = [actor.user_id]
    return _query(relation, reach).rows(given)


@lru_cache(maxsize=200)
def _query(relation: Relation, reach: Reach) -> Prepared:
    rows = relation.through._default_manager.filter((f"{relation.source_key}__in", [_RECORD]))
    target, end = ENTITIES.find(relation.target), relation.target_key.removesuffix("_id")
    if target is None:
        attrs: Iterable[str] = USER_SHOWN
        rows = rows.filter((f"{end}__company_id", _COMPANY))
    else:
        attrs = (target.by_name[name].attr for name in target.refs)
        anybody = Actor(
            company_id=_COMPANY, user_id=_USER, via="system", access={target.resource: Access(read=reach)}
        )
        # EXISTS looks each linked record up by its id; IN would read all that the actor sees (350 ms
        # against 0.2 ms at 50,000 deals on SQLite).
        seen = target.model.objects.visible_to(anybody).filter(pk=OuterRef(relation.target_key))
        rows = rows.filter(Exists(seen))
    shown = rows.order_by("id").values_list(
        relation.source_key, relation.target_key, *(f"{end}__{attr}" for attr in attrs)
    )
    return Prepared(shown, [_RECORD, _COMPANY, *([_USER] if reach == "own" else [])])
