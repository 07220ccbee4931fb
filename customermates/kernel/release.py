"""Which release of the product this is."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version


@cache
def product_version() -> str:
    """The version of the installed package; "0" in a checkout that is not installed."""
    try:
        return version("customermates")
    except PackageNotFoundError:
        return "0"
