// Custom columns: rows in a list or a form find their place by drag; options take a colour, Enter and pasted lines.

import { $, $$, on } from "./dom.js";
import { guard } from "./guard.js";

const modal = $("#modal");
const unchanged = guard(modal, ".column-form", "[name=label]");
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (ctx.request.method === "GET" && $(".column-form", modal)) unchanged();
});

const places = (list) => [...list.children].filter((child) => child.matches("[data-item]"));

on("pointerdown", "[data-grip]", (grip, event) => {
  if (event.button) return;
  event.preventDefault();
  const item = grip.closest("[data-item]");
  const list = item.parentElement;
  const from = places(list).indexOf(item);
  grip.setPointerCapture(event.pointerId);
  item.classList.add("dragged");
  const move = ({ clientY }) => {
    const rows = places(list);
    const here = rows.indexOf(item);
    const over = rows.findIndex((row) => {
      const { top, bottom } = row.getBoundingClientRect();
      return clientY >= top && clientY < bottom;
    });
    if (over < 0) return;
    // The others make way: an element that moves itself would lose the pointer.
    if (over > here) item.before(...rows.slice(here + 1, over + 1));
    else item.after(...rows.slice(over, here));
  };
  grip.addEventListener("pointermove", move);
  grip.addEventListener(
    "lostpointercapture",
    () => {
      grip.removeEventListener("pointermove", move);
      item.classList.remove("dragged");
      const to = places(list).indexOf(item);
      if (to === from || !item.dataset.move) return;
      window.htmx.ajax("POST", item.dataset.move, { values: { to }, target: "#settings", swap: "innerHTML" });
    },
    { once: true },
  );
});

on("change", "[data-swatch]", (radio) => {
  $(`[popovertarget="${radio.closest(".pop").id}"]`).className = `swatch h-${radio.value}`;
});

on("keydown", "[data-option]", (input, event) => {
  if (event.key !== "Enter" || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  $("[data-option-add]", input.form).click();
});

// A row more is there at once: whoever types a list waits for nothing.
on("click", "[data-option-add]", (button, event) => {
  event.preventDefault();
  const rows = places($("[data-order]", button.form));
  const html = $("[data-option-blank]", button.form).innerHTML;
  rows.at(-1).insertAdjacentHTML("afterend", html.replaceAll("_key_", `new${Date.now()}`).replaceAll("_n_", rows.length + 1));
  const row = rows.at(-1).nextElementSibling;
  $$("[data-swatch]", row)[rows.length % 10].click();
  window.htmx.process(row);
  $("[data-option]", row).focus();
});

// Nothing is typed into a form that is about to be drawn anew.
document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  const { name, form } = ctx.sourceElement;
  if (name !== "do") return;
  form.inert = true;
  document.addEventListener("htmx:finally:request", () => (form.inert = false), { once: true });
});

on("paste", "[data-option]", (input, event) => {
  const text = event.clipboardData.getData("text");
  if (!/\n/.test(text.trim())) return;
  event.preventDefault();
  $("[data-several-lines]", input.form).value = text;
  $("[data-several-add]", input.form).click();
});
