// Single keys: "/" searches, "g" and a letter goes, "c" creates, "?" helps. Off where the profile says so.

import { create } from "./create.js";
import { $, isTyping } from "./dom.js";
import { openHelp } from "./overlays.js";
import { openPalette } from "./palette.js";

const CHORD_MS = 1200;
const isOn = document.body.dataset.keys !== "off"; // WCAG 2.1.4
let goPressedAt = 0;

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openPalette();
    return;
  }
  const hasModifier = event.ctrlKey || event.metaKey || event.altKey;
  if (!isOn || hasModifier || event.defaultPrevented || isTyping(event) || $("dialog[open]")) return;
  if (press(event.key)) event.preventDefault();
});

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
