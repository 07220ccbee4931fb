"""What is linked to one record, and making and unmaking such links by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Window

from accounts.actor import Actor
from crm import services
from crm.entities import ENTITIES, Entity, Relation
from crm.field_types import Json
from crm.presenters import Row
from crm.setup import CompanySetup

SHOWN = 12  # of one relation on a record's page; a list shows the rest


@dataclass(frozen=True, slots=True)
class Linked:
    """The newest links of one relation, as rows of the records at their other end."""

    relation: Relation
    target: Entity
    total: int
    rows: Sequence[Row]


def linked_records(setup: CompanySetup, relation: Relation, pk: UUID) -> Linked:
    """What `relation` links to record `pk`, as far as the actor sees it; one query."""
    target, end = ENTITIES.get(relation.target), relation.target_key.removesuffix("_id")
    seen = target.model.objects.visible_to(setup.actor).filter(pk=OuterRef(relation.target_key))
    rows = relation.through._default_manager.filter((relation.source_key, pk)).filter(Exists(seen))
    attrs = brief_attrs(target)
    paths = [f"{end}__{attr}" for attr in attrs]
    rows = rows.order_by("-id").annotate(total=Window(Count("id"))).values_list("total", *paths)
    found = list(rows[:SHOWN])
    shown = [dict(zip(attrs, values, strict=True)) for _, *values in found]
    return Linked(relation, target, found[0][0] if found else 0, shown)


def line_rows(setup: CompanySetup, relation: Relation, pk: UUID) -> list[Row]:
    """The lines of record `pk` in their order, and whether the service of each is gone, or can be seen."""
    end, target = relation.target_key.removesuffix("_id"), ENTITIES.get(relation.target)
    seen = target.model.objects.visible_to(setup.actor).filter(pk=OuterRef(relation.target_key))
    rows = relation.through._default_manager.filter((relation.source_key, pk)).order_by("position", "id")
    attrs = (relation.target_key, f"{end}_name", f"{end}__deleted_at", "quantity", "unit_price", "position")
    found = rows.annotate(is_seen=Exists(seen)).values_list(*attrs, "is_seen")
    names = ("id", "name", "is_gone", "quantity", "unit_price", "position", "is_seen")
    lines = [dict(zip(names, values, strict=True)) for values in found]
    return [{**line, "is_gone": line["id"] is None or line["is_gone"] is not None} for line in lines]


def has_lines(relation: Relation, pk: UUID) -> bool:
    """Whether record `pk` has any."""
    return relation.through._default_manager.filter((relation.source_key, pk)).exists()


def brief_attrs(entity: Entity) -> list[str]:
    """The model attributes that a short line about a record needs."""
    names = ("name", "currency", "status", *entity.brief, *(entity.ticks or ())[:1])
    return list(dict.fromkeys(["id", *(entity.by_name[n].attr for n in names if n in entity.by_name)]))


def may_create_by_name(actor: Actor, entity: Entity) -> bool:
    """Whether a typed name is enough for a record of `entity`, as far as the product itself demands."""
    demanded = {field.name for field in entity.fields if field.required}
    return actor.can("write", entity.resource) and demanded <= {"name", *entity.refs}


def create_linked(actor: Actor, relation: Relation, pk: UUID, name: str) -> services.Written:
    """A new record of this name at the other end of `relation`, linked to `pk`, in one write."""
    target = ENTITIES.get(relation.target)
    back = target.relations[relation.inverse]
    link: Json = [{"serviceId": str(pk)}] if back.owns_lines else [str(pk)]
    values = {**named(target, name), back.written_as: link}
    return services.create_records(actor, target, [values]).rows[0]


def named(entity: Entity, text: str) -> dict[str, Json]:
    """The fields that a typed name fills: the name itself, or its parts, the last word being the last one."""
    if entity.by_name["name"].writable:
        return {"name": text}
    first, _, last = text.strip().rpartition(" ")
    return dict(zip(entity.refs, (first, last) if first else (last, ""), strict=True))
