// At the door: is this the person? Then the bag goes with the crew, with the time, a signature if wanted, and what
// the crew was told. The names of redbag/web/home/ready.py, hand_over.
import { Answers } from "./answers.js";
import { button, el, h2, hidden, inSteps, link, p, panel, strong, way } from "./draw.js";
import { errorBeside, field, kept, tick } from "./fields.js";
import { saidScore, scorePanel } from "./news2.js";
import { gapsOf, spoken } from "./pack.js";
import { fromLondon, london, near, readClock, readDay } from "./times.js";
import { NO_BAG } from "./views_belongings.js";
import { formPage } from "./views_step.js";
import { letSign } from "/static/js/signature.js";

const STEP = "handover";
const BOXES = ["day", "month", "year", "time"];

export async function handoverPage(context, journey) {
  const { copy } = context;
  const { resident } = journey;
  const today = london();
  const start = new Answers(["day", "month", "year"].map((part) => [`occurred_at-${part}`, String(today[part])]));
  return formPage(context, {
    title: "Hand to crew: is this the person?",
    journey,
    resident: null,
    crewFirst: false,
    enter: false,
    back: [journey.at("ready"), "Back"],
    draft: journey.draft(STEP),
    start,
    above: () => [identity(resident, journey), say(journey), scorePanel(saidScore(journey.answers("observations"), resident.usual)), stillMissing(journey)],
    questions: (answers, errors) => [
      resident.infections.length > 0 && panel(
        "danger",
        "Tell the crew before contact: infection risk",
        tick("infection_told", "infection_told", "yes", answers.has("infection_told"), `The crew was told: ${resident.infections.join("; ")}`),
      ),
      field(copy.words.crew, answers, errors),
      signature(answers),
      leftAt(answers, errors),
    ],
    foot: () => el(
      "div",
      { class: "rb-buttons" },
      button(`This is the person: handed to crew${journey.bag && journey.bag !== NO_BAG ? "" : ", no bag goes along"}`, { type: "submit", name: "identity", value: "yes" }),
      button("Not this person", { type: "submit", second: true, name: "identity", value: "no" }),
    ),
    check: (answers) => (answers.text("identity") === "yes" ? { ...wrongLeft(answers), ...tooLong(copy.words.crew, answers) } : {}),
    anchors: { occurred_at: "occurred_at-time" },
    drawn: (form) => letSign(form.querySelector("[data-signature]")),
    async save(answers) {
      if (answers.text("identity") !== "yes") {
        await journey.save(STEP, new Answers([["identity", "no"]]), `Not this person: ${resident.name}. Nothing was handed over`);
        return journey.at("not-this-person");
      }
      const crew = answers.text("crew").trim();
      await journey.save(STEP, withoutTodayAlone(answers), `Handed to crew: ${resident.name}${crew ? `. Crew ${crew}` : ""}`);
      await context.saved();
      return journey.at("done");
    },
  });
}

/** What became of the question for a signature. */
function signedWords(answers) {
  const crew = answers.text("crew") ? ` (${answers.text("crew")})` : "";
  if (answers.has("not_signed")) {
    return `The crew${crew} would not sign.`;
  }
  return answers.text("signature") ? `The crew${crew} has signed; the signature is kept with it.` : `Nobody has signed for it${crew}.`;
}

/** An empty time means "now": then the day is not sent either, so that it means now whenever it is sent. */
function withoutTodayAlone(answers) {
  if (answers.text("occurred_at-time").trim()) {
    return answers;
  }
  return BOXES.reduce((left, part) => left.with(`occurred_at-${part}`, ""), answers);
}

function identity(resident, journey) {
  const bag = journey.bag === NO_BAG ? "No bag goes along" : journey.bag || "No bag chosen";
  const rows = [
    ["Date of birth", `${resident.born}${resident.age ? ` (${resident.age})` : ""}`],
    ["Room", resident.room],
    ["NHS number", resident.nhs_number || "Not known"],
    ["Going to", journey.hospitalName || "Not known yet"],
    ["Red bag", bag],
    ["Label", journey.label],
  ].filter(([, text]) => text);
  return el(
    "div",
    { class: "rb-identity", id: "identity" },
    el("p", { class: "rb-identity__name" }, resident.name),
    el("dl", { class: "rb-identity__facts" }, rows.map(([label, text]) => el("div", {}, el("dt", {}, label), el("dd", {}, text)))),
  );
}

function stillMissing(journey) {
  const gaps = gapsOf(journey).map(({ words }) => words);
  return gaps.length > 0 && panel("missing", `Missing from the pack (${gaps.length})`, p(`${gaps.join("; ")}.`), p("It can go as it is: tell the crew. You can add it after they have left."));
}

function say(journey) {
  return [
    el("h2", { class: "nhsuk-heading-s rb-say__title" }, "Say to the crew"),
    el("ul", { class: "rb-say" }, spoken(journey).map(([title, text]) => el("li", {}, strong(title), text && `: ${text}`))),
  ];
}

function signature(answers) {
  const drawn = answers.text("signature");
  return el(
    "fieldset",
    { class: "nhsuk-fieldset rb-sign" },
    el("legend", { class: "nhsuk-fieldset__legend nhsuk-fieldset__legend--s" }, "Signature of the crew (optional)"),
    el(
      "div",
      { "data-signature": true, id: "signature" },
      kept("signature", drawn),
      el(
        "div",
        { "data-signature-pad": true, hidden: true },
        el("p", { class: "rb-sign__words" }, "Sign with a finger in the box. A typed name is enough where nobody can draw."),
        el("canvas", { class: "rb-sign__pad", width: "600", height: "200", role: "img", "aria-label": "Box to sign in with a finger or a pen" }),
        el("p", {}, button("Clear", { small: true, second: true, "data-signature-clear": true }), " ", el("span", { "data-signature-said": true, role: "status" })),
      ),
      tick("not_signed", "not_signed", "yes", answers.has("not_signed"), "They would not sign, or could not"),
    ),
  );
}

function leftAt(answers, errors) {
  const error = errors.occurred_at;
  const box = (part, label, width) => el(
    "div",
    { class: "nhsuk-date-input__item" },
    el("label", { class: "nhsuk-label nhsuk-date-input__label", for: `occurred_at-${part}` }, label),
    el("input", {
      class: `nhsuk-input nhsuk-date-input__input nhsuk-input--width-${width}${error ? " nhsuk-input--error" : ""}`,
      id: `occurred_at-${part}`, name: `occurred_at-${part}`, type: "text", inputmode: "numeric", autocomplete: "off", value: answers.text(`occurred_at-${part}`),
    }),
  );
  return el(
    "div",
    { class: `nhsuk-form-group${error ? " nhsuk-form-group--error" : ""}` },
    el(
      "fieldset",
      { class: "nhsuk-fieldset", id: "occurred_at", "aria-describedby": `occurred_at-hint${error ? " occurred_at-error" : ""}` },
      el("legend", { class: "nhsuk-fieldset__legend nhsuk-fieldset__legend--s" }, "When they left"),
      el("div", { class: "nhsuk-hint", id: "occurred_at-hint" }, "Leave the time empty if it is happening now."),
      errorBeside("occurred_at", error),
      el("div", { class: "nhsuk-date-input rb-moment" }, box("day", "Day", 2), box("month", "Month", 2), box("year", "Year", 4), box("time", "Time, for example 14:20", 5)),
    ),
  );
}

/** What the server would refuse of the day and the time. */
function wrongLeft(answers) {
  const [day, month, year, time] = BOXES.map((part) => answers.text(`occurred_at-${part}`).trim());
  const dated = day || month || year ? readDay(day, month, year) : london();
  const said = (words) => ({ occurred_at: words });
  if (!dated) {
    return said("There is no such day. Check the date.");
  }
  const today = london();
  if (!time) {
    const now = ["day", "month", "year"].every((part) => dated[part] === today[part]);
    return now ? {} : said("Give the time as well: only for today an empty time means now.");
  }
  const clock = readClock(time);
  if (!clock) {
    return said("Write the time with four figures, for example 03:10 or 14:20.");
  }
  return fromLondon({ ...dated, ...clock }) > new Date(Date.now() + 60_000) ? said("This time is in the future. Check the date and the time.") : {};
}

const tooLong = ({ key, label, longest }, answers) =>
  answers.text(key).length > (longest || Infinity) ? { [key]: `${label}: use at most ${longest} characters.` } : {};

/** After the crew has left: what is saved where, and what is still to do. */
export function donePage(context, journey) {
  const { resident } = journey;
  const handed = journey.handedOver;
  const waiting = journey.acts.filter((act) => act.state === "waiting").length;
  const refused = journey.acts.filter((act) => act.state === "refused").length;
  const title = handed ? `${resident.name} is handed to the crew` : resident.name;
  const family = resident.people.filter(({ dial }) => dial);
  return {
    title,
    live: () => true,
    back: ["#/residents", "Residents"],
    body: [
      el("h1", { tabindex: "-1" }, title),
      handed && p(`Recorded at ${near(new Date(handed.at))}. ${signedWords(new Answers(handed.fields))}`),
      refused > 0 && panel("danger", `${inSteps(refused)} not taken by Red Bag`, p(link("#/outbox", "See why, and put it right"))),
      waiting > 0 && panel("caution", "Only this tablet knows it yet", p("The hospital will see this when the tablet is back online. Until then the paper in the bag is what they have: keep the tablet switched on and take it to where the network is.")),
      !waiting && !refused && journey.acts.length > 0 && panel("calm", "Everything was sent", p("The hospital sees it.")),
      !handed && journey.known && p(`${[journey.known.state_words, journey.known.since_words].filter(Boolean).join(", ")}.`),
      journey.transfer && context.online && p(el("a", { class: "nhsuk-button", href: `/transfers/${journey.transfer}` }, "Open the journey on Red Bag")),
      h2("Now"),
      el(
        "ul",
        {},
        el("li", {}, family.length ? ["Ring the family: ", family.map(({ name, relation, number, dial }) => [link(`tel:${dial}`, `${name}${relation ? `, ${relation}` : ""}: ${number}`), " "])] : "Ring the family: no number is recorded."),
        el("li", {}, link(journey.at("pack"), "Read or print the pack again")),
        el("li", {}, link(journey.at("observations"), "Add observations"), " ", link(journey.at("doses"), "Add last doses"), " ", link(journey.at("papers"), "Papers in the bag"), " ", link(journey.at("today"), "How they are today"), hidden(" in the pack")),
      ),
      way("#/residents", "Back to the residents", { second: true }),
    ],
  };
}
