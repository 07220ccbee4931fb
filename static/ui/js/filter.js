// The filter popover and the column chooser of a list. Both are plain GET forms; script makes them live.

import { $, $$, on } from "./dom.js";
import { place } from "./overlays.js";
import { send } from "./requests.js";

const popover = $("#filter");

on("click", "[data-filter-open]", async (button, event) => {
  if (event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  if (popover.matches(":popover-open")) return popover.hidePopover();
  await load(new URLSearchParams(location.search));
  popover.showPopover();
  place(popover, button);
  $("select, input:not([type=hidden]), button", popover)?.focus();
});

async function load(params) {
  popover.inert = true; // nothing typed now would be in what comes
  const answer = await send("GET", `${popover.dataset.url}filter/?${params}`);
  popover.inert = false;
  if (!answer?.ok) return;
  popover.innerHTML = await answer.text();
  window.htmx.process(popover);
  if (popover.matches(":popover-open")) place(popover, $("[data-filter-open]"));
}

const formValues = () => {
  const values = new URLSearchParams(new FormData($("[data-filter-form]", popover)));
  for (const name of ["panel", "csrfmiddlewaretoken"]) values.delete(name);
  return values;
};

/** Rules without their operand yet are not part of the list's address. */
function complete() {
  const values = formValues();
  values.delete("add");
  for (const rule of $$("[data-rule]", popover)) {
    const n = rule.dataset.rule;
    const needs = $(".operand", rule).childElementCount > 0 && !/^has/.test(values.get(`o${n}`));
    if (needs && !values.getAll(`v${n}`).some(Boolean)) for (const part of "fov") values.delete(part + n);
  }
  return values;
}

function apply() {
  const url = new URL(`${popover.dataset.here}?${complete()}`, location.origin);
  for (const [name, value] of [...url.searchParams]) if (!value) url.searchParams.delete(name, value);
  go(url.pathname + url.search);
}

const go = (address) => window.htmx.ajax("GET", address, { target: "#list", swap: "outerHTML", push: "true" });

on("change", "#filter [data-add], #filter [data-operator]", async (select) => {
  const rule = select.closest("[data-rule]")?.dataset.rule;
  await load(formValues());
  const fieldset = rule ? $(`[data-rule="${rule}"]`, popover) : $$("[data-rule]", popover).at(-1);
  $(".operand input:not([type=hidden]), .operand select", fieldset ?? popover)?.focus();
});
on("click", "#filter [data-rule-remove]", async (button) => {
  button.closest("[data-rule]").remove();
  apply();
  await load(formValues());
});
on("submit", "#filter [data-filter-form]", (form, event) => {
  event.preventDefault();
  apply();
  popover.hidePopover();
});
on("click", "#filter [data-filter-clear]", (link, event) => {
  event.preventDefault();
  go(link.href);
  popover.hidePopover();
});

// The address is the truth: hidden fields of the search form, the badge and the columns follow it.
document.addEventListener("htmx:after:swap", () => {
  const params = new URLSearchParams(location.search);
  const form = $("[data-list-form]");
  if (!form) return;
  $$("input[type=hidden]", form).forEach((input) => input.remove());
  for (const [name, value] of params) if (!["q", "page", "after"].includes(name)) form.prepend(hidden(name, value));
  const rules = [...params.keys()].filter((name) => /^f\d+$/.test(name)).length;
  const button = $("[data-filter-open]");
  button.classList.toggle("on", rules > 0);
  $(".badge", button)?.remove();
  if (rules) button.append(Object.assign(document.createElement("span"), { className: "badge", textContent: rules }));
});

function hidden(name, value) {
  return Object.assign(document.createElement("input"), { type: "hidden", name, value });
}

// --- columns -----------------------------------------------------------------------------------------

on("submit", "[data-columns]", (form, event) => {
  event.preventDefault();
  const params = new URLSearchParams(location.search);
  params.set("cols", $$("input:checked", form).map((box) => box.value).join(","));
  params.delete("page");
  location.search = params;
});
on("click", "[data-column-up]", (button) => {
  const item = button.closest("li");
  item.previousElementSibling?.before(item);
  button.focus();
});
