"""What a picker offers: people, or records of the entity that a relation leads to."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.pages import PageRequest, page
from crm.entities import ENTITIES, Entity
from crm.relations import may_create_by_name
from crm.searching import search_entity
from crm.setup import CompanySetup
from crm.views.faces import avatar_shape
from customermates.kernel.errors import Issue, NotFound
from customermates.kernel.folding import folded

OFFERED = 8


@require_safe
@page
def options(request: PageRequest, entity: Entity, relation: str) -> HttpResponse:
    """Options for the words in `q`, as the list inside a picker."""
    found = entity.relations.get(relation)
    if found is None:
        raise NotFound(Issue("relation", "unknown_relation", {"entity": entity.name}))
    text = request.GET.get("q", "")[:200]
    if found.target == "user":
        choices, target = _people(request, text), None
    else:
        target = ENTITIES.get(found.target)
        hits = search_entity(request.actor, target, text, OFFERED)
        choices = [(str(hit.id), hit.name) for hit in hits]
    context = {
        "choices": choices,
        "target": target,
        "text": text.strip(),
        "shape": avatar_shape(found.target),
        "may_create": bool(target and text.strip() and may_create_by_name(request.actor, target)),
    }
    return render(request, "crm/_options.html", context)


def _people(request: PageRequest, text: str) -> list[tuple[str, str]]:
    people = CompanySetup(request.actor).people
    words = folded(text).split()
    named = ((str(pk), people.name(pk)) for pk in people.in_name_order())
    return [(pk, name) for pk, name in named if all(word in folded(name) for word in words)][:OFFERED]
