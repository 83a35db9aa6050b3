// The pack to be read on this tablet, and printed from the browser on A4 in black and white. Its first page has what
// an emergency nurse needs in thirty seconds, in the order of redbag/documents/pack_front.py.
import { button, el, facts, p, strong, way } from "./draw.js";
import { lastDose } from "./due.js";
import { saidScore } from "./news2.js";
import { answered, belongingsOf, cprWords, gapsOf, giveNext, measured, needsToday, papersOf, why } from "./pack.js";
import { moment } from "./times.js";
import { NO_BAG } from "./views_belongings.js";

const CARRIED = { worn: "worn", in_bag: "in the bag", in_hand: "in hand" };

const part = (title, ...children) => el("section", { class: "rb-paper__part" }, el("h2", { class: "rb-paper__title" }, title), children);

export function packPage(context, journey) {
  const { resident } = journey;
  const title = `Pack of ${resident.name}`;
  return {
    title,
    back: [journey.packing ? journey.at("ready") : journey.at("done"), "Back"],
    body: [
      el("div", { class: "rb-no-print" },
        el("h1", { tabindex: "-1" }, title),
        p("Two pages or more, A4. Put them in the bag; the label from the drawer goes in its window."),
        el("div", { class: "rb-buttons" }, button("Print", { onclick: () => window.print() }),
          journey.packing && way(journey.at("handover"), "Hand to crew", { second: true }))),
      el("article", { class: "rb-paper", "aria-label": title }, firstPage(context, journey), theRest(journey)),
    ],
  };
}

function firstPage(context, journey) {
  const { resident, copy } = journey;
  const bag = journey.bag === NO_BAG ? "No bag" : journey.bag ? `Bag ${journey.bag}` : "No bag number";
  const score = saidScore(journey.answers("observations"), resident.usual);
  return el(
    "div",
    { class: "rb-paper__first" },
    el("p", { class: "rb-paper__mast" }, strong("RED BAG · Hospital transfer pack"), el("span", {}, [bag, journey.label && `Label ${journey.label}`].filter(Boolean).join(" · "))),
    el("p", { class: "rb-paper__made" }, `Made without the network on ${moment(new Date())} by ${context.owner.name}; the hospital sees it when the tablet is back online. The record is as it stood on ${moment(copy.fetched_at)}.`),
    el(
      "div",
      { class: "rb-paper__top" },
      el(
        "div",
        { class: "rb-paper__who" },
        el("p", { class: "rb-paper__name" }, resident.name),
        resident.preferred && p("Likes to be called: ", strong(resident.preferred)),
        p("Born ", strong(`${resident.born}${resident.age ? ` (${resident.age})` : ""}`), ". NHS number ", strong(resident.nhs_number || "not known"), resident.room && `. Room ${resident.room}`, "."),
      ),
      el(
        "div",
        { class: "rb-paper__home" },
        p(strong("Ring the home, day or night")),
        el("p", { class: "rb-paper__phone" }, copy.home.night_phone || copy.home.phone || "Phone not recorded"),
        p(strong(copy.home.name)),
        copy.home.address && el("p", { class: "rb-prose" }, copy.home.address),
      ),
    ),
    el("ul", { class: "rb-alerts rb-paper__alerts" }, resident.alerts.map(({ level, title, text }) =>
      el("li", { class: `rb-alert rb-alert--${level}` }, el("span", { class: "rb-alert__title" }, title), text && [el("br"), text]))),
    resident.closed && p(strong("The record of this person is restricted: it is not on the tablet. Ring the home.")),
    part("Resuscitation", p(strong(cprWords(journey)))),
    el(
      "div",
      { class: "rb-paper__columns" },
      el("div", {}, whyNow(journey), part("Give next: time-critical medicines and patches", nextDoses(journey))),
      el("div", {}, observed(journey, score), missing(journey), people(resident)),
    ),
  );
}

function whyNow(journey) {
  const asked = journey.copy.words.why.filter(({ key }) => !["reason", "situation"].includes(key));
  const rows = answered(asked, journey.answers("why")).map(([label, text]) => p(strong(`${label}:`), ` ${text}`));
  const to = journey.hospitalName && p(strong(`To ${journey.hospitalName}`));
  return part("Why now", p(strong(why(journey))), to, rows);
}

function nextDoses(journey) {
  const doses = giveNext(journey);
  if (!doses.length) {
    return p(journey.resident.medicines.length ? "None on the list" : "No medicines are recorded: this does not mean none");
  }
  return [
    p("By the home’s MAR. Check the hospital’s chart."),
    el("ul", {}, doses.map(({ title, next, last }) => el("li", {}, strong(title), `: ${next}. Last dose: ${last}.`))),
  ];
}

function observed(journey, score) {
  const rows = measured(journey);
  return part(
    "Observations",
    score && p(strong(score.sentences[0]), ` ${score.sentences.slice(1).join(" ")}`),
    rows.length
      ? el("table", { class: "rb-paper__measures" }, el("tbody", {}, rows.map(([label, text]) => el("tr", {}, el("th", { scope: "row" }, label), el("td", {}, text)))))
      : p("None taken"),
  );
}

const missing = (journey) => {
  const gaps = gapsOf(journey);
  return gaps.length > 0 && part("Missing: ask the home", el("ul", {}, gaps.map(({ words }) => el("li", {}, words))));
};

const people = (resident) => part(
  "Who to ring",
  resident.people.length
    ? el("ul", {}, resident.people.map(({ name, relation, number, note }) =>
      el("li", {}, strong(name || "Name not recorded"), [relation && `, ${relation}`, `: ${number || "no number recorded"}`, note && ` (${note})`].filter(Boolean).join(""))))
    : p("Family and friends: not recorded"),
);

function theRest(journey) {
  const { resident } = journey;
  const { words } = journey.copy;
  const doses = journey.answers("doses");
  const things = belongingsOf(journey);
  const papers = papersOf(journey);
  const valuables = journey.answers("belongings");
  return el(
    "div",
    {},
    el("p", { class: "rb-paper__mast" }, strong(`${resident.name}, born ${resident.born}`), el("span", {}, `NHS number ${resident.nhs_number || "not known"}${journey.bag && journey.bag !== NO_BAG ? ` · Bag ${journey.bag}` : ""}`)),
    part(
      "Medicines",
      resident.medicines.length
        ? el("div", { class: "rb-scroll", tabindex: "0", role: "region", "aria-label": "Medicines and last doses" }, el(
          "table",
          { class: "nhsuk-table rb-paper__table" },
          el("thead", {}, el("tr", {}, ["Medicine", "Directions", "Last dose", "In the bag"].map((text) => el("th", { scope: "col" }, text)))),
          el("tbody", {}, resident.medicines.map((one) => el(
            "tr",
            {},
            el("th", { scope: "row" }, one.title, one.warnings.length > 0 && [el("br"), one.warnings.join(", ")], one.allergy_conflict && [el("br"), `Allergy conflict: ${one.allergy_conflict}`]),
            el("td", {}, [one.directions, one.indication && `for ${one.indication}`].filter(Boolean).join("; ") || "Not recorded"),
            el("td", {}, lastDose(one, doses, words) || "Not answered"),
            el("td", {}, [doses.text(`${one.ref}-sent`), doses.text(`${one.ref}-counted`) && `counted by ${doses.text(`${one.ref}-counted`)}`].filter(Boolean).join(", ") || "–"),
          ))),
        ))
        : p("No medicines listed: ask the home"),
    ),
    part(
      "Belongings",
      things.length
        ? el("ul", { class: "rb-paper__things" }, things.map((one) => el("li", {}, `${one.name}${Number(one.quantity) > 1 ? ` × ${one.quantity}` : ""}: ${[CARRIED[one.carried], one.valuable && "valuable"].filter(Boolean).join(", ")}`)))
        : p("Not listed: look in the bag and write down what is there"),
      valuables.text("valuables_told") && p(`Told of money and valuables: ${valuables.text("valuables_told")}. Counted with: ${valuables.text("valuables_witness") || "not recorded"}.`),
    ),
    part("Papers in the bag", papers.length ? facts(papers.map(([label, text]) => ({ label, text }))) : p("Nobody has said which: look in the bag")),
    el("div", { class: "rb-paper__sections" }, resident.sections.map(({ key, title, reviewed, entries }) =>
      part(title, reviewed && el("p", { class: "rb-section__review" }, reviewed), facts(key === "needs" ? needsToday(journey, entries) : entries)))),
  );
}
