// A list of options under a field: one is marked, by arrows or by the pointer, while the field keeps the focus.

import { $, $$ } from "./dom.js";

let lists = 0;

export const optionsOf = (list) => $$("[role=option]:not([aria-disabled])", list);
export const marked = (list) => $("[role=option][aria-selected=true]", list);

/** Marks `option` of `list`, or none; `field` says which aloud. */
export function mark(field, list, option) {
  list.id ||= `options-${++lists}`;
  optionsOf(list).forEach((other, n) => {
    other.id ||= `${list.id}-${n}`;
    other.setAttribute("aria-selected", String(other === option));
  });
  field.setAttribute("aria-activedescendant", option?.id ?? "");
  option?.scrollIntoView({ block: "nearest" });
}

/** Marks what `key` leads to, round and round; false when it is no arrow or there is nothing to mark. */
export function markByKey(field, list, key) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[key];
  const all = optionsOf(list);
  if (!step || !all.length) return false;
  const at = all.indexOf(marked(list));
  mark(field, list, all.at(at < 0 ? Math.min(step - 1, 0) : (at + step) % all.length));
  return true;
}

/** Marks what the pointer moves over. */
export function markByPointer(field, list, target) {
  const option = target.closest("[role=option]:not([aria-disabled])");
  if (option && option !== marked(list)) mark(field, list, option);
}
