// What the screens without the network know of a journey: which steps were done here, with what, and when.
import { read, readAll } from "./store.js";
import { account, unseal } from "./vault.js";

async function whole(kept) {
  const record = await unseal(kept.sealed, kept.id);
  return { ...record, transfer: (await read("refs", kept.id)) ?? record.transfer ?? null };
}

/** This person's journeys on this tablet, the newest first. Throws Locked. */
export async function journeys() {
  const who = await account();
  const found = [];
  for (const kept of (await readAll("journeys")).filter((one) => one.account === who)) {
    found.push(await whole(kept));
  }
  return found.sort((one, other) => String(other.begun_at).localeCompare(String(one.begun_at)));
}

/** One journey, or null. Throws Locked. */
export async function journey(id) {
  const who = await account();
  const kept = await read("journeys", id);
  return kept && kept.account === who ? whole(kept) : null;
}
