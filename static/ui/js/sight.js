// What has just come or moved is brought into sight, and stands out for a moment.

import { $ } from "./dom.js";

export function bringIntoSight(element) {
  element?.scrollIntoView({ block: "nearest", inline: "nearest" });
  element?.classList.add("spot");
  setTimeout(() => element?.classList.remove("spot"), 4000);
}

export const bringRecordIntoSight = (id) => bringIntoSight($(`#list [data-id="${CSS.escape(id)}"]`));
