// What is typed into a new record or a note outlives Back and reload in this window, until it is sent or given up.

import { $$, on } from "./dom.js";

const key = (form) => `draft ${form.getAttribute("action")}`;
const isTyped = ([name]) => !["csrfmiddlewaretoken", "_once"].includes(name);

export const forget = (form) => sessionStorage.removeItem(key(form));

/** Puts into `form` what was typed there before the page was left, with the mark of what it was typed upon. */
export function recall(form) {
  const used = new Set();
  for (const [name, value] of JSON.parse(sessionStorage.getItem(key(form)) ?? "[]")) {
    const controls = $$(`:is(input:not([type=hidden]), [name=mark], textarea, select)[name="${CSS.escape(name)}"]`, form);
    const box = controls.find((control) => /checkbox|radio/.test(control.type) && control.value === value);
    const control = box ?? controls.find((other) => !used.has(other));
    if (!control) continue;
    used.add(control);
    if (box) box.checked = true;
    else control.value = value;
    control.dispatchEvent(new Event("input", { bubbles: true })); // a list of inputs grows
  }
}

on("input", "[data-draft]", (form) => {
  sessionStorage.setItem(key(form), JSON.stringify([...new FormData(form)].filter(isTyped)));
});
window.addEventListener("submit", ({ target, defaultPrevented }) => {
  if (!defaultPrevented && target.matches("[data-draft]")) forget(target);
});
$$("main [data-draft]").forEach(recall);
