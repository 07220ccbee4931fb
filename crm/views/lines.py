"""The lines of a deal as a grid that is edited in place and saved as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from http import HTTPStatus
from typing import Any, NamedTuple
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.pages import PageRequest, page
from crm import services
from crm.entities import ENTITIES, Entity, Relation
from crm.field_types import Json
from crm.history import last_change_of
from crm.presenters import Row
from crm.views.editors import told_once, typed_number
from crm.views.faces import money_html, names_of
from crm.views.notes import mark_of
from crm.views.shown import Shown, load
from customermates.kernel.errors import Conflict, Issue, NotFound, ValidationFailed
from customermates.kernel.sentences import sentence
from customermates.kernel.ui.toasts import add_trigger, tell
from customermates.kernel.ui.typed_numbers import number_text


class Line(NamedTuple):
    """One row of the grid; quantity and price as the person writes them."""

    service: str
    name: str
    url: str = ""  # of the service's page, "" when it is gone
    quantity: str = ""
    price: str = ""
    total: str = ""  # of what is stored
    is_gone: bool = False
    wrong_quantity: bool = False
    wrong_price: bool = False
    sentences: Sequence[str] = ()


class Typed(NamedTuple):
    """One row as the form sent it."""

    service: str
    quantity: str = ""
    price: str = ""


def lines_context(shown: Shown) -> dict[str, Any]:
    """The grid as it is stored; {} for entities without lines."""
    relation = shown.entity.lines
    if relation is None or shown.setup.actor.reach(ENTITIES.get(relation.target).resource) == "none":
        return {}
    return _grid(shown, relation, shown.lines, [_stored(shown, relation, row) for row in shown.lines])


@require_POST
@page
def save_lines(request: PageRequest, entity: Entity, pk: UUID) -> HttpResponse:
    """All lines as the form has them; what is wrong is told at its line, and nothing typed is lost."""
    relation, shown = entity.lines, load(request, entity, pk)
    if relation is None:
        raise NotFound(Issue("", "unknown_relation", {"entity": entity.name}))
    rows = shown.lines
    if request.POST.get("mark") != _mark(rows):
        return _moved_on(shown, relation)
    typed = _typed(request.POST)
    given, issues = _read(typed, relation, shown)
    values = {relation.written_as: given, "expectedVersion": shown.row["version"]}
    try:
        services.update_records(request.actor, entity, {pk: values}, dry_run=bool(issues))
    except ValidationFailed as error:
        issues = told_once(issues, error.issues)
    except Conflict:  # between our reading and our writing: told like any other change
        return _moved_on(load(request, entity, pk), relation)
    return _refused(shown, relation, rows, typed, issues) if issues else _saved(request, entity, pk)


def _moved_on(shown: Shown, relation: Relation) -> HttpResponse:
    """The lines as they are by now, and who changed them: what was typed is theirs to repeat."""
    who = last_change_of(shown.setup, shown.id, [relation.name])
    told = [sentence(Issue("", "lines_moved_on", {"who": who}))]
    return _answer(shown, {**lines_context(shown), "line_sentences": told}, HTTPStatus.CONFLICT)


def _answer(shown: Shown, context: dict[str, Any], status: HTTPStatus) -> HttpResponse:
    """The grid in its place, or on a page of its own."""
    template = "crm/_record_lines.html" if shown.request.htmx else "crm/record_lines.html"
    return render(shown.request, template, context, status=status)


def _typed(posted: QueryDict) -> list[Typed]:
    """The lines of the form in their order, one more or one less or one further up as its buttons say."""
    columns = (posted.getlist(name) for name in ("service", "quantity", "price"))
    lines = [Typed(*line) for line in zip(*columns, strict=False) if line[0] != posted.get("remove")]
    place = next((n for n, line in enumerate(lines) if line.service == posted.get("up")), 0)
    if place:
        lines[place - 1 : place + 1] = [lines[place], lines[place - 1]]
    if added := posted.get("add"):
        lines.append(Typed(added))
    return lines


def _read(
    typed: Sequence[Typed], relation: Relation, shown: Shown
) -> tuple[list[dict[str, Json]], list[Issue]]:
    """The lines as the write path takes them, and what is wrong with numbers that cannot be read."""
    given: list[dict[str, Json]] = []
    issues: list[Issue] = []
    for n, line in enumerate(typed):
        given.append({"serviceId": line.service})
        price = ("unitPrice", line.price, shown.row["currency"])
        for name, text, currency in (("quantity", line.quantity, None), price):
            try:
                number = typed_number(text, shown.look, currency=currency)
            except ValidationFailed as error:
                issues += [issue.below(f"{relation.written_as}[{n}].{name}") for issue in error.issues]
                continue
            if number:
                given[-1][name] = number
    return given, issues


def _saved(request: PageRequest, entity: Entity, pk: UUID) -> HttpResponse:
    if request.POST.get("remove"):
        text = _("The line was removed.")
        tell(request, text, undo=reverse("undo", args=[request.actor.change_set]))
    # The grid at once, ready for the next change; the rest of the page follows.
    if not request.htmx:
        return redirect(entity.name, pk)
    response = render(request, "crm/_record_lines.html", lines_context(load(request, entity, pk)))
    add_trigger(response, "records:changed")
    return response


def _refused(
    shown: Shown,
    relation: Relation,
    rows: Sequence[Row],
    typed: Sequence[Typed],
    issues: Sequence[Issue],
) -> HttpResponse:
    """The grid with what was typed, and at each line what is wrong with it."""
    paths = [f"{relation.written_as}[{n}]" for n in range(len(typed))]
    at = [[issue for issue in issues if issue.field.startswith(path)] for path in paths]
    known = {str(row["id"]): row for row in rows}
    names = names_of(shown.look, relation.target, [line.service for line in typed])
    lines = [
        _as_typed(shown, relation, line, known.get(line.service), names, at[n])
        for n, line in enumerate(typed)
    ]
    told = {id(issue) for found in at for issue in found}
    rest = [sentence(issue) for issue in issues if id(issue) not in told]
    context = {**_grid(shown, relation, rows, lines), "line_sentences": rest}
    return _answer(shown, context, HTTPStatus.UNPROCESSABLE_ENTITY)


def _grid(shown: Shown, relation: Relation, rows: Sequence[Row], lines: Sequence[Line]) -> dict[str, Any]:
    """What the template of the grid needs; the totals are those of what is stored."""
    formats, currency = shown.look.formats, shown.row["currency"]
    total = sum((row["unit_price"] * row["quantity"] for row in rows), Decimal(0)).quantize(Decimal("0.01"))
    quantity = sum((row["quantity"] for row in rows), Decimal(0))
    return {
        "shown": shown,
        "entity": shown.entity,
        "url": shown.url,
        "has_lines": True,
        "line_target": ENTITIES.get(relation.target),
        "lines": lines,
        "line_currency": currency,
        "lines_mark": _mark(rows),
        "lines_total": money_html(formats, total, currency),
        "lines_quantity": formats.number(quantity.normalize()),
        "line_options_url": reverse(f"{shown.entity.name}_options", args=[relation.ids_name]),
    }


def _stored(shown: Shown, relation: Relation, row: Row) -> Line:
    look = shown.look
    return Line(
        service=str(row["id"]) if row["id"] else "",
        name=row["name"],
        url=reverse(relation.target, args=[row["id"]]) if row["is_seen"] else "",
        quantity=number_text(row["quantity"], look.formats.locale),
        price=number_text(row["unit_price"], look.formats.locale, is_money=True),
        total=money_html(look.formats, row["unit_price"] * row["quantity"], shown.row["currency"]),
        is_gone=row["is_gone"],
    )


def _as_typed(
    shown: Shown,
    relation: Relation,
    line: Typed,
    stored: Row | None,
    names: Mapping[str, str],
    issues: Sequence[Issue],
) -> Line:
    """A line as it was typed, its total still as it is stored."""
    name = names.get(line.service) or (stored["name"] if stored else line.service)
    kept = _stored(shown, relation, stored) if stored else Line(line.service, name)
    wrong = {issue.field.rpartition(".")[2] for issue in issues}
    return kept._replace(
        name=name,
        url="",
        quantity=line.quantity,
        price=line.price,
        wrong_quantity="quantity" in wrong,
        wrong_price=bool(wrong & {"unitPrice", "amount"}),
        sentences=[sentence(issue) for issue in issues],
    )


def _mark(rows: Sequence[Row]) -> str:
    """What tells that the lines are others by now."""
    return mark_of(repr([(row["id"], row["quantity"], row["unit_price"], row["position"]) for row in rows]))
