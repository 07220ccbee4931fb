// Buttons that copy the text of what [data-copy] names.

import { $, on } from "./dom.js";

const SAID_MS = 2000;

on("click", "[data-copy]", async (button) => {
  const source = document.getElementById(button.dataset.copy);
  await copy(source);
  const label = $("[data-label]", button);
  const word = (label.dataset.word ??= label.textContent);
  label.textContent = button.dataset.done;
  setTimeout(() => (label.textContent = word), SAID_MS);
});

/** Into the clipboard; the old way where the page is not a secure context, such as plain http in a house. */
async function copy(source) {
  try {
    await navigator.clipboard.writeText(source.textContent);
  } catch {
    getSelection().selectAllChildren(source);
    document.execCommand("copy");
  }
}
