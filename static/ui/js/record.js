// The page of one record: properties by click and keyboard, links by search, next and previous, always fresh.

import { $, $$, isTyping, on } from "./dom.js";
import { edit } from "./editing.js";
import { markByKey, markByPointer, marked } from "./marking.js";
import { toast } from "./toasts.js";

const page = $("[data-page-record]");
const keepsKeys = document.body.dataset.keys !== "off";

// --- properties --------------------------------------------------------------------------------------

on("click", "[data-page-record] [data-edit]", (cell, event) => {
  if (event.target.closest("a, button, form, label") || String(getSelection())) return;
  edit(cell);
});

document.addEventListener("keydown", (event) => {
  const cell = event.target;
  if (event.defaultPrevented || event.altKey || !cell.matches?.("[data-page-record] [data-edit]")) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const cells = $$("[data-edit]", page);
  if (step) cells[cells.indexOf(cell) + step]?.focus();
  else if (event.key === "Enter" || event.key === "F2") edit(cell);
  else return;
  event.preventDefault();
});

// --- next and previous -------------------------------------------------------------------------------

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || isTyping(event) || $("dialog[open]")) return;
  const letter = keepsKeys && !event.altKey ? { j: "next", k: "previous" }[event.key] : null;
  const arrow = event.altKey ? { ArrowDown: "next", ArrowUp: "previous" }[event.key] : null;
  const link = $(`[data-step="${letter ?? arrow}"]`);
  if (!link) return;
  event.preventDefault();
  link.click();
});

// --- links -------------------------------------------------------------------------------------------

const field = (linker) => $("input[name=q]", linker);

document.addEventListener(
  "toggle",
  ({ target: linker, newState }) => {
    if (!linker.matches?.("[data-linker]") || newState !== "open") return;
    const search = field(linker);
    search.value = "";
    search.focus();
    window.htmx.trigger(search, "refresh");
  },
  true,
);
document.addEventListener("keydown", (event) => {
  const linker = event.target.closest?.("[data-linker]");
  if (!linker || event.isComposing) return;
  if (event.key === "Enter") marked(linker)?.click();
  else if (!markByKey(field(linker), linker, event.key)) return;
  event.preventDefault();
});
on("mousemove", "[data-linker]", (linker, { target }) => markByPointer(field(linker), linker, target));
on("submit", "[data-linker] form", (form) => setTimeout(() => form.closest("[data-linker]").hidePopover()));

// --- the rest ----------------------------------------------------------------------------------------

on("click", "[data-copy-link]", async (button) => {
  const address = new URL(button.dataset.copyLink, location.href).href;
  button.closest("[popover]")?.hidePopover();
  const isCopied = await navigator.clipboard?.writeText(address).then(() => true, () => false);
  toast({ text: isCopied ? button.dataset.copied : address });
});

/** Draws the parts anew, but what somebody is typing into stays. */
document.addEventListener("records:changed", () => {
  const address = new URL(location.href);
  address.searchParams.set("shown", $$("[data-entry]").length);
  window.htmx.ajax("GET", address.pathname + address.search, { source: page, target: page, swap: "none" });
});
const busy = () => [...$$(".editing"), ...$$("[data-lines]:focus-within")];
document.addEventListener("htmx:before:swap", ({ target }) => {
  if (target === page) busy().forEach((part) => part.setAttribute("hx-morph-skip", ""));
});
document.addEventListener("htmx:after:swap", ({ target }) => {
  if (target === page) busy().forEach((part) => part.removeAttribute("hx-morph-skip"));
});
