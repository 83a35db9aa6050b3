// Forms half typed: kept on the tablet, sealed, while somebody types, and there again after a dead battery, a
// reload or a sign-out by time limit, for the same person. Passphrases, PINs and files are never kept.
import { keysOf, read, write } from "./store.js";
import { account, seal, unseal } from "./vault.js";

const PAUSE = 150;
const LASTS = 7 * 24 * 3_600_000;
const SENT = "rb-sent"; // in sessionStorage: which drafts this tab has sent off, until the next page says how it went
const NEVER = ["csrf_token", "idempotency_key"];
const WITH_PAGE = ["seen", "version"]; // what the page was opened on: kept with the words, so that a clash shows

const keyOf = async (path) => `${await account()}|${path}`;

/** Every address of one form. A journey begun here has the tablet's own name until the server gives it one, and what
 * is typed meanwhile, or an instant later in a screen that was opened before, stands under the first. */
async function addressesOf(path) {
  const [, name, step] = /^\/transfers\/([^/]+)(\/.*)$/.exec(path) ?? [];
  if (!name) {
    return [path];
  }
  const ref = (await read("refs", name)) ?? name;
  const names = [ref];
  for (const key of await keysOf("refs")) {
    if ((await read("refs", key)) === ref) {
      names.push(key);
    }
  }
  return names.map((one) => `/transfers/${one}${step}`);
}

/** What was typed at this address, as [name, value] pairs; null where nothing is kept. Throws Locked. */
export async function draftOf(path) {
  let last = null;
  for (const address of await addressesOf(path)) {
    const kept = await read("drafts", await keyOf(address));
    last = kept && kept.at > (last?.at ?? Date.now() - LASTS) ? { ...kept, address } : last;
  }
  if (!last) {
    return null;
  }
  const fields = await unseal(last.sealed, `draft ${last.address}`);
  fields.at = new Date(last.at);
  return fields;
}

/** Keeps what is typed at this address. Throws Full or Locked. */
export async function keepDraft(path, fields) {
  const sealed = await seal([...fields], `draft ${path}`);
  await write(["drafts", "put", { at: Date.now(), sealed }, await keyOf(path)]);
}

/** Forgets what was typed at this address. */
export async function dropDraft(path) {
  const keys = await Promise.all((await addressesOf(path)).map(keyOf));
  await write(...keys.map((key) => ["drafts", "delete", key]));
}

/** Which drafts this tab has sent and not heard of. */
const sent = () => JSON.parse(sessionStorage.getItem(SENT) ?? "[]");

/** The page that came after a form tells: taken, and the draft goes; refused, and it stays. */
export async function hearHowItWent(refused) {
  // The mark goes last: whoever is already on the way to another page leaves the rest to that one.
  for (const path of refused ? [] : sent()) {
    await dropDraft(path);
  }
  sessionStorage.removeItem(SENT);
}

/** Watches every form of this page in which somebody types, and puts back what was typed there before. */
export async function watchForms(say) {
  let number = 0;
  for (const form of document.querySelectorAll("main form[method=post]")) {
    if (form.querySelector("[type=password], [type=file], [autocomplete=one-time-code]") || !form.querySelector(TYPED)) {
      continue;
    }
    const path = location.pathname + (number ? `#${number}` : "");
    number += 1;
    await putBack(form, path, say);
    watch(form, path);
  }
}

const TYPED = "input:not([type=hidden], [type=submit]), textarea, select";

/** Whether a field says something else than it came with. */
function isTyped(field) {
  if (field.type === "hidden" || field.type === "submit") {
    return false;
  }
  if (field.type === "radio" || field.type === "checkbox") {
    return field.checked !== field.defaultChecked;
  }
  if (field.options) {
    const came = [...field.options].findIndex((one) => one.defaultSelected);
    return field.selectedIndex !== Math.max(came, 0);
  }
  return field.defaultValue !== undefined && field.value !== field.defaultValue;
}

function typedIn(form) {
  const fields = [];
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && !NEVER.includes(name)) {
      fields.push([name, value]);
    }
  }
  return fields;
}

function watch(form, path) {
  let timer = 0;
  const save = () => {
    window.clearTimeout(timer);
    keepDraft(path, typedIn(form)).catch(() => {}); // no room, or locked meanwhile: the form itself still works
  };
  form.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(save, PAUSE);
  });
  form.addEventListener("change", save);
  if ([...form.elements].some(isTyped)) {
    save(); // typed before this program had come
  }
  form.addEventListener("submit", () => {
    window.clearTimeout(timer);
    sessionStorage.setItem(SENT, JSON.stringify([...new Set([...sent(), path])]));
  });
}

async function putBack(form, path, say) {
  const refused = document.querySelector(".nhsuk-error-summary");
  const kept = refused ? null : await draftOf(path).catch(() => null);
  if (!kept || !fill(form, kept)) {
    return;
  }
  say(form, kept.at, async () => {
    await dropDraft(path);
    location.reload();
  });
}

/** Writes kept words into a form. True where that changed anything that a person can see. */
export function fill(form, fields) {
  const before = JSON.stringify(typedIn(form));
  const values = Map.groupBy ? Map.groupBy(fields, ([name]) => name) : grouped(fields);
  for (const element of form.elements) {
    const found = (values.get(element.name) ?? []).map(([, value]) => value);
    if (element.type === "checkbox" || element.type === "radio") {
      if (values.size) {
        element.checked = found.includes(element.value);
      }
    } else if (found.length && (element.type !== "hidden" || WITH_PAGE.includes(element.name))) {
      if (element.matches("input:not([type=submit]), textarea, select")) {
        element.value = values.get(element.name).shift()[1];
      }
    }
  }
  const changed = JSON.stringify(typedIn(form)) !== before;
  if (changed) {
    form.dispatchEvent(new Event("change", { bubbles: true }));
  }
  return changed;
}

function grouped(fields) {
  const found = new Map();
  for (const field of fields) {
    found.set(field[0], [...(found.get(field[0]) ?? []), field]);
  }
  return found;
}

/** Drafts that are too old go. */
export async function forgetOldDrafts() {
  for (const key of await keysOf("drafts")) {
    const kept = await read("drafts", key);
    if (kept && Date.now() - kept.at > LASTS) {
      await write(["drafts", "delete", key]);
    }
  }
}
