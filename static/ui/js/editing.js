// One value edited where it stands. Any element with data-edit and data-field inside a data-record container
// (a table row, a record's properties) can be: GET brings the control, POST saves and brings the container anew.

import { $, $$, on, parsed } from "./dom.js";
import { post, send } from "./requests.js";
import { toast } from "./toasts.js";

const LEAVING = /^(Enter|Tab|Escape)$/;
const was = new WeakMap(); // cell → what it showed before it was edited

/** Opens the editor of `cell`, ready to type; what is pressed until it is there, `pressed()` gives it. */
export async function edit(cell, pressed = listen()) {
  if (cell.classList.contains("editing") || cell.ariaBusy === "true") return pressed();
  cell.ariaBusy = "true";
  const answer = await send("GET", fieldUrl(cell));
  const html = await answer?.text();
  cell.ariaBusy = null;
  if (!answer?.ok || !cell.isConnected) return pressed();
  was.set(cell, [...cell.childNodes]);
  show(cell, html);
  const { stale } = $("form", cell).dataset;
  if (stale) await catchUp(cell, stale, pressed);
  else pressed($("form", cell));
}

/** Draws the record as it is now; who has not seen the value yet is told instead of editing it. */
async function catchUp(cell, words, pressed) {
  cancel(cell);
  const seen = cell.innerHTML;
  const fresh = await redrawNow(cell);
  if (fresh?.innerHTML === seen) return edit(fresh, pressed);
  pressed();
  fresh?.classList.add("fresh");
  toast({ text: words });
}

/** Keeps the keys of a fast hand; the function it returns gives them to the editor that has come, if one has. */
function listen() {
  const kept = [];
  const keep = (event) => {
    const { key, repeat, ctrlKey, metaKey, altKey } = event;
    if (ctrlKey || metaKey || altKey || !(key.length === 1 || key === "Backspace" || LEAVING.test(key))) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!repeat || !LEAVING.test(key)) kept.push(event); // Enter held down only opens
  };
  document.addEventListener("keydown", keep, true);
  return (form) => {
    document.removeEventListener("keydown", keep, true);
    if (!form) return;
    const end = kept.findIndex(({ key }) => LEAVING.test(key));
    const rest = end < 0 ? [] : kept.splice(end);
    const text = kept.reduce((typed, { key }) => (key === "Backspace" ? typed.slice(0, -1) : typed + key), "");
    if (text) write(document.activeElement, text);
    for (const event of rest) document.activeElement.dispatchEvent(new KeyboardEvent("keydown", event));
  };
}

/** Does to `control` what typing `text` does. */
function write(control, text) {
  if (control.matches("select")) {
    const isMeant = (option) => option.text.toLowerCase().startsWith(text.toLowerCase());
    control.value = [...control.options].find(isMeant)?.value ?? control.value;
  } else if (control.selectionStart != null) {
    control.setRangeText(text, control.selectionStart, control.selectionEnd, "end");
    control.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function fieldUrl(cell) {
  const { record, part = "", version } = cell.closest("[data-record]").dataset;
  return `${record}fields/${encodeURIComponent(cell.dataset.field)}/?part=${part}&seen=${version}`;
}

function show(cell, html) {
  cell.classList.add("editing");
  cell.replaceChildren(parsed(html));
  const form = $("form", cell);
  form.dataset.start = serialized(form);
  const control = $("[aria-invalid]", form) ?? $("input:not([type=hidden]), select, textarea", form);
  control?.focus();
  if (control?.select && control.type !== "date") control.select();
}

/** Leaves the editor with what was there before. */
function cancel(cell, { focus = true } = {}) {
  cell.classList.remove("editing");
  cell.replaceChildren(...(was.get(cell) ?? []));
  if (focus) cell.focus();
}

async function save(form, move) {
  const cell = form.closest("[data-edit]");
  const isStale = $("[data-take-theirs]", form) != null;
  if (!isStale && serialized(form) === form.dataset.start && !$("[aria-invalid]", form)) {
    cancel(cell, { focus: move != null });
    if (move) next(cell, move);
    return;
  }
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  const container = cell.closest("[data-record]");
  const pressed = move && listen(); // it means the next cell already
  const answer = await post(form.action, new FormData(form));
  form.ariaBusy = null;
  const html = await answer?.text();
  if (answer?.ok) return redraw(container, html, cell.dataset.field, move, pressed);
  pressed?.();
  if (html && cell.isConnected) show(cell, html);
}

/** Draws the record of `cell` as it is now; answers the cell that stands there then. */
async function redrawNow(cell) {
  const container = cell.closest("[data-record]");
  const { record, part = "" } = container.dataset;
  const answer = await send("GET", `${record}row/?part=${part}`);
  return answer?.ok ? redraw(container, await answer.text(), cell.dataset.field) : null;
}

/** Puts the answer in the place of `container` and goes on where the person was, or to the next cell. */
function redraw(container, html, field, move, pressed) {
  const fresh = parsed(html).firstElementChild;
  const hadFocus = container.contains(document.activeElement);
  container.replaceWith(fresh);
  window.htmx?.process(fresh);
  fresh.dispatchEvent(new CustomEvent("record:redrawn", { bubbles: true }));
  const cell = $(`[data-field="${CSS.escape(field)}"]`, fresh);
  if (cell && hadFocus && move) next(cell, move, pressed);
  else {
    pressed?.();
    if (hadFocus) cell?.focus();
  }
  return cell;
}

function next(cell, step, pressed) {
  const cells = $$("[data-edit]", cell.closest("[data-record]"));
  const other = cells[cells.indexOf(cell) + step];
  if (other) return edit(other, pressed);
  pressed?.();
  cell.focus();
}

const serialized = (form) => new URLSearchParams(new FormData(form)).toString();

on("dblclick", "[data-edit]", (cell) => edit(cell));
on("submit", "[data-cell-form]", (form, event) => {
  event.preventDefault();
  save(form);
});
on("click", "[data-take-theirs]", (button) => redrawNow(button.closest("[data-edit]")));

document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("[data-cell-form]");
  if (!form || event.defaultPrevented) return;
  const cell = form.closest("[data-edit]");
  form.dataset.keys = "";
  if (event.key === "Escape") {
    event.preventDefault();
    event.stopPropagation();
    cancel(cell);
  } else if (event.key === "Enter" && isSaving(event)) {
    event.preventDefault();
    save(form);
  } else if (event.key === "Tab" && isLast(form, event)) {
    event.preventDefault();
    save(form, event.shiftKey ? -1 : 1);
  }
});

// A choice by pointer is complete; arrows go through the options until Enter or Tab.
on("pointerdown", "[data-cell-form]", (form) => delete form.dataset.keys);
on("change", "[data-cell-form] select", ({ form }) => {
  if (!("keys" in form.dataset) && !$("[data-take-theirs]", form)) save(form);
});

/** Enter saves; in a text of several lines and on a button it has its own meaning. */
const isSaving = ({ target, ctrlKey, metaKey }) =>
  ctrlKey || metaKey || !target.matches("textarea, button, a, [aria-expanded=true]");

function isLast(form, { target, shiftKey }) {
  const controls = $$("input:not([type=hidden]), select, textarea, button:not(.sr, .primary)", form).filter((c) => c.checkVisibility());
  return target === controls.at(shiftKey ? 0 : -1);
}

// Clicking elsewhere saves; in the cell, such as on the words of a choice, it does not.
document.addEventListener("focusout", ({ target, relatedTarget }) => {
  const cell = target.closest?.(".editing");
  if (!cell || cell.contains(relatedTarget)) return;
  setTimeout(() => {
    const form = $("[data-cell-form]", cell);
    const isElsewhere = form?.isConnected && !cell.contains(document.activeElement) && document.hasFocus();
    if (isElsewhere && !$("[data-take-theirs]", form)) save(form);
  });
});
