// Send to hospital: why now in one tap, which begins the journey on this tablet; what was measured.
import { Answers, wrongIn } from "./answers.js";
import { el, p, panel, strong } from "./draw.js";
import { choice, errorBeside, field } from "./fields.js";
import { saidScore } from "./news2.js";
import { AFTER, begin, journeyOf } from "./packing.js";
import { after, formPage, gone, onward } from "./views_step.js";

const questionsOf = (list, ...keys) => keys.map((key) => list.find((one) => one.key === key)).filter(Boolean);
const wordsOf = (choices, value) => choices.find(([one]) => one === value)?.[1] ?? value;

/** Why now: one tap on a reason begins the journey. */
export async function sendPage(context, resident) {
  const existing = await journeyOf(context.copy, resident);
  if (existing) {
    context.go(existing.at(existing.packing ? "ready" : "done"));
    return null;
  }
  const { words } = context.copy;
  const asked = questionsOf(words.why, "situation", "started");
  const missing = resident.closed ? [] : gapsToName(resident);
  return formPage(context, {
    title: "Send to hospital: why now?",
    back: [`#/residents/${resident.ref}`, "Back to the record"],
    resident,
    draft: `/residents/${resident.ref}/send`,
    start: new Answers([["journey_type", "emergency"]]),
    enter: false,
    crewFirst: false,
    above: () => [
      resident.alike && el("p", { class: "rb-people__alike rb-alike" }, strong("Similar names here: "), resident.alike, ". Check that you have the right person."),
      missing.length && panel("missing", missing.join("; "), p("Send now. The pack names what is missing.")),
    ],
    questions: (answers, errors) => [
      field(asked[0], answers, errors, { rows: 2 }),
      el(
        "div",
        { class: "rb-line__texts" },
        el("div", {}, field(asked[1], answers, errors)),
        el("div", { class: "nhsuk-form-group rb-why__kind" }, choice("journey_type", "Kind of journey", words.journey_types, answers.text("journey_type") || "emergency")),
      ),
      el(
        "fieldset",
        { class: "nhsuk-fieldset", id: "reason", tabindex: "-1" },
        el("legend", { class: "nhsuk-fieldset__legend nhsuk-fieldset__legend--m" }, "Tap the main reason to go on"),
        errorBeside("reason", errors.reason),
        el(
          "div",
          { class: "rb-reasons" },
          words.reasons.map(([value, text]) => el("button", { class: "nhsuk-button rb-reasons__one", name: "reason", value }, text)),
        ),
      ),
    ],
    foot: () => null,
    check: (answers) => {
      const errors = wrongIn(asked, answers);
      return answers.text("reason") ? errors : { ...errors, reason: "Choose why they are going." };
    },
    async save(answers) {
      const reason = wordsOf(words.reasons, answers.text("reason"));
      const journey = await begin(context.copy, resident, answers, `Send to hospital: ${resident.name}. ${reason}`);
      await context.saved();
      return journey.at("observations");
    },
  });
}

const gapsToName = (resident) => [
  ...resident.alerts.filter(({ kind, level }) => kind === "allergies" && level === "missing").map(({ title }) => title),
  ...(resident.cpr?.decision ? [] : ["CPR decision not recorded"]),
];

/** Everything about why they go. */
export async function whyPage(context, journey) {
  const { words } = context.copy;
  const reason = { key: "reason", label: "Main reason", hint: "", kind: "choice", choices: words.reasons };
  const asked = [reason, ...words.why.filter(({ key }) => key !== "reason")];
  const start = journey.answers("why");
  return factPage(context, journey, {
    step: "why",
    title: "Why now",
    asked,
    start: start.has("reason") || !journey.known?.reason ? start : start.with("reason", reasonKey(words, journey.known.reason)),
    words: (answers) => `Why now: ${journey.resident.name}. ${wordsOf(words.reasons, answers.text("reason"))}`,
    leaveOut: ["journey_type"],
  });
}

const reasonKey = (words, kept) => words.reasons.find(([value, text]) => [value, text].includes(kept))?.[0] ?? "";

/** What was measured; each field optional. */
export async function observationsPage(context, journey) {
  const asked = context.copy.words.observations;
  return factPage(context, journey, {
    step: "observations",
    title: "Observations",
    intro: "Every field is optional: write what you have, skip what you have not.",
    asked,
    words: (answers) => `Observations: ${journey.resident.name}. ${short(asked, answers)}`,
    above: (answers) => scorePanel(answers, journey.resident),
  });
}

/** The score of what stands in the form, as the page says it after saving. */
export function scorePanel(answers, resident) {
  const score = saidScore(answers, resident.usual);
  if (!score) {
    return null;
  }
  return score.urgent
    ? panel("danger", score.sentences[0], p(score.sentences.slice(1).join(" ")))
    : el("div", { class: "rb-score" }, p(score.sentences[0]), p(score.sentences.slice(1).join(" ")));
}

/** What was measured, in a line: "Pulse 102; Temperature 38.4". */
export function short(asked, answers) {
  const told = asked
    .filter(({ key }) => answers.text(key))
    .map(({ label, key, choices, unit }) => {
      const values = answers.all(key).map((value) => wordsOf(choices ?? [], value)).join(", ");
      return `${label} ${values}${unit ? ` ${unit}` : ""}`;
    });
  return told.join("; ") || "Nothing measured";
}

function factPage(context, journey, { step, title, intro, asked, words, start, above, leaveOut = [] }) {
  return formPage(context, {
    title,
    step,
    journey,
    resident: journey.resident,
    back: step === "why" || !journey.packing ? [`#/residents/${journey.resident.ref}`, "Back"] : [journey.at("why"), "Back"],
    draft: journey.draft(step),
    start: start ?? journey.answers(step),
    above: (answers) => [gone(journey), above?.(answers), intro && p(intro)],
    questions: (answers, errors) =>
      el(
        "div",
        { class: `rb-observed rb-observed--${step === "why" ? "why-now" : step}` },
        asked.map((question) => el("div", { class: `rb-observed__one rb-observed__one--${question.kind}` }, field(question, answers, errors))),
      ),
    foot: (wrong) => onward(journey, wrong, journey.at(AFTER[step])),
    check: (answers) => wrongIn(asked, answers),
    async save(answers) {
      const whole = leaveOut.reduce((left, name) => left.with(name, null), answers);
      await journey.save(step, whole, words(answers));
      await context.saved(step === "observations" ? saidScore(answers, journey.resident.usual) : null);
      return after(journey, step, answers, AFTER[step]);
    },
  });
}
