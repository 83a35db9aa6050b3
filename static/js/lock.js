// An enrolled tablet that nobody touches for three minutes hides its page until the PIN is typed. The page
// stays underneath as it was. The server ends the session at the same time by its own clock: without this
// file the next tap asks for the PIN.
import { getKey } from "/static/js/offline/server.js";
import { lock as lockVault, pinTyped, unlock } from "/static/js/offline/vault.js";

const IDLE = 180_000;
const TELL_EVERY = 45_000;
const lock = document.getElementById("lock");
const form = lock.querySelector("form");
const problem = document.getElementById("lock-problem");
const token = form.elements.csrf_token.value;
let touched = Date.now();
let told = Date.now();

function tellServer() {
  told = Date.now();
  const body = new URLSearchParams({ csrf_token: token });
  fetch(lock.dataset.here, { method: "POST", body }).catch(() => {});
}

function notice() {
  if (lock.open) {
    return;
  }
  if (Date.now() - touched > IDLE) {
    hide();
    return;
  }
  touched = Date.now();
  if (touched - told > TELL_EVERY) {
    tellServer();
  }
}

function hide() {
  if (!lock.open) {
    lockVault().catch(() => {});
    lock.showModal();
    form.elements.pin.focus();
  }
}

for (const kind of ["pointerdown", "keydown", "input", "scroll"]) {
  document.addEventListener(kind, notice, { capture: true, passive: true });
}
document.addEventListener("visibilitychange", () => Date.now() - touched > IDLE && hide());
window.addEventListener("pageshow", (event) => event.persisted && hide());
setInterval(() => Date.now() - touched > IDLE && hide(), 5_000);

// Escape closes a dialog; this one opens by the PIN only.
lock.addEventListener("cancel", (event) => event.preventDefault());
lock.addEventListener("close", () => Date.now() - touched > IDLE && hide());

function say(text) {
  problem.textContent = text;
  problem.hidden = !text;
}

const { account } = document.body.dataset;

/** The server has taken the PIN: this person's key comes again, wrapped under it for the next dead corner. */
async function keep(pin) {
  if (account) {
    await pinTyped(account, pin);
    await getKey(token);
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  say("");
  const pin = form.elements.pin.value.trim();
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      headers: { Accept: "application/json" },
    });
    const said = await answer.json();
    if (said.open) {
      touched = told = Date.now();
      lock.close();
      keep(pin).catch(() => {});
    } else {
      say(said.problem);
    }
  } catch {
    if (account && (await unlock(pin, account).catch(() => false))) {
      touched = told = Date.now();
      lock.close();
    } else {
      say("Red Bag cannot be reached, and this PIN does not open the tablet without it. Nothing typed here is lost.");
    }
  }
  form.elements.pin.value = "";
  form.elements.pin.focus();
});
