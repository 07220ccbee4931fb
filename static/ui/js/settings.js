// Settings: forms come in one dialog, and what they change is swapped into the page behind it.

import "./copy.js";
import "./zone.js";
import { $, $$, on } from "./dom.js";

const POLL_MS = 5000;
const SOON_MS = 1000;
const modal = $("#modal");
const drawer = $("#drawer"); // what there is to read about one thing, beside the list it is in
const dialogs = [modal, drawer];

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (ctx.swap === "none") return; // refused: a toast says why
  const target = typeof ctx.target === "string" ? $(ctx.target) : ctx.target;
  if (dialogs.includes(target)) {
    if (!target.open) target.showModal();
    $("[aria-invalid=true], [autofocus]", target)?.focus();
  } else if (target?.id === "settings") {
    for (const dialog of dialogs) if (dialog.open) dialog.close();
    $("[data-focus], [aria-invalid=true]", target)?.focus();
  }
});
for (const dialog of dialogs) dialog.addEventListener("close", () => dialog.replaceChildren());
if (modal.childElementCount) modal.showModal(); // asked for before this script was there

// On a phone the pages are one line to swipe: this one shall be in sight.
$(".set-nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// A name that is being changed in its row stays as it was.
on("keydown", "[data-cancel]", (field, event) => {
  if (event.key === "Escape") window.htmx.ajax("GET", field.dataset.cancel, { target: "#settings", swap: "innerHTML" });
});

// One box for all boxes of its table.
on("change", "[data-check-all]", (all) => {
  for (const box of $$("tbody input[type=checkbox]", all.closest("table"))) box.checked = all.checked;
});

// Another choice shows another state at once; without this script a button sends it.
on("change", "[data-submits]", (field) => field.form.requestSubmit());

// A list of names and values grows as its last row is filled.
on("input", "[data-header-rows] > :last-child input", (input) => {
  const row = input.closest("[data-header-rows] > *");
  if (!input.value) return;
  const empty = row.cloneNode(true);
  for (const field of $$("input", empty)) field.value = "";
  row.after(empty);
});

const poll = (element) => element && document.visibilityState === "visible" && window.htmx.trigger(element, "poll");
setInterval(() => poll($("[data-poll]")), POLL_MS);
setInterval(() => poll($("[data-waiting]")?.closest("[hx-get]")), SOON_MS); // until it waits no longer
