// What the tablet itself keeps, in IndexedDB. Everything about a person lies here sealed (vault.js); beside it
// stands only what is needed without the key: whose it is, in which order, whether it was sent.
//
//   meta      the tablet's own number, who used it, their keys
//   copy      the residents of the home, sealed, one for each person who signs in here
//   acts      the outbox: each form that waits to be sent, in the order in which it happened
//   drafts    forms half typed
//   journeys  what the screens without the network know of a journey
//   refs      the server's name for a journey that was begun here
const NAME = "redbag";
const SHAPE = 1;

/** The tablet has no room left: nothing of what was asked for is stored. */
export class Full extends Error {}
/** The key is not here: a PIN or a sign-in opens it. */
export class Locked extends Error {}
/** Nobody has used this tablet online yet, or the copy was wiped. */
export class NoCopy extends Error {}

let opened;

/** The database, made where it is not there yet. */
export function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, SHAPE);
    request.onupgradeneeded = () => {
      const db = request.result;
      db.createObjectStore("meta");
      db.createObjectStore("copy");
      db.createObjectStore("acts", { keyPath: "seq", autoIncrement: true });
      db.createObjectStore("drafts");
      db.createObjectStore("journeys", { keyPath: "id" });
      db.createObjectStore("refs");
    };
    request.onsuccess = () => {
      // A newer program in another window may change the shape: it must not wait for this one.
      request.result.onversionchange = () => {
        request.result.close();
        opened = undefined;
      };
      resolve(request.result);
    };
    request.onerror = () => {
      opened = undefined;
      reject(asFull(request.error));
    };
  });
  return opened;
}

function asFull(error) {
  return error?.name === "QuotaExceededError" ? new Full("This tablet has no room left.") : error;
}

function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** One value, or undefined. */
export async function read(name, key) {
  const db = await database();
  return answer(db.transaction(name).objectStore(name).get(key));
}

/** Every value of one store, in the order of its keys. */
export async function readAll(name) {
  const db = await database();
  return answer(db.transaction(name).objectStore(name).getAll());
}

/** Every key of one store. */
export async function keysOf(name) {
  const db = await database();
  return answer(db.transaction(name).objectStore(name).getAllKeys());
}

/**
 * Changes, all of them or none, and on the disk when this resolves. Each change is [store, "put", value, key?]
 * or [store, "delete", key]; or a function of the transaction, for a change that depends on what is there.
 */
export async function write(...changes) {
  const db = await database();
  const names = ["meta", "copy", "acts", "drafts", "journeys", "refs"];
  const work = db.transaction(names, "readwrite", { durability: "strict" });
  const done = new Promise((resolve, reject) => {
    work.oncomplete = resolve;
    work.onabort = () => reject(asFull(work.error) ?? new Error("The tablet did not keep it."));
  });
  try {
    for (const change of changes) {
      if (typeof change === "function") {
        change(work);
      } else {
        const [name, verb, ...rest] = change;
        work.objectStore(name)[verb](...rest);
      }
    }
  } catch (problem) {
    work.abort();
    await done.catch(() => {});
    throw asFull(problem);
  }
  await done;
}

/** Asks the browser not to clear this store by itself when room gets short. */
export async function askToStay() {
  try {
    return (await navigator.storage?.persist?.()) ?? false;
  } catch {
    return false;
  }
}
