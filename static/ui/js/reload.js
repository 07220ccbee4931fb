// Lists that are drawn anew as a whole when records changed: boards, agendas, the trash.

import { bringRecordIntoSight } from "./sight.js";

document.addEventListener("records:changed", async ({ detail }) => {
  const [id] = detail?.ids ?? [];
  const query = new URLSearchParams(location.search);
  if (id) query.set("show", id); // what is new is drawn, however long its lane is
  await window.htmx.ajax("GET", `${location.pathname}?${query}`, { target: "#list", swap: "outerHTML" });
  if (id) bringRecordIntoSight(id);
});
