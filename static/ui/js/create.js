// The ways to a new record; the sheet itself is loaded when somebody takes one.

import { $, on } from "./dom.js";

const sheet = () => import("./sheet.js");

/** `c`: what this page creates, or the choice of all. */
export function create() {
  const own = $("main [data-create]");
  if (own) own.click();
  else sheet().then(({ choose }) => choose());
}

on("click", "[data-create], [data-create-too]", (link, event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return; // a link like any other
  event.preventDefault();
  link.closest("dialog")?.close();
  sheet().then(({ open }) => open(link.href));
});
