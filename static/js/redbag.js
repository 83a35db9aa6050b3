// Starts the design system's components. Every page works without this file.
import { initAll } from "/static/vendor/nhsuk-frontend.min.js";

initAll();

// The first error is where the person wants to be.
const problem = document.querySelector(".nhsuk-error-summary");
problem?.focus();

// A page with errors answered a form and is kept nowhere: once it is sent again, Back opens it anew instead of
// the browser's own "cache miss".
if (problem) addEventListener("submit", () => history.replaceState(history.state, "", location.href));

// A page for paper offers its own button; without this file the browser's print command does the same.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
