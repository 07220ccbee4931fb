// Ctrl/⌘-K: records, pages and actions in one list. Loaded when it is first opened.

import { $, on } from "./dom.js";
import { mark, markByKey, markByPointer, marked } from "./marking.js";

const palette = $("#palette");
const field = $("input", palette);

palette.addEventListener("htmx:after:swap", () => mark(field, palette, $("[role=option]", palette)));
palette.addEventListener("mousemove", ({ target }) => markByPointer(field, palette, target));
palette.addEventListener("keydown", (event) => {
  const option = event.key === "Enter" && marked(palette);
  if (!option && !markByKey(field, palette, event.key)) return;
  event.preventDefault();
  if (option && (event.ctrlKey || event.metaKey)) window.open(option.href, "_blank", "noopener");
  else if (option) option.click();
});
on("click", "#palette [role=option]", () => palette.close());
