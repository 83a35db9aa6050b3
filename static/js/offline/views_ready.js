// Ready: what is missing, where to, which bag and label; then the pack is read or printed from this tablet, and
// the person is handed over.
import { Answers } from "./answers.js";
import { button, el, fold, h2, link, p, panel, way } from "./draw.js";
import { choice } from "./fields.js";
import { gapsOf } from "./pack.js";
import { NO_BAG, bagWords, labelPart, looksAtBag, saveLabel, whichBag, wrongCode } from "./views_belongings.js";
import { ifThereIsTime, stepPage } from "./views_step.js";

const STEP = "ready";
const ASK_FOR_BAG = "Choose the bag, or tap “No bag goes along”.";

export async function readyPage(context, journey) {
  const { copy } = context;
  const { resident } = journey;
  const gaps = gapsOf(journey);
  const before = journey.acts.length;
  const bag = journey.bag;
  const start = new Answers([["hospital", hospitalRef(copy, journey)], ...bagFields(copy, journey, bag), ["label_code", journey.label]]);
  const wrongBag = looksAtBag(copy, journey);
  return stepPage(context, journey, STEP, {
    title: "Pack ready",
    above: () => gaps.length > 0 && el("p", { class: "rb-missing" }, `Missing: ${inShort(gaps.map(({ words }) => words))}.`),
    classes: "rb-ready",
    enter: false,
    start,
    questions: (answers, errors) => [
      el("div", { class: "nhsuk-form-group" }, choice("hospital", "To which hospital", [["", "Not known yet"], ...copy.hospitals.map(({ ref, name }) => [ref, name])], answers.text("hospital")),
        answers.text("hospital") === copy.usual_hospital && p("Where this home usually sends people: change it if they go elsewhere.")),
      answered("Red bag", bagWords(new Answers([["bag", bag]])), errors.bag, whichBag(copy, journey, answers, errors, { none: true })),
      answered("Label from the drawer", journey.label, errors.label_code, labelPart(journey, answers, errors)),
      gaps.length > 0 && missing(journey, gaps),
      ifThereIsTime(journey),
    ],
    foot: () => el(
      "div",
      { class: "rb-onward" },
      button("Read or print the pack", { type: "submit", name: "then", value: "pack" }),
      button("Hand to crew", { type: "submit", second: true, name: "then", value: "handover" }),
    ),
    check: (answers) => ({
      ...(answers.text("then") === "pack" || bagWords(answers) || journey.known?.bag || !copy.bags.length ? {} : { bag: ASK_FOR_BAG }),
      ...wrongBag(answers),
      ...wrongCode(answers),
    }),
    anchors: { bag: copy.bags.length ? `bag_choice-${copy.bags[0].ref}` : "bag" },
    async save(answers) {
      const next = answers.text("then") || "handover";
      const asked = answers.with("then", null).with("label_code", null);
      const stands = next === "pack" ? start.with("label_code", null) : new Answers(journey.saved(STEP)?.fields);
      if (!same(asked, stands)) {
        const to = copy.hospitals.find(({ ref }) => ref === answers.text("hospital"))?.name ?? "hospital not known yet";
        await journey.save(STEP, asked, `Ready: ${resident.name}. ${[to, bagWords(asked)].filter(Boolean).join(", ")}`);
      }
      await saveLabel(journey, answers);
      if (journey.acts.length > before) {
        await context.saved();
      }
      return journey.at(next);
    },
  });
}

const hospitalRef = (copy, journey) => copy.hospitals.find(({ ref, name }) => [ref, name].includes(journey.hospital))?.ref ?? "";

function bagFields(copy, journey, bag) {
  if (!bag || (journey.known?.bag && String(journey.known.bag) === bag)) {
    return [];
  }
  const tapped = bag === NO_BAG || copy.bags.some(({ number }) => String(number) === bag);
  return [[tapped ? (journey.known?.bag ? "other_bag" : "bag_choice") : "bag", bag]];
}

const same = (one, other) => {
  const told = ({ fields }) => fields.filter(([, value]) => value).map(String).sort().join("\n");
  return told(one) === told(other);
};

const inShort = (gaps) => [...gaps.slice(0, 3), ...(gaps.length > 3 ? [`and ${gaps.length - 3} more`] : [])].join("; ");

const missing = (journey, gaps) => panel(
  "missing",
  "The pack says on its first page what is missing",
  p("It can go as it is. What you add later, the hospital sees."),
  el("ul", { class: "rb-gaps" }, gaps.map(({ words, step }) => el("li", {}, step ? el("a", { href: journey.at(step) }, words) : el("span", { class: "rb-gap-plain" }, words)))),
);

/** A question that was answered on the screen before stands folded up, its answer in the line. */
const answered = (title, answer, wrong, question) =>
  answer ? fold(`${title}: ${answer}. Change`, question, { open: Boolean(wrong) }) : question;

/** "Not this person": nothing is handed over, and whose pack is whose. */
export function notThisPage(context, journey, others) {
  const open = others.filter((one) => one.packing && one.id !== journey.id);
  return {
    title: "Not this person: check the bags",
    back: [journey.at("handover"), "Back"],
    body: [
      el("h1", { tabindex: "-1" }, "Not this person: check the bags"),
      el("p", { class: "nhsuk-lede-text" }, `Nothing was handed over. This pack ${journey.bag && journey.bag !== NO_BAG ? `and bag ${journey.bag} belong` : "belongs"} to ${journey.resident.name}, born ${journey.resident.born}.`),
      el(
        "ol",
        {},
        [
          "Keep every bag here until you know whose it is.",
          "Compare the name and date of birth on the first page of each paper pack with the person.",
          "Put each pack, its papers, medicines and belongings in the right bag.",
        ].map((text) => el("li", {}, text)),
      ),
      open.length > 0 && [
        h2("Other packs open on this tablet"),
        el("ul", { class: "rb-list" }, open.map((one) => el("li", {}, link(one.at("ready"), `${one.resident.name}, born ${one.resident.born}`)))),
      ],
      way(journey.at("handover"), `It is ${journey.resident.name} after all: back to the handover`, { second: true }),
    ],
  };
}
