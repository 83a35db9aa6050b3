// Who may read what lies on this tablet. Each person has a key of their own, which the server gives at sign-in
// (POST /offline/key) and can give again; on the tablet it is a CryptoKey that no script can read out. On a
// shared device it stays only while the device is open, and lies beside it wrapped under a key from the PIN, so
// that the PIN opens it without the network. docs/adr/0028 has the reasons.
import { Locked, keysOf, read, readAll, write } from "./store.js";

const HOUR = 3_600_000;
const ROUNDS = 600_000; // PBKDF2 with SHA-256, OWASP's figure of 2023
const OPEN_FOR = 180_000; // a shared device locks after three minutes, as lock.js does
const WRONG_PINS = 5; // then only the network opens it
const words = new TextEncoder();

let present; // {account, key} of this page

/** A number for this tablet that says nothing about anybody. */
export async function tablet() {
  const kept = await read("meta", "tablet");
  if (kept) {
    return kept;
  }
  const made = crypto.randomUUID();
  await write((work) => {
    const meta = work.objectStore("meta");
    meta.get("tablet").onsuccess = (event) => event.target.result ?? meta.put(made, "tablet");
  });
  return read("meta", "tablet");
}

/** A tablet that was told to forget is another one from now on: its old number never gets a key again. */
export async function newTablet() {
  await write(["meta", "delete", "tablet"]);
}

/** Whose tablet it is just now: {account, name, home, home_ref, role, on_device, heard_at, …}, or null. */
export async function owner() {
  const account = await read("meta", "present");
  const found = account ? await read("meta", `owner|${account}`) : null;
  if (!found) {
    return null;
  }
  return { ...found, readable_until: new Date(found.heard_at + found.readable_hours * HOUR) };
}

/** Everybody whose PIN opens this tablet without the network. */
export async function owners() {
  const found = [];
  for (const key of await keysOf("meta")) {
    if (String(key).startsWith("wrapped|")) {
      found.push(await read("meta", `owner|${String(key).slice("wrapped|".length)}`));
    }
  }
  return found.filter(Boolean);
}

/** "open", "locked" (a PIN or a sign-in opens it) or "none" (nobody's things are here). */
export async function state() {
  const who = await owner();
  if (!who) {
    return (await owners()).length ? "locked" : "none";
  }
  return (await theKey(who.account)) ? "open" : "locked";
}

async function theKey(account) {
  if (present?.account === account) {
    return present.key;
  }
  const kept = await read("meta", `key|${account}`);
  if (!kept) {
    return null;
  }
  if (Date.now() > kept.until || kept.until - Date.now() > 24 * HOUR) {
    await write(["meta", "delete", `key|${account}`]);
    return null;
  }
  present = { account, key: kept.key };
  return kept.key;
}

/** Keeps the key that the server gave, for as long as it may be used without the network. */
export async function takeKey(given) {
  const raw = Uint8Array.from(atob(given.key), (letter) => letter.charCodeAt(0));
  const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
  const { key: _raw, csrf: _csrf, ...about } = given;
  const changes = [
    ["meta", "put", given.account, "present"],
    ["meta", "put", { ...about, heard_at: Date.now() }, `owner|${given.account}`],
    ["meta", "put", { key, until: endOf(given) }, `key|${given.account}`],
  ];
  const typed = await read("meta", "pin");
  if (typed?.account === given.account && given.on_device) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, typed.key, raw);
    const wrapped = { salt: typed.salt, rounds: typed.rounds, iv, data, wrong: 0 };
    changes.push(["meta", "put", wrapped, `wrapped|${given.account}`], ["meta", "delete", "pin"]);
  }
  raw.fill(0);
  await write(...changes);
  present = { account: given.account, key };
}

function endOf(given) {
  return Date.now() + (given.on_device ? OPEN_FOR : given.readable_hours * HOUR);
}

/** The server has answered: the copy may be read for its time from now on. */
export async function heard(account) {
  const about = await read("meta", `owner|${account}`);
  const kept = await read("meta", `key|${account}`);
  if (about && kept) {
    await write(
      ["meta", "put", { ...about, heard_at: Date.now() }, `owner|${account}`],
      ["meta", "put", { ...kept, until: endOf(about) }, `key|${account}`],
    );
  }
}

/** Somebody is working: a shared device stays open. */
export async function touched() {
  const who = await owner();
  const kept = who?.on_device ? await read("meta", `key|${who.account}`) : null;
  if (kept && kept.until > Date.now()) {
    await write(["meta", "put", { ...kept, until: Date.now() + OPEN_FOR }, `key|${who.account}`]);
  }
}

/** Takes the key away from the tablet; what is sealed stays. */
export async function lock() {
  const who = await owner();
  present = undefined;
  if (who) {
    await write(["meta", "delete", `key|${who.account}`]);
  }
}

/** A PIN is on its way to the server: where it is right, the next page wraps the key under it. */
export async function pinTyped(account, pin) {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const key = await fromPin(pin, salt, ROUNDS);
  await write(["meta", "put", { account, salt, rounds: ROUNDS, key }, "pin"]);
}

async function fromPin(pin, salt, iterations) {
  const typed = await crypto.subtle.importKey("raw", words.encode(pin), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return crypto.subtle.deriveKey(how, typed, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

/** Opens the tablet by a PIN, without the network. True where it was right; too many wrong ones end this way. */
export async function unlock(pin, account) {
  account ??= await read("meta", "present");
  const about = await read("meta", `owner|${account}`);
  const wrapped = await read("meta", `wrapped|${account}`);
  if (!about || !wrapped) {
    return false;
  }
  // Counted before it is tried, so that a tablet switched off in between has counted it.
  await write(["meta", "put", { ...wrapped, wrong: wrapped.wrong + 1 }, `wrapped|${account}`]);
  let raw;
  try {
    const over = await fromPin(pin, wrapped.salt, wrapped.rounds);
    raw = await crypto.subtle.decrypt({ name: "AES-GCM", iv: wrapped.iv }, over, wrapped.data);
  } catch {
    if (wrapped.wrong + 1 >= WRONG_PINS) {
      await write(["meta", "delete", `wrapped|${account}`]);
    }
    return false;
  }
  const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
  await write(
    ["meta", "put", { ...wrapped, wrong: 0 }, `wrapped|${account}`],
    ["meta", "put", account, "present"],
    ["meta", "put", { key, until: Date.now() + OPEN_FOR }, `key|${account}`],
  );
  present = { account, key };
  return true;
}

/** Seals a value for whoever is present. `about`: what it is, bound into the seal. Throws Locked. */
export async function seal(value, about) {
  const { account, key } = await open();
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const additionalData = words.encode(`${account}|${about}`);
  const how = { name: "AES-GCM", iv, additionalData };
  return { iv, data: await crypto.subtle.encrypt(how, key, words.encode(JSON.stringify(value))) };
}

/** What was sealed. Throws Locked where the key is not here; an Error where it is not what was kept. */
export async function unseal(sealed, about) {
  const { account, key } = await open();
  const how = { name: "AES-GCM", iv: sealed.iv, additionalData: words.encode(`${account}|${about}`) };
  return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(how, key, sealed.data)));
}

/** The account that is present, with its key there. Throws Locked. */
export async function account() {
  return (await open()).account;
}

async function open() {
  const who = await read("meta", "present");
  const key = who ? await theKey(who) : null;
  if (!key) {
    throw new Locked("Sign in, or type your PIN.");
  }
  return { account: who, key };
}

/**
 * Takes everything of one person off the tablet but what was not sent yet and what was half typed: that stays
 * sealed, and their next sign-in brings the key for it. `all`: that goes as well.
 */
export async function wipe(account, { all = false } = {}) {
  if (present?.account === account) {
    present = undefined;
  }
  const [acts, journeys, drafts] = [await readAll("acts"), await readAll("journeys"), await keysOf("drafts")];
  const kept = new Set(acts.filter((act) => !all && act.state !== "sent").map((act) => act.journey));
  const typedIn = (id) => !all && drafts.some((key) => String(key).includes(id)); // found again by the name it got
  const gone = [
    ...["owner", "wrapped", "key"].map((name) => ["meta", "delete", `${name}|${account}`]),
    ["copy", "delete", account],
    ...acts
      .filter((act) => act.account === account && (all || act.state === "sent"))
      .map((act) => ["acts", "delete", act.seq]),
    ...journeys
      .filter((one) => one.account === account && !kept.has(one.id))
      .flatMap((one) => [["journeys", "delete", one.id], ["refs", "delete", `seen|${one.id}`], ...(typedIn(one.id) ? [] : [["refs", "delete", one.id]])]),
  ];
  if (all) {
    gone.push(
      ...drafts.filter((key) => String(key).startsWith(`${account}|`)).map((key) => ["drafts", "delete", key]),
    );
  }
  if ((await read("meta", "present")) === account) {
    gone.push(["meta", "delete", "present"], ["meta", "delete", "pin"]);
  }
  await write(...gone);
}

/** Everybody who has anything here. */
export async function everybody() {
  const found = (await keysOf("meta")).map(String).filter((key) => key.startsWith("owner|"));
  return found.map((key) => key.slice("owner|".length));
}

/** What lay here longer than it may without a word from the server goes. */
export async function wipeWhatIsOld() {
  for (const account of await everybody()) {
    const about = await read("meta", `owner|${account}`);
    if (Date.now() > about.heard_at + about.wipe_days * 24 * HOUR || Date.now() < about.heard_at - 24 * HOUR) {
      await wipe(account);
    }
  }
}
