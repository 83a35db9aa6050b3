// Starts the design system's components. Every page works without this file.
import { initAll } from "/static/vendor/nhsuk-frontend.min.js";

initAll();

// The first error is where the person wants to be.
document.querySelector(".nhsuk-error-summary")?.focus();
