// Today's answers, a screen for each kind: why now, observations; and, when there is time, how they are today and
// which papers lie in the bag. The names and questions of redbag/web/home/packing.py.
import { wrongIn } from "./answers.js";
import { el, p } from "./draw.js";
import { field, line, taps } from "./fields.js";
import { saidScore, scorePanel } from "./news2.js";
import { short } from "./pack.js";
import { AFTER } from "./packing.js";
import { after, gone, stepPage } from "./views_step.js";

const wordsOf = (choices, value) => choices.find(([one]) => one === value)?.[1] ?? value;

/** Everything about why they go. */
export async function whyPage(context, journey) {
  const { words } = context.copy;
  const reason = { key: "reason", label: "Main reason", hint: "", kind: "choice", choices: words.reasons };
  const start = journey.answers("why");
  return factPage(context, journey, "why", {
    title: "Why now",
    asked: [reason, ...words.why.filter(({ key }) => key !== "reason")],
    start: start.has("reason") || !journey.known?.reason ? start : start.with("reason", reasonKey(words, journey.known.reason)),
    told: (answers) => `Why now: ${journey.resident.name}. ${wordsOf(words.reasons, answers.text("reason"))}`,
    leaveOut: ["journey_type"],
  });
}

const reasonKey = (words, kept) => words.reasons.find(([value, text]) => [value, text].includes(kept))?.[0] ?? "";

/** What was measured; each field optional. */
export async function observationsPage(context, journey) {
  const asked = context.copy.words.observations;
  return factPage(context, journey, "observations", {
    title: "Observations",
    asked,
    told: (answers) => `Observations: ${journey.resident.name}. ${short(asked, answers) || "Nothing measured"}`,
    said: (answers) => scorePanel(saidScore(answers, journey.resident.usual, asked)),
  });
}

/** Which papers travel, the signed original of a ReSPECT or DNACPR form before all. */
export async function papersPage(context, journey) {
  const asked = context.copy.words.papers ?? [];
  return factPage(context, journey, "papers", {
    title: "Papers in the bag",
    asked,
    told: (answers) => `Papers in the bag: ${journey.resident.name}. ${short(asked, answers) || "None named"}`,
    more: () => p("Photos: when the network is back."),
  });
}

/** How they are today, against what is usual. */
export async function todayPage(context, journey) {
  const { words } = context.copy;
  const asked = words.today ?? [];
  const [own, rest] = [true, false].map((is) => asked.filter(({ key }) => words.activities?.includes(key) === is));
  return factPage(context, journey, "today", {
    title: "How they are today",
    asked,
    told: (answers) => `How they are today: ${journey.resident.name}. ${short(asked, answers) || "Nothing assessed"}`,
    drawn: (answers, errors) => [
      own.map((one) => activity(one, journey.resident.needs?.[one.key], answers, errors)),
      questions("today", rest, answers, errors),
    ],
  });
}

/** As templates/home/packing/today.html: two answers for most, the five levels where it is worse. */
function activity({ key, label, choices }, usual, answers, errors) {
  const detail = `${key}_detail`;
  const looks = { "": "rb-today__none", worse: "rb-today__worse" };
  return el(
    "fieldset",
    { class: "nhsuk-fieldset rb-today" },
    el("legend", { class: "nhsuk-fieldset__legend rb-today__name" }, `${label} `, el("span", { class: "rb-thing__note" }, usual ? `Usually: ${usual}` : "Usual level not recorded")),
    taps(key, [["as_usual", "As usual"], ["worse", "Worse"], ["", "Not assessed"]], answers, (value) => looks[value]),
    el(
      "div",
      { class: "rb-today__more" },
      el("p", { class: "rb-small" }, "Worse; or, if you can say it, how much:"),
      taps(key, choices.slice(2), answers, () => "rb-today__level", "level"),
      line(detail, ["What is different", el("span", { class: "nhsuk-u-visually-hidden" }, `: ${label}`)], answers, errors, { placeholder: " " }),
    ),
  );
}

const questions = (name, asked, answers, errors) => el(
  "div",
  { class: `rb-observed rb-observed--${name}` },
  asked.map((question) => el("div", { class: `rb-observed__one rb-observed__one--${question.kind}` }, field(question, answers, errors))),
);

/** `told`: the act in words; `said`: what its answers mean; `drawn`: the questions, where they are no plain list. */
function factPage(context, journey, step, { title, asked, start, told, said, more, drawn, leaveOut = [] }) {
  const intro = context.copy.words.intros?.[step];
  return stepPage(context, journey, step, {
    title,
    start: start ?? journey.answers(step),
    above: (answers) => [gone(journey), said?.(answers), intro && p(intro), more?.()],
    questions: (answers, errors) => drawn?.(answers, errors) ?? questions(step === "why" ? "why-now" : step, asked, answers, errors),
    check: (answers) => wrongIn(asked, answers),
    async save(answers) {
      // Whoever goes on anyway leaves out what cannot be kept, as the server does.
      const whole = [...leaveOut, ...Object.keys(wrongIn(asked, answers))].reduce((left, name) => left.with(name, null), answers);
      await journey.save(step, whole, told(whole));
      await context.saved(said?.(whole));
      return after(journey, answers, AFTER[step]);
    },
  });
}
