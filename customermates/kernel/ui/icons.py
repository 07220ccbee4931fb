"""Icons from the one sprite in `static/vendor`."""

from __future__ import annotations

from functools import cache

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString


@cache
def icon(name: str, size: str = "") -> SafeString:
    """The icon as `<svg>`; decoration, the words stand beside it. `size` is "", "s" or "l"."""
    return format_html(
        '<svg class="i{}" aria-hidden="true"><use href="{}#{}"/></svg>',
        f" {size}" if size else "",
        static("vendor/icons.svg"),
        name,
    )
