"""Reasons that the product itself gives for a change: stored in English, shown in the reader's language.

A reason that a person or an agent gave is their own text, and stays as it is.
"""

from __future__ import annotations

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

UNDO = gettext_noop("Undo of a change by %(who)s")
SAMPLE_LOADED = gettext_noop("Sample data")
SAMPLE_REMOVED = gettext_noop("Sample data removed")

_WHOLE = {SAMPLE_LOADED, SAMPLE_REMOVED}
_UNDO = re.compile(re.escape(UNDO).replace(re.escape("%(who)s"), "(.+)"))
_BY_KEY = re.compile(r"(.+) \(key (.+)\)")


def undo_of(who: str) -> str:
    """The reason of an undo; `who` made the change, in English words."""
    return UNDO % {"who": who}


def reason_in_words(reason: str) -> str:
    """`reason` as the reader is told it."""
    if reason in _WHOLE:
        return _(reason)
    if undo := _UNDO.fullmatch(reason):
        who = undo[1]
        if agent := _BY_KEY.fullmatch(who):
            who = by_key(agent[1], agent[2])
        return _(UNDO) % {"who": who}
    return reason


def by_key(name: str, key: str) -> str:
    """Somebody at work through an API key: "Claude (key Sales agent)"."""
    return _("%(person)s (key %(key)s)") % {"person": name, "key": key}
