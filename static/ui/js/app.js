// The parts of every page, and of those that have them, the rest.

import "./requests.js";
import "./toasts.js";
import "./overlays.js";
import "./theme.js";
import "./palette.js";
import "./hotkeys.js";
import "./picker.js";
import { $ } from "./dom.js";

// A page that is left before its transition began, or while the window is hidden, skips it: nothing is lost.
window.addEventListener("unhandledrejection", (event) => {
  const { name, message } = event.reason ?? {};
  if (["AbortError", "InvalidStateError"].includes(name) && /transition/i.test(message)) event.preventDefault();
});

// Each is loaded only by pages that carry its mark.
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
const wanted = Object.entries(PARTS).filter(([mark]) => $(mark));
await Promise.all(wanted.map(([, part]) => import(part)));
document.documentElement.dataset.ready = ""; // every key is heard from now on
