"""JSON in, read so strictly that no two readers of one body can see different things."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

MAX_DEPTH = 32


class BadJson(ValueError):
    """The body is not JSON we accept; the message says why."""


def parsed_json(body: bytes) -> Any:
    """The value in `body`; BadJson for bad UTF-8, NaN, repeated names, endless numbers, too much depth."""
    try:
        value = _decoder.decode(body.decode("utf-8"))
    except BadJson:
        raise
    except UnicodeDecodeError:
        raise BadJson("the body is not UTF-8") from None
    except RecursionError:
        raise BadJson(_TOO_DEEP) from None
    except json.JSONDecodeError as error:
        raise BadJson(f"{error.msg} at character {error.pos}") from None
    except ValueError:  # Python refuses integers of thousands of digits
        raise BadJson("a number has too many digits") from None
    if _is_deeper_than(value, MAX_DEPTH):
        raise BadJson(_TOO_DEEP)
    return value


_TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels"


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadJson("an object names the same member twice")
    return found


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise BadJson(f"the number {text[:20]} is too large")
    return number


def _no_constant(name: str) -> NoReturn:
    raise BadJson(f"{name} is not JSON")


_decoder = json.JSONDecoder(object_pairs_hook=_unique, parse_float=_finite, parse_constant=_no_constant)


def _is_deeper_than(value: Any, depth: int) -> bool:
    level = [value]
    for _ in range(depth + 1):
        level = [
            inner
            for node in level
            if isinstance(node, dict | list)
            for inner in (node.values() if isinstance(node, dict) else node)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True
