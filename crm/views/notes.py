"""The notes of a record: one text in Markdown, to which the composer adds paragraphs."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.idempotency import Answer
from accounts.pages import PageRequest, page
from accounts.submissions import once_per_form
from crm import services
from crm.entities import Entity
from crm.history import last_change_of
from crm.markdown import appended, rendered, ticked
from crm.views.shown import Shown, load
from customermates.kernel.errors import Conflict, Issue, ValidationFailed
from customermates.kernel.sentences import sentence
from customermates.kernel.ui.toasts import add_trigger, tell

TRIES = 3  # to add a paragraph while others write


def notes_context(shown: Shown) -> dict[str, Any]:
    """The notes as they are read."""
    text = str(shown.row["notes"])
    return {"notes": rendered(text, may_tick=shown.may_write) if text else "", "notes_mark": mark_of(text)}


def mark_of(text: str) -> str:
    """A short mark of a text, to notice that it is another one by now."""
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


@require_POST
@page
def preview(request: PageRequest) -> HttpResponse:
    """What a text will look like."""
    return HttpResponse(rendered(request.POST.get("text", "")))


@require_POST
@page
def add_note(request: PageRequest, entity: Entity, pk: UUID) -> HttpResponse:
    """One more paragraph; whatever others write meanwhile stays."""
    text = request.POST.get("text", "")
    try:
        if text.strip():
            once_per_form(request, lambda: _append(request, entity, pk, text))
    except ValidationFailed as error:
        sentences = [sentence(issue) for issue in error.issues]
        return _composer(request, entity, pk, text, sentences, HTTPStatus.UNPROCESSABLE_ENTITY)
    if not request.htmx:
        return _saved(request, entity, pk)
    response = _composer(request, entity, pk)
    add_trigger(response, "records:changed")
    return response


def _composer(
    request: PageRequest,
    entity: Entity,
    pk: UUID,
    text: str = "",
    sentences: Sequence[str] = (),
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    """The composer, ready for the next paragraph or saying why this one was not added."""
    context = {
        "shown": load(request, entity, pk),
        "entity": entity,
        "url": reverse(entity.name, args=[pk]),
        "text": text,
        "sentences": sentences,
    }
    return _part(request, "crm/_record_composer.html", context, status)


def _part(request: PageRequest, template: str, context: dict[str, Any], status: HTTPStatus) -> HttpResponse:
    """A form of the notes in its place, or as a page of its own."""
    page_around = {**context, "part": template}
    return render(request, template if request.htmx else "crm/record_notes.html", page_around, status=status)


def _append(request: PageRequest, entity: Entity, pk: UUID, text: str) -> Answer:
    for attempt in range(TRIES):
        shown = load(request, entity, pk)
        values = {
            "notes": appended(str(shown.row["notes"]), text),
            "expectedVersion": shown.row["version"],
        }
        try:
            services.update_records(request.actor, entity, {pk: values})
            break
        except Conflict:
            if attempt == TRIES - 1:
                raise
    return {}


@require_POST
@page
def tick(request: PageRequest, entity: Entity, pk: UUID) -> HttpResponse:
    """The box of one task ticked or cleared, in the text that the person saw."""
    shown = load(request, entity, pk)
    number, text = request.POST.get("task", ""), str(shown.row["notes"])
    is_same = request.POST.get("mark") == mark_of(text) and number.isdecimal()
    changed = ticked(text, int(number), done=request.POST.get("done") == "true") if is_same else None
    if changed is None:
        raise Conflict(Issue("notes", "notes_moved_on"))
    values = {"notes": changed, "expectedVersion": shown.row["version"]}
    services.update_records(request.actor, entity, {pk: values})
    return _saved(request, entity, pk)


@require_http_methods(["GET", "POST"])
@page
def edit_notes(request: PageRequest, entity: Entity, pk: UUID) -> HttpResponse:
    """The whole text to be edited, and its saving; who saves over newer words is asked first."""
    request.actor.require("write", entity.resource)
    shown = load(request, entity, pk)
    text = str(shown.row["notes"])
    if request.method == "GET":
        return _form(shown, text)
    typed = request.POST.get("text", "")
    if typed == text:
        return _saved(request, entity, pk)  # sent twice, or nobody's words are lost anyway
    if request.POST.get("mark", "") != mark_of(text):
        who = last_change_of(shown.setup, pk, ["notes"])
        return _form(shown, typed, who=who, status=HTTPStatus.CONFLICT)
    values = {"notes": typed, "expectedVersion": shown.row["version"]}
    try:
        services.update_records(request.actor, entity, {pk: values})
    except ValidationFailed as error:
        sentences = [sentence(issue) for issue in error.issues]
        return _form(shown, typed, sentences=sentences, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _saved(request, entity, pk)


def _form(
    shown: Shown,
    text: str,
    *,
    who: str = "",
    sentences: list[str] | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    stored = str(shown.row["notes"])
    context = {
        "shown": shown,
        "entity": shown.entity,
        "url": shown.url,
        "text": text,
        "notes_mark": mark_of(stored),
        "who": who,
        "newer": rendered(stored) if who else "",
        "sentences": sentences or [],
    }
    return _part(shown.request, "crm/_record_notes_form.html", context, status)


def _saved(request: PageRequest, entity: Entity, pk: UUID) -> HttpResponse:
    if not request.htmx:
        tell(request, _("The notes were saved."))
        return redirect(f"{reverse(entity.name, args=[pk])}?tab=notes")
    response = HttpResponse(status=HTTPStatus.NO_CONTENT)
    add_trigger(response, "records:changed")
    return response
