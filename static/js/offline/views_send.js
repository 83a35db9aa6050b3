// Send to hospital: why now in one tap, which begins the journey on this tablet.
import { Answers, wrongIn } from "./answers.js";
import { el, p, panel, strong } from "./draw.js";
import { choice, errorBeside, field } from "./fields.js";
import { begin, journeyOf } from "./packing.js";
import { formPage } from "./views_step.js";

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
    step: "why",
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
