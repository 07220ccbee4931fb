"""What a picker offers: people, or records of the entity that a relation leads to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.pages import PageRequest, page
from crm.entities import ENTITIES, Entity
from crm.relations import brief_attrs, may_create_by_name
from crm.searching import search_entity
from crm.setup import CompanySetup
from crm.views.faces import Look, face_html, field_html
from customermates.kernel.errors import Issue, NotFound
from customermates.kernel.folding import folded

OFFERED = 8


class Choice(NamedTuple):
    """One of the options."""

    id: str
    name: str
    brief: Sequence[str] = ()  # what stands beside the name


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
        choices = _offered(request, target, text) if found.has_lines else _records(request, target, text)
    context = {
        "choices": [(choice, face_html(found.target, choice.name)) for choice in choices],
        "target": target,
        "text": text.strip(),
        "may_create": bool(target and text.strip() and may_create_by_name(request.actor, target)),
    }
    return render(request, "crm/_options.html", context)


def _records(request: PageRequest, target: Entity, text: str) -> list[Choice]:
    return [Choice(str(hit.id), hit.name) for hit in search_entity(request.actor, target, text, OFFERED)]


def _offered(request: PageRequest, target: Entity, text: str) -> list[Choice]:
    """What can be sold, with its number and price."""
    look = Look(CompanySetup(request.actor), request.formats)
    hits = search_entity(request.actor, target, text, OFFERED, brief_attrs(target))
    own = look.setup.catalog(target).own
    return [
        Choice(str(hit.id), hit.name, [field_html(look, own[name], hit.row) for name in target.brief])
        for hit in hits
    ]


def _people(request: PageRequest, text: str) -> list[Choice]:
    people = CompanySetup(request.actor).people
    words = folded(text).split()
    named = (Choice(str(pk), people.name(pk)) for pk in people.in_name_order())
    return [choice for choice in named if all(word in folded(choice.name) for word in words)][:OFFERED]
