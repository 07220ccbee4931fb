"""The history of a record in words: who did what, through which door, and what it was before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Event
from crm.attribution import attribution, reason_of
from crm.catalog import Catalog, Field
from crm.field_types import CurrencyType, DateTimeType, DateType, Json
from crm.field_types.addresses import AddressType
from crm.field_types.stages import PipelineIdType, StageIdType
from crm.history import PAGE, Entry, names_in, timeline
from crm.markdown import difference, rendered
from crm.reversal import Change, Past, State, state_of, still_stands
from crm.views.faces import Look, label_of, value_html
from crm.views.shown import Shown
from customermates.kernel.errors import ValidationFailed

LONGEST = 120  # characters of a value
MOST = 200  # entries that a redrawn timeline may have
FEW = 3  # of the records that were linked at once; the others unfold


class Item(NamedTuple):
    """One thing that changed: a sentence about it (without who), and an icon."""

    icon: str
    words: SafeString
    note: SafeString = SafeString("")  # a text that was added, as it reads


@dataclass(frozen=True)
class Told:
    """One entry as the page shows it."""

    event: Event
    who: str
    icon: str
    head: SafeString  # what was done, when it was one thing or a creation; else the items are counted
    note: SafeString
    items: Sequence[Item]
    via: str
    details: str
    reason: str
    others: str
    undo_url: str


def timeline_context(shown: Shown) -> dict[str, Any]:
    """A page of the timeline: `before` a number, as many as are `shown` already."""
    asked, size = shown.request.GET.get("before", ""), shown.request.GET.get("shown", "")
    before = int(asked) if asked.isdecimal() and len(asked) < 19 else None
    wanted = min(MOST, max(PAGE, int(size))) if size.isdecimal() and len(size) < 5 else PAGE
    page = timeline(shown.setup, shown.id, before=before, size=wanted)
    teller = Teller(shown.look, shown.setup.catalog(shown.entity), shown.row)
    return {"entries": teller.tell(page.entries, may_undo=shown.may_write), "older": page.before}


@dataclass(frozen=True)
class Teller:
    """Puts what happened to one record into words."""

    look: Look
    catalog: Catalog
    row: Mapping[str, Any]

    def tell(self, entries: Sequence[Entry], *, may_undo: bool) -> list[Told]:
        """All entries; those whose changes still stand can be undone."""
        names = names_in(self.look.setup, [entry.past for entry in entries])
        now = state_of(self.look.setup, self.catalog.entity, self.row)
        return [self._told(entry, names, now if may_undo else None) for entry in entries]

    def _told(self, entry: Entry, names: Mapping[str, str], now: State | None) -> Told:
        event, by = entry.event, attribution(entry.event)
        items = list(self.items(entry, names)) or [Item("pencil", _say(_("changed this record")))]
        has_head = len(items) == 1 or _moves(entry.past)
        stands = now is not None and not _moves(entry.past) and still_stands(entry.past, now)
        undo = f"{reverse('undo', args=[event.change_set])}?record={event.entity_id}"
        others = ngettext("and %(n)d other record", "and %(n)d other records", entry.others)
        return Told(
            event=event,
            who=by.name,
            icon="bot" if by.is_agent else items[0].icon,
            head=items[0].words if has_head else SafeString(""),
            note=items[0].note if has_head else SafeString(""),
            items=items[1:] if has_head else items,
            via=by.via,
            details=by.details,
            reason=reason_of(event),
            others=others % {"n": entry.others} if entry.others else "",
            undo_url=undo if stands else "",
        )

    def items(self, entry: Entry, names: Mapping[str, str]) -> Iterator[Item]:
        """What the entry tells of, one by one; `names` are those of linked records."""
        past = entry.past
        if _moves(past):
            if not past.is_alive:
                yield Item("trash-2", _say(_("moved this record to the trash")))
            elif entry.is_first:
                yield Item("plus", _say(_("created this record")))
            else:
                yield Item("archive-restore", _say(_("took this record out of the trash")))
        yield from self._changes(past)
        yield from self._links(past, names)
        yield from self._lines(past)

    def _changes(self, past: Past) -> Iterator[Item]:
        fields = {name: self.catalog.find(name) for name in past.fields}
        written = [name for name, field in fields.items() if field and field.own and field.own.writable]
        for name, change in past.fields.items():
            field = fields[name]
            if name == "notes":
                yield _notes(change)
            elif field is None or isinstance(field.type, PipelineIdType | StageIdType):
                continue
            elif name in written or not (written or past.lines):
                yield self._change(field, change)
        for pk, change in past.custom.items():
            if field := self.catalog.find_custom(pk):
                yield self._change(field, change)

    def _change(self, field: Field, change: Change) -> Item:
        before, after = (self.face(field, change[side]) for side in ("previous", "current"))
        label = label_of(field)
        if not before:
            return Item("pencil", _say(_("set {field} to {after}"), field=label, after=after))
        if not after:
            return Item("pencil", _say(_("cleared {field} {before}"), field=label, before=_struck(before)))
        words = _say(_("changed {field} {before} → {after}"), field=label, before=before, after=after)
        return Item("refresh-cw", words)

    def face(self, field: Field, value: Json) -> SafeString:
        """A value out of an event as people read it; what means nothing any more stays as it was told."""
        if value in (None, "", []):
            return SafeString("")
        kind, setup = field.type, self.look.setup
        assert kind is not None
        try:
            parsed = kind.parse(value, setup.context)
        except ValidationFailed:
            return _cut(str(value))
        if isinstance(kind, AddressType):
            return _cut(", ".join(parsed) if isinstance(parsed, list) else str(parsed))
        if field.own and isinstance(kind, CurrencyType):
            return SafeString(conditional_escape(self.look.formats.money(parsed, self.row["currency"])))
        if isinstance(kind, DateType | DateTimeType):
            return self._on_record(parsed)
        if isinstance(parsed, str) and len(parsed) > LONGEST:
            return _cut(parsed)
        return value_html(kind, parsed, self.look)

    def _on_record(self, value: date) -> SafeString:
        """A day or time as it was: what is near today is not what was near when it was written."""
        formats = self.look.formats
        shown = formats.date_time(value) if isinstance(value, datetime) else formats.date(value)
        return format_html('<time datetime="{}">{}</time>', value.isoformat(), shown)

    def _links(self, past: Past, names: Mapping[str, str]) -> Iterator[Item]:
        for name, relation in past.entity.relations.items():
            for ids, said, assigned in (
                (past.added.get(name), _("linked {records}"), _("assigned {names}")),
                (past.removed.get(name), _("unlinked {records}"), _("unassigned {names}")),
            ):
                if not ids:
                    continue
                if relation.target == "user":
                    yield Item("user", _say(assigned, names=self._people(ids)))
                else:
                    yield Item("link", _say(said, records=_linked(relation.target, sorted(ids), names)))

    def _people(self, ids: set[str]) -> str:
        people = self.look.setup.people
        people.prefetch(ids)
        found = [people.name(pk) for text in sorted(ids) if (pk := people.find(text))]
        return ", ".join(found) or _("somebody")

    def _lines(self, past: Past) -> Iterator[Item]:
        for change in past.lines.values():
            before, after = change["previous"], change["current"]
            told = {side: line and self._line(line) for side, line in (("before", before), ("after", after))}
            if before is None:
                yield Item("package", _say(_("added {line}"), line=told["after"]))
            elif after is None:
                yield Item("package", _say(_("removed {line}"), line=told["before"]))
            elif told["before"] != told["after"]:
                yield Item("package", _say(_("changed {before} → {after}"), **told))

    def _line(self, line: Mapping[str, Any]) -> str:
        formats = self.look.formats
        price = formats.money(line["amount"] or 0, self.row["currency"])
        return f"{formats.number(line['quantity'] or 0)} × {line['name']}, {price}"


def _moves(past: Past) -> bool:
    return past.was_alive is not None


def _notes(change: Change) -> Item:
    found = difference(str(change["previous"] or ""), str(change["current"] or ""))
    if found.done or found.reopened:
        said = _("ticked off {task}") if found.done else _("opened {task} again")
        return Item("square-check", _say(said, task=found.done or found.reopened))
    if found.added and not found.removed:
        return Item("file-text", _say(_("added a note")), rendered(found.added))
    removed = format_html('<del class="dim">{}</del>', found.removed) if found.removed else SafeString("")
    return Item("file-text", _say(_("changed the notes")), rendered(found.added) + removed)


def _linked(target: str, ids: Sequence[str], names: Mapping[str, str]) -> SafeString:
    """All of a few records; of more the first ones, and the others on demand."""
    links = [
        format_html('<a class="link" href="{}">{}</a>', reverse(target, args=[pk]), names[pk])
        if pk in names
        else conditional_escape(_("a record you cannot see"))
        for pk in ids
    ]
    if len(links) <= FEW + 1:
        return _listed(links)
    more = ngettext("and %(n)d more", "and %(n)d more", len(links) - FEW) % {"n": len(links) - FEW}
    unfolding = '{} <details class="unfold"><summary>{}</summary>: {}</details>'
    return format_html(unfolding, _listed(links[:FEW]), more, _listed(links[FEW:]))


def _listed(links: Sequence[SafeString]) -> SafeString:
    return format_html_join(", ", "<b>{}</b>", ((link,) for link in links))


def _say(template: str, **parts: Any) -> SafeString:
    """A translated phrase with its parts; names of fields stand out."""
    shown = {
        name: format_html("<b>{}</b>", part) if name in ("field", "names", "task", "line") else part
        for name, part in parts.items()
    }
    return format_html(template, **shown) if parts else SafeString(conditional_escape(template))


def _struck(shown: SafeString) -> SafeString:
    return format_html("<del>{}</del>", shown)


def _cut(text: str) -> SafeString:
    return SafeString(conditional_escape(text if len(text) <= LONGEST else f"{text[:LONGEST]} …"))
