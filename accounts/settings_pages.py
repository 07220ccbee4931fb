"""How settings answer: a whole page, the part of it that htmx swaps, or a form in a dialog."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from accounts.pages import PageRequest


def show(
    request: PageRequest, template: str, context: dict[str, Any], *, status: int = HTTPStatus.OK
) -> HttpResponse:
    """`template`, which extends `frame`: with the settings around it, or alone for htmx."""
    frame = "settings/_part.html" if request.htmx else "settings/_frame.html"
    return render(request, template, {"frame": frame, **context}, status=status)


def show_dialog(
    request: PageRequest,
    template: str,
    heading: str,
    context: dict[str, Any],
    *,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    """`template` with a form under `heading`: in the open dialog, or as a page without JavaScript.

    A form that was sent and is wrong answers 422, unless `status` says more.
    """
    frame = "settings/_dialog.html" if request.htmx else "settings/_dialog_page.html"
    form = context.get("form")
    is_wrong = form is not None and form.is_bound and not form.is_valid()
    if is_wrong and status == HTTPStatus.OK:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    return render(request, template, {"frame": frame, "heading": heading, **context}, status=status)
