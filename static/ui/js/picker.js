// The picker of records and people: type to search, arrows and Enter choose, Backspace takes the last one back.
// It sends `change` when what was chosen has changed; what is typed into it is no value of any form.

import { $, $$, on } from "./dom.js";
import { place } from "./overlays.js";
import { post } from "./requests.js";

const WAIT_MS = 130;
let timer;
let latest = 0; // answers to earlier searches come too late
let lists = 0;

const find = (picker) => $(".find", picker);
const list = (picker) => $(".options", picker);
const options = (picker) => $$("[role=option]", picker);
const making = new WeakSet(); // pickers that wait for what they create
const isOpen = (picker) => find(picker).ariaExpanded === "true";
const active = (picker) => $("[role=option][aria-selected=true]", picker);

async function load(picker) {
  const field = find(picker);
  const number = ++latest;
  const answer = await fetch(`${field.dataset.url}?${new URLSearchParams({ q: field.value })}`, {
    headers: { "HX-Request": "true" },
  }).catch(() => null);
  const html = answer?.ok ? await answer.text() : "";
  if (number === latest && document.activeElement === field) show(picker, html);
}

function show(picker, html) {
  const [field, box] = [find(picker), list(picker)];
  if (!html) return close(picker);
  box.innerHTML = html;
  box.id ||= `options-${++lists}`;
  const chosen = new Set($$(".pill input", picker).map((input) => input.value));
  options(picker).forEach((option, n) => {
    if (chosen.has(option.dataset.value)) option.remove();
    option.id = `${box.id}-${n}`;
  });
  if (!box.matches(":popover-open")) box.showPopover();
  box.style.width = `${picker.offsetWidth}px`;
  place(box, picker);
  field.ariaExpanded = "true";
  field.setAttribute("aria-controls", box.id);
  select(picker, field.value ? options(picker)[0] : null);
}

function close(picker) {
  latest += 1;
  clearTimeout(timer);
  if (list(picker).matches(":popover-open")) list(picker).hidePopover();
  find(picker).ariaExpanded = "false";
  find(picker).removeAttribute("aria-activedescendant");
}

function select(picker, option) {
  options(picker).forEach((other) => other.setAttribute("aria-selected", String(other === option)));
  if (option) find(picker).setAttribute("aria-activedescendant", option.id);
  else find(picker).removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}

async function choose(picker, option) {
  let { value, label } = option.dataset;
  if (option.dataset.createUrl) {
    making.add(picker); // a second Enter before the answer is there makes no second one
    const answer = await post(option.dataset.createUrl, { name: option.dataset.createName }).catch(() => null);
    making.delete(picker);
    if (!answer?.ok) return;
    ({ id: value, name: label } = await answer.json());
  }
  const pill = $("template", picker).content.firstElementChild.cloneNode(true);
  const face = $(".av", option);
  if (face) pill.prepend(face.cloneNode(true));
  $(".trunc", pill).textContent = label;
  $("[data-remove]", pill).ariaLabel += ` ${label}`;
  Object.assign($("input", pill), { value, name: picker.dataset.name });
  const isSingle = "single" in picker.dataset;
  if (isSingle) $$(".pill", picker).forEach((other) => other.remove());
  find(picker).before(pill);
  find(picker).value = "";
  select(picker, null);
  changed(picker);
  if (isSingle) close(picker);
  else load(picker);
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
  const all = options(picker);
  const step = { ArrowDown: 1, ArrowUp: -1 }[key];
  if (making.has(picker)) return key === "Enter";
  if (step && !isOpen(picker)) load(picker);
  else if (step && all.length) select(picker, all.at((all.indexOf(active(picker)) + step + (step < 0 && !active(picker))) % all.length));
  else if (key === "Enter" && isOpen(picker) && active(picker)) choose(picker, active(picker));
  else if (key === "Escape" && isOpen(picker)) close(picker);
  else if (key === "Backspace" && !find(picker).value && $(".pill", picker)) remove(picker, $$(".pill", picker).at(-1));
  else {
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
on("input", "[data-picker] .find", (field) => {
  clearTimeout(timer);
  timer = setTimeout(() => load(field.closest("[data-picker]")), WAIT_MS);
});
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
on("mousemove", "[data-picker] [role=option]", (option) => {
  if (option.getAttribute("aria-selected") !== "true") select(option.closest("[data-picker]"), option);
});
// Words left in the field are no choice.
document.addEventListener("change", (event) => event.target.matches("[data-picker] .find") && event.stopImmediatePropagation(), true);
