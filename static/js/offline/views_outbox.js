// What was saved on this tablet: every act with its time and what became of it. What Red Bag did not take stands
// first, with its own sentences and both versions, and stays until somebody settles it.
import { button, el, h2, inSteps, link, p, strong } from "./draw.js";
import { journeys } from "./journeys.js";
import { acts, flush, giveUp, settle } from "./outbox.js";
import { age, clock, near } from "./times.js";

const JOURNEY = /^\/transfers\/[0-9a-z-]+/;

export async function outboxPage(context) {
  const all = named(await acts());
  const refused = all.filter(({ state }) => state === "refused");
  const waiting = all.filter(({ state }) => state === "waiting");
  const sent = all.filter(({ state }) => state === "sent").reverse();
  const alone = await withoutBeginning(waiting, all);
  return {
    live: () => !document.querySelector(".rb-asked:not([hidden])"),
    title: "What was saved on this tablet",
    back: ["#/residents", "Residents"],
    body: [
      el("h1", { tabindex: "-1" }, "What was saved on this tablet"),
      p(summary(refused.length, waiting.length, sent.length, context.online)),
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
    parts.push(`${inSteps(refused)} ${refused === 1 ? "was" : "were"} not taken: settle ${refused === 1 ? "it" : "them"} below. Nothing of ${refused === 1 ? "it" : "them"} is lost.`);
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
  return open && act.path.includes("{journey}") ? strong("Waits until “Send to hospital” above is settled") : "On this tablet only";
}

function sentWords(act) {
  const page = JOURNEY.exec(act.location ?? "")?.[0];
  return ["Sent. ", page && link(page, "Open the journey"), (act.said ?? []).filter((words) => words !== "Saved.").map((words) => ` ${words}`)];
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
    !act.conflict?.length && typed(act),
    behind.length > 0 && p(strong(`${behind.length} more of this journey ${behind.length === 1 ? "waits" : "wait"} for it: `), behind.map(({ words }) => words).join("; "), "."),
    el(
      "div",
      { class: "rb-buttons" },
      act.state === "refused" && button("Settle it", { onclick: async () => {
        if (!(await settle(act))) {
          context.flash("Red Bag cannot be reached, or you are not signed in. It stays here: settle it when the tablet is back online.", true);
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

/** The words that were typed, for whoever has to settle it. */
function typed(act) {
  const words = act.fields.filter(([name, value]) => value.trim() && !/^(seen|lines|identity|signature|journey_type|offered_upto|thing-\d+-(ref|note|carried|quantity|own|on|valuable|uncounted))$/.test(name));
  return words.length > 0 && el("details", { class: "nhsuk-details" },
    el("summary", { class: "nhsuk-details__summary" }, el("span", { class: "nhsuk-details__summary-text" }, "What was typed")),
    el("div", { class: "nhsuk-details__text" }, el("ul", {}, words.map(([, value]) => el("li", { class: "rb-prose" }, value)))));
}

