"""What a browser would send and show of a page, read out of its HTML."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"input", "br", "hr", "img", "meta", "link", "use"}


class _Part(HTMLParser):
    """The element with one id: its text, and the values of its fields."""

    def __init__(self, wanted: str) -> None:
        super().__init__()
        self.wanted, self.depth = wanted, 0
        self.words: list[str] = []
        self.values: dict[str, list[str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if self.depth or given.get("id") == self.wanted:
            self.depth += tag not in VOID
            name = given.get("name")
            if tag == "input" and name and name != "csrfmiddlewaretoken":
                self.values.setdefault(name, []).append(given.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        self.depth -= bool(self.depth) and tag not in VOID

    def handle_data(self, data: str) -> None:
        if self.depth:
            self.words.append(data)


def _read(html: str, element: str) -> _Part:
    part = _Part(element)
    part.feed(html)
    return part


def fields_of(html: str, form: str) -> dict[str, list[str]]:
    """The values that the form with this id would send."""
    return _read(html, form).values


def text_of(html: str, element: str) -> str:
    """The text of the element with this id, its spaces folded."""
    return " ".join("".join(_read(html, element).words).split())
