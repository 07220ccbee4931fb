// The parts of every page, and of those that have them, the rest.

import "./requests.js";
import "./toasts.js";
import "./overlays.js";
import "./theme.js";
import "./palette.js";
import "./hotkeys.js";
import { $, on } from "./dom.js";

// A page that is left before its transition began skips it: nothing is lost.
window.addEventListener("unhandledrejection", (event) => {
  if (event.reason instanceof DOMException && /^Transition was/.test(event.reason.message)) event.preventDefault();
});

// Each is loaded only by pages that carry its mark, at once or later.
const PARTS = {
  "[data-picker]": "./picker.js",
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
