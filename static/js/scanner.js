// The scanner page. Without this file the typed code and the hand scanner work as a plain form.
import { Camera } from "/static/js/scan_camera.js";
import { ScannedList } from "/static/js/scan_list.js";
import { read } from "/static/js/scan_reader.js";

const page = document.querySelector("[data-scanner]");
const part = (name) => page.querySelector(`[data-${name}]`);
const form = part("typed");
const field = form.elements.code;
const many = document.getElementById("many");
const photo = document.getElementById("photo");
const hosts = page.dataset.hosts.split(" ");
const byHand = matchMedia("(pointer: coarse)").matches;

const WHOLE = /^\s*[a-z][a-z0-9+.-]*:\/\/([^/?#\s]+)/i;
const LABEL = /^\s*https?:\/\/([^/?#\s]+)\/B\/[0-9A-Z-]+(\/\d+)?\/?\s*$/i;
const PATIENCE = 8000; // milliseconds until the server counts as out of reach
const AGAIN = 15000; // milliseconds until it is asked again
const SAME = 4000; // milliseconds for which a label that stays in the picture is the same scan
const UNREACHABLE =
  "The server cannot be reached. What you scanned is kept in the list below, and is looked up by itself as soon as it can be. Until then use the printed pack in the bag, and ring the home: its number is on the label.";
const NO_NETWORK =
  "This device has no network. You can scan: each label is kept in a list here and looked up later. Use the printed pack in the bag, and ring the home: its number is on the label.";

let leaving = false;
let busy = false;
let last = { text: "", at: 0 };
let wanted = false; // the person wants the camera; it rests while the page is out of sight
let queue = Promise.resolve();

const isLabel = (text) => hosts.includes(LABEL.exec(text)?.[1].toLowerCase());

function say(words, stop = false) {
  const said = part("said");
  said.textContent = words;
  said.classList.toggle("rb-scan__said--stop", stop);
}

function notOurs(text) {
  const host = WHOLE.exec(text)?.[1].toLowerCase();
  return `This is not a red bag label${host ? `: it leads to ${host.slice(0, 60)}` : ""}. Nothing was opened.`;
}

function problemBesideField(words) {
  const group = field.closest(".nhsuk-form-group");
  const old = document.getElementById("code-error");
  old?.remove();
  group.classList.toggle("nhsuk-form-group--error", Boolean(words));
  field.classList.toggle("nhsuk-input--error", Boolean(words));
  field.setAttribute("aria-describedby", words ? "code-hint code-error" : "code-hint");
  if (words) {
    const shown = document.createElement("span");
    shown.id = "code-error";
    shown.className = "nhsuk-error-message";
    shown.setAttribute("role", "alert");
    shown.textContent = words;
    field.before(shown);
    field.focus();
    field.select(); // the next burst of a hand scanner takes its place
  }
}

async function ask(text) {
  const sent = new FormData(form);
  sent.delete("idempotency_key"); // a look is no act: asked twice it may be answered twice
  sent.set("code", text);
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: sent,
      headers: { Accept: "application/json" },
      signal: AbortSignal.timeout?.(PATIENCE),
    });
    if (answer.status >= 500) {
      return { unreachable: true };
    }
    if (answer.headers.get("Content-Type")?.startsWith("application/json")) {
      return await answer.json();
    }
    return { problem: "This page has been open for too long. Load it again, then scan once more." };
  } catch {
    return { unreachable: true };
  }
}

async function look(text, typed) {
  if (typed ? WHOLE.test(text) && !isLabel(text) : !isLabel(text)) {
    refuse(notOurs(text), typed);
    return;
  }
  busy = true;
  const found = await ask(text);
  busy = false;
  last = { text, at: Date.now() };
  if (found.problem) {
    refuse(found.problem, typed);
  } else if (found.unreachable) {
    accept({ text }, UNREACHABLE);
  } else {
    accept({ text, ...found }, `${found.title}: ${found.step}.${many.checked ? " Scan the next one." : ""}`);
  }
}

function refuse(words, typed) {
  say(typed ? "" : words, true);
  problemBesideField(typed ? words : "");
}

function accept(entry, words) {
  problemBesideField("");
  field.value = "";
  say(words, !entry.href);
  list.put(entry);
  navigator.vibrate?.(80);
  if (entry.href && !many.checked) {
    leaving = true;
    list.opened(entry.href);
    location.assign(entry.href);
  }
}

async function askAgain() {
  for (const entry of list.waiting) {
    if (entry.problem) {
      continue;
    }
    const found = await ask(entry.text);
    if (found.unreachable) {
      return;
    }
    list.answer(entry.text, found);
    say(found.problem ?? `${found.title}: ${found.step}.`, Boolean(found.problem));
  }
}

const list = new ScannedList(part("list"), page.dataset.whose, askAgain);

const camera = new Camera(part("video"), {
  seen(texts) {
    if (leaving || busy || texts.length === 0) {
      return;
    }
    const text = texts.find(isLabel) ?? texts[0];
    if (text === last.text && Date.now() - last.at < SAME) {
      last.at = Date.now();
      return;
    }
    last = { text, at: Date.now() };
    look(text, false);
  },
  changed() {
    part("view").hidden = !camera.on;
    part("start").hidden = camera.on;
    part("stop").hidden = !camera.on;
    part("lens").hidden = !(camera.on && camera.lenses.length > 1);
    part("light").hidden = !camera.hasLight;
    part("light").setAttribute("aria-pressed", String(camera.lit));
    if (camera.on) {
      trouble("");
    }
  },
  stopped(words) {
    wanted = false;
    trouble(words);
  },
});

function trouble(words) {
  part("trouble").textContent = words;
  part("trouble").hidden = !words;
}

function startCamera() {
  wanted = true;
  camera.start();
}

async function readPhoto() {
  const file = photo.files[0];
  if (!file) {
    return;
  }
  say("Reading the photo …");
  try {
    const picture = await createImageBitmap(file);
    const canvas = document.createElement("canvas");
    const texts = await read(canvas, picture, picture.width, picture.height);
    const text = texts.find(isLabel) ?? texts[0];
    if (text) {
      await look(text, false);
    } else {
      say("No label can be read in this photo. Go nearer, with more light, or type the code under the square.", true);
    }
  } catch {
    say("This photo cannot be opened here. Take another one, or type the code under the square.", true);
  }
  photo.value = "";
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = field.value;
  queue = queue.then(() => look(text, true));
});

// A hand scanner types wherever the focus is: its burst goes to the field.
document.addEventListener("keydown", (event) => {
  const held = event.ctrlKey || event.metaKey || event.altKey || event.isComposing;
  const elsewhere = event.target.closest?.("dialog, input:not([type=checkbox], [type=file])");
  if (held || elsewhere || event.key.length !== 1 || event.key === " ") {
    return;
  }
  field.focus();
  field.select();
});

// On a phone the focused field must not call the keyboard up before somebody wants to type.
if (byHand) {
  field.inputMode = "none";
  field.addEventListener("pointerdown", () => {
    field.inputMode = "text";
    field.blur();
  });
}

photo.addEventListener("change", readPhoto);
part("start").addEventListener("click", startCamera);
part("stop").addEventListener("click", () => {
  wanted = false;
  camera.stop();
});
part("lens").addEventListener("click", () => camera.otherLens());
part("light").addEventListener("click", () => camera.switchLight());
window.addEventListener("online", () => {
  say("");
  askAgain();
});
window.addEventListener("offline", () => say(NO_NETWORK, true));
if (navigator.onLine === false) {
  say(NO_NETWORK, true);
}
window.addEventListener("pagehide", () => camera.stop());
window.addEventListener("pageshow", (event) => {
  if (event.persisted) {
    leaving = false;
    list.keep();
    if (wanted) {
      camera.start();
    }
  }
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") {
    camera.stop();
  } else if (wanted) {
    camera.start();
  }
});
setInterval(() => list.waiting.length && askAgain(), AGAIN);

for (const name of ["camera", "photo", "many"]) {
  part(name).hidden = false;
}
// A desk computer's camera comes on when asked for, or where somebody has said once that it may.
if (byHand) {
  startCamera();
} else {
  const asked = navigator.permissions?.query({ name: "camera" });
  asked?.then(({ state }) => state === "granted" && startCamera()).catch(() => {});
}
