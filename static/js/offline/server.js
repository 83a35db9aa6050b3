// The few questions that the tablet puts to the server itself. None of them follows a redirect into a page.
import { askToStay, read, write } from "./store.js";
import { newTablet, tablet, takeKey, wipe } from "./vault.js";

const PATIENCE = 10_000;
const LONGER = 30_000;
const SIGNS_OUT = "signs out";

async function ask(path, options = {}, patience = PATIENCE) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), patience);
  try {
    return await fetch(path, {
      cache: "no-store",
      credentials: "same-origin",
      redirect: "error",
      ...options,
      headers: { Accept: "application/json", "Red-Bag-Tablet": await tablet(), ...options.headers },
      signal: stop.signal,
    });
  } catch (problem) {
    window.dispatchEvent(new Event("rb-unreached")); // whoever says that the network is back says so no more
    throw problem;
  } finally {
    clearTimeout(timer);
  }
}

/** What the server says at this address as JSON; null where it cannot be reached, or says something else. */
export async function reach(path = "/offline/who") {
  try {
    const answer = await ask(path);
    return answer.ok && answer.status !== 204 ? await answer.json() : null;
  } catch {
    return null;
  }
}

/** Remembers that somebody left this session, until the server has heard of it. */
export const signsOut = (session) => write(["meta", "put", session, SIGNS_OUT]);

/** The session whose end the server has not heard of yet; undefined where there is none. */
export const signingOut = () => read("meta", SIGNS_OUT);

/** Tells the server of a sign-out that did not reach it. True while it still has to be told: until then nothing is
 * shown or sent in it. */
export async function finishSignOut() {
  const session = await signingOut();
  if (!session) {
    return false;
  }
  const still = (who) => Boolean(who?.signed_in && who.session === session);
  let who = await reach();
  if (still(who)) {
    const body = new URLSearchParams({ csrf_token: who.csrf });
    await ask("/sign-out", { method: "POST", body }).catch(() => null); // it leads on to a page
    who = await reach();
  }
  if (!who || still(who)) {
    return true;
  }
  await write(["meta", "delete", SIGNS_OUT]);
  return false;
}

/** Asks for this person's key on this tablet. True where it came. */
export async function getKey(csrf) {
  try {
    const body = new URLSearchParams({ csrf_token: csrf, tablet: await tablet() });
    const answer = await ask("/offline/key", { method: "POST", body });
    if (!answer.ok) {
      const who = await reach();
      if (who?.forgotten?.includes(who.account)) {
        await wipe(who.account, { all: true });
        await newTablet();
      }
      return false;
    }
    await takeKey(await answer.json());
    askToStay();
    return true;
  } catch {
    return false;
  }
}

/** The copy as text: {text}, {same: true} where it is the one with this mark, or null. */
export async function getCopy(mark) {
  try {
    const answer = await ask(`/offline/copy?have=${encodeURIComponent(mark ?? "")}`, {}, LONGER);
    if (answer.status === 204) {
      return { same: true };
    }
    return answer.ok ? { text: await answer.json() } : null;
  } catch {
    return null;
  }
}

/** What stands beside the typed fields of an act. Both times are this tablet's: the server compares them. */
export function envelope(act, csrf) {
  return [
    ["csrf_token", csrf],
    ["idempotency_key", act.key],
    ["happened_at", new Date(act.at).toISOString()],
    ["sent_at", new Date().toISOString()],
  ];
}

/** Sends one act as the form that it is. {done, …} as the server said; {} where no answer came. */
export async function post(path, act, csrf) {
  const body = new URLSearchParams([...act.fields, ...envelope(act, csrf)]);
  try {
    const answer = await ask(path, { method: "POST", body, headers: { "Red-Bag-Outbox": "2", "Red-Bag-Account": act.account } }, LONGER);
    const said = await answer.json().catch(() => ({}));
    // A hotspot's own page, or a proxy's: not Red Bag's word on this act, which goes on waiting.
    return "done" in said ? { ...said, status: answer.status, done: answer.ok && said.done === true } : {};
  } catch {
    return {};
  }
}


