// What the pack says, put together from the tablet's copy and from what was typed here: its gaps, what is told
// aloud at the door, and when the next medicines are due by the MAR.
import { numberOf } from "./answers.js";
import { saidScore } from "./news2.js";
import { lastDose } from "./views_doses.js";
import { linesOf } from "./views_belongings.js";

/** What is missing, most dangerous first: [{words, step}], `step` where it can be filled in here. */
export function gapsOf(journey) {
  const { resident } = journey;
  const standing = resident.gaps.map((words) => ({ words, step: null }));
  const [first, later] = [standing.filter(({ words }) => isFirst(words)), standing.filter(({ words }) => !isFirst(words))];
  const closed = resident.closed ? [{ words: "The record is restricted: it is not on the tablet. Ring the home", step: null }] : [];
  return [...closed, ...first, ...todaysGaps(journey), ...later, { words: "How they are today: not assessed", step: null }];
}

const isFirst = (words) => /^(Allerg|CPR decision|Infection)/.test(words);

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
  return journey.resident.medicines
    .filter((one) => one.first ?? one.warnings.includes("Time-critical"))
    .map((one) => ({
      title: one.title,
      next: one.next || one.directions || "times not recorded",
      last: lastDose(one, doses, words) || "not answered: ring the home",
    }));
}

/** What is told to the crew, in the order of the pack's first page: [[title, text]]. */
export function spoken(journey) {
  const { resident } = journey;
  const due = giveNext(journey).map(({ title, last }) => `${title} (last dose: ${last})`).join("; ");
  const alerts = resident.alerts
    .filter(({ kind, level }) => ["danger", "missing"].includes(level) || ["allergies", "diabetes"].includes(kind))
    .map(({ kind, title, text }) => [title, kind === "time_critical" && due ? due : text]);
  return [...alerts, [cprWords(resident), ""], ["Going because of", why(journey)]];
}

/** The CPR decision, where its original is, and always that other treatment continues. */
export function cprWords({ cpr }) {
  if (!cpr) {
    return "CPR decision: the record is restricted; ring the home";
  }
  const parts = [
    cpr.decision && cpr.details ? `${cpr.words} (${cpr.details})` : cpr.words,
    cpr.decision && cpr.only,
    cpr.limits && `Treatment limits: ${cpr.limits}`,
    cpr.original && `Original: ${cpr.original}`,
    cpr.decision === "not_recommended" && "Is it in the bag? Nobody has said so",
  ];
  return `${parts.filter(Boolean).join(". ")}.`;
}

/** Why they go, in the words of the carer who sent them. */
export function why(journey) {
  return [journey.reason, journey.answers("why").text("situation")].filter(Boolean).join(": ") || "Not written";
}

/** What was measured: [[label, text]], blood pressure as it is read. */
export function measured(journey) {
  const answers = journey.answers("observations");
  const [upper, lower] = ["systolic_bp", "diastolic_bp"].map((key) => answers.text(key));
  const found = [];
  for (const { key, label, unit, choices } of journey.copy.words.observations) {
    const values = answers.all(key).filter(Boolean).map((value) => choices?.find(([one]) => one === value)?.[1] ?? value);
    if (key === "systolic_bp" && upper && lower) {
      found.push(["Blood pressure", `${upper}/${lower} mmHg`]);
    } else if (values.length && !(key === "diastolic_bp" && upper)) {
      found.push([label, `${values.join(", ")}${unit && numberOf(values[0]) !== null ? ` ${unit}` : ""}`]);
    }
  }
  return found;
}
