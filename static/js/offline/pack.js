// What the pack says, put together from the tablet's copy and from what was typed here: its gaps, what is told
// aloud at the door, and when the next medicines are due by the MAR.
import { numberOf } from "./answers.js";
import { saidScore } from "./news2.js";
import { atHome, dueWords, inOrder, lastDose } from "./due.js";
import { dated } from "./times.js";
import { linesOf } from "./views_belongings.js";

/** What is missing, most dangerous first: [{words, step}], `step` where it can be filled in here. */
export function gapsOf(journey) {
  const { resident } = journey;
  const travels = cprPaper(journey);
  const standing = resident.gaps
    .filter((words) => !(travels && words.startsWith(PAPERS)))
    .map((words) => ({ words, step: words.startsWith(PAPERS) ? "papers" : null }));
  const [first, later] = [standing.filter(({ words }) => isFirst(words)), standing.filter(({ words }) => !isFirst(words))];
  const closed = resident.closed ? [{ words: "The record is restricted: it is not on the tablet. Ring the home", step: null }] : [];
  const today = journey.answers("today").blank ? [{ words: "How they are today: not assessed", step: "today" }] : [];
  return [...closed, ...first, ...todaysGaps(journey), ...later, ...today];
}

/** Whether the ReSPECT or DNACPR form travels, in words: "Original", "Copy"; "" where nobody said so. */
function cprPaper(journey) {
  const travels = journey.answers("papers").text("cpr");
  return travels === "no" ? "" : wordsOf(journey.copy.words.papers ?? [], "cpr", travels);
}

const wordsOf = (questions, key, value) => questions.find((one) => one.key === key)?.choices?.find(([one]) => one === value)?.[1] ?? value;

const PAPERS = "Papers:";
const isFirst = (words) => /^(Allerg|CPR decision|Infection)/.test(words);

/** Whether only one name stands where two people count: what goes along of a controlled drug. */
export const countedByOne = (typed) => typed.split(/[,;/&+\n]|\band\b|\bwith\b/i).filter((name) => name.trim()).length === 1;

function todaysGaps(journey) {
  const { resident } = journey;
  const { words } = journey.copy;
  const found = [];
  const doses = journey.answers("doses");
  const unanswered = resident.medicines.filter((one) => !lastDose(one, doses, words));
  if (!journey.reason && !journey.answers("why").text("situation")) {
    found.push({ words: "Why the person is going is not written", step: "why" });
  }
  if (!resident.medicines.length && !resident.closed) {
    found.push({ words: "No medicines listed: ask the home whether there are none", step: null });
  }
  if (unanswered.length) {
    found.push({ words: `Last dose not answered: ${unanswered.map(({ title }) => title).join(", ")}`, step: "doses" });
  }
  const timeless = resident.medicines.filter(({ ref, alone }) => alone && doses.text(`${ref}-answer`) === "given" && !doses.text(`${ref}-when`));
  const once = resident.medicines.filter(({ ref }) => countedByOne(doses.text(`${ref}-counted`)));
  if (once.length) {
    found.push({ words: `Counted by one person, no second name: ${once.map(({ title }) => title).join(", ")}`, step: "doses" });
  }
  if (timeless.length) {
    found.push({ words: `Time of last dose not recorded: ${timeless.map(({ title }) => title).join(", ")}`, step: "doses" });
  }
  const score = saidScore(journey.answers("observations"), "");
  if (!score || !score.complete) {
    found.push({ words: score ? "Observations incomplete" : "No observations taken", step: "observations" });
  }
  return [...found, ...belongingsGaps(journey)];
}

function belongingsGaps(journey) {
  const listed = belongingsOf(journey);
  if (!listed.length) {
    return [{ words: "Belongings not listed", step: "belongings" }];
  }
  const precious = listed.filter(({ valuable, counted, own }) => valuable || (counted === false && !own)).map(({ name }) => name);
  return precious.length && !journey.answers("belongings").text("valuables_told")
    ? [{ words: `Belongings: nobody named who was told of money and valuables (${precious.join(", ")})`, step: "belongings" }]
    : [];
}

/** What goes along: [{name, quantity, carried, valuable}]. */
export function belongingsOf(journey) {
  if (journey.saved("belongings")) {
    return linesOf(journey.answers("belongings")).filter(({ ticked }) => ticked);
  }
  return (journey.known?.belongings ?? []).filter(({ ticked, name }) => ticked && name);
}

/** The medicines that page 1 names: [{title, next, last}]. */
export function giveNext(journey) {
  const { words } = journey.copy;
  const doses = journey.answers("doses");
  const asOf = journey.handedOver ? new Date(journey.handedOver.at) : new Date();
  const last = (ref) => ({ answer: doses.text(`${ref}-answer`), when: doses.text(`${ref}-when`), at: doses.typedAt ?? asOf });
  const named = journey.resident.medicines.filter(({ first }) => first).map((one) => ({
    title: one.title,
    next: dueWords(one, last(one.ref), asOf) || one.next,
    last: lastDose(one, doses, words) || "not answered: ring the home",
  }));
  return inOrder(named, asOf);
}

/** What is told to the crew, in the order of the pack's first page: [[title, text]]. */
export function spoken(journey) {
  const { resident } = journey;
  const due = giveNext(journey).map(({ title, next, last }) => `${title}: ${atHome(next)} (last dose: ${last})`).join("; ");
  const alerts = resident.alerts
    .filter(({ kind, level }) => ["danger", "missing"].includes(level) || ["allergies", "diabetes"].includes(kind))
    .map(({ kind, title, text }) => [title, kind === "time_critical" && due ? due : text]);
  return [...alerts, [cprWords(journey), ""], ["Going because of", why(journey)]];
}

/** The CPR decision, where its original is, and always that other treatment continues. */
export function cprWords(journey) {
  const { cpr } = journey.resident;
  const travels = cprPaper(journey);
  if (!cpr) {
    return "CPR decision: the record is restricted; ring the home";
  }
  const parts = [
    cpr.decision && cpr.details ? `${cpr.words} (${cpr.details})` : cpr.words,
    cpr.decision && cpr.only,
    cpr.limits && `Treatment limits: ${cpr.limits}`,
    cpr.original && `Original: ${cpr.original}`,
    cpr.decision === "not_recommended" && inTheBag(journey, travels),
  ];
  return `${parts.filter(Boolean).join(". ")}.`;
}

function inTheBag(journey, travels) {
  if (travels) {
    return `In the bag: ${travels.toLowerCase()}`;
  }
  return journey.answers("papers").text("cpr") ? "It is not in the bag" : "Is it in the bag? Nobody has said so";
}

/** Why they go, in the words of the carer who sent them. */
export function why(journey) {
  return [journey.reason, journey.answers("why").text("situation")].filter(Boolean).join(": ") || "Not written";
}

// Where a question's own label would not read as a sentence beside its answer.
const SAID = { respiratory_rate: "Breaths", consciousness: "Consciousness", on_oxygen: "Breathing" };

/** What was answered: [[label, text]]; blood pressure as it is read, a detail beside its answer. */
export function answered(questions, answers) {
  const [upper, lower] = ["systolic_bp", "diastolic_bp"].map((key) => answers.text(key));
  const found = [];
  const shown = ({ key, kind, clock }, value) =>
    kind === "number" ? String(numberOf(value) ?? value) : clock ? dated(value, answers.typedAt ?? new Date()) : wordsOf(questions, key, value);
  for (const question of questions) {
    const { key, label, unit, detail } = question;
    const values = answers.all(key).filter(Boolean).map((value) => shown(question, value));
    const more = detail ? answers.text(`${key}_detail`).trim() : "";
    if (key === "systolic_bp" && upper && lower) {
      found.push(["Blood pressure", `${upper}/${lower} mmHg`]);
    } else if ((values.length || more) && !(key === "diastolic_bp" && upper)) {
      const text = `${values.join(", ")}${unit && numberOf(values[0]) !== null ? ` ${unit}` : ""}`;
      found.push([SAID[key] ?? label, [text, more].filter(Boolean).join(": ")]);
    }
  }
  return found;
}

/** The same in a line: "Pulse 102 a minute; Consciousness: alert"; "" where nothing was answered. */
export const short = (questions, answers) => answered(questions, answers).map(([label, text]) => (/^\d/.test(text) ? `${label} ${text}` : `${label}: ${/\d/.test(text) ? text : text.toLowerCase()}`)).join("; ");

/** What was measured: [[label, text]]. */
export const measured = (journey) => answered(journey.copy.words.observations, journey.answers("observations"));

/** Which papers travel: [[label, text]]. */
export const papersOf = (journey) => answered(journey.copy.words.papers ?? [], journey.answers("papers"));

/** The section on needs as the pack has it, how they are today beside what is usual (domain/pack_sections.py). */
export function needsToday(journey, entries) {
  const { words } = journey.copy;
  const questions = words.today ?? [];
  const told = new Map(answered(questions, journey.answers("today")));
  const activities = questions.filter(({ key }) => words.activities.includes(key)).map(({ label }) => label);
  const unseen = activities.filter((label) => !told.has(label));
  const usual = entries.filter(({ label }) => label !== "Today").map((one) =>
    told.has(one.label) ? { label: one.label, text: `${one.known ? one.text : "Usually: not recorded"}. Today: ${told.get(one.label)}`, known: true } : one);
  const rest = questions.filter(({ label }) => !activities.includes(label) && told.has(label)).map(({ label }) => ({ label, text: told.get(label), known: true }));
  if (unseen.length === activities.length) {
    return [...entries.filter(({ label }) => label === "Today"), ...usual, ...rest];
  }
  return [...usual, ...(unseen.length ? [{ label: "Not assessed today", text: unseen.join(", "), known: true }] : []), ...rest];
}
