// When the next dose is due by the home's MAR, and how the last one is said: the rules of redbag/domain/next_due.py
// and redbag/domain/doses.py, for the pack that is made without the network.
import { dayOf, fromLondon, lastSlot, london, moment, read, saysMore, shortDay, shortMoment, slotsBetween } from "./times.js";

const NEAR = 3_600_000; // a dose this close to a time of the MAR was that time's dose
const LOOK_BACK = 15;

/**
 * For example "due Sun 22 Nov, 07:00", or "was due …: ask the home whether it was given; next due …"; "" where the MAR
 * does not fix the moment, or the last dose cannot be placed. `one`: a medicine of the copy; `last`: {answer, when (as
 * typed), at (when that was kept)}; `asOf`: when the pack is made, or when they left.
 */
export function dueWords(one, last, asOf) {
  if (one.paused) {
    return `paused: ${one.paused}`;
  }
  const said = last.when ? read(last.when, last.at) : null;
  if (one.slots.length) {
    return bySlots(one, last, said, asOf);
  }
  return one.every && last.answer === "given" && said ? byInterval(one.every, said, asOf) : "";
}

/** The same for the home itself, which has nobody else to ask. */
export const atHome = (due) => due.replace("ask the home whether", "not answered whether");

/** What is due soonest first, then what was missed, then the rest (redbag/domain/pack_give_next.py). `found`: [{next}]. */
export function inOrder(found, asOf) {
  const days = Array.from({ length: 33 }, (_, at) => shortDay(dayOf(asOf) + at - 16));
  const moment = ({ next }) => {
    const last = [...next.matchAll(/\b(\w{3} \d{1,2} \w{3}), (\d\d:\d\d)/g)].at(-1);
    return last && days.includes(last[1]) ? `${String(days.indexOf(last[1])).padStart(2, "0")} ${last[2]}` : "99";
  };
  const [first, ...others] = [...found].sort((one, other) => moment(one).localeCompare(moment(other)));
  const late = ({ next }) => (next.includes("was due") ? 0 : 1);
  return first ? [first, ...others.sort((one, other) => late(one) - late(other))] : [];
}

const missed = (passed, coming, change, why) =>
  `${change}was due ${shortMoment(passed.at(-1))}: ${why || `ask the home whether it was ${change ? "changed" : "given"}`}; next due ${shortMoment(coming)}`;

const begunOn = ({ started }) => (started ? Date.parse(started) / 86_400_000 : -Infinity);

function bySlots(one, last, said, asOf) {
  const today = dayOf(asOf);
  const all = slotsBetween(one.slots, today - LOOK_BACK, today + 8);
  const passed = all.filter((slot) => slot <= asOf && dayOf(slot) > begunOn(one));
  const [coming] = all.filter((slot) => slot > asOf && dayOf(slot) >= begunOn(one));
  const change = one.patch ? "change " : "";
  if (!coming) {
    return "";
  }
  if (last.answer !== "given") {
    const why = passed.at(-1) > last.at ? "" : { not_given: "not given", not_known: "not known whether given" }[last.answer];
    return passed.length ? missed(passed, coming, change, why) : `${change}due ${shortMoment(coming)}`;
  }
  if (!said) {
    // "Given" answers for the last planned dose; words that name another moment are left to the reader.
    const later = passed.filter((slot) => slot > last.at);
    return last.when ? "" : later.length ? missed(later, coming, change) : `${change}due ${shortMoment(coming)}`;
  }
  return given(all, passed, said, asOf, change);
}

function given(all, passed, said, asOf, change) {
  if (said.day < dayOf(all[0]) && passed.length) {
    return missed(passed, all.find((slot) => slot > asOf), change);
  }
  const served = servedBy(all, said);
  if (!served) {
    return "";
  }
  const since = passed.filter((slot) => slot > served);
  const following = all.find((slot) => slot > served && slot > asOf);
  if (since.length) {
    return missed(since, following, change);
  }
  const off = said.instant && Math.abs(said.instant - served) > NEAR;
  return `${change}due ${shortMoment(following)}${off ? ` (last given ${shortMoment(said.instant)}, not at a time of the MAR)` : ""}`;
}

/** The time of the MAR that a given dose was for: the nearest within the hour, else the one before. */
function servedBy(all, { day, instant }) {
  if (!instant) {
    const same = all.filter((slot) => dayOf(slot) === day);
    return same.length === 1 ? same[0] : null;
  }
  const far = (slot) => Math.abs(slot - instant);
  const nearest = all.reduce((best, slot) => (far(slot) < far(best) ? slot : best));
  return far(nearest) <= NEAR ? nearest : all.filter((slot) => slot < instant).at(-1);
}

/** A patch's change, so many London days after it was put on, at the same clock time. */
function byInterval(every, { day, instant }, asOf) {
  const next = day + every;
  const date = new Date(next * 86_400_000);
  const { hour, minute } = instant ? london(instant) : {};
  const due = instant && fromLondon({ year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate(), hour, minute });
  const late = due ? due <= asOf : next < dayOf(asOf);
  const when = due ? shortMoment(due) : shortDay(next);
  return late ? `change was due ${when}: ask the home whether it was changed` : `change due ${when}`;
}

/** A typed time with its day; as typed where that says more, or is unclear. `at`: when it was kept, null if it is not. */
function whenWords(typed, at) {
  const said = read(typed, at ?? new Date());
  if (!said) {
    return `${typed}${written(at)}`;
  }
  const found = said.instant ? shortMoment(said.instant) : `${shortDay(said.day)}, time not recorded`;
  return saysMore(typed) ? `${typed} (${found})` : found;
}

// "Yesterday" means nothing to whoever reads it next week.
const written = (at) => (at ? ` (written ${moment(at)})` : "");

/** "Given as planned" says which dose that was: the MAR's last before the time that the home named. */
function planned(one, upto, at) {
  if (one.paused) {
    return `Paused: ${one.paused}; last dose not recorded`;
  }
  if (!upto) {
    return "Given as planned, time not recorded";
  }
  const said = read(upto, at ?? new Date());
  const last = said?.instant && lastSlot(one.slots, said.instant);
  if (!last) {
    const words = !said ? `${upto}${written(at)}` : said.instant ? shortMoment(said.instant) : `${shortDay(said.day)}, time not recorded`;
    return `Given as planned up to ${words}; ${one.mar ?? one.next}`;
  }
  // On its first day nobody can say at which of the MAR's times it began.
  return dayOf(last) <= begunOn(one)
    ? `Given as planned up to ${shortMoment(said.instant)}; started ${shortDay(begunOn(one))} ${one.started.slice(0, 4)}`
    : `Given as planned, last due ${shortMoment(last)}`;
}

/** How a medicine's last dose was answered, in words; "" where nobody answered. */
export function lastDose(one, answers, words) {
  const at = answers.typedAt;
  const own = (part) => answers.text(`${one.ref}-${part}`);
  const given = answers.text("ordinary");
  const ticked = answers.all("ordinary_missed");
  if (one.alone) {
    const said = words.given.find(([key]) => key === own("answer"))?.[1];
    const when = own("answer") !== "given" ? "" : own("when") ? ` ${whenWords(own("when"), at)}` : ", time not recorded";
    const note = own("note") || { not_given: "reason not recorded", given: one.patch && "where on the body not recorded" }[own("answer")];
    return said ? `${said}${when}${note ? `: ${note}` : ""}` : "";
  }
  if (given === "some_missed" && ticked.includes(one.ref)) {
    return `Not given: ${own("note") || "reason not recorded"}`;
  }
  if (given === "all_given" || (given === "some_missed" && ticked.length)) {
    return planned(one, answers.text("ordinary_upto"), at);
  }
  if (given === "some_missed") {
    const upto = answers.text("ordinary_upto");
    return `Some ordinary medicines were not given${upto ? ` up to ${whenWords(upto, at)}` : ""}: ${answers.text("ordinary_note") || "ask the home which"}`;
  }
  return given ? "Not known" : "";
}
