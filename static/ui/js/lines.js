// The grid of lines: each change is saved, one after the other, and the server's totals come back.

import { $, $$, on } from "./dom.js";

let isSaving = false;
let added = false; // whether a line has come since the fields last settled
const waiting = []; // what to send when the save under way is done

async function save(values = {}) {
  if (isSaving) {
    waiting.push(values);
    return;
  }
  isSaving = true;
  added ||= "add" in values;
  const form = $("[data-lines]");
  await window.htmx.ajax("POST", form.action, { source: form, target: form, swap: "outerMorph", values }).catch(() => {});
  isSaving = false;
  if (waiting.length) save(waiting.shift()); // what was typed meanwhile is still in its fields
  else settle();
}

/** Fields show what is stored, but for the one that is being typed into; a new line is ready for its quantity. */
function settle() {
  const form = $("[data-lines]");
  for (const field of $$("td input:not([type=hidden])", form)) {
    if (field !== document.activeElement) field.value = field.getAttribute("value");
  }
  $("[aria-invalid]", form)?.focus();
  if (!added) return;
  added = false;
  const quantity = $$("[name=quantity]", form).at(-1);
  quantity?.focus();
  quantity?.select();
}

on("change", "[data-lines]", (form, event) => {
  const picker = event.target.closest("[data-picker]");
  const chosen = picker && $(".pill input", picker);
  if (!picker) save();
  if (!chosen) return;
  $(".pill", picker).remove();
  save({ add: chosen.value });
});
on("submit", "[data-lines]", (form, event) => {
  event.preventDefault();
  const { name, value } = event.submitter ?? {};
  save(name ? { [name]: value } : {});
});
document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key !== "Enter" || !field.matches?.("[data-lines] td input")) return;
  event.preventDefault();
  if (field.value !== field.getAttribute("value")) save();
  $("[data-line-add]").focus();
});
