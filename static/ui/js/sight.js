// What has just come or moved is brought into sight, and stands out for a moment.

import { $ } from "./dom.js";

const STANDS_OUT_MS = 4000;

export function bringIntoSight(element) {
  element.scrollIntoView({ block: "nearest", inline: "nearest" });
  element.classList.add("spot");
  setTimeout(() => element.classList.remove("spot"), STANDS_OUT_MS);
}

/** The first of these records that the page shows. */
export function bringRecordIntoSight(ids) {
  const found = ids.map((id) => $(`#list [data-id="${CSS.escape(id)}"]`)).find(Boolean);
  if (found) bringIntoSight(found);
}
