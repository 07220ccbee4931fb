// Others' changes, agents' above all: asks the server every few seconds while the page is seen, and says so.
// Changes in another window of the same person are others' as well.

import { $, $$, on } from "./dom.js";
import { ownChanges } from "./requests.js";

const EVERY_MS = 5000;
const OWN = 100;
const region = $("#live");
let since = Number(document.body.dataset.sequence);
let seen = since;
let asked = 0; // how many own changes were known when it was asked last
let timer;

const subject = () => $("[data-live]");

async function ask() {
  clearTimeout(timer);
  if (!subject() || document.visibilityState === "hidden") return;
  const { live, liveRecord } = subject().dataset;
  const query = new URLSearchParams({ since, seen, entity: live, record: liveRecord ?? "" });
  ownChanges.slice(-OWN).forEach((id) => query.append("own", id));
  const known = ownChanges.length;
  if (known > asked && region.firstChild) query.set("seen", since); // the notice may be of this page's own change
  asked = known;
  const answer = await fetch(`${region.dataset.url}?${query}`, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (answer?.headers.get("HX-Redirect")) return; // signed out: the next step anybody takes will say so
  const newest = Number(answer?.headers.get("X-Sequence"));
  if (answer?.ok && known === ownChanges.length) {
    if (answer.status === 200) region.innerHTML = await answer.text();
    else if (newest > Number(query.get("seen"))) dismiss(newest); // nothing of it is another's
    seen = Math.max(seen, newest);
  }
  clearTimeout(timer);
  timer = setTimeout(ask, EVERY_MS);
}

document.addEventListener("visibilitychange", ask);
timer = setTimeout(ask, EVERY_MS);

function dismiss(until = seen) {
  since = until;
  region.replaceChildren();
}

on("click", "[data-live-dismiss]", () => dismiss());
on("click", "[data-live-show]", async (button) => {
  const ids = button.closest("[data-ids]").dataset.ids.split(" ");
  dismiss();
  await refresh();
  for (const id of ids) {
    $$(`[data-id="${CSS.escape(id)}"]`).forEach((row) => row.classList.add("fresh"));
  }
});

// Lists and boards follow what is done on them themselves.
document.addEventListener("records:changed", () => $("[data-live][data-refresh]") && refresh());

/** The page as it is now, in place; notes that are being written are carried over. */
async function refresh() {
  // The page of a record draws its own parts anew.
  if (subject().dataset.liveRecord) return document.dispatchEvent(new CustomEvent("records:changed"));
  if (subject().id === "list") {
    return window.htmx.ajax("GET", location.pathname + location.search, { target: "#list", swap: "outerHTML" });
  }
  const answer = await fetch(location.href).catch(() => null);
  if (!answer?.ok) return;
  const [old, now] = [subject(), $("[data-live]", new DOMParser().parseFromString(await answer.text(), "text/html"))];
  for (const area of $$("textarea[name]", old)) {
    const same = $(`textarea[name="${CSS.escape(area.name)}"]`, now);
    if (same && area.value !== area.defaultValue) same.value = area.value;
  }
  const focused = document.activeElement?.id;
  const { scrollTop } = old;
  old.replaceWith(now);
  now.scrollTop = scrollTop;
  window.htmx.process(now);
  if (focused) document.getElementById(focused)?.focus();
  now.dispatchEvent(new CustomEvent("record:redrawn", { bubbles: true }));
}
