"""Notes as HTML that is safe to show, and the boxes of their tasks.

Raw HTML in a note is text. What markdown-it makes is cleaned once more by nh3, so that one mistake
in either lets nothing run; the Content-Security-Policy is the third fence.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any

import nh3
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

Env = MutableMapping[str, Any]  # what `rendered` hands to the rules

_BOX = re.compile(r"\[([ xX])\](?=\s|$)")
_ADDRESS = re.compile(r"https?://[^\s<>\"'`]*[^\s<>\"'`.,;:!?)\]}*_~|]")
_LINE_ENDS = re.compile(r"(\r\n?|\n)")
TASK_CLASS = "todo"
FIRST_HEADING = 2  # a note stands under the name of its record, the heading of the page
LAST_HEADING = 6
_TAGS = {
    *("p", "br", "hr", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "input"),
    *("h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {
    "a": {"href", "target"},
    "input": {"type", "data-task", "checked", "disabled", "aria-label"},
    "li": {"class"},
    "ol": {"start"},
}


def rendered(text: str, *, may_tick: bool = False) -> SafeString:
    """`text` as HTML; with `may_tick` the boxes of its tasks can be ticked and carry their number."""
    return mark_safe(  # noqa: S308 - cleaned right here
        nh3.clean(
            _MARKDOWN.render(text, {"may_tick": may_tick}),
            tags=_TAGS,
            attributes=_ATTRIBUTES,
            url_schemes={"http", "https", "mailto", "tel"},
            link_rel="noopener noreferrer nofollow",
            attribute_filter=_kept,
        )
    )


def ticked(text: str, number: int, *, done: bool) -> str | None:
    """`text` with the box of task `number`, counted from 0, ticked or cleared; None when there is none."""
    places = list(_boxes(text))
    if not 0 <= number < len(places):
        return None
    place = places[number]
    return f"{text[: place + 1]}{'x' if done else ' '}{text[place + 2 :]}"


def appended(text: str, addition: str) -> str:
    """`text` with one more paragraph."""
    return f"{text.rstrip()}\n\n{addition.strip()}" if text.strip() else addition.strip()


@dataclass(frozen=True, slots=True)
class NotesChange:
    """What became of a note, as people would say it."""

    added: str = ""
    removed: str = ""
    done: str = ""  # a task that was ticked
    reopened: str = ""  # and one that was cleared


def difference(before: str, after: str) -> NotesChange:
    """What was added to a note and removed from it, in whole lines; a ticked box is told as such."""
    old, new = before.splitlines(), after.splitlines()
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    gone: list[str] = []
    come: list[str] = []
    for what, i1, i2, j1, j2 in matcher.get_opcodes():
        if what != "equal":
            gone += old[i1:i2]
            come += new[j1:j2]
    if len(gone) == len(come) == 1 and _without_box(gone[0]) == _without_box(come[0]):
        words = _without_box(come[0])
        is_done = "[ ]" in gone[0]
        return NotesChange(done=words) if is_done else NotesChange(reopened=words)
    return NotesChange("\n".join(come).strip(), "\n".join(gone).strip())


def _without_box(line: str) -> str:
    return re.sub(r"^[\s>]*(?:[-*+]|\d+[.)])\s+\[[ xX]\]\s*", "", line)


def _kept(tag: str, attribute: str, value: str) -> str | None:
    """Inputs are boxes and nothing else; classes are the ones this module gives."""
    if (tag, attribute) == ("input", "type"):
        return "checkbox"
    if attribute == "class":
        return value if value == TASK_CLASS else None
    return value


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True})
    parser.enable(["table", "strikethrough"])
    # A picture from elsewhere would tell its server who reads the note; the policy blocks it anyway.
    parser.disable("image")
    parser.core.ruler.push("addresses", _link_addresses)
    parser.core.ruler.push("tasks", _mark_tasks)
    parser.core.ruler.push("headings", _order_headings)
    parser.add_render_rule("task_box", _render_box)
    parser.add_render_rule("link_open", _render_link)
    return parser


def _link_addresses(state: StateCore) -> None:
    """Web addresses in running text become links."""
    for token in state.tokens:
        if token.type == "inline" and token.children and "://" in token.content:
            token.children = list(_with_links(token.children))


def _with_links(tokens: Sequence[Token]) -> Iterator[Token]:
    depth = 0  # inside a link that is one already
    for token in tokens:
        depth += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        if token.type != "text" or depth:
            yield token
            continue
        end = 0
        for found in _ADDRESS.finditer(token.content):
            yield Token("text", "", 0, content=token.content[end : found.start()])
            yield Token("link_open", "a", 1, attrs={"href": found[0]})
            yield Token("text", "", 0, content=found[0])
            yield Token("link_close", "a", -1)
            end = found.end()
        yield Token("text", "", 0, content=token.content[end:])


def _mark_tasks(state: StateCore) -> None:
    """List items that start with [ ] or [x] get a box in place of it."""
    for number, (item, inline) in enumerate(_tasks(state.tokens)):
        item.attrSet("class", TASK_CLASS)
        children = inline.children or []
        box = Token("task_box", "", 0, meta={"number": number, "done": inline.content[1] in "xX"})
        children[0].content = children[0].content[3:].lstrip()
        box.content = children[0].content
        inline.children = [box, *children]


def _tasks(tokens: Sequence[Token]) -> Iterator[tuple[Token, Token]]:
    """(list item, its first line) of each task."""
    for item, paragraph, inline in zip(tokens, tokens[1:], tokens[2:], strict=False):
        opens = (item.type, paragraph.type, inline.type) == ("list_item_open", "paragraph_open", "inline")
        first = inline.children[0] if opens and inline.children else None
        if first and first.type == "text" and _BOX.match(first.content) and _BOX.match(inline.content):
            yield item, inline


def _boxes(text: str) -> Iterator[int]:
    """Where the box of each task stands in `text`."""
    lines = _LINE_ENDS.split(text)
    starts = [0]
    for part in lines:
        starts.append(starts[-1] + len(part))
    for _item, inline in _tasks(_MARKDOWN_ITEMS.parse(text)):
        assert inline.map is not None
        number = 2 * inline.map[0]  # between two lines stands the end of the first
        first = inline.content.split("\n", 1)[0].rstrip()
        yield starts[number] + lines[number].rstrip().rfind(first)


def _order_headings(state: StateCore) -> None:
    """Headings begin below that of the page and go down by single steps, whatever somebody began with."""
    open_levels: list[int] = []  # as written, of the headings that this one stands under
    for token in state.tokens:
        if token.type == "heading_open":
            written = int(token.tag[1])
            open_levels = [*(level for level in open_levels if level < written), written]
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(LAST_HEADING, FIRST_HEADING + len(open_levels) - 1)}"


def _render_box(
    _renderer: RendererHTML,
    tokens: Sequence[Token],
    at: int,
    _options: OptionsDict,
    env: MutableMapping[str, Any],
) -> str:
    token = tokens[at]
    return format_html(
        '<input type="checkbox" data-task="{}"{}{} aria-label="{}"> ',
        token.meta["number"],
        SafeString(" checked" if token.meta["done"] else ""),
        SafeString("" if env.get("may_tick") else " disabled"),
        token.content or _("Task"),
    )


def _render_link(
    renderer: RendererHTML,
    tokens: Sequence[Token],
    at: int,
    options: OptionsDict,
    env: MutableMapping[str, Any],
) -> str:
    tokens[at].attrSet("target", "_blank")
    return renderer.renderToken(tokens, at, options, env)


_MARKDOWN = _parser()
_MARKDOWN_ITEMS = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
_MARKDOWN_ITEMS.disable("image")
