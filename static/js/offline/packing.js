// A journey as this tablet knows it: begun here or on Red Bag's own pages, with what was typed here on top of
// what the copy says. Every step is kept by addAct() before a screen says that it is saved.
import { Answers } from "./answers.js";
import { journeys } from "./journeys.js";
import { acts, addAct } from "./outbox.js";
import { read } from "./store.js";

/** The steps in their order, with the word that stands for each, the server's address and its page of answers. */
export const STEPS = [
  ["why", "Why now", "why_now"],
  ["observations", "Observations", "observations"],
  ["doses", "Last doses", "doses"],
  ["belongings", "Belongings and bag", "belongings"],
  ["ready", "Ready", null],
];
/** For when there is time: none of them lies on the way to Ready. */
export const OPTIONAL = [["today", "How they are today"], ["papers", "Papers in the bag"]];
export const AFTER = { why: "observations", observations: "doses", doses: "belongings", belongings: "ready", ready: "handover", today: "ready", papers: "ready" };
const PAGES = { ...Object.fromEntries(STEPS.map(([step, , page]) => [step, page])), today: "today", papers: "papers" };
const PACKING_ONLY = ["label", "ready", "handover"];

export class Journey {
  constructor(copy, resident, record, mine) {
    this.copy = copy;
    this.resident = resident;
    // What the copy knows of the same journey; one that somebody else began is not this one.
    this.known = !record || (record.transfer && resident.journey?.ref === record.transfer) ? resident.journey : null;
    this.record = record;
    this.acts = mine;
  }

  get id() {
    return this.record?.id ?? this.known.ref;
  }

  /** The server's name for it, once it has one. */
  get transfer() {
    return this.record?.transfer ?? this.known?.ref ?? null;
  }

  /** Whether this tablet handed the person over. */
  get handedOver() {
    const kept = this.record?.steps.handover;
    return kept && new Answers(kept.fields).text("identity") === "yes" ? kept : null;
  }

  get packing() {
    return !this.handedOver && (this.record && !this.known ? true : (this.known?.packing ?? true));
  }

  get begunAt() {
    return this.record ? new Date(this.record.begun_at) : null;
  }

  /** Where a step stands among the screens. */
  at(step) {
    return `#/journeys/${this.id}/${step}`;
  }

  /** Where the same step stands on Red Bag's own pages; null while the server has not named the journey. */
  online(step) {
    return this.transfer ? `/transfers/${this.transfer}/${step}` : null;
  }

  /** The address under which a half-typed form of this step is kept: the same as on its own page. */
  draft(step) {
    return this.online(step) ?? `/transfers/${this.id}/${step}`;
  }

  get waits() {
    return this.acts.some((act) => act.state !== "sent");
  }

  /** What was saved of a step on this tablet, unless the copy is newer and everything was sent. */
  saved(step) {
    const kept = this.record?.steps[step];
    if (!kept) {
      return null;
    }
    const newer = this.known && !this.waits && new Date(kept.at) < this.copy.fetched_at;
    return newer ? null : kept;
  }

  /** The answers of a step as they stand: saved here, else as the copy has them, else none. */
  answers(step) {
    const kept = this.saved(step);
    if (kept) {
      return new Answers(kept.fields, new Date(kept.at));
    }
    const found = Answers.from(this.ticks(this.known?.typed?.[PAGES[step]] ?? {}));
    found.typedAt = step === "doses" && this.known?.doses_at ? new Date(this.known.doses_at) : null;
    return found;
  }

  /** Several ticks of one question are lines of one text in the copy. */
  ticks(typed) {
    const { why, observations } = this.copy.words;
    const several = [...why, ...observations].filter(({ kind }) => kind === "choices").map(({ key }) => key);
    const split = ([name, text]) => [name, [...several, "ordinary_missed"].includes(name) ? text.split("\n") : text];
    return Object.fromEntries(Object.entries(typed).map(split));
  }

  /** What the form of a step says it was opened on. */
  seen(step) {
    return (this.known?.seen ?? this.resident.seen)?.[PAGES[step]] ?? "";
  }

  get reason() {
    const chosen = this.answers("why").text("reason") || this.known?.reason || "";
    return this.copy.words.reasons.find(([value]) => value === chosen)?.[1] ?? chosen;
  }

  /** The number of the bag that goes along: "" where none was named, "none" where none goes. */
  get bag() {
    return this.bagIn("ready") || this.bagIn("belongings") || String(this.known?.bag ?? "");
  }

  bagIn(step) {
    const kept = this.saved(step);
    const answers = new Answers(kept?.fields);
    return answers.text("bag") || answers.text("bag_choice") || answers.text("other_bag");
  }

  get hospital() {
    const kept = this.saved("ready");
    return kept ? new Answers(kept.fields).text("hospital") : (this.known?.hospital ?? this.copy.usual_hospital ?? "");
  }

  get hospitalName() {
    return this.copy.hospitals.find(({ ref, name }) => [ref, name].includes(this.hospital))?.name ?? "";
  }

  /** The label from the drawer, as typed; "" where none was taken. */
  get label() {
    const kept = this.saved("label");
    return kept ? new Answers(kept.fields).text("label_code") : (this.known?.label_serial ?? "");
  }

  /**
   * Saves one step on the tablet, and puts it in the outbox. `more`: what goes into the record beside the fields.
   * Throws Full, or Locked, with nothing saved.
   */
  async save(step, answers, words, { key, at } = {}) {
    const page = PAGES[step] ?? null;
    const own = page && this.saved(step);
    const record = this.written(step, answers);
    const act = await addAct(
      {
        journey: record.id,
        resident: this.resident.ref,
        path: `/transfers/${this.transfer ?? "{journey}"}/${step}`,
        fields: page ? answers.with("seen", answers.has("seen") ? answers.text("seen") : this.seen(step)).fields : answers.fields,
        words,
        key,
        at,
        // Only after an act of its own does the page say that it was opened on what that act left.
        ...(own ? { page } : {}),
      },
      record,
    );
    this.record = record;
    this.acts = [...this.acts, act];
    return act;
  }

  written(step, answers) {
    const base = this.record ?? newRecord(this.resident.ref, this.known.ref);
    const kept = { fields: answers.fields.filter(([name]) => name !== "seen"), at: new Date().toISOString() };
    return { ...base, steps: { ...base.steps, [step]: kept } };
  }
}

function newRecord(resident, transfer) {
  return { id: crypto.randomUUID(), resident, transfer, begun_at: new Date().toISOString(), steps: {} };
}

/** Begins a journey with the answers of "Send to hospital". Resolves when it is saved. */
export async function begin(copy, resident, answers, words, { key, at } = {}) {
  const record = newRecord(resident.ref, null);
  record.steps.why = { fields: answers.fields, at: new Date().toISOString() };
  const path = `/residents/${resident.ref}/send`;
  const act = await addAct({ journey: record.id, resident: resident.ref, path, fields: answers.fields, words, key, at, page: "why_now" }, record);
  return new Journey(copy, resident, record, [act]);
}

/** Every journey that this tablet may go on with, the newest first. */
export async function journeysHere(copy) {
  const [records, all] = await Promise.all([journeys(), acts()]);
  const found = [];
  for (const record of records) {
    const resident = copy.residents.find(({ ref }) => ref === record.resident);
    const mine = all.filter((act) => act.journey === record.id);
    if (resident && !isOver(copy, resident, record, mine)) {
      found.push(new Journey(copy, resident, record, mine));
    }
  }
  const named = new Set(found.map((one) => one.transfer));
  for (const resident of copy.residents) {
    if (resident.journey && !named.has(resident.journey.ref)) {
      found.push(new Journey(copy, resident, null, []));
    }
  }
  return found;
}

/** Whether all was sent, and the copy that came since knows nothing of the journey any more. */
function isOver(copy, resident, record, mine) {
  if (!record.transfer && !mine.some((act) => act.path.endsWith("/send"))) {
    return true; // its beginning was left out
  }
  const sent = mine.every((act) => act.state === "sent");
  const last = Object.values(record.steps).reduce((latest, { at }) => (at > latest ? at : latest), record.begun_at);
  return Boolean(record.ended) || (sent && new Date(last) < copy.fetched_at && resident.journey?.ref !== record.transfer);
}

/** The journey that an address names: by the tablet's name for it, or the server's. */
export async function journeyAt(copy, id) {
  const found = await journeysHere(copy);
  return found.find((one) => one.id === id || one.transfer === id) ?? justBegun(copy, id);
}

/** One that was begun on Red Bag's own pages a moment ago, before the copy knew of it (here.js keeps whose it is). */
async function justBegun(copy, transfer) {
  const ref = await read("refs", `of|${transfer}`);
  const resident = copy.residents.find((one) => one.ref === ref);
  if (!resident) {
    return null;
  }
  const known = { ref: transfer, state_words: "", packing: true, typed: {}, seen: resident.seen, belongings: resident.belongings };
  return new Journey(copy, { ...resident, journey: known }, null, []);
}

/** The journey on which a resident is, or null. */
export async function journeyOf(copy, resident) {
  return (await journeysHere(copy)).find((one) => one.resident.ref === resident.ref) ?? null;
}

/** Whether a step may still be opened: what belongs to packing ends when the bag leaves. */
export const mayStill = (journey, step) => journey.packing || !PACKING_ONLY.includes(step);
