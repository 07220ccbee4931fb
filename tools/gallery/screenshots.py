"""Pictures of every page and overlay, light, dark and on a phone, in build/screenshots: `make screenshots`.

Words after the command narrow it to the places whose names contain one of them; a word that is a look (light,
dark, phone) narrows it to that look.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Browser, BrowserContext, Error, Page, expect, sync_playwright

from tools.gallery.company import EMAIL, Served, served

if TYPE_CHECKING:  # else it comes once Django is set up
    from tools.gallery.places import Place

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "build" / "screenshots"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
PATIENCE_MS = 30_000  # a busy machine, or the first page of a server that has just started, takes its time
expect.set_options(timeout=PATIENCE_MS)
LOOKS = {  # how a picture's name ends, and the window it is taken in
    "light": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light", "has_touch": True},
}


def find_chromium() -> str:
    """The path of a Chromium on this machine, or one sentence that says what is missing."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    return found or sys.exit("This needs Chromium (on Debian: apt install chromium).")


def main(words: Sequence[str]) -> int:
    """0 when every picture was taken; what could not be is named."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    failed: list[str] = []
    looks = [look for look in LOOKS if look in words] or list(LOOKS)
    words = [word for word in words if word not in LOOKS]
    with served() as product, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        from tools.gallery.places import doors, first_run, overlays, pages

        def wanted(*kinds: Iterable[Place]) -> list[Place]:
            places = chain(*kinds)
            return [place for place in places if not words or any(word in place.name for word in words)]

        windows = {look: open_window(browser, product.url, look) for look in looks}
        for look, window in windows.items():
            failed += take(window, look, wanted(first_run()), {})
        ids = product.set_up()
        for look, window in windows.items():
            failed += take(window, look, wanted(doors()), {})
            sign_in(window, product)
            failed += take(window, look, wanted(pages(), overlays()), ids)
        browser.close()
    print(f"Pictures are in {PICTURES.relative_to(ROOT)}.")
    for line in failed:
        print(line)
    return int(bool(failed))


def open_window(browser: Browser, url: str, look: str) -> BrowserContext:
    """A window of this look."""
    window = browser.new_context(base_url=url, reduced_motion="reduce", **LOOKS[look])  # type: ignore[arg-type]
    window.set_default_timeout(PATIENCE_MS)
    return window


def sign_in(window: BrowserContext, product: Served) -> None:
    """The window is the owner's."""
    page = window.new_page()
    page.goto("/account/sign-in/")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(product.password)
    page.get_by_role("button", name="Sign in").click()
    page.locator("html[data-ready]").wait_for(state="attached")
    page.close()


def take(window: BrowserContext, look: str, places: Sequence[Place], ids: Mapping[str, str]) -> list[str]:
    """A picture of each place; gives a line for each that could not be reached."""
    failed = []
    for place in places:
        if place.only not in ("", "small" if look == "phone" else "wide"):
            continue
        page = window.new_page()
        try:
            reach(page, place, ids)
            page.screenshot(path=PICTURES / f"{place.name}.{look}.png")
        except (Error, AssertionError) as error:
            failed.append(f"{place.name} ({look}): {' '.join(str(error).split())[:200]}")
        page.close()
    return failed


def reach(page: Page, place: Place, ids: Mapping[str, str]) -> None:
    """The page stands as the place says, with all that it loads."""
    place.show(page, ids)
    page.wait_for_load_state("networkidle")
    time.sleep(0.15)  # what fades in has done so


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
