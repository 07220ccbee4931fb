// Ctrl/⌘-K: records, pages and actions in one list.

import { $, $$, on } from "./dom.js";

const palette = $("#palette");
const field = $("input", palette);

export function openPalette() {
  if (palette.open) return;
  palette.showModal();
  field.select();
  window.htmx.trigger(field, "refresh");
}

on("click", "[data-palette]", (link, event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return; // a link like any other
  event.preventDefault();
  openPalette();
});

const options = () => $$("[role=option]", palette);

function select(option) {
  options().forEach((other) => other.setAttribute("aria-selected", String(other === option)));
  field.setAttribute("aria-activedescendant", option?.id ?? "");
  option?.scrollIntoView({ block: "nearest" });
}

palette.addEventListener("htmx:after:swap", () => select(options()[0]));
palette.addEventListener("mousemove", (event) => {
  const option = event.target.closest("[role=option]");
  if (option && option.getAttribute("aria-selected") !== "true") select(option);
});
palette.addEventListener("keydown", (event) => {
  const all = options();
  const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && all.length) {
    event.preventDefault();
    select(all[(at + step + all.length) % all.length]);
  } else if (event.key === "Enter" && all[at]) {
    event.preventDefault();
    if (event.ctrlKey || event.metaKey) window.open(all[at].href, "_blank", "noopener");
    else all[at].click();
  }
});
on("click", "#palette [role=option]", () => palette.close());
