// The residents of the home as the tablet's copy has them, and one of them: what could harm them first, then the
// green button.
import { el, facts, fold, h2, hidden, link, p, strong, way } from "./draw.js";
import { journeyOf, journeysHere } from "./packing.js";
import { near } from "./times.js";

// The same folding as redbag/domain/name_words.py: no case, no accents, no apostrophes.
const wordsOf = (text) => text.normalize("NFKD").replace(/[\p{Mn}'’‘\u0060´]/gu, "").toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? [];

const called = ({ name, preferred }) => (preferred && !name.startsWith(preferred) ? `${name} (“${preferred}”)` : name);
const roomOf = ({ room }) => (room ? `Room ${room}` : "Room not recorded");
const bornOf = ({ born, age, closed }) => (born && !closed ? ` Born ${born}${age ? `, ${age} years old` : ""}.` : "");

export async function residentsPage(context) {
  const { copy } = context;
  const here = await journeysHere(copy);
  const rows = copy.residents.map((resident) => row(resident, here.find((one) => one.resident.ref === resident.ref)));
  const found = el("p", { class: "nhsuk-u-visually-hidden", role: "status" });
  const search = el("input", { class: "nhsuk-input", id: "q", type: "search", autocomplete: "off", spellcheck: "false" });
  const filter = () => {
    const wanted = wordsOf(search.value);
    let shown = 0;
    for (const one of rows) {
      const words = one.getAttribute("data-words").split(" ");
      one.hidden = !wanted.every((start) => words.some((word) => word.startsWith(start)));
      shown += one.hidden ? 0 : 1;
    }
    found.textContent = wanted.length ? `${shown} found` : "";
    nobody.hidden = shown > 0 || !rows.length;
  };
  const nobody = el("p", { hidden: true }, "Nobody on this tablet’s copy is called that, and no room is.");
  search.addEventListener("input", filter);
  if (!location.hash) {
    search.value = new URLSearchParams(location.search).get("q") ?? ""; // typed on the page that could not be had
    filter();
  }
  const going = here.filter((one) => one.record && (one.packing || one.waits));
  return {
    title: "Residents",
    live: () => !search.value,
    body: [
      el("h1", { class: "nhsuk-heading-l", tabindex: "-1" }, "Residents"),
      going.length > 0 && [h2("Begun on this tablet"), el("ul", { class: "rb-todo" }, going.map(goOn))],
      el("div", { class: "rb-search", role: "search" }, el("div", { class: "nhsuk-form-group" }, el("label", { class: "nhsuk-label", for: "q" }, "Name or room"), search)),
      found,
      nobody,
      rows.length ? el("ul", { class: "rb-list rb-people" }, rows) : p("The copy on this tablet has no residents."),
    ],
  };
}

function goOn(journey) {
  const at = journey.packing ? journey.at("ready") : journey.at("done");
  const handed = journey.handedOver;
  const state = handed ? `handed to the crew at ${near(new Date(handed.at))}` : `being packed since ${near(journey.begunAt)}`;
  return el(
    "li",
    { class: "rb-todo__one" },
    el("div", { class: "rb-todo__words" }, p(journey.resident.name), el("p", { class: "rb-todo__detail" }, [state, journey.reason].filter(Boolean).join(": "))),
    way(at, handed ? "See what is saved" : "Go on packing"),
  );
}

function row(resident, journey) {
  const away = resident.journey;
  const dangers = resident.alerts.filter(({ level }) => level === "danger");
  const allergies = resident.alerts.find(({ kind, level }) => kind === "allergies" && level === "missing");
  return listRow(
    [
      el("a", { class: "rb-people__link", href: `#/residents/${resident.ref}` }, called(resident)),
      el("p", { class: "rb-people__facts" }, `${roomOf(resident)}.${bornOf(resident)}`),
      resident.alike && el("p", { class: "rb-people__alike" }, strong("Take care: "), resident.alike),
    ],
    [
      resident.closed && el("span", { class: "rb-tag-plain" }, "Record restricted"),
      journey?.record && el("span", { class: "rb-tag-away" }, journey.handedOver ? "Handed to crew, on this tablet" : "Being packed, on this tablet"),
      !journey?.record && away && el("span", { class: "rb-tag-away" }, [away.state_words, away.hospitalName, away.since_words].filter(Boolean).join(", ")),
      allergies && el("span", { class: "rb-tag-gap" }, allergies.title),
      dangers.length > 0 && el("span", { class: "rb-tag-danger" }, dangers.slice(0, 2).map(({ title }) => title).join(", ") + (dangers.length > 2 ? ` and ${dangers.length - 2} more` : "")),
    ],
    { "data-words": wordsOf(`${resident.name} ${resident.preferred ?? ""} ${resident.room ?? ""}`).join(" ") },
  );
}

/** A row of a list: what it says, and its signs at the side. */
const listRow = (words, signs, attributes = {}) => el(
  "li",
  { class: "rb-people__row", ...attributes },
  el("div", { class: "rb-list__row" }, el("div", { class: "rb-list__main" }, words), el("div", { class: "rb-people__signs" }, signs)),
);

export async function residentPage(context, resident) {
  const journey = await journeyOf(context.copy, resident);
  return {
    title: resident.name,
    back: ["#/residents", "Residents"],
    body: [
      el("h1", { class: "rb-name", tabindex: "-1" }, called(resident)),
      el("p", { class: "rb-person" }, `${roomOf(resident)}.`, !resident.closed && [" Born ", strong(resident.born), resident.age ? `, ${resident.age} years old.` : "."], resident.nhs_number && ` NHS number ${resident.nhs_number}.`),
      resident.alike && el("p", { class: "rb-people__alike rb-alike" }, strong("Similar names here: "), resident.alike, ". Check that you have the right person."),
      standing(resident, journey),
      resident.closed ? p("This record is restricted: it is not on the tablet. Send to hospital works as for everybody.") : record(resident),
    ],
  };
}

function standing(resident, journey) {
  if (!journey) {
    return p(way(`#/residents/${resident.ref}/send`, "Send to hospital", { classes: "rb-send" }));
  }
  const { known } = journey;
  const words = journey.handedOver
    ? `Handed to crew at ${near(new Date(journey.handedOver.at))}, saved on this tablet`
    : journey.packing
      ? `Being packed${journey.begunAt ? ` since ${near(journey.begunAt)}` : ""}`
      : [known.state_words, known.hospitalName, known.since_words].filter(Boolean).join(", ");
  const go = journey.packing ? way(journey.at("ready"), "Go on packing", { classes: "rb-send" }) : way(journey.at("done"), "Open what is saved", {});
  return [el("p", { class: "rb-now" }, strong(words), "."), p(go)];
}

function record(resident) {
  return [
    h2("Alerts"),
    el("ul", { class: "rb-alerts" }, resident.alerts.map(({ level, title, text }) =>
      el("li", { class: `rb-alert rb-alert--${level}` }, el("span", { class: "rb-alert__title" }, title), text && [" ", el("br"), text]))),
    cpr(resident.cpr),
    h2("People to ring"),
    resident.people.length ? el("ul", { class: "rb-plain-list rb-ring" }, resident.people.map(ring)) : el("p", { class: "rb-missing" }, "No telephone numbers are recorded."),
    h2("Medicines"),
    resident.medicines.length ? el("ul", { class: "rb-list rb-people" }, resident.medicines.map(medicine)) : p("No medicines are listed."),
    h2("Standing record"),
    resident.sections.map(section),
  ];
}

function cpr(one) {
  const more = [one.details, one.original && `Signed original: ${one.original}`, one.limits && `Treatment limits: ${one.limits}`, one.decision && one.only];
  return el("p", { class: `rb-cpr rb-cpr--${one.decision || "missing"}` }, strong(one.words), ...more.filter(Boolean).map((text) => `. ${text}`), ".");
}

const ring = ({ name, relation, number, dial, note }) => el(
  "li",
  {},
  strong(name || "Name not recorded"),
  relation && `, ${relation}`,
  ": ",
  dial ? link(`tel:${dial}`, number) : number || "no number recorded",
  note && ` (${note})`,
);

const medicine = (one) => listRow(
  [
    el("p", { class: "rb-people__facts" }, strong(one.title)),
    el("p", { class: "rb-people__facts" }, `${one.directions || "Dose and times not recorded"}${one.indication ? `. For ${one.indication}` : ""}`),
    one.allergy_conflict && el("p", { class: "rb-people__facts" }, strong("Allergy conflict: "), one.allergy_conflict),
  ],
  one.warnings.map((words) => el("span", { class: words === "Time-critical" ? "rb-tag-danger" : "rb-tag-plain" }, words)),
);

const section = ({ title, reviewed, entries }) => el(
  "section",
  { class: "rb-section" },
  el("h3", { class: "nhsuk-heading-s" }, title),
  reviewed && el("p", { class: "rb-section__review" }, reviewed),
  entries.length ? fold(["What is recorded", hidden(` under ${title.toLowerCase()}`)], facts(entries)) : el("p", { class: "rb-missing" }, "Nothing recorded"),
);
