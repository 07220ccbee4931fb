/* The API reference: Swagger UI over our own document, which tries calls as whoever is signed in, or by key. */
const root = document.documentElement;
const place = document.getElementById("reference");
const token = document.querySelector('meta[name="csrf-token"]').content;
const darkOutside = matchMedia("(prefers-color-scheme: dark)");

const dress = () => root.classList.toggle("dark-mode", root.dataset.theme ? root.dataset.theme === "dark" : darkOutside.matches);
darkOutside.addEventListener("change", dress);
dress();

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
  presets: [window.SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  onComplete: () => (root.dataset.ready = ""),
  requestInterceptor(request) {
    if (new URL(request.url, location.href).origin === location.origin) request.headers["X-CSRFToken"] = token;
    return request;
  },
});
