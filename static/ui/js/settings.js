// Settings: forms come in one dialog, and what they change is swapped into the page behind it.

import "./copy.js";
import "./zone.js";
import { $, on } from "./dom.js";

const POLL_MS = 5000;
const modal = $("#modal");

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (ctx.swap === "none") return; // refused: a toast says why
  const target = typeof ctx.target === "string" ? $(ctx.target) : ctx.target;
  if (target === modal) {
    if (!modal.open) modal.showModal();
    $("[aria-invalid=true], [autofocus]", modal)?.focus();
  } else if (target?.id === "settings") {
    if (modal.open) modal.close();
    $("[data-focus]", target)?.focus();
  }
});
modal.addEventListener("close", () => modal.replaceChildren());
if (modal.childElementCount) modal.showModal(); // asked for before this script was there

// On a phone the pages are one line to swipe: this one shall be in sight.
$(".set-nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// A name that is being changed in its row stays as it was.
on("keydown", "[data-cancel]", (field, event) => {
  if (event.key === "Escape") window.htmx.ajax("GET", field.dataset.cancel, { target: "#settings", swap: "innerHTML" });
});

// Another choice shows another state at once; without this script a button sends it.
on("change", "[data-submits]", (field) => field.form.requestSubmit());

setInterval(() => {
  const live = $("[data-poll]");
  if (live && document.visibilityState === "visible") window.htmx.trigger(live, "poll");
}, POLL_MS);
