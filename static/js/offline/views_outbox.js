// What was saved on this tablet: every act with its time and what became of it. What Red Bag did not take stands
// first, with its own sentences and both versions, and stays until somebody settles it.
import { Answers } from "./answers.js";
import { button, el, facts, h2, inSteps, link, p, strong } from "./draw.js";
import { journeys } from "./journeys.js";
import { acts, colleagues, flush, giveUp, settle } from "./outbox.js";
import { answered } from "./pack.js";
import { age, clock, near } from "./times.js";
import { things } from "./views_belongings.js";

const JOURNEY = /^\/transfers\/[0-9a-z-]+/;

export async function outboxPage(context) {
  const all = named(await acts());
  const refused = all.filter(({ state }) => state === "refused");
  const waiting = all.filter(({ state }) => state === "waiting");
  const sent = all.filter(({ state }) => state === "sent").reverse();
  const alone = await withoutBeginning(waiting, all);
  const others = await colleagues(context.owner.account);
  return {
    live: () => !document.querySelector(".rb-asked:not([hidden])"),
    title: "What was saved on this tablet",
    back: ["#/residents", "Residents"],
    body: [
      el("h1", { tabindex: "-1" }, "What was saved on this tablet"),
      p(summary(refused.length, waiting.length, sent.length, context.online)),
      others > 0 && p(`${inSteps(others)} of a colleague ${others === 1 ? "is" : "are"} not sent yet. Only they can open ${others === 1 ? "it" : "them"}: ask them to sign in on this tablet, with the network.`),
      waiting.length > 0 && context.online && button("Send now", { second: true, onclick: async () => {
        await flush();
        context.again();
      } }),
      refused.length > 0 && [
        h2(`Not taken by Red Bag (${refused.length})`),
        refused.map((act) => refusedOne(context, act, waiting)),
      ],
      alone.length > 0 && [
        h2(`Left without their journey (${alone.length})`),
        p("You left out how this journey began, so Red Bag cannot take what came after. Copy what somebody needs, then leave it out as well."),
        alone.map((act) => refusedOne(context, act, [])),
      ],
      waiting.length > alone.length && [h2(`Waiting (${waiting.length - alone.length})`), list(waiting.filter((act) => !alone.includes(act)), (act) => waitsFor(act, refused))],
      sent.length > 0 && [h2(`Sent (${sent.length})`), list(sent, sentWords)],
    ],
  };
}

/** The same acts; where one page was saved several times, each later one says so, with its time. */
function named(all) {
  const pages = new Set();
  return all.map((act) => {
    const page = `${act.journey} ${act.words.split(":")[0]}`;
    const again = pages.has(page);
    pages.add(page);
    return again ? { ...act, words: act.words.replace(/^([^:]+):/, `$1, changed again at ${clock(act.happened_at)}:`) } : act;
  });
}

/** What waits for a journey whose beginning was left out. */
async function withoutBeginning(waiting, all) {
  const known = new Set((await journeys()).filter(({ transfer }) => transfer).map(({ id }) => id));
  const begins = new Set(all.filter(({ path }) => path.endsWith("/send")).map(({ journey }) => journey));
  return waiting.filter(({ path, journey }) => path.includes("{journey}") && !known.has(journey) && !begins.has(journey));
}

function summary(refused, waiting, sent, online) {
  if (!refused && !waiting) {
    return sent ? "Everything that was saved here was sent. The hospital sees it." : "Nothing was saved here without the network.";
  }
  const parts = [];
  if (refused) {
    parts.push(`${inSteps(refused)} ${refused === 1 ? "was" : "were"} not taken: put ${refused === 1 ? "it" : "them"} right below. Nothing of ${refused === 1 ? "it" : "them"} is lost.`);
  }
  if (waiting) {
    parts.push(`${inSteps(waiting)} saved on this tablet. ${online ? "The network is back: they are being sent." : "The hospital will see this when the tablet is back online."}`);
  }
  return parts.join(" ");
}

const line = (act, ...more) => [
  el("p", { class: "rb-outbox-words" }, strong(act.words)),
  el("p", { class: "rb-list__side" }, `Saved at ${near(act.happened_at)} (${age(act.happened_at)})`, more),
];

const list = (found, side) => el("ol", { class: "rb-list" }, found.map((act) => el("li", {}, line(act, " · ", side(act)))));

function waitsFor(act, refused) {
  const open = refused.find((one) => one.journey === act.journey && one.path.endsWith("/send"));
  return open && act.path.includes("{journey}") ? strong("Waits until “Send to hospital” above is put right") : "On this tablet only";
}

function sentWords(act) {
  const page = JOURNEY.exec(act.location ?? "")?.[0];
  return [act.settled ? "Put right on Red Bag. " : act.bag ? `Sent without bag ${act.bag}, which was not taken. ` : "Sent. ", page && link(page, "Open the journey"), (act.said ?? []).filter((words) => words !== "Saved.").map((words) => ` ${words}`)];
}

function refusedOne(context, act, waiting) {
  const behind = waiting.filter((one) => one.journey === act.journey && one.path.includes("{journey}") && act.path.endsWith("/send"));
  const asked = el("div", { class: "rb-asked", hidden: true });
  const sure = () => {
    asked.hidden = false;
    asked.replaceChildren(
      p("Leave it out for good? What you typed here is then on no screen any more. Write it on paper first if somebody may need it."),
      button("Yes, leave it out", { small: true, class: "nhsuk-button--warning", onclick: async () => {
        await giveUp(act);
        context.flash(`Left out: ${act.words}`);
        context.again();
      } }),
      button("No, keep it", { small: true, second: true, onclick: () => {
        asked.hidden = true;
        leave.focus();
      } }),
    );
    asked.querySelector("button").focus();
  };
  const leave = button("Leave out what I typed", { second: true, onclick: sure });
  return el(
    "section",
    { class: "rb-alert rb-alert--danger rb-refused" },
    el("p", { class: "rb-alert__title" }, act.words),
    el("p", { class: "rb-list__side" }, `Saved at ${near(act.happened_at)}`),
    act.title && p(act.title),
    el("ul", {}, [...(act.problems ?? []), ...(act.said ?? [])].map((words) => el("li", {}, words))),
    act.conflict?.length > 0 && both(act.conflict),
    !act.conflict?.length && typed(act, context.copy),
    behind.length > 0 && p(strong(`${behind.length} more of this journey ${behind.length === 1 ? "waits" : "wait"} for it: `), behind.map(({ words }) => words).join("; "), "."),
    el(
      "div",
      { class: "rb-buttons" },
      act.state === "refused" && button("Put it right", { onclick: async () => {
        if (!(await settle(act))) {
          context.flash("Red Bag cannot be reached, or you are not signed in. It stays here: put it right when the tablet is back online.", true);
          context.again();
        }
      } }),
      leave,
    ),
    asked,
  );
}

const both = (conflict) => el(
  "div",
  { class: "rb-scroll", tabindex: "0", role: "region", "aria-label": "What differs" },
  el(
    "table",
    { class: "nhsuk-table" },
    el("thead", {}, el("tr", {}, ["Question", "Saved now", "What you typed"].map((text) => el("th", { scope: "col" }, text)))),
    el("tbody", {}, conflict.map(({ label, now, typed: mine }) =>
      el("tr", {}, el("th", { scope: "row" }, label), el("td", { class: "rb-prose" }, now), el("td", { class: "rb-prose" }, mine)))),
  ),
);

/** What was typed, each answer with its question, for whoever has to put it right; what has no words of its own (a
 * reference, what the page was opened on) is left out. */
function typed(act, copy) {
  const words = copy ? inWords(act, copy) : [];
  return words.length > 0 && el("details", { class: "nhsuk-details" },
    el("summary", { class: "nhsuk-details__summary" }, el("span", { class: "nhsuk-details__summary-text" }, "What was typed")),
    el("div", { class: "nhsuk-details__text" }, facts(words.map(([label, text]) => ({ label, text })))));
}

const PARTS = { answer: "", when: "when", note: "note", sent: "in the bag", counted: "counted by" };

function inWords({ fields, resident, happened_at }, { words, hospitals, residents }) {
  const answers = new Answers(fields, happened_at);
  const choice = (key, label, choices) => ({ key, label, choices, kind: "choice" });
  const plain = (key, label) => ({ key, label });
  const medicines = residents.find(({ ref }) => ref === resident)?.medicines ?? [];
  const asked = [
    choice("reason", "Main reason", words.reasons),
    ...[...words.why, ...words.observations, ...(words.today ?? []), ...(words.papers ?? [])].filter(({ key }) => key !== "reason"),
    choice("journey_type", "Kind of journey", words.journey_types),
    choice("hospital", "To which hospital", hospitals.map(({ ref, name }) => [ref, name])),
    ...["bag", "bag_choice", "other_bag"].map((key) => choice(key, "Red bag", [["none", "No bag goes along"]])),
    plain("label_code", "Label"),
    plain("crew", "Crew"),
    choice("ordinary", "Ordinary medicines", words.ordinary),
    plain("ordinary_upto", "Up to when"),
    { ...choice("ordinary_missed", "Not given", medicines.map(({ ref, title }) => [ref, title])), kind: "choices" },
    plain("ordinary_note", "Ordinary medicines: note"),
    plain("valuables_told", "Who was told of valuables"),
    plain("valuables_witness", "Second name"),
    ...medicines.flatMap(({ ref, title }) => Object.entries(PARTS).map(([part, more]) => ({ ...choice(`${ref}-${part}`, [title, more].filter(Boolean).join(": "), part === "answer" ? words.given : []) }))),
  ];
  return [...answered(asked, answers), ...(answers.has("lines") ? [["What goes along", things(answers)]] : [])];
}
