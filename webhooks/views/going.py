"""Where people are after something was done."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.pages import PageRequest


def go(request: PageRequest, address: str) -> HttpResponse:
    """The way to `address`, where what was told is shown."""
    return HttpResponse(headers={"HX-Redirect": address}) if request.htmx else redirect(address)


def back_or(request: PageRequest, address: str) -> str:
    """The page that they were on, where it is known; else `address`."""
    here = request.htmx.current_url_abs_path if request.htmx else None
    return here if here and not urlsplit(here).netloc else address


def went_to(response: HttpResponse, address: str) -> HttpResponse:
    """`response` with its own address in the browser, so that a reload does not send the form again."""
    response.headers["HX-Push-Url"] = address
    return response
