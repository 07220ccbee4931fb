// What every request of htmx shares: the CSRF token, the line that shows slow ones, words when the net is gone.

import { $, $$ } from "./dom.js";
import { toast } from "./toasts.js";

const SLOW_MS = 150;
const LONGEST_PRESS = 1000; // ms; who holds longer means something else
const KEPT_ALIVE = 60_000; // bytes; browsers refuse to keep more alive

/** The change sets that this page made; `live.js` tells of all others. */
export const ownChanges = [];
const note = (headers) => headers.has("X-Change-Set") && ownChanges.push(headers.get("X-Change-Set"));

const csrfToken = () => $("meta[name=csrf-token]").content;

/** The answer to a request outside htmx, its toasts shown; null when the net is gone, which is told. */
export async function send(method, url, body) {
  const headers = { "HX-Request": "true", "HX-Current-URL": location.href };
  if (method !== "GET") headers["X-CSRFToken"] = csrfToken();
  const keepalive = body && String(body).length < KEPT_ALIVE; // arrives even when the page is left at once
  try {
    const answer = await fetch(url, { method, headers, body, keepalive });
    fireTriggers(answer.headers);
    return answer;
  } catch {
    toast({ kind: "error", text: document.body.dataset.offline });
    return null;
  }
}
export const post = (url, values = {}) => send("POST", url, new URLSearchParams(values));

/** What htmx does with these headers, for answers to our own requests. */
function fireTriggers(headers) {
  note(headers);
  const triggers = JSON.parse(headers.get("HX-Trigger") ?? "{}");
  for (const [name, detail] of Object.entries(triggers)) {
    document.body.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
  }
  if (headers.has("HX-Redirect")) location.href = headers.get("HX-Redirect");
}

document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  if (ctx.request.method !== "GET") ctx.request.headers["X-CSRFToken"] = csrfToken();
  ctx.fetch = async (...asked) => {
    const answer = await fetch(...asked);
    await answer.clone().text(); // all of it is here then, and shown without another wait
    await released(ctx.target);
    return answer;
  };
});

/** Waits while the pointer is down in `element`: what is replaced between press and release is not clicked. */
export async function released(element) {
  const end = Date.now() + LONGEST_PRESS;
  while (element?.matches(":active") && Date.now() < end) await new Promise((done) => setTimeout(done, 16));
}

// What is being sent is not sent again by a second click or Enter.
document.addEventListener(
  "submit",
  (event) => {
    if (event.target.ariaBusy !== "true") return;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  true,
);
// A page goes with its form, unless somebody comes back to it as it was.
window.addEventListener("submit", ({ target, defaultPrevented }) => {
  if (!defaultPrevented && target.method === "post") target.ariaBusy = "true";
});
window.addEventListener("pageshow", ({ persisted }) => {
  if (persisted) $$("form[aria-busy]").forEach((form) => (form.ariaBusy = null));
});

const line = $("#progress");
let running = 0;
let timer;
document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  if (ctx.sourceElement.matches("form[hx-post]")) ctx.sourceElement.ariaBusy = "true";
  running += 1;
  clearTimeout(timer);
  timer = setTimeout(() => (line.className = "prog go"), SLOW_MS);
});
document.addEventListener("htmx:finally:request", ({ target }) => {
  if (target.matches?.("form")) target.ariaBusy = null;
  running -= 1;
  if (running > 0) return;
  clearTimeout(timer);
  if (line.classList.contains("go")) line.className = "prog done";
});

document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => note(ctx.response.headers));

document.addEventListener("htmx:error", ({ detail }) => {
  if (detail.ctx?.request) toast({ kind: "error", text: document.body.dataset.offline });
});
