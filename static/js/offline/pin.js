// The page that asks for a PIN: where it is right, the next page wraps this person's key under it (vault.js), so
// that the same PIN opens the tablet without the network.
import { pinTyped } from "./vault.js";

const PATIENCE = 8_000; // a slow tablet takes its time over the rounds
const form = document.querySelector("form[data-pin-of]");
let kept = false;

form?.addEventListener("submit", async (event) => {
  const pin = form.elements.pin.value.trim();
  if (kept || !pin) {
    return;
  }
  event.preventDefault();
  const longest = new Promise((resolve) => setTimeout(resolve, PATIENCE));
  await Promise.race([pinTyped(form.dataset.pinOf, pin).catch(() => {}), longest]);
  kept = true;
  form.requestSubmit(event.submitter);
});
