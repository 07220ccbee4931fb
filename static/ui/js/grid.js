// The table of a list: arrows move between cells, Enter opens or edits, x selects; the bulk bar follows.

import { $, $$, on } from "./dom.js";
import { edit } from "./editing.js";

const STEPS = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] };
const DOUBLE_CLICK_MS = 250;
const list = () => $("[data-grid]");
const boxes = () => $$("tbody .ck input", list());
const keepsKeys = document.body.dataset.keys !== "off";
let lastBox;

// --- moving ------------------------------------------------------------------------------------------

function focusCell(cell) {
  if (!cell) return;
  $$("td[tabindex='0']", list()).forEach((other) => (other.tabIndex = -1));
  cell.tabIndex = 0;
  cell.focus();
}

/** One cell of the table can be reached by Tab: the one that was left, or the first. */
function enterable() {
  const cell = $("td[tabindex='0']", list()) ?? $("td.c-name", list());
  if (cell) cell.tabIndex = 0;
}

document.addEventListener("keydown", (event) => {
  const cell = event.target.closest?.(".tbl td");
  if (!cell || event.target !== cell || event.defaultPrevented) return;
  if (press(cell, event)) event.preventDefault();
});

function press(cell, event) {
  const row = cell.parentElement;
  const step = STEPS[event.key];
  if (step && !event.altKey) {
    const target = step[0] ? (step[0] > 0 ? row.nextElementSibling : row.previousElementSibling) : row;
    const at = [...row.children].indexOf(cell) + step[1];
    focusCell(target?.children[Math.max(1, at)]);
    return true;
  }
  switch (event.key) {
    case "Home":
      focusCell((event.ctrlKey ? row.parentElement.firstElementChild : row).children[1]);
      return true;
    case "End":
      focusCell((event.ctrlKey ? row.parentElement.lastElementChild : row).lastElementChild);
      return true;
    case "Enter":
      if (cell.matches(".c-name") || !("edit" in cell.dataset)) $("a", row).click();
      else edit(cell);
      return true;
    case "F2":
      if ("edit" in cell.dataset) edit(cell);
      return true;
    case "x":
      if (keepsKeys && !event.ctrlKey && !event.metaKey) toggle(row);
      return keepsKeys;
    case " ":
      toggle(row);
      return true;
    case "Escape":
      clear();
      return true;
  }
  return false;
}

// --- selecting ---------------------------------------------------------------------------------------

function toggle(row) {
  const box = $(".ck input", row);
  box.checked = !box.checked;
  lastBox = box;
  sync();
}

function clear() {
  delete list().dataset.all;
  boxes().forEach((box) => (box.checked = false));
  sync();
}

/** Rows, the box above them and the bulk bar show what is selected. */
function sync() {
  const all = boxes();
  const chosen = all.filter((box) => box.checked);
  if (chosen.length < all.length) delete list().dataset.all;
  $(".tbl", list()).classList.toggle("sel", chosen.length > 0);
  all.forEach((box) => box.closest("tr").classList.toggle("on", box.checked));
  const head = $("[data-select-all]", list());
  head.checked = chosen.length > 0 && chosen.length === all.length;
  head.indeterminate = chosen.length > 0 && chosen.length < all.length;
  syncBar(chosen.length, all.length);
}

function syncBar(chosen, onPage) {
  const bar = $("#bulk");
  bar.hidden = chosen === 0;
  const { total, totalMore, all } = list().dataset;
  const words = bar.dataset;
  const everything = all != null;
  $("[data-count]", bar).textContent = (everything ? words.allSelected : words.selected)
    .replace("%n", String(chosen))
    .replace("%t", total + (totalMore == null ? "" : "+"));
  $("[data-all]", bar).hidden = everything || chosen < onPage || Number(total) <= onPage;
}

/** What a bulk request is about: the chosen rows, or all that the list's filter finds. */
export function selection() {
  const values = new URLSearchParams();
  if (list().dataset.all != null) values.set("query", location.search || "?");
  else boxes().filter((box) => box.checked).forEach((box) => values.append("ids", box.value));
  return values;
}

on("click", ".tbl .ck input", (box, event) => {
  const all = boxes();
  if ("selectAll" in box.dataset) all.forEach((other) => (other.checked = box.checked));
  else if (event.shiftKey && lastBox?.isConnected) {
    const [from, to] = [all.indexOf(lastBox), all.indexOf(box)].sort((a, b) => a - b);
    all.slice(from, to + 1).forEach((other) => (other.checked = box.checked));
  }
  if (!("selectAll" in box.dataset)) lastBox = box;
  sync();
});
on("click", "[data-clear]", clear);
on("click", "[data-all]", () => {
  list().dataset.all = "";
  sync();
});

// Every form of the bulk bar carries what is selected, however it is sent.
document.addEventListener("htmx:config:request", ({ target, detail: { ctx } }) => {
  const form = target.closest?.("[data-bulk]");
  if (!form) return;
  for (const [name, value] of selection()) ctx.request.body.append(name, value);
});

// A click on an address in a cell leaves, two edit: the first waits to see whether there is a second.
let leaving;
on("click", ".tbl .out", (link, event) => {
  event.preventDefault();
  clearTimeout(leaving);
  if (event.detail > 1) return;
  leaving = setTimeout(() => window.open(link.href, link.target || "_self", "noopener"), DOUBLE_CLICK_MS);
});

// --- staying fresh -----------------------------------------------------------------------------------

export function reload() {
  window.htmx.ajax("GET", location.pathname + location.search, { target: "#list", swap: "outerHTML" });
}

document.addEventListener("records:changed", reload);
document.addEventListener("htmx:after:swap", () => {
  if (!list()) return;
  enterable();
  sync();
});
document.addEventListener("record:redrawn", ({ target }) => {
  if (target.matches("tr")) enterable();
});
on("change", "[data-go-to]", (select) => {
  window.htmx.ajax("GET", select.value, { target: "#list", swap: "outerHTML", push: "true" });
});
enterable();
