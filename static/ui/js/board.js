// The board: cards move by drag, by Alt and an arrow, or by their menu; at once, and back if the server refuses.

import { $, $$, on, parsed } from "./dom.js";
import { place } from "./overlays.js";
import { post } from "./requests.js";
import { bringIntoSight } from "./sight.js";

const mayMove = () => $("[data-may-move]") != null;
const lanes = () => $$("[data-lane]");
const laneOf = (card) => card.closest("[data-lane]");

// --- moving ------------------------------------------------------------------------------------------

/** Puts `card` into `lane` and tells the server; `back` undoes what is shown when it does not go. */
async function move(card, lane, back) {
  const was = card.dataset.stage;
  const details = await askForClosing(card, lane);
  if (!details) return back();
  card.classList.add("busy");
  const answer = await post(card.dataset.moveUrl, { stage: lane.dataset.lane, was, ...details });
  card.classList.remove("busy");
  if (answer?.status === 404) return card.remove();
  if (!answer?.ok && answer?.status !== 409) return back();
  if (answer.ok) say(card, lane);
  draw(card, await answer.text());
}

/** The heads of all lanes with their new counts and sums, and the card as it is now, where it is now. */
function draw(card, html) {
  const part = parsed(html);
  for (const head of $$("[data-lane-head]", part)) {
    $(`[data-lane-head="${head.dataset.laneHead}"]`)?.replaceWith(head);
  }
  const hadFocus = card === document.activeElement;
  const fresh = $("[data-card]", part);
  const lane = lanes().find(({ dataset }) => dataset.lane === fresh.dataset.stage);
  if (lane === laneOf(card)) card.replaceWith(fresh);
  else {
    card.remove(); // somebody put it elsewhere meanwhile, maybe into another pipeline
    if (lane) $("[data-cards]", lane).prepend(fresh);
  }
  enterable();
  if (hadFocus) focusCard(fresh);
  bringIntoSight(fresh);
}

function say(card, lane) {
  const region = $("[data-board-say]");
  const name = $("a", card).textContent;
  region.textContent = region.dataset.moved.replace("%name", name).replace("%stage", lane.dataset.name);
}

/** Moves by key or menu: the card goes to the top of the lane, and stays in sight. */
function moveTo(card, lane) {
  if (!lane || lane === laneOf(card)) return;
  const home = { parent: card.parentElement, next: card.nextElementSibling };
  const hadFocus = card.contains(document.activeElement) || document.activeElement === document.body;
  $("[data-cards]", lane).prepend(card);
  card.scrollIntoView({ block: "nearest", inline: "nearest" });
  if (hadFocus) focusCard(card);
  move(card, lane, () => {
    home.parent.insertBefore(card, home.next);
    focusCard(card);
  });
}

// --- won and lost ------------------------------------------------------------------------------------

/** What closing a deal asks for: {} when the stage asks nothing, null when the person thinks better of it. */
function askForClosing(card, lane) {
  const { kind } = lane.dataset;
  const from = lanes().find(({ dataset }) => dataset.lane === card.dataset.stage);
  if (kind === "open" || kind === from?.dataset.kind) return Promise.resolve({}); // that was asked before
  const dialog = $("#closing");
  $("#closing-title").textContent = dialog.dataset[kind];
  $("[data-closing-name]", dialog).textContent = $("a", card).textContent;
  $("[data-lost-only]", dialog).hidden = kind !== "lost";
  $("form", dialog).reset();
  dialog.returnValue = "";
  dialog.showModal();
  $(kind === "lost" ? "#closing-why" : "button[type=submit]", dialog).focus();
  return new Promise((resolve) => {
    dialog.addEventListener(
      "close",
      () => {
        const values = Object.fromEntries(new FormData($("form", dialog)));
        if (kind !== "lost") delete values.lostReason;
        resolve(dialog.returnValue === "move" ? values : null);
      },
      { once: true },
    );
  });
}

// --- drag --------------------------------------------------------------------------------------------

function makeSortable() {
  if (!window.Sortable || !mayMove()) return;
  for (const cards of $$("[data-cards]")) {
    window.Sortable.create(cards, {
      group: "cards",
      animation: 140,
      sort: false,
      ghostClass: "drag-ghost",
      dragClass: "drag",
      filter: "[data-move]",
      preventOnFilter: false,
      delay: 160,
      delayOnTouchOnly: true,
      onEnd({ item, from, to, oldIndex }) {
        if (from === to) return;
        move(item, laneOf(item), () => from.insertBefore(item, from.children[oldIndex] ?? null));
      },
    });
  }
}

// --- keys and menu -----------------------------------------------------------------------------------

function focusCard(card) {
  if (!card) return;
  $$("[data-card][tabindex='0']").forEach((other) => (other.tabIndex = -1));
  card.tabIndex = 0;
  card.focus();
}

function enterable() {
  $$("[data-card]").forEach((card) => (card.tabIndex = -1));
  const first = $("[data-card]");
  if (first) first.tabIndex = 0;
}

document.addEventListener("keydown", (event) => {
  const card = event.target.closest?.("[data-card]");
  if (!card || event.target !== card || event.ctrlKey || event.metaKey) return;
  const all = lanes();
  const at = all.indexOf(laneOf(card));
  const side = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (side && event.altKey && mayMove()) moveTo(card, all[at + side]);
  else if (side) focusCard(nearest(all, at, side, card));
  else if (event.key === "ArrowDown") focusCard(card.nextElementSibling);
  else if (event.key === "ArrowUp") focusCard(card.previousElementSibling);
  else if (event.key === "Enter") $("a", card).click();
  else if (event.key === "m" && mayMove()) openMenu(card);
  else return;
  event.preventDefault();
});

/** The card beside: at the same height in the next lane that has any. */
function nearest(all, at, side, card) {
  const place = [...card.parentElement.children].indexOf(card);
  for (let next = at + side; all[next]; next += side) {
    const cards = $$("[data-card]", all[next]);
    if (cards.length) return cards[Math.min(place, cards.length - 1)];
  }
  return null;
}

function openMenu(card) {
  const menu = $("#move-menu");
  menu.replaceChildren(
    ...lanes().map((lane) => {
      const item = document.createElement("button");
      item.type = "button";
      item.className = "opt";
      item.disabled = lane === laneOf(card);
      item.append($(".chip", lane).cloneNode(true));
      item.addEventListener("click", () => {
        menu.hidePopover();
        moveTo(card, lane);
      });
      return item;
    }),
  );
  menu.showPopover();
  place(menu, $("[data-move]", card));
  $("button:enabled", menu).focus();
}

on("click", "[data-move]", (button) => openMenu(button.closest("[data-card]")));
$("#move-menu").addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const items = $$("button:enabled", event.currentTarget);
  items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
});

function start() {
  enterable();
  makeSortable();
}
document.addEventListener("htmx:after:swap", ({ target }) => $("[data-board]") && target.id !== "move-menu" && start());
if (window.Sortable) start();
else window.addEventListener("load", start);
