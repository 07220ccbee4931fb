// A form in a dialog: what was typed is not lost by a slip.

import { $ } from "./dom.js";

/** Asks before `dialog` closes over a changed form; returns what to call when a fresh form has come. */
export function guard(dialog, selector, firstField) {
  let start = "";
  const form = () => $(selector, dialog);
  const serialized = () => new URLSearchParams(new FormData(form())).toString();
  const question = () => $("[data-discard]", dialog);

  function mayClose() {
    if (!form() || serialized() === start || !question().hidden) return true;
    question().hidden = false;
    $("[data-keep]", dialog).focus();
    return false;
  }
  function keep() {
    question().hidden = true;
    $(firstField, dialog).focus();
  }

  dialog.addEventListener("cancel", (event) => {
    if (event.target === dialog && !mayClose()) event.preventDefault();
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || !form() || $(":popover-open", dialog)) return;
    event.preventDefault(); // browsers close at a second Escape without asking
    if (!question().hidden) keep();
    else if (mayClose()) dialog.close();
  });
  dialog.addEventListener("click", ({ target }) => {
    if (target.closest("[data-throw-away]")) dialog.close();
    else if (target.closest("[data-keep]")) keep();
  });
  return () => (start = serialized());
}
