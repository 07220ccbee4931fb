"""Translations without gettext's programs, which many machines lack.

``python tools/messages.py`` brings locale/*/LC_MESSAGES/django.po up to date with the code and writes
django.mo; ``--check`` changes nothing and says what is missing. New entries come up empty: translate
them, then run it again.
"""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polib
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
CODE = ("customermates", "accounts", "webhooks", "crm", "mcp_gateway")
SINGULAR = {"_", "gettext", "gettext_lazy", "gettext_noop"}
PLURAL = {"ngettext", "ngettext_lazy"}
WITH_CONTEXT = {"pgettext", "pgettext_lazy"}
CALL = re.compile(r"\b(?:n|p)?gettext(?:_lazy|_noop)?\(|\b_\(")


@dataclass(frozen=True, slots=True)
class Message:
    """One text that people read; what its translation is found by."""

    text: str
    plural: str = ""
    context: str = ""


def main() -> None:
    """The catalogues fit the code, or with --check the exit code says whether they do."""
    check = sys.argv[1:] == ["--check"]
    messages = collect()
    catalogues = sorted(ROOT.glob("locale/*/LC_MESSAGES/django.po"))
    problems = [problem for path in catalogues for problem in (inspect if check else update)(path, messages)]
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)


def collect() -> dict[Message, list[str]]:
    """Every message with the files that use it."""
    found: dict[Message, list[str]] = {}
    sources = [path for folder in CODE for path in sorted((ROOT / folder).rglob("*.py"))]
    templates = [
        path
        for folder in ("templates", *CODE)
        for suffix in ("html", "txt")
        for path in sorted((ROOT / folder).rglob(f"*.{suffix}"))
    ]
    for path in [*sources, *templates]:
        for message in in_python(path.read_text()) if path.suffix == ".py" else in_template(path.read_text()):
            places = found.setdefault(message, [])
            if (place := str(path.relative_to(ROOT))) not in places:
                places.append(place)
    return found


def in_python(source: str) -> Iterator[Message]:
    """The messages of a Python file."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and (message := as_message(node)):
            yield message


def in_template(source: str) -> Iterator[Message]:
    """The messages of a template; Django turns its tags into calls among filler text."""
    text = templatize(source)
    for start in CALL.finditer(text):
        end = start.end()
        # The call ends at the first bracket after which it parses.
        while (end := text.find(")", end) + 1) > 0:
            try:
                [call] = ast.parse(text[start.start() : end].strip()).body
            except SyntaxError:
                continue
            if isinstance(call, ast.Expr) and isinstance(call.value, ast.Call):
                message = as_message(call.value)
                if message:
                    yield message
            break


def as_message(call: ast.Call) -> Message | None:
    """The message a call asks a translation for, or None when it is another call."""
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    constants = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
    texts = [constant for constant in constants if isinstance(constant, str)]
    if name in SINGULAR and texts:
        return Message(texts[0])
    if name in PLURAL and len(texts) >= 2:
        return Message(texts[0], plural=texts[1])
    if name in WITH_CONTEXT and len(texts) >= 2:
        return Message(texts[1], context=texts[0])
    return None


def inspect(path: Path, messages: dict[Message, list[str]]) -> list[str]:
    """What is missing, left over or not compiled in the catalogue at `path`."""
    catalogue = polib.pofile(str(path))
    entries = {key_of(entry): entry for entry in catalogue}
    where = path.relative_to(ROOT)
    problems = [f"{where}: no entry for {message.text!r}" for message in messages if message not in entries]
    problems += [
        f"{where}: nothing uses {entry.msgid!r}" for key, entry in entries.items() if key not in messages
    ]
    problems += untranslated(path, catalogue)
    compiled = path.with_suffix(".mo")
    if not compiled.exists() or compiled.read_bytes() != catalogue.to_binary():
        problems.append(f"{where}: django.mo is not what this compiles to; run python tools/messages.py")
    return problems


def update(path: Path, messages: dict[Message, list[str]]) -> list[str]:
    """The catalogue holds exactly `messages` and is compiled; what is not translated yet is returned."""
    old = polib.pofile(str(path), wrapwidth=100)
    known = {key_of(entry): entry for entry in old}
    new = polib.POFile(wrapwidth=100)
    new.metadata = old.metadata
    for message in sorted(messages, key=lambda message: (messages[message][0], message.text)):
        entry = known.get(message) or polib.POEntry(msgid=message.text)
        entry.occurrences = [(place, "") for place in messages[message]]
        entry.flags = ["python-format"] if re.search(r"%\(\w+\)s", message.text) else []
        if message.context:
            entry.msgctxt = message.context
        if message.plural and not entry.msgid_plural:
            entry.msgid_plural, entry.msgstr_plural = message.plural, {0: "", 1: ""}
        new.append(entry)
    new.save(str(path))
    new.save_as_mofile(str(path.with_suffix(".mo")))
    return untranslated(path, new)


def untranslated(path: Path, catalogue: polib.POFile) -> list[str]:
    """The entries without a translation, or with one that lost a placeholder."""
    where = path.relative_to(ROOT)
    return [
        f"{where}: {'lost a placeholder' if entry.translated() else 'untranslated'}: {entry.msgid!r}"
        for entry in catalogue
        if not entry.translated() or not same_placeholders(entry)
    ]


def same_placeholders(entry: polib.POEntry) -> bool:
    """Whether every form of the translation fills in what the original fills in."""
    wanted = placeholders(entry.msgid)
    if not entry.msgid_plural:
        return placeholders(entry.msgstr) == wanted
    return all(placeholders(form) <= wanted for form in entry.msgstr_plural.values())


def placeholders(text: str) -> set[str]:
    """The names filled into `text`."""
    return set(re.findall(r"%\((\w+)\)s", text))


def key_of(entry: polib.POEntry) -> Message:
    """What the entry translates."""
    return Message(entry.msgid, entry.msgid_plural, entry.msgctxt or "")


if __name__ == "__main__":
    main()
