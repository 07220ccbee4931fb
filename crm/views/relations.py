"""What is linked to a record: lists beside its properties, adding to them, taking away."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actor import Actor
from accounts.idempotency import Answer
from accounts.pages import PageRequest, page
from accounts.submissions import once_per_form
from crm import services
from crm.entities import ENTITIES, Entity, Relation
from crm.presenters import Row
from crm.relations import Linked, create_linked, linked_records, may_create_by_name
from crm.searching import Hit, search_entity
from crm.views.faces import Look, avatar_shape, field_html
from crm.views.shown import Shown, load
from customermates.kernel.errors import Issue, NotFound
from customermates.kernel.ui.toasts import add_trigger, tell

OFFERED = 8


class Mini(NamedTuple):
    """One linked record as a short line."""

    id: UUID
    name: str
    url: str
    brief: list[SafeString]
    tick_url: str  # where its box is ticked; "" when it has none
    tick_value: str  # what ticking sends
    is_done: bool


@dataclass(frozen=True)
class Section:
    """One relation of a record."""

    relation: Relation
    target: Entity
    total: int
    minis: list[Mini]
    all_url: str  # the list of all, when there are more
    may_add: bool
    shape: str  # of the avatars


def sections(shown: Shown) -> list[Section]:
    """The relations to other records that this person may read, without those that have a grid of lines."""
    catalog = shown.setup.catalog(shown.entity)
    relations = [f.relation for f in catalog.relations.values() if f.relation]
    return [
        _section(shown, linked_records(shown.setup, relation, shown.id))
        for relation in relations
        if relation.target != "user" and not relation.owns_lines
    ]


def _section(shown: Shown, linked: Linked) -> Section:
    relation, target = linked.relation, linked.target
    rule = {"f1": relation.inverse, "o1": "hasSome", "v1": str(shown.id)}
    return Section(
        relation,
        target,
        linked.total,
        [_mini(shown.look, target, row) for row in linked.rows],
        f"{reverse(target.plural)}?{urlencode(rule)}" if linked.total > len(linked.rows) else "",
        shown.may_write and _may_link(shown, relation),
        avatar_shape(target.name),
    )


def _may_link(shown: Shown, relation: Relation) -> bool:
    """A service's deals are lines of the deals, which the person must be allowed to write."""
    return not relation.has_lines or shown.setup.actor.can("write", ENTITIES.get(relation.target).resource)


def _mini(look: Look, target: Entity, row: Row) -> Mini:
    catalog = look.setup.catalog(target)
    brief = [field_html(look, catalog.own[name], row) for name in target.brief]
    is_done, tick_url, tick_value = False, "", ""
    if target.ticks:
        name, todo, done = target.ticks
        is_done = row[target.by_name[name].attr] == done
        tick_value = todo if is_done else done
        if look.setup.actor.can("write", target.resource):
            tick_url = reverse(f"{target.name}_field", args=[row["id"], name])
    return Mini(
        row["id"],
        str(row[target.by_name["name"].attr]),
        reverse(target.name, args=[row["id"]]),
        [text for text in brief if text],
        tick_url,
        tick_value,
        is_done,
    )


@require_http_methods(["GET", "POST"])
@page
def link(request: PageRequest, entity: Entity, pk: UUID, relation: str) -> HttpResponse:
    """What could be linked, by the words in `q`; a POST of `id` links, one of `create` makes a new record."""
    request.actor.require("write", entity.resource)
    found = _relation(entity, relation)
    if request.method == "GET":
        return _options(request, entity, pk, found)
    if name := request.POST.get("create", "").strip():
        made = once_per_form(request, lambda: _made(request.actor, found, pk, name))
        text = _("%(name)s was created and linked.") % made
        return _changed(request, entity, pk, text, undo=made["changeSet"])
    done = services.link_records(request.actor, entity, pk, relation, [request.POST.get("id", "")])
    if done.rows[0].outcome == "unchanged":
        return _changed(request, entity, pk, _("This is linked already."))
    return _changed(request, entity, pk, _("Linked."), undo=done.change_set)


@require_POST
@page
def unlink(request: PageRequest, entity: Entity, pk: UUID, relation: str) -> HttpResponse:
    """The link to the record `id` taken away, with a way back."""
    _relation(entity, relation)
    done = services.unlink_records(request.actor, entity, pk, relation, [request.POST.get("id", "")])
    return _changed(request, entity, pk, _("The link was removed."), undo=done.change_set)


def _made(actor: Actor, relation: Relation, pk: UUID, name: str) -> Answer:
    return {"name": create_linked(actor, relation, pk, name).record.title, "changeSet": str(actor.change_set)}


def _changed(
    request: PageRequest, entity: Entity, pk: UUID, text: str, *, undo: UUID | str = ""
) -> HttpResponse:
    tell(request, text, undo=reverse("undo", args=[undo]) if undo else "")
    if not request.htmx:
        return redirect(entity.name, pk)
    response = HttpResponse(status=HTTPStatus.NO_CONTENT)
    add_trigger(response, "records:changed")
    return response


def _relation(entity: Entity, name: str) -> Relation:
    found = entity.relations.get(name)
    if found is None or found.target == "user":
        raise NotFound(Issue("relation", "unknown_relation", {"entity": entity.name}))
    return found


def _options(request: PageRequest, entity: Entity, pk: UUID, relation: Relation) -> HttpResponse:
    shown, target = load(request, entity, pk), ENTITIES.get(relation.target)
    text = request.GET.get("q", "").strip()[:200]
    hits: list[Hit] = search_entity(request.actor, target, text, OFFERED)
    by_name = may_create_by_name(request.actor, target)
    by_form = not by_name and request.actor.can("write", target.resource)
    context: dict[str, Any] = {
        "shown": shown,
        "relation": relation,
        "target": target,
        "shape": avatar_shape(target.name),
        "hits": [hit for hit in hits if hit.id != pk],
        "text": text,
        "link_url": reverse(f"{entity.name}_link", args=[pk, relation.ids_name]),
        "create_name": text if by_name else "",
        "create_url": f"{reverse(f'{target.name}_create')}?{urlencode({relation.inverse: str(pk)})}"
        if by_form
        else "",
    }
    return render(request, "crm/_record_options.html" if request.htmx else "crm/record_link.html", context)
