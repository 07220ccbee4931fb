// Short words after something was done. The server names them in HX-Trigger, or renders them into a whole page.

import { $, $$, on } from "./dom.js";

const SHOWN_MS = { ok: 4000, undo: 10000, error: 9000 };
const region = $("#toasts");
region.popover = "manual"; // by script: without one it is an ordinary part of the page

/** Shows `text`; `undo` is the address whose POST takes the change back, `link` that of what it is about. */
export function toast({ kind = "ok", text, undo, link, linkLabel }) {
  const item = $("#toast-template").content.firstElementChild.cloneNode(true);
  item.classList.toggle("bad", kind === "error");
  if (kind === "error") item.setAttribute("role", "alert");
  $("[data-text]", item).textContent = text;
  const way = $("[data-link]", item);
  if (link) way.href = link;
  else way.remove();
  if (linkLabel) way.textContent = linkLabel;
  const form = $("form", item);
  if (undo) {
    form.action = undo;
    form.setAttribute("hx-post", undo);
  } else {
    form.remove();
  }
  region.append(item);
  window.htmx?.process(item);
  leaveLater(item);
  raise();
}

/** Popovers and dialogs open above everything before them: the region joins them, newest on top. */
function raise() {
  if (region.matches(":popover-open")) region.hidePopover();
  if (region.childElementCount) region.showPopover();
}

function leaveLater(item) {
  const wait = $("form, a", item) ? SHOWN_MS.undo : item.classList.contains("bad") ? SHOWN_MS.error : SHOWN_MS.ok;
  const leave = () => {
    // Nobody loses a toast they are reading or about to use.
    if (item.matches(":hover, :focus-within")) setTimeout(leave, 1500);
    else drop(item);
  };
  setTimeout(leave, wait);
}

function drop(item) {
  item.remove();
  if (!region.childElementCount && region.matches(":popover-open")) region.hidePopover();
}

document.addEventListener("toasts", ({ detail }) => detail.items.forEach(toast));
on("click", "[data-toast-close]", (button) => drop(button.closest(".toast")));
on("submit", ".toast form", (form) => setTimeout(() => drop(form.closest(".toast"))));
$$(".toast", region).forEach(leaveLater);
raise();
