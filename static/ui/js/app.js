// The parts of every page, and of those that have them, the rest.

import "./requests.js";
import "./toasts.js";
import "./overlays.js";
import "./theme.js";
import "./hotkeys.js";
import { $, on } from "./dom.js";

// A page that is left before its transition began skips it: nothing is lost.
window.addEventListener("unhandledrejection", (event) => {
  if (event.reason instanceof DOMException && /^Transition was/.test(event.reason.message)) event.preventDefault();
});

// Each is loaded only by pages that carry its mark, at once or later.
const PARTS = {
  "[data-grid]": "./grid.js",
  "[data-board]": "./board.js",
  "[data-board], [data-reload]": "./reload.js",
  "[data-record]": "./editing.js",
  "[data-filter-open]": "./filter.js",
  "[data-live]": "./live.js",
  "[data-copy]": "./copy.js",
  "[data-settings]": "./settings.js",
  "[data-ordered]": "./columns.js",
  "[data-page-record]": "./record.js",
  "[data-markdown]": "./notes.js",
  "[data-lines]": "./lines.js",
  "main [data-create-form]": "./sheet.js",
};
const load = () => Promise.all(Object.entries(PARTS).map(([mark, part]) => $(mark) && import(part)));
document.addEventListener("htmx:after:swap", load);

// The module of pickers comes when one is first used, and then hears what it missed.
const USES = ["focusin", "focusout", "input", "keydown", "click"];
const missed = [];
async function wake(event) {
  const { type, target, key, ctrlKey, metaKey } = event;
  if (!target.closest?.("[data-picker]")) return;
  if (type === "keydown") {
    if (ctrlKey || metaKey || !(/^Arrow(Up|Down)$/.test(key) || (key === "Enter" && target.value))) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }
  if (missed.push(event) > 1) return;
  const isThere = await import("./picker.js").then(() => true, () => false); // offline: the next use tries again
  const uses = missed.splice(0);
  if (!isThere) return;
  USES.forEach((use) => document.removeEventListener(use, wake, true));
  for (const use of uses) use.target.dispatchEvent(new use.constructor(use.type, use));
}
USES.forEach((use) => document.addEventListener(use, wake, true));

// A list of inputs grows as its last one is filled.
on("input", "[data-several] input:last-of-type", (input) => {
  if (!input.value) return;
  const empty = input.cloneNode();
  empty.value = "";
  empty.removeAttribute("id");
  input.after(empty);
});

// Whoever signs out leaves nothing half written to the next one.
on("submit", "[action$='/sign-out/']", () => sessionStorage.clear());

await load();
document.documentElement.dataset.ready = ""; // every key is heard from now on
