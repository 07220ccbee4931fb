// Lists that are drawn anew as a whole when records changed: boards, agendas, the trash.

import { bringRecordIntoSight } from "./sight.js";

document.addEventListener("records:changed", async ({ detail }) => {
  const ids = detail?.ids ?? [];
  const query = new URLSearchParams(location.search);
  if (ids.length) query.set("show", ids[0]); // what is new is drawn, however long its lane is
  await window.htmx.ajax("GET", `${location.pathname}?${query}`, { target: "#list", swap: "outerHTML" });
  bringRecordIntoSight(ids);
});
