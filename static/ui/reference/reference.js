/* The API reference: Swagger UI over our own document, which tries calls as whoever is signed in, or by key. */
const root = document.documentElement;
const place = document.getElementById("reference");
const token = document.querySelector('meta[name="csrf-token"]').content;
const darkOutside = matchMedia("(prefers-color-scheme: dark)");

const dress = () => root.classList.toggle("dark-mode", root.dataset.theme ? root.dataset.theme === "dark" : darkOutside.matches);
darkOutside.addEventListener("change", dress);
dress();

/* What Swagger UI leaves unsaid to those who hear the page: {selector: {attribute: its value, or how to tell it}}.
   No element matches two that disagree: each would correct the other for ever. */
const parameter = (element) => element.closest("tr").dataset.paramName;
const own = (element) => element.textContent;
const UNSAID = {
  ".information-container": { role: "region", "aria-label": "About this API" },
  ".scheme-container": { role: "region", "aria-label": "Authorization" },
  ".filter": { role: "search", "aria-label": "Operations" },
  ".information-container .title, .opblock-tag, .modal-ux-header h3": { "aria-level": 2 },
  ".opblock-body h4, .modal-ux-content h4": { "aria-level": 3 },
  ".opblock-body h5": { "aria-level": 4 },
  "tr[data-param-name] :is(select, input, textarea)": { "aria-label": parameter },
  ".body-param__text": { "aria-label": "Request body" },
  ".microlight": { tabindex: 0 },
  ".responses-table[role]": { "aria-label": (element) => `Responses: ${element.id}` },
  ".close-modal": { "aria-label": "Close" },
  ".auth-btn-wrapper [aria-label]": { "aria-label": own },
};

function say() {
  for (const [selector, said] of Object.entries(UNSAID))
    for (const element of place.querySelectorAll(selector))
      for (const [name, value] of Object.entries(said)) {
        const text = String(typeof value === "function" ? value(element) : value);
        if (element.getAttribute(name) !== text) element.setAttribute(name, text);
      }
}
new MutationObserver(say).observe(place, { subtree: true, childList: true, attributeFilter: ["aria-label"] });

/* An operation's path is a link inside the button that unfolds it, which may hold none; unfolding sets the address. */
const paths = () => ({
  wrapComponents: {
    DeepLink: (Link, { React: { createElement } }) => (props) =>
      props.path.includes("/") ? createElement("span", null, props.text) : createElement(Link, props),
  },
});

const spec = await (await fetch(place.dataset.document)).json();
spec.servers = [{ url: location.origin }]; // whatever name the page was reached by, its calls stay at home

window.SwaggerUIBundle({
  spec,
  domNode: place,
  deepLinking: true,
  filter: true,
  docExpansion: "list",
  defaultModelsExpandDepth: -1,
  displayRequestDuration: true,
  validatorUrl: null,
  plugins: [paths],
  presets: [window.SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  onComplete: () => (root.dataset.ready = ""),
  requestInterceptor(request) {
    if (new URL(request.url, location.href).origin === location.origin) request.headers["X-CSRFToken"] = token;
    return request;
  },
});
