"""Issue codes and their sentences, in the active language.

Each package registers the codes it raises (`AppConfig.ready`). A sentence says what is wrong; the
params `allowed`, `nearest`, `example` and `hint` are appended in the same words everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from customermates.kernel.errors import Issue
from customermates.kernel.jsontext import dumps_text

SENTENCES: dict[str, str | Promise] = {}

_SHOWN_AT_MOST = 40  # allowed values told in one sentence; a longer list stops helping a reader


def register(sentences: Mapping[str, str | Promise]) -> None:
    """Make `sentences` known; a code can be registered only once with the same words."""
    for code, sentence in sentences.items():
        if SENTENCES.setdefault(code, sentence) != sentence:
            raise ValueError(f"issue code {code!r} already has another sentence")


def sentence(issue: Issue) -> str:
    """What is wrong and what to send instead, as prose in the active language."""
    template = str(SENTENCES.get(issue.code, "")) or issue.code
    params = {name: _shown(value) for name, value in issue.params.items()}
    return " ".join([_filled(template, params), *_advice(issue.params)])


def corrections(issue: Issue) -> dict[str, object]:
    """What an issue says to send instead, as data for programs: as much of it as there is."""
    return {name: value for name in _CORRECTIONS if (value := issue.params.get(name)) not in (None, [], ())}


_CORRECTIONS = ("allowed", "nearest", "example", "hint", "limit")


def _filled(template: str, params: Mapping[str, str]) -> str:
    try:
        return template % params
    except (KeyError, ValueError):
        return template


def _advice(params: Mapping[str, object]) -> Iterable[str]:
    if allowed := params.get("allowed"):
        yield gettext("Allowed: %(values)s.") % {"values": _shown(allowed)}
    if nearest := params.get("nearest"):
        yield gettext("Did you mean %(value)s?") % {"value": _shown(nearest)}
    if (hint := params.get("hint")) is not None:
        yield str(hint)
    if (example := params.get("example")) is not None:
        yield gettext("Example: %(example)s") % {"example": dumps_text(example)}


def _shown(value: object) -> str:
    if isinstance(value, str | Promise):
        return str(value)
    if isinstance(value, list | tuple | set | frozenset):
        items = [_shown(item) for item in value]
        more = len(items) - _SHOWN_AT_MOST
        told = ", ".join(items[:_SHOWN_AT_MOST])
        return (
            told if more <= 0 else gettext("%(values)s and %(count)d more") % {"values": told, "count": more}
        )
    return dumps_text(value) if isinstance(value, dict | bool) else str(value)


register(
    {
        "required": _("This is required."),
        "unknown_argument": _("There is no argument of this name."),
        "wrong_type": _("This must be %(expected)s."),
        "contradicts": _("This says something else than %(other)s; send only one of them."),
        "rate_limited": _("Too many requests. Try again in %(seconds)s seconds."),
        "missing_permission": _("The role of this user does not allow it: %(permission)s."),
        "missing_scope": _("This API key lacks the scope %(scope)s."),
    }
)
