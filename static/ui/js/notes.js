// Writing notes: the small toolbar, the preview, Ctrl-Enter, and boxes of tasks that can be ticked.

import { $, $$, on } from "./dom.js";
import { forget, recall } from "./drafts.js";
import { post } from "./requests.js";

const area = (element) => $("textarea", element.closest("[data-markdown]"));
const again = () => document.dispatchEvent(new CustomEvent("records:changed"));

/** Puts `text` over the selection; what is between `from` and `to` of it is selected then. */
function insert(field, text, from, to) {
  const start = field.selectionStart;
  field.focus();
  field.setRangeText(text, start, field.selectionEnd, "end");
  field.setSelectionRange(start + from, start + to);
}

on("click", "[data-md]", (button) => {
  const field = area(button);
  const { md } = button.dataset;
  const chosen = field.value.slice(field.selectionStart, field.selectionEnd);
  insert(field, md + chosen + md, md.length, md.length + chosen.length);
});
on("click", "[data-md-link]", (button) => {
  const field = area(button);
  const chosen = field.value.slice(field.selectionStart, field.selectionEnd);
  insert(field, `[${chosen}](https://)`, chosen ? chosen.length + 3 : 1, chosen ? chosen.length + 11 : 1);
});
on("click", "[data-md-line]", (button) => {
  const field = area(button);
  const start = field.value.lastIndexOf("\n", field.selectionStart - 1) + 1;
  const lines = field.value.slice(start, field.selectionEnd).split("\n");
  field.setSelectionRange(start, field.selectionEnd);
  const text = lines.map((line) => button.dataset.mdLine + line).join("\n");
  insert(field, text, text.length, text.length);
});

async function preview(form, isShown) {
  const [field, box, button] = [$("textarea", form), $("[data-preview]", form), $("[data-preview-toggle]", form)];
  if (isShown) {
    const answer = await post(button.dataset.url, { text: field.value });
    if (!answer?.ok) return;
    box.innerHTML = await answer.text();
  }
  box.hidden = !isShown;
  field.hidden = isShown;
  button.setAttribute("aria-pressed", String(isShown));
  $$("[data-md], [data-md-line], [data-md-link]", form).forEach((tool) => (tool.disabled = isShown));
}

on("click", "[data-preview-toggle]", (button) => {
  preview(button.closest("form"), button.getAttribute("aria-pressed") !== "true");
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.target.closest?.("[data-markdown]")?.requestSubmit();
});

document.addEventListener("htmx:after:request", ({ target, detail: { ctx } }) => {
  if (!target.matches?.("[data-markdown]") || !ctx.response?.raw.ok) return;
  target.removeAttribute("hx-morph-skip");
  forget(target);
  target.reset();
  preview(target, false);
});
on("click", "[data-notes-cancel]", (link, event) => {
  forget(link.closest("form"));
  if (!$("[data-page-record]")) return;
  event.preventDefault();
  link.closest("form").removeAttribute("hx-morph-skip");
  again();
});

// The whole text is opened where one was left off; a form that came with a refusal has what was sent.
let opened = $("[data-notes-form]");
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  const form = $("[data-notes-form]");
  if (form && form !== opened && ctx.request.method === "GET") recall(form);
  opened = form;
});

on("change", "[data-notes] [data-task]", async (box) => {
  const { url, mark } = box.closest("[data-notes]").dataset;
  const values = { task: box.dataset.task, done: box.checked, mark };
  const answer = await post(url, values);
  if (answer?.ok) return;
  box.checked = !box.checked;
  if (answer) again();
});
