"""The page that says what of the sample data is left to remove, and removes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.pages import PageRequest, page
from accounts.settings_pages import show
from crm.attribution import who_did
from crm.entities import ENTITIES
from crm.sample.removing import Removal, find_removed, plan_removal, remove_sample_data
from crm.views.undoing import back
from customermates.kernel.ui.toasts import tell


class Line(NamedTuple):
    """One kind of thing: how many go, and which stay, by name and address."""

    icon: str
    label: str
    goes: int
    kept: list[tuple[str, str]]


@require_http_methods(["GET", "HEAD", "POST"])
@page
def sample_data(request: PageRequest) -> HttpResponse:
    """What goes and what stays; sent, it is gone."""
    if request.method == "POST":
        removal = remove_sample_data(request.actor)
        _tell(request, removal)
        return redirect("sample_data" if removal.kept_count else back(request))
    removal, removed = plan_removal(request.actor), find_removed(request.actor)
    context = {
        "removal": removal,
        "lines": list(_lines(removal)),
        "removed": removed,
        "removed_by": who_did(removed.event) if removed else "",
    }
    return show(request, "crm/sample_data.html", context)


def _tell(request: PageRequest, removal: Removal) -> None:
    if removal.is_nothing:
        tell(request, _("There was no sample data left to remove."))
        return
    count = removal.count
    told = ngettext("%(count)s sample record removed.", "%(count)s sample records removed.", count)
    tell(
        request,
        told % {"count": count},
        undo=reverse("undo", args=[request.actor.change_set]),
        link=reverse("sample_data"),
        link_label=_("Details"),
    )


def _lines(removal: Removal) -> Iterator[Line]:
    for share in removal.records:
        kept = [(name, reverse(share.entity.name, args=[pk])) for pk, name in share.kept]
        yield Line(share.entity.icon, str(share.entity.label), len(share.leaving), kept)
    kept = [(f"{column.label} ({ENTITIES.get(column.entity).label})", "") for column in removal.kept_columns]
    yield Line("columns-3", _("Custom columns"), len(removal.columns), kept)
