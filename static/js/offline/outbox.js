// The outbox: what was done while the server could not be reached (or had not answered yet), as the very forms
// that the pages send, each with its idempotency key and the time at which it happened. An act is on the disk
// before addAct() resolves; it is sent in order, under one lock for all windows; what the server does not take
// stays until the person settles it.
import { envelope, finishSignOut, getKey, post, reach } from "./server.js";
import { NoCopy, read, readAll, write } from "./store.js";
import { account, heard, newTablet, owner, seal, unseal, wipe } from "./vault.js";

const SHOWN_FOR = 24 * 3_600_000; // sent acts stay visible for a day
const AGAIN = 15_000;
const OPENS = /^\/residents\/[^/]+\/send$/;
const JOURNEY = /\/transfers\/([0-9a-z]+)/;
const told = new BroadcastChannel("redbag-outbox");
const listeners = new Set();

/** Calls `fn` after every change of the outbox, in this window or another one. */
export function onChange(fn) {
  listeners.add(fn);
  return () => listeners.delete(fn);
}

told.onmessage = () => listeners.forEach((fn) => fn());

function changed() {
  told.postMessage("changed");
  listeners.forEach((fn) => fn());
}

/**
 * Keeps one act, with the screens' record of its journey, in one transaction; resolves when both are on the
 * disk. Throws Full with nothing kept, Locked where nobody is signed in.
 *
 * `path`: the form's address, "{journey}" for a journey that the server has not named yet. `key`: the form's
 * idempotency key, where a page had made one. `at`: when it happened, otherwise now (the tablet's clock). `page`:
 * the answers that the form is about, where its `seen` has to name what an earlier act left (as /why's "why_now").
 */
export async function addAct({ journey, resident, path, fields, words, key, at, page }, record) {
  const who = await account();
  const about = await owner();
  if (!about) {
    throw new NoCopy("Nobody has signed in on this tablet.");
  }
  const id = crypto.randomUUID();
  const inside = { resident, path, fields, words, said: [], problems: [], conflict: [], location: "" };
  const act = {
    id,
    account: who,
    home: about.home_ref,
    journey,
    page,
    key: key || `tablet-${id}`,
    at: at ?? Date.now(),
    state: "waiting",
    sealed: await seal(inside, id),
  };
  const changes = [["acts", "put", act]];
  if (record) {
    changes.push(["journeys", "put", { id: record.id, account: who, sealed: await seal(record, record.id) }]);
  }
  await write(...changes);
  changed();
  flush();
  return { ...act, ...inside, happened_at: new Date(act.at) };
}

/** This person's acts in the order in which they happened. Throws Locked. */
export async function acts() {
  return (await kept()).sort((one, other) => one.at - other.at || one.seq - other.seq);
}

/** This person's acts in the order in which they are sent: that in which they were kept. */
async function kept() {
  const who = await account();
  const found = [];
  for (const act of await readAll("acts")) {
    if (act.account === who) {
      found.push({ ...(await unseal(act.sealed, act.id)), ...act, happened_at: new Date(act.at) });
    }
  }
  return found;
}

/** How many acts of `who` (of everybody without it) are not on the server yet; {waiting, refused}. No key needed. */
export async function counts(who) {
  const mine = (await readAll("acts")).filter((act) => !who || act.account === who);
  const of = (state) => mine.filter((act) => act.state === state).length;
  return { waiting: of("waiting"), refused: of("refused") };
}

/** How many steps of everybody else on this tablet are not on the server yet. */
export async function colleagues(who) {
  return (await readAll("acts")).filter((act) => act.account !== who && act.state !== "sent").length;
}

async function keep(act, state, inside) {
  const { resident, path, fields, words } = act;
  const { said = [], problems = [], conflict = [], location = "", title = "", bag = "", settled = false } = inside;
  const sealed = await seal({ resident, path, fields, words, said, problems, conflict, location, title, bag, settled }, act.id);
  const { seq, id, account: who, home, journey, page, key, at } = act;
  const ended = state === "sent" ? Date.now() : undefined;
  await write(["acts", "put", { seq, id, account: who, home, journey, page, key, at, state, ended, sealed }]);
}

/** Where this act goes, or null while the server has not named its journey. */
async function addressOf(act) {
  if (!act.path.includes("{journey}")) {
    return act.path;
  }
  const ref = await read("refs", act.journey);
  return ref ? act.path.replace("{journey}", ref) : null;
}

/** The act as it is sent: what its page was opened on is what this tablet's earlier act left there. */
async function asSent(act) {
  const left = act.page ? (await read("refs", `seen|${act.journey}`))?.[act.page] : undefined;
  if (left === undefined) {
    return act;
  }
  return { ...act, fields: act.fields.map(([name, value]) => [name, name === "seen" ? left : value]) };
}

let soon = 0;

/** Waits until nothing is on its way from any window. */
export const quiet = () => navigator.locks.request("redbag-outbox", () => {});

/** Sends what waits, in its order. Does nothing where another window is at it. Never throws. */
export async function flush() {
  try {
    await navigator.locks.request("redbag-outbox", { ifAvailable: true }, (lock) => lock && sendAll());
  } catch (problem) {
    console.warn("outbox:", problem?.name);
  }
  const { waiting } = await counts().catch(() => ({ waiting: 0 }));
  window.clearTimeout(soon);
  if (waiting) {
    soon = window.setTimeout(flush, AGAIN);
  }
}

async function sendAll() {
  if (await finishSignOut()) {
    return;
  }
  const about = await owner();
  const waits = await counts(about?.account);
  if (!about || !(waits.waiting || waits.refused)) {
    return;
  }
  let who = await reach();
  if (!who) {
    return;
  }
  if ((await obey(who)) || !who.signed_in || who.account !== about.account) {
    return;
  }
  await heard(about.account);
  if (!(await getKeyWhereMissing(who))) {
    return;
  }
  await lookAtSettled();
  // Read anew after each: what is typed meanwhile waits behind, and an act may have become another one.
  for (let act = await nextAct(who, 0); act; act = await nextAct(who, act.seq)) {
    const sent = await asSent(act);
    let answer = await post(await addressOf(act), sent, who.csrf);
    if (answer.token) {
      who = await reach();
      if (!who?.signed_in || who.account !== act.account) {
        return;
      }
      answer = await post(await addressOf(act), sent, who.csrf);
    }
    if (!(await take(act, answer))) {
      return;
    }
  }
  await forgetSent();
}

/** Forgets whom the server says to forget, with all that they left here. True where it was whoever is present. */
export async function obey(who) {
  const about = await owner();
  for (const gone of who?.forgotten ?? []) {
    await wipe(gone, { all: true });
    await newTablet();
    changed();
  }
  return Boolean(about && who?.forgotten?.includes(about.account));
}

async function getKeyWhereMissing(who) {
  try {
    await account();
    return true;
  } catch {
    return getKey(who.csrf);
  }
}

/** The first act after `after` that can be sent: its journey is known, and it is this home's. */
async function nextAct(who, after) {
  for (const act of await kept()) {
    const ours = act.seq > after && act.state === "waiting" && act.home === who.home_ref;
    if (ours && (await addressOf(act))) {
      return act;
    }
  }
  return null;
}

/** What became of one act. False where sending has to stop for now. */
async function take(act, answer) {
  if (answer.done) {
    const ref = JOURNEY.exec(answer.location)?.[1];
    if (OPENS.test(act.path) && ref) {
      await write(["refs", "put", ref, act.journey]);
    }
    // A new journey goes on to its observations. One that a colleague had begun does not, and its answer may come
    // a second time without saying so.
    const opened = OPENS.test(act.path);
    if (opened && (answer.joined || !/\/observations\b/.test(answer.location))) {
      await sayWhyAsWell(act);
    } else if (answer.seen) {
      const left = (await read("refs", `seen|${act.journey}`)) ?? {};
      await write(["refs", "put", { ...left, ...answer.seen }, `seen|${act.journey}`]);
    }
    await askForBag(act, answer);
    await keep(act, "sent", answer);
    changed();
    return true;
  }
  if (!answer.status || answer.status === 401 || answer.status === 429 || answer.status >= 500 || answer.token) {
    return false; // nothing wrong with the act: it waits
  }
  await keep(act, "refused", answer);
  changed();
  return true;
}

/** A colleague had begun the journey already: what was typed about why goes to that journey, where its page
 * shows both. An act of its own, so that nothing of it is lost in between. */
async function sayWhyAsWell(act) {
  const fields = act.fields.filter(([name]) => ["reason", "situation", "started"].includes(name));
  await addAct({
    journey: act.journey,
    resident: act.resident,
    path: "/transfers/{journey}/why",
    fields: [...fields, ["seen", ""]],
    words: act.words,
    key: `${act.key}-why`.slice(0, 64),
    at: act.at,
  });
}

/** A bag that the server could not take holds nothing up: what was typed beside it is there, and the bag becomes an
 * act of its own, for its person to settle. The last word on it counts. */
async function askForBag(act, { bag, which }) {
  if (!/\/(belongings|ready)$/.test(act.path) || !act.fields.some(([name, value]) => /^(bag|bag_choice|other_bag)$/.test(name) && value)) {
    return;
  }
  const earlier = (await kept()).filter((one) => one.journey === act.journey && one.path.endsWith("/bag") && one.state !== "sent");
  await write(...earlier.map((one) => ["acts", "delete", one.seq]));
  if (bag) {
    const path = act.path.replace(/[a-z]+$/, "bag");
    await addAct({ journey: act.journey, resident: act.resident, path, fields: [["bag", bag]], words: which, key: `${act.key}-bag`.slice(0, 64), at: act.at });
  }
}

async function forgetSent() {
  const old = (await readAll("acts")).filter((act) => act.state === "sent" && act.ended < Date.now() - SHOWN_FOR);
  if (old.length) {
    await write(...old.map((act) => ["acts", "delete", act.seq]));
  }
}

/** What was settled on the server's own page is answered there under the same key. */
async function lookAtSettled() {
  for (const act of (await acts()).filter((one) => one.state === "refused")) {
    const about = act.path.endsWith("/bag") ? (JOURNEY.exec((await addressOf(act)) ?? "")?.[1] ?? "") : "";
    const answer = await reach(`/offline/settled?key=${encodeURIComponent(act.key)}${about && `&bag_of=${about}`}`);
    if (answer?.answered) {
      const ref = JOURNEY.exec(answer.location)?.[1];
      if (OPENS.test(act.path) && ref) {
        await write(["refs", "put", ref, act.journey]);
      }
      await keep(act, "sent", { ...answer, settled: true });
      changed();
    }
  }
}

/** Opens the server's page for what it did not take, with all that was typed: both versions stand there. */
export async function settle(act) {
  const who = await reach();
  const path = await addressOf(act);
  if (!who?.signed_in || who.account !== act.account || !path) {
    return false;
  }
  const form = document.createElement("form");
  form.method = "post";
  form.action = path;
  for (const [name, value] of [...act.fields, ...envelope(act, who.csrf), ["settling", "1"]]) {
    const input = document.createElement("input");
    [input.type, input.name, input.value] = ["hidden", name, value];
    form.append(input);
  }
  document.body.append(form);
  form.submit();
  return true;
}

/** Leaves one refused act out for good. The person has been asked. */
export async function giveUp(act) {
  await write(["acts", "delete", act.seq]);
  changed();
}

/** Sends whenever that may have become possible. iPadOS has no Background Sync, and needs none of it. */
export function sendWheneverPossible() {
  window.addEventListener("online", flush);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && flush());
  flush();
}
