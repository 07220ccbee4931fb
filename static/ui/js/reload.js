// Lists that are drawn anew as a whole when records changed: boards and agendas.

document.addEventListener("records:changed", () => {
  window.htmx.ajax("GET", location.pathname + location.search, { target: "#list", swap: "outerHTML" });
});
