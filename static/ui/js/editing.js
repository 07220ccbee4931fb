// One value edited where it stands. Any element with data-edit and data-field inside a data-record container
// (a table row, a record's properties) can be: GET brings the control, POST saves and brings the container anew.

import { $, $$, on } from "./dom.js";
import { csrfToken, fireTriggers } from "./requests.js";
import { toast } from "./toasts.js";

const was = new WeakMap(); // cell → what it showed before it was edited

/** Opens the editor of `cell`, ready to type. */
export async function edit(cell) {
  if (cell.classList.contains("editing") || cell.ariaBusy === "true") return;
  cell.ariaBusy = "true";
  const typed = listen();
  const answer = await send("GET", fieldUrl(cell));
  const html = await answer?.text();
  if (html?.includes("data-picker")) await import("./picker.js"); // it hears of the focus that comes
  cell.ariaBusy = null;
  const text = typed();
  if (!answer?.ok || !cell.isConnected) return;
  was.set(cell, [...cell.childNodes]);
  show(cell, html);
  const { stale } = $("form", cell).dataset;
  if (stale) return catchUp(cell, stale);
  if (text && document.activeElement.matches("input[type=text], textarea")) document.activeElement.value = text;
}

/** Draws the record as it is now; who has not seen the value yet is told instead of editing it. */
async function catchUp(cell, words) {
  cancel(cell);
  const seen = cell.innerHTML;
  const fresh = await redrawNow(cell);
  if (fresh?.innerHTML === seen) return edit(fresh);
  fresh?.classList.add("fresh");
  toast({ text: words });
}

/** Keeps what is typed until the editor is there; the function it returns says what that was. */
function listen() {
  let text = "";
  const keep = (event) => {
    if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey) return;
    text += event.key;
    event.preventDefault();
    event.stopPropagation();
  };
  document.addEventListener("keydown", keep, true);
  return () => {
    document.removeEventListener("keydown", keep, true);
    return text;
  };
}

function fieldUrl(cell) {
  const { record, part = "", version } = cell.closest("[data-record]").dataset;
  return `${record}fields/${encodeURIComponent(cell.dataset.field)}/?part=${part}&seen=${version}`;
}

function show(cell, html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  cell.classList.add("editing");
  cell.replaceChildren(template.content);
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
  const answer = await send("POST", form.action, new URLSearchParams(new FormData(form)));
  form.ariaBusy = null;
  if (!answer) return;
  const html = await answer.text();
  if (answer.ok) redraw(container, html, cell.dataset.field, move);
  else if (html && cell.isConnected) show(cell, html);
}

/** Draws the record of `cell` as it is now; answers the cell that stands there then. */
async function redrawNow(cell) {
  const container = cell.closest("[data-record]");
  const { record, part = "" } = container.dataset;
  const answer = await send("GET", `${record}row/?part=${part}`);
  return answer?.ok ? redraw(container, await answer.text(), cell.dataset.field) : null;
}

/** Puts the answer in the place of `container` and goes on where the person was, or to the next cell. */
function redraw(container, html, field, move) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const fresh = template.content.firstElementChild;
  const hadFocus = container.contains(document.activeElement);
  container.replaceWith(fresh);
  window.htmx?.process(fresh);
  fresh.dispatchEvent(new CustomEvent("record:redrawn", { bubbles: true }));
  const cell = $(`[data-field="${CSS.escape(field)}"]`, fresh);
  if (cell && hadFocus) {
    if (move) next(cell, move);
    else cell.focus();
  }
  return cell;
}

function next(cell, step) {
  const cells = $$("[data-edit]", cell.closest("[data-record]"));
  const other = cells[cells.indexOf(cell) + step];
  if (other) edit(other);
  else cell.focus();
}

async function send(method, url, body) {
  const headers = { "HX-Request": "true", "HX-Current-URL": location.href };
  if (method !== "GET") headers["X-CSRFToken"] = csrfToken();
  try {
    const answer = await fetch(url, { method, headers, body });
    fireTriggers(answer);
    if (answer.headers.get("HX-Redirect")) location.href = answer.headers.get("HX-Redirect");
    return answer;
  } catch {
    toast({ kind: "error", text: document.body.dataset.offline });
    return null;
  }
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
