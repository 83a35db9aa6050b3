// Starts the design system's components. Every page works without this file.
import { initAll } from "/static/vendor/nhsuk-frontend.min.js";

initAll();

// The first error is where the person wants to be.
document.querySelector(".nhsuk-error-summary")?.focus();

// A page for paper offers its own button; without this file the browser's print command does the same.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
