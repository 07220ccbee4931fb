// Light or dark at once; the server remembers.

import { $, on } from "./dom.js";
import { post } from "./requests.js";

const root = document.documentElement;
const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);

on("submit", "[data-theme-form]", (form, event) => {
  event.preventDefault();
  root.dataset.theme = isDark() ? "light" : "dark";
  post(form.action, { theme: root.dataset.theme });
});

// The keys of this machine on every hint that names Ctrl.
if (/Mac|iPhone|iPad/.test(navigator.platform)) {
  document.querySelectorAll("[data-mod-key]").forEach((hint) => (hint.textContent = `⌘ ${hint.dataset.modKey}`));
}
