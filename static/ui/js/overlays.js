// Popovers find their place beside what opened them; dialogs close on their backdrop and by [data-close].

import { $, $$, on } from "./dom.js";

const openers = new WeakMap(); // popover → what opened it
const GAP = 4;
const EDGE = 8;

document.addEventListener(
  "beforetoggle",
  (event) => {
    const popover = event.target;
    if (event.newState !== "open" || !popover.matches?.(".pop")) return;
    const opener = event.source ?? $(`[popovertarget="${popover.id}"]`);
    openers.set(popover, opener);
    if (opener) requestAnimationFrame(() => place(popover, opener));
  },
  true,
);

// What arrives in an open popover may need another place.
document.addEventListener("htmx:after:swap", () => {
  $$(".pop:popover-open").forEach((popover) => openers.get(popover) && place(popover, openers.get(popover)));
});

/** Puts `popover` under `opener`, or above when it says so or there is no room, never outside the window. */
export function place(popover, opener) {
  const box = opener.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = popover;
  const isAbove = popover.dataset.place === "above" || (box.bottom + height + EDGE > innerHeight && box.top > height);
  const top = isAbove ? box.top - height - GAP : box.bottom + GAP;
  const left = popover.dataset.place === "end" ? box.right - width : box.left;
  popover.style.top = `${Math.max(EDGE, Math.min(top, innerHeight - height - EDGE))}px`;
  popover.style.left = `${Math.max(EDGE, Math.min(left, innerWidth - width - EDGE))}px`;
}

document.addEventListener("click", (event) => {
  const dialog = event.target;
  if (dialog.matches?.("dialog[open]") && !isInside(dialog, event)) requestClose(dialog);
});
on("click", "[data-close]", (button, event) => {
  const dialog = button.closest("dialog");
  if (!dialog) return; // a link on a form's own page
  event.preventDefault();
  requestClose(dialog);
});
on("click", "[data-help]", () => openHelp());

/** Closes `dialog` unless it holds typed words and the person wants to keep them. */
function requestClose(dialog) {
  if (dialog.dispatchEvent(new Event("cancel", { cancelable: true }))) dialog.close();
}

function isInside(dialog, { clientX: x, clientY: y }) {
  const box = dialog.getBoundingClientRect();
  return x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
}

export function openHelp() {
  $$(":popover-open").forEach((popover) => popover.popover !== "manual" && popover.hidePopover());
  $("#help").showModal();
}

/** Records, pages and actions to choose from; what is typed at once is in the field before its module is. */
export async function openPalette() {
  const palette = $("#palette");
  const field = $("input", palette);
  if (palette.open) return;
  palette.showModal();
  field.select();
  await import("./palette.js");
  window.htmx.trigger(field, "refresh");
}

on("click", "[data-palette]", (link, event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return; // a link like any other
  event.preventDefault();
  openPalette();
});

// The sheet of a new record: its own module is loaded when somebody asks for one.
const sheet = () => import("./sheet.js");

/** `c`: what this page creates, or the choice of all. */
export function create() {
  const own = $("main [data-create]");
  if (own) own.click();
  else sheet().then(({ choose }) => choose());
}

on("click", "[data-create], [data-create-too]", (link, event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return; // a link like any other
  event.preventDefault();
  link.closest("dialog")?.close();
  sheet().then(({ open }) => open(link.href));
});

// The side, on small screens.
const setSide = (isOpen) => {
  $("#side").classList.toggle("open", isOpen);
  $("[data-side-open]")?.setAttribute("aria-expanded", String(isOpen));
  (isOpen ? $("#side a") : $("[data-side-open]"))?.focus();
};
on("click", "[data-side-open]", () => setSide(true));
on("click", "[data-side-close]", () => setSide(false));
document.addEventListener("click", (event) => {
  if ($("#side.open") && !event.target.closest("#side, [data-side-open]")) setSide(false);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && $("#side.open")) setSide(false);
});
