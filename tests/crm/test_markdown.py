"""Hostile notes run nowhere, and boxes are found in the source that shows them."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.markdown import NotesChange, appended, difference, rendered, ticked

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](vbscript:msgbox(1))",
    "[x](file:///etc/passwd)",
    "<javascript:alert(1)>",
    "![x](https://tracker.example/pixel.gif)",
    "![x](javascript:alert(1))",
    '[x](https://a.example "onmouseover=alert(1)")',
    "[x]: javascript:alert(1)\n\n[x]",
    'https://a.example/"onmouseover=alert(1)',
    "- [ ] <input onfocus=alert(1) autofocus>",
    '- [x] "><script>alert(1)</script>',
    "`<script>alert(1)</script>`",
    "```html\n<script>alert(1)</script>\n```",
    "<!-- --><iframe src=javascript:alert(1)>",
    "<style>*{display:none}</style>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "| a |\n|---|\n| <b onclick=alert(1)>x</b> |",
]
SAFE = re.compile(r"^(https?:|mailto:|tel:|#|/|[^:]*$)", re.IGNORECASE)


class Reader(HTMLParser):
    """All elements and attributes of a piece of HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style", "img", "svg", "iframe", "form", "object", "math", "link", "base"):
            self.wrong.append(tag)
        for name, value in attrs:
            if name.startswith("on") or name == "style":
                self.wrong.append(name)
            if name in ("href", "src") and not SAFE.match(value or ""):
                self.wrong.append(f"{name}={value}")


def wrong_in(html: str) -> list[str]:
    reader = Reader()
    reader.feed(html)
    return reader.wrong


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str):
    assert wrong_in(rendered(text, may_tick=True)) == []


@given(st.lists(st.sampled_from([*HOSTILE, "- ", "> ", "\n", "\n\n", "1. ", "**", "`", "|", "[", "](", ")"])))
def test_hostile_text_in_pieces_stays_text(parts: list[str]):
    assert wrong_in(rendered("".join(parts), may_tick=True)) == []


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**bold** and *soft*", "<p><strong>bold</strong> and <em>soft</em></p>"),
        ("# Title", "<h2>Title</h2>"),
        ("### a\n##### b\n#### c\n# d", "<h2>a</h2>\n<h3>b</h3>\n<h3>c</h3>\n<h2>d</h2>"),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("~~no~~", "<p><s>no</s></p>"),
        ("1 < 2 & 3", "<p>1 &lt; 2 &amp; 3</p>"),
        ("a\n- b", "<p>a</p>\n<ul>\n<li>b</li>\n</ul>"),
    ],
)
def test_markdown_is_html(text: str, html: str):
    assert rendered(text).strip() == html


def test_an_address_in_running_text_is_a_link_that_opens_elsewhere():
    html = rendered("See https://a.example/b_c?d=1. And [here](https://b.example), `https://c.example`")
    assert html.count("<a ") == 2
    assert 'href="https://a.example/b_c?d=1"' in html
    assert html.count('target="_blank"') == html.count('rel="noopener noreferrer nofollow"') == 2


def test_boxes_can_be_ticked_only_where_that_is_offered():
    assert "disabled" in rendered("- [ ] Call")
    assert 'data-task="0"' in rendered("- [ ] Call", may_tick=True)
    assert "disabled" not in rendered("- [ ] Call", may_tick=True)


TASKS = """Intro [ ] no task

- [ ] one
- [x] two **bold**
  1. [ ] nested

> - [ ] quoted [ ] twice

```
- [ ] code
```
- - [ ] deep"""
PARTS = ("- [ ] a", "- [x] a", "  - [ ] b", "1) [ ] a", "", "text", "> - [ ] q", "    - [ ] c")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_box_that_was_clicked_is_the_one_that_changes(end: str):
    text = TASKS.replace("\n", end)
    shown = re.findall(r'data-task="(\d+)"( checked)?', rendered(text, may_tick=True))
    assert [number for number, _ in shown] == ["0", "1", "2", "3", "4"]
    assert ticked(text, 0, done=True) == text.replace("[ ] one", "[x] one")
    assert ticked(text, 1, done=False) == text.replace("[x] two", "[ ] two")
    assert ticked(text, 2, done=True) == text.replace("[ ] nested", "[x] nested")
    assert ticked(text, 3, done=True) == text.replace("[ ] quoted", "[x] quoted")
    assert ticked(text, 4, done=True) == text.replace("[ ] deep", "[x] deep")
    assert ticked(text, 5, done=True) is None
    assert ticked(text, -1, done=True) is None


@given(
    st.lists(
        st.sampled_from(
            ["- [ ] a", "- [x] a", "  - [ ] b", "1) [ ] a", "", "text", "> - [ ] q", "    - [ ] c"]
        )
    )
)
def test_ticking_every_box_and_clearing_it_gives_the_text_back(lines: list[str]):
    text = "\n".join(lines)
    for number, done in re.findall(r'data-task="(\d+)"( checked)?', rendered(text, may_tick=True)):
        other = ticked(text, int(number), done=not done)
        assert other is not None
        assert other != text
        assert sum(a != b for a, b in zip(text, other, strict=True)) == 1
        assert ticked(other, int(number), done=bool(done)) == text


def test_a_paragraph_is_added_after_what_is_there():
    assert appended("", " first \n") == "first"
    assert appended("first\n", "second") == "first\n\nsecond"


def test_what_changed_in_a_note_is_told():
    assert difference("", "hello") == NotesChange(added="hello")
    assert difference("one", "one\n\ntwo") == NotesChange(added="two")
    assert difference("one\ntwo", "one") == NotesChange(removed="two")
    assert difference("- [ ] Call Ada", "- [x] Call Ada") == NotesChange(done="Call Ada")
    assert difference("- [x] Call Ada", "- [ ] Call Ada") == NotesChange(reopened="Call Ada")
    assert difference("a\nb", "a\nc") == NotesChange(added="c", removed="b")
