// The picker of records and people: type to search, arrows and Enter choose, Backspace takes the last one back.
// It sends `change` when what was chosen has changed; what is typed into it is no value of any form.

import { $, $$, on } from "./dom.js";
import { mark, markByKey, markByPointer, marked, optionsOf } from "./marking.js";
import { place } from "./overlays.js";
import { post, released, send } from "./requests.js";

const WAIT_MS = 130;
let timer;
let latest = 0; // answers to earlier searches come too late
let searching = null; // the picker whose answer is on its way
let isHasty = false; // Enter came before that answer: it means the first of what will be found

const find = (picker) => $(".find", picker);
const list = (picker) => $(".options", picker);
const making = new WeakSet(); // pickers that wait for what they create
const isOpen = (picker) => find(picker).ariaExpanded === "true";

async function load(picker) {
  const field = find(picker);
  const number = ++latest;
  searching = picker;
  const answer = await send("GET", `${field.dataset.url}?q=${encodeURIComponent(field.value)}`);
  const html = answer?.ok ? await answer.text() : "";
  await released(list(picker));
  if (number === latest && document.activeElement === field) show(picker, html);
}

/** What is typed is searched for when the typing pauses. */
function soon(picker) {
  searching = picker;
  latest += 1;
  clearTimeout(timer);
  timer = setTimeout(() => load(picker), WAIT_MS);
}

function show(picker, html) {
  const [field, box] = [find(picker), list(picker)];
  if (!html) return close(picker);
  searching = null;
  box.innerHTML = html;
  const chosen = new Set($$(".pill input", picker).map((input) => input.value));
  for (const option of optionsOf(box)) if (chosen.has(option.dataset.value)) option.remove();
  if (!box.matches(":popover-open")) box.showPopover();
  const frame = picker.closest("[data-cell-form]") ?? picker; // the list leaves its Save button free
  box.style.width = `${frame.offsetWidth}px`;
  place(box, frame);
  field.ariaExpanded = "true";
  mark(field, box, field.value ? optionsOf(box)[0] : null);
  field.setAttribute("aria-controls", box.id);
  if (isHasty && marked(box)) choose(picker, marked(box));
  isHasty = false;
}

function close(picker) {
  latest += 1;
  searching = null;
  isHasty = false;
  clearTimeout(timer);
  if (list(picker).matches(":popover-open")) list(picker).hidePopover();
  find(picker).ariaExpanded = "false";
  find(picker).removeAttribute("aria-activedescendant");
}

async function choose(picker, option) {
  let { value, label } = option.dataset;
  if (option.dataset.createUrl) {
    making.add(picker); // a second Enter before the answer is there makes no second one
    const answer = await post(option.dataset.createUrl, { name: option.dataset.createName });
    making.delete(picker);
    if (!answer?.ok) return;
    ({ id: value, name: label } = await answer.json());
  }
  const pill = $("template", picker).content.firstElementChild.cloneNode(true);
  const face = option.firstElementChild;
  if (!option.dataset.createUrl) pill.prepend(face.cloneNode(true));
  $(".trunc", pill).textContent = label;
  $("[data-remove]", pill).ariaLabel += ` ${label}`;
  Object.assign($("input", pill), { value, name: picker.dataset.name });
  if ("single" in picker.dataset) $$(".pill", picker).forEach((other) => other.remove());
  find(picker).before(pill);
  find(picker).value = "";
  close(picker); // it would cover what comes next in the form
  changed(picker);
}

function changed(picker) {
  picker.dispatchEvent(new Event("change", { bubbles: true }));
}

function remove(picker, pill) {
  pill.remove();
  changed(picker);
  find(picker).focus();
  if (isOpen(picker)) load(picker);
}

/** What a key does; true when it did something. */
function press(picker, key) {
  const option = isOpen(picker) && marked(list(picker));
  if (making.has(picker)) return key === "Enter";
  if (/^Arrow(Up|Down)$/.test(key) && !isOpen(picker)) load(picker);
  else if (key === "Enter" && searching === picker && find(picker).value) isHasty = true;
  else if (key === "Enter" && option) choose(picker, option);
  else if (key === "Escape" && isOpen(picker)) close(picker);
  else if (key === "Backspace" && !find(picker).value && $(".pill", picker)) remove(picker, $$(".pill", picker).at(-1));
  else if (!markByKey(find(picker), list(picker), key)) {
    if (key === "Enter") close(picker); // nothing is marked: it means the form
    return false;
  }
  return true;
}

// Before everybody else's: a list that is open has the first word on arrows, Enter and Escape.
document.addEventListener(
  "keydown",
  (event) => {
    const picker = event.target.closest?.("[data-picker]");
    if (!picker || event.target !== find(picker) || event.isComposing) return;
    if (event.ctrlKey || event.metaKey) return; // Ctrl-Enter means the form
    if (!press(picker, event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  },
  true,
);
on("input", "[data-picker] .find", (field) => soon(field.closest("[data-picker]")));
on("focusin", "[data-cell-form] [data-picker] .find", (field) => load(field.closest("[data-picker]")));
on("focusout", "[data-picker]", (picker, event) => {
  if (picker.contains(event.relatedTarget)) return;
  close(picker);
  find(picker).value = "";
});
// The field keeps the focus while its list is used.
on("mousedown", "[data-picker] .options", (box, event) => event.preventDefault());
on("click", "[data-picker]", (picker, event) => {
  const option = event.target.closest("[role=option]");
  const pill = event.target.closest("[data-remove]")?.closest(".pill");
  if (option) choose(picker, option);
  else if (pill) remove(picker, pill);
  else if (!event.target.closest(".options")) {
    find(picker).focus();
    load(picker);
  }
});
on("mousemove", "[data-picker]", (picker, { target }) => markByPointer(find(picker), list(picker), target));
// Words left in the field are no choice.
document.addEventListener("change", (event) => event.target.matches("[data-picker] .find") && event.stopImmediatePropagation(), true);
