"""Undo: the address behind every toast and every entry of a timeline that offers it."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.pages import PageRequest, page
from crm.catalog import Catalog
from crm.reversal import CHANGED_SINCE, GONE
from crm.setup import CompanySetup
from crm.undo import Obstacle, Undone, undo_change_set
from crm.views.faces import Look, label_of, names_of
from customermates.kernel.ids import find_uuid
from customermates.kernel.sentences import sentence
from customermates.kernel.ui.toasts import add_trigger, tell

TOLD = 3  # obstacles in one toast


@require_POST
@page
def undo(request: PageRequest, change_set: UUID) -> HttpResponse:
    """What one change set did, or with `record` what it did to that one, taken back as far as it stands."""
    only = find_uuid(request.GET.get("record", ""))
    done = undo_change_set(request.actor, change_set, record_id=only)
    _tell(request, done)
    if request.htmx:
        response = HttpResponse(status=HTTPStatus.NO_CONTENT)
        add_trigger(response, "records:changed")
        return response
    return redirect(back(request))


def back(request: PageRequest) -> str:
    """The page that the request came from, when it is one of ours."""
    url = request.headers.get("Referer", "")
    hosts = {request.get_host()}
    is_ours = url_has_allowed_host_and_scheme(url, hosts, require_https=request.is_secure())
    return url if is_ours else reverse("home")


def _tell(request: PageRequest, done: Undone) -> None:
    look = Look(CompanySetup(request.actor), request.formats)
    kept = " ".join([*_sentences(look, done.obstacles), *map(sentence, done.refused[:TOLD])])
    if done.count:
        again = reverse("undo", args=[done.change_set])
        said = _("Undone, except:") + f" {kept}" if kept else _("Undone.")
        tell(request, said, undo=again)
    else:
        tell(request, kept or _("There was nothing left to undo."), "error" if kept else "ok")


def _sentences(look: Look, obstacles: Sequence[Obstacle]) -> list[str]:
    """What stays as it is and why, the first few; the rest is counted."""
    names: dict[UUID, str] = {}
    for entity in {obstacle.entity.name: obstacle.entity for obstacle in obstacles}.values():
        ids = [str(o.record_id) for o in obstacles if o.entity is entity]
        names |= {UUID(pk): name for pk, name in names_of(look, entity.name, ids).items()}
    told = list(dict.fromkeys(_sentence(look, o, names.get(o.record_id, "")) for o in obstacles))
    more = len(told) - TOLD
    rest = ngettext("%(n)d more stays as it is.", "%(n)d more stay as they are.", more) % {"n": more}
    return [*told[:TOLD], *([rest] if more > 0 else [])]


def _sentence(look: Look, obstacle: Obstacle, name: str) -> str:
    label = field_label(look.setup.catalog(obstacle.entity), obstacle.field)
    record = f"“{name}”" if name else _("A record")
    words = {"field": label, "record": record, "why": sentence(obstacle.issue)}
    if obstacle.issue.code == GONE:
        return _("%(record)s is not there any more.") % words
    if obstacle.issue.code == CHANGED_SINCE:
        if obstacle.field:
            return _("%(field)s of %(record)s was changed since.") % words
        return _("%(record)s was changed since and stays.") % words
    return (_("%(field)s of %(record)s: %(why)s") if obstacle.field else _("%(record)s: %(why)s")) % words


def field_label(catalog: Catalog, name: str) -> str:
    """What people call the field of this name or column id; a name that means nothing any more stays."""
    relation = next((f for f in catalog.relations.values() if f.relation and f.relation.name == name), None)
    field = catalog.find(name) or relation
    return label_of(field) if field else name
