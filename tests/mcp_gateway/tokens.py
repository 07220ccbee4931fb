"""Token counts as models of the o200k family see them, offline."""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    # It reads its data with a function that Python 3.11 calls deprecated.
    warnings.simplefilter("ignore", DeprecationWarning)
    import bpe_openai

    _ENCODING = bpe_openai.get_encoding("o200k_base")


def count(text: str) -> int:
    """How many tokens `text` costs."""
    return len(_ENCODING.encode(text))
