"""The options of a select while somebody edits them: rows that are added, moved and taken away.

Every step is a round trip of the whole form, so it works without JavaScript; the order of the rows in
the form is their order. A row's key is the option's id, or for a new one a name that no id has.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.http import QueryDict

from crm.field_types import Json
from crm.field_types.choices import OPTIONS_LIMIT, PALETTE, Option
from crm.views.column_settings import COLOR_WORDS
from customermates.kernel.errors import Issue
from customermates.kernel.folding import folded

FIRST_ROWS = 3  # that a new column starts with, empty

Counted = Callable[[str], int]  # how many records have an option


@dataclass(slots=True)
class OptionRow:
    """One option in the form."""

    key: str
    label: str = ""
    color: str = PALETTE[0]
    is_default: bool = False
    is_stored: bool = False
    errors: list[str] = field(default_factory=list)
    focus: str = ""  # what in the row the person was at: "label", "up", "down"

    @property
    def colors(self) -> list[tuple[str, object, bool]]:
        """(name, word, whether it is this row's) of all ten."""
        return [(name, word, name == self.color) for name, word in COLOR_WORDS.items()]

    def json(self) -> dict[str, Json]:
        """The row as the write path takes it."""
        sent: dict[str, Json] = {"label": self.label, "color": self.color, "isDefault": self.is_default}
        return {"value": self.key, **sent} if self.is_stored else sent


@dataclass(slots=True)
class GoneOption:
    """An option that was taken away while records have it: something takes its place, or nothing does."""

    option: Option
    used: int
    replacement: str = ""  # the key of a row; "" = these records have no value afterwards
    errors: list[str] = field(default_factory=list)
    focus: str = ""

    @property
    def key(self) -> str:
        """The option's id."""
        return self.option.value


@dataclass(slots=True)
class OptionRows:
    """All rows of the form, and those that are gone from it."""

    stored: Sequence[Option]
    several_defaults: bool
    rows: list[OptionRow] = field(default_factory=list)
    gone: list[GoneOption] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)  # options that went when nobody had them
    errors: list[str] = field(default_factory=list)
    pasted: str = ""  # lines that are still to become rows
    focus: str = ""  # "add" when the person was adding

    @classmethod
    def at_first(cls, stored: Sequence[Option], *, several_defaults: bool) -> OptionRows:
        """The rows of a column as it is; a few empty ones for a new column."""
        found = cls(stored, several_defaults)
        found.rows = [OptionRow(o.value, o.label, o.color, o.is_default, is_stored=True) for o in stored]
        for _n in range(0 if stored else FIRST_ROWS):
            found._add()
        return found

    @classmethod
    def sent(
        cls, data: QueryDict, stored: Sequence[Option], *, several_defaults: bool, counted: Counted
    ) -> OptionRows:
        """The rows as they were sent."""
        found, known = cls(stored, several_defaults), {option.value: option for option in stored}
        defaults = data.getlist("default")
        for key in dict.fromkeys(data.getlist("row")[: OPTIONS_LIMIT * 2]):
            color = data.get(f"color:{key}", "")
            row = OptionRow(key, data.get(f"label:{key}", "").strip(), is_stored=key in known)
            row.color = color if color in PALETTE else PALETTE[len(found.rows) % len(PALETTE)]
            row.is_default = key in defaults
            found.rows.append(row)
        kept = {row.key for row in found.rows}
        for key in dict.fromkeys(data.getlist("gone")):
            if key in known and key not in kept and (used := counted(key)):
                found.gone.append(GoneOption(known[key], used, data.get(f"replace:{key}", "")))
        found.dropped = [key for key in data.getlist("dropped") if key in known and key not in kept]
        if not found.rows:
            found._add()
        found.pasted = data.get("several", "")
        return found

    # --- steps ------------------------------------------------------------------------------------------

    def do(self, step: str, counted: Counted) -> None:
        """One step: `add`, `several`, or `up`, `down`, `remove` and `keep` with a row's key after a colon."""
        what, _colon, key = step.partition(":")
        if what == "add":
            self._add().focus = "label"
        elif what == "several":
            self.take_pasted()
            self.focus = "add"
        elif what in ("up", "down"):
            self._move(key, -1 if what == "up" else 1)
        elif what == "remove":
            self._remove(key, counted)
        elif what == "keep":
            self._keep(key)

    def take_pasted(self) -> None:
        """Each pasted line that is no option yet has become a row, in an empty one where there is one."""
        there = {folded(row.label) for row in self.rows if row.label}
        lines = [line.strip().strip(",;") for line in self.pasted.splitlines()]
        for line in lines:
            if not line or folded(line) in there:
                continue
            there.add(folded(line))
            empty = next((row for row in self.rows if not row.label and not row.is_stored), None)
            if empty or len(self.rows) < OPTIONS_LIMIT:
                (empty or self._add()).label = line
        self.pasted = ""

    @property
    def blank(self) -> OptionRow:
        """The row that the page's script makes new ones of."""
        return OptionRow("_key_")

    def _add(self) -> OptionRow:
        taken = {row.key for row in self.rows}
        key = next(key for n in range(len(self.rows) + 1) if (key := f"new{n}") not in taken)
        row = OptionRow(key, color=self._free_color())
        self.rows.append(row)
        return row

    def _free_color(self) -> str:
        used = [row.color for row in self.rows]
        return min(PALETTE, key=used.count)

    def _move(self, key: str, step: int) -> None:
        place = self._place(key)
        if place is None or not 0 <= place + step < len(self.rows):
            return
        row = self.rows.pop(place)
        self.rows.insert(place + step, row)
        is_at_end = place + step in (0, len(self.rows) - 1)
        row.focus = ("down" if place + step == 0 else "up") if is_at_end else ("up" if step < 0 else "down")

    def _remove(self, key: str, counted: Counted) -> None:
        place = self._place(key)
        if place is None:
            return
        row = self.rows.pop(place)
        option = next((option for option in self.stored if option.value == key), None)
        used = counted(key) if option else 0
        if option and used:
            self.gone.append(GoneOption(option, used, focus="replacement"))
        elif option:
            self.dropped.append(key)
        if not self.rows:
            self._add()
        if not used:
            self.rows[min(place, len(self.rows) - 1)].focus = "label"
        for gone in self.gone:
            if gone.replacement == row.key:
                gone.replacement = ""

    def _keep(self, key: str) -> None:
        gone = next((gone for gone in self.gone if gone.key == key), None)
        if gone is None:
            return
        self.gone.remove(gone)
        option = gone.option
        row = OptionRow(key, option.label, option.color, option.is_default, is_stored=True, focus="label")
        self.rows.insert(min(self.stored.index(option), len(self.rows)), row)

    def ask_about_rest(self, counted: Counted) -> None:
        """Ask about options that went from the form unasked, and that records have."""
        asked = {row.key for row in self.rows} | {gone.key for gone in self.gone}
        for option in self.stored:
            if option.value not in asked and (used := counted(option.value)):
                self.gone.append(GoneOption(option, used, focus="replacement"))

    def add_unseen(self) -> None:
        """Options that somebody else added since the form was shown, as rows at the end."""
        seen = {row.key for row in self.rows} | {gone.key for gone in self.gone} | set(self.dropped)
        for option in self.stored:
            if option.value not in seen:
                row = OptionRow(option.value, option.label, option.color, option.is_default, is_stored=True)
                self.rows.append(row)

    def _place(self, key: str) -> int | None:
        return next((place for place, row in enumerate(self.rows) if row.key == key), None)

    # --- what the write path gets and answers ---------------------------------------------------------------

    @property
    def filled(self) -> list[OptionRow]:
        """The rows to be saved: a new one that was left empty is none."""
        return [row for row in self.rows if row.label or row.is_stored]

    def json(self) -> list[Json]:
        """The options as the write path takes them."""
        return [row.json() for row in self.filled]

    def replacements(self) -> dict[str, str | None]:
        """What takes the place of each option that is gone: an id, or the label of a new option."""
        by_key = {row.key: row for row in self.filled}
        labels = {folded(row.label) for row in self.filled if not row.is_stored}
        found: dict[str, str | None] = {}
        for gone in self.gone:
            if folded(gone.option.label) in labels:
                continue  # typed anew: it is the same option again
            row = by_key.get(gone.replacement)
            found[gone.key] = (row.key if row.is_stored else row.label) if row else None
        return found

    def tell(self, issue: Issue, told: str) -> bool:
        """Whether `issue` is about an option, and now stands beside it."""
        path, _dot, rest = issue.field.partition(".")
        if path == "replaceWith":
            about = next((gone for gone in self.gone if gone.key == rest), None)
            (about.errors if about else self.errors).append(told)
        elif issue.field == "options.options":
            self.errors.append(told)
        elif rest.startswith("options["):
            number = int(rest.removeprefix("options[").partition("]")[0])
            self.filled[number].errors.append(told)
        else:
            return False
        return True

    @property
    def none_is_default(self) -> bool:
        """Whether new records get no option."""
        return not any(row.is_default for row in self.rows)
