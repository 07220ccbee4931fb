// Single keys: "/" searches, "g" and a letter goes, "c" creates, "?" helps. Off where the profile says so.
// Ctrl/⌘-K opens the palette, Ctrl/⌘-Z takes back what was just done, while a toast offers that.

import { $, $$, isTyping } from "./dom.js";
import { create, openHelp, openPalette } from "./overlays.js";

const CHORD_MS = 1200;
const isOn = document.body.dataset.keys !== "off"; // WCAG 2.1.4
let goPressedAt = 0;

document.addEventListener("keydown", (event) => {
  const isCommand = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
  if (isCommand && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openPalette();
    return;
  }
  const isBusy = isTyping(event) || $("dialog[open]");
  if (isCommand && event.key === "z" && !isBusy && undo()) event.preventDefault();
  const hasModifier = event.ctrlKey || event.metaKey || event.altKey;
  if (!isOn || hasModifier || event.defaultPrevented || isBusy) return;
  if (press(event.key)) event.preventDefault();
});

// Escape leaves a field of the page, so that single keys are heard again; what was typed stays.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || !isTyping(event)) return;
  if (!event.target.closest("dialog, [popover], .cell-form")) event.target.blur();
});

/** Takes back what the newest toast tells of; false when none can be. */
function undo() {
  const form = $$("#toasts form").at(-1);
  form?.requestSubmit();
  return form != null;
}

/** Does what `key` stands for; false when it stands for nothing here. */
function press(key) {
  if (performance.now() - goPressedAt < CHORD_MS && goPressedAt) {
    goPressedAt = 0;
    const link = $(`[data-go="${CSS.escape(key)}"]`);
    link?.click();
    return link != null;
  }
  switch (key) {
    case "g":
      goPressedAt = performance.now();
      return true;
    case "/":
      if (!$("[data-search]")) openPalette();
      else $("[data-search]").focus();
      return true;
    case "c":
      create();
      return true;
    case "?":
      openHelp();
      return true;
  }
  return false;
}
