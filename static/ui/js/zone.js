// The time zone of this device, into the field that [data-zone-here] names, or at once where it is still empty.

import { $, on } from "./dom.js";

const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
on("click", "[data-zone-here]", (button) => {
  document.getElementById(button.dataset.zoneHere).value = here;
});
const guess = $("[data-zone-guess]");
if (guess && !guess.value) guess.value = here;
