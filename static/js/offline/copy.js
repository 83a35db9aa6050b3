// The copy of the home's residents with their standing records: fetched while the network is there, sealed, read
// without it for a set time.
import { getCopy } from "./server.js";
import { Locked, NoCopy, read, write } from "./store.js";
import { account, heard, owner, seal, unseal } from "./vault.js";

const FRESH = 5 * 60_000;

/** The copy, with when it was fetched and until when it may be read. Throws NoCopy, or Locked. */
export async function readCopy() {
  const about = await owner();
  const kept = about ? await read("copy", about.account) : null;
  if (!kept) {
    throw new NoCopy("There is no copy of the records on this tablet.");
  }
  if (Date.now() > about.readable_until.getTime()) {
    throw new Locked("The copy on this tablet is too old to be read. It opens again with the network.");
  }
  const copy = await unseal(kept.sealed, "copy");
  return { ...copy, fetched_at: new Date(kept.fetched_at), readable_until: about.readable_until };
}

/** Fetches the copy where it is older than a few minutes, or does not know this journey yet. */
export async function refreshCopy(transfer = "") {
  const who = await account();
  const kept = await read("copy", who);
  const old = !kept || Date.now() - kept.fetched_at > FRESH || kept.fetched_at > Date.now();
  if (!old && !(transfer && (await lacks(kept, transfer)))) {
    return;
  }
  const answer = await getCopy(kept?.sha);
  if (!answer) {
    return;
  }
  await heard(who);
  if (answer.same) {
    await write(["copy", "put", { ...kept, fetched_at: Date.now() }, who]);
    return;
  }
  const sealed = await seal(answer.text, "copy");
  await write(["copy", "put", { sha: answer.text.sha, fetched_at: Date.now(), sealed }, who]);
}

async function lacks(kept, transfer) {
  const copy = await unseal(kept.sealed, "copy");
  return !copy.residents.some((one) => one.journey?.ref === transfer);
}
