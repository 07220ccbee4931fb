// The sheet of a new record and the menu of what to create; loaded when one is first asked for.

import { $, $$, on } from "./dom.js";
import { forget, recall } from "./drafts.js";
import { guard } from "./guard.js";

const WAIT_MS = 350;
const sheet = $("#sheet");
const content = $("#sheet-content");
const menu = $("#create-menu");
const FIRST_FIELD = ".fields :is(input:not([type=hidden]), select, textarea)";
let timer;
let latest = 0;

const form = () => $("[data-create-form]", content);
const unchanged = guard(sheet, "[data-create-form]", FIRST_FIELD);

/** The form at `address` in the sheet over the page. */
export async function open(address) {
  await window.htmx.ajax("GET", address, { target: content, swap: "innerHTML" });
  if (!form()) return;
  $$(":popover-open").forEach((popover) => popover.popover === "auto" && popover.hidePopover());
  if (!sheet.open) sheet.showModal();
  begin();
  recall(form());
}

/** A form has come: ready to type, where something is wrong first. */
function begin() {
  const wrong = $("[aria-invalid=true], .picker.bad .find", content);
  if (!wrong) unchanged();
  (wrong ?? $(FIRST_FIELD, content))?.focus();
}

/** The choice of everything that can be created. */
export function choose() {
  if ($("a", menu)) menu.showModal();
}

content.addEventListener("htmx:after:swap", () => sheet.open && form() && begin());
document.addEventListener("records:changed", () => form() && forget(form())); // it was saved; the next one is new
document.addEventListener("sheet:done", () => sheet.close());
sheet.addEventListener("close", () => {
  if (form()) forget(form());
  content.replaceChildren();
});

sheet.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  form().requestSubmit();
});

// --- likeness --------------------------------------------------------------------------------------------

on("input", "[data-create-form]", (typed, { target }) => {
  const names = typed.dataset.similarBy.split(" ");
  if (!names.includes(target.name)) return;
  clearTimeout(timer);
  timer = setTimeout(() => warn(typed, names), WAIT_MS);
});

async function warn(typed, names) {
  const number = ++latest;
  const values = [...new FormData(typed)].filter(([name, value]) => names.includes(name) && value);
  const answer = await fetch(`${typed.dataset.similarUrl}?${new URLSearchParams(values)}`, {
    headers: { "HX-Request": "true" },
  }).catch(() => null);
  if (answer?.ok && number === latest) $("[data-similar]", typed).innerHTML = (await answer.text()).trim();
}

// --- the menu --------------------------------------------------------------------------------------------

menu.addEventListener("keydown", (event) => {
  const links = $$("a", menu);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const named = links.find((link) => link.dataset.key === event.key);
  if (step) links.at((links.indexOf(document.activeElement) + step) % links.length).focus();
  else if (named && !event.ctrlKey && !event.metaKey) named.click();
  else return;
  event.preventDefault();
});
