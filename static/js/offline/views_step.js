// The frame of every packing screen, as templates/home/packing/layout.html: whose pack, which step, what was
// typed, the way on. What is half typed is kept while it is typed; a step is saved before the next one opens.
import { Answers } from "./answers.js";
import { button, el, p, problems, strong } from "./draw.js";
import { draftOf, dropDraft, keepDraft } from "./drafts.js";
import { AFTER, OPTIONAL, STEPS } from "./packing.js";
import { Full } from "./store.js";
import { near } from "./times.js";

const PAUSE = 150;

/** Who the page is about, always in the same words and place. */
export function strip(resident) {
  const called = resident.preferred && !resident.name.includes(resident.preferred) ? ` (likes to be called ${resident.preferred})` : "";
  const room = resident.room ? `, room ${resident.room}` : "";
  const born = !resident.closed ? `born ${resident.born}${resident.age ? ` (${resident.age})` : ""}` : "";
  return el(
    "div",
    { class: "rb-whom" },
    el("p", { class: "rb-person" }, strong(resident.name), called, el("br"), el("span", { class: "rb-person__more" }, `${born}${room}`)),
  );
}

/** The steps of the pack, each a way to its screen. */
function steps(journey, here) {
  const ways = (found) => found.flatMap(([step, words]) => [step === here ? el("strong", { "aria-current": "page" }, words) : wayTo(journey, step, words), " "]);
  return el("nav", { class: "rb-pages", "aria-label": "Pages of the pack" }, p(ways(STEPS)), p("If there is time: ", ways(OPTIONAL)));
}

const wayTo = (journey, step, words) => el("a", { class: "rb-link", href: journey.at(step) }, words);

/** The screens that nobody has to open, and what has none here. */
export const ifThereIsTime = (journey) => [
  el("p", { class: "rb-more" }, el("span", {}, "If there is time:"), " ", OPTIONAL.map(([step, words]) => [wayTo(journey, step, words), " "])),
  p("Photos: when the network is back. Who has been told: when the network is back."),
];

/** "Step 2 of 5"; of a page beside the steps, that it may wait. */
function counted(step) {
  const number = STEPS.findIndex(([key]) => key === step) + 1;
  const words = number ? `Step ${number} of ${STEPS.length}` : OPTIONAL.some(([key]) => key === step) ? "For when there is time" : "";
  return words && el("p", { class: "rb-steps" }, words);
}

/** Where the screen before this step stands. */
function before(journey, step) {
  const place = STEPS.findIndex(([key]) => key === step);
  if (!journey.packing) {
    return journey.at("done");
  }
  return place === 0 ? `#/residents/${journey.resident.ref}` : journey.at(STEPS[place - 1]?.[0] ?? "ready");
}

/** The page of one step: `page` as in formPage, which has the last word. */
export function stepPage(context, journey, step, page) {
  return formPage(context, {
    step,
    journey,
    resident: journey.resident,
    back: [before(journey, step), "Back"],
    draft: journey.draft(step),
    above: () => [gone(journey)],
    foot: (wrong) => onward(journey, wrong, journey.at(AFTER[step])),
    ...page,
  });
}

/** The buttons at the foot of a packing page. */
function onward(journey, wrong, skip) {
  if (!journey.packing) {
    return el("div", { class: "rb-onward" }, button("Save", { type: "submit" }));
  }
  const crew = wrong
    ? button("The crew is here: go on, leaving out what is still wrong", { type: "submit", second: true, name: "crew", value: "anyway" })
    : button("The crew is here now", { type: "submit", second: true, name: "crew", value: "here" });
  return el(
    "div",
    { class: "rb-onward" },
    button("Save and continue", { type: "submit" }),
    crew,
    el("a", { class: "rb-onward__skip", href: skip }, "Skip this page"),
  );
}

/**
 * A page with one form; what was unfolded in it stays unfolded when it is drawn again. `page`: { title, back, resident, step, journey, draft (where it is kept half typed),
 * start (Answers), questions(answers, errors) -> what stands in the form, foot(wrong) -> its buttons, above and
 * below (what stands outside it), check(answers) -> errors by field, anchors, save(answers) -> where to go on }.
 */
export async function formPage(context, page) {
  const draft = await draftOf(page.draft).catch(() => null);
  const typed = draft && new Answers(draft);
  const again = typed && differs(typed, page.start) ? draft.at : null;
  const body = el("div", { class: page.classes ?? null });
  const state = { timer: 0, busy: false };
  const current = () => body.querySelector("form");

  const summariesOf = (which) => [...body.querySelectorAll(`${which} > summary`)];

  const keep = (form) => {
    clearTimeout(state.timer);
    const { fields } = Answers.of(form);
    return keepDraft(page.draft, fields).catch((problem) => problem instanceof Full && context.trouble(NO_ROOM_TO_TYPE));
  };

  function draw(answers, errors = {}, note = null) {
    const wrong = Object.keys(errors).length > 0;
    const form = el(
      "form",
      { novalidate: true, autocomplete: "off", class: "rb-offline-form" },
      // The button that Enter presses: the plain save, or nothing where Enter must do nothing.
      el("button", page.enter === false ? { disabled: true, hidden: true } : { hidden: true }, "Save"),
      note && draftNote(note, async () => {
        await dropDraft(page.draft);
        context.again();
      }),
      page.journey?.packing && !wrong && page.crewFirst !== false && page.step !== "ready"
        ? el("div", { class: "rb-crew-first" }, button("The crew is here now", { type: "submit", second: true, name: "crew", value: "here" }))
        : null,
      page.questions(answers, errors, () => redraw(form)),
      page.foot(wrong),
    );
    form.addEventListener("input", () => {
      clearTimeout(state.timer);
      state.timer = setTimeout(() => keep(form), PAUSE);
    });
    form.addEventListener("change", () => keep(form));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send(form, event.submitter);
    });
    const opened = summariesOf("details[open]");
    body.replaceChildren(
      ...[
        wrong && problems(errors, page.anchors),
        counted(page.step),
        el("h1", { tabindex: "-1" }, page.title),
        page.resident && strip(page.resident),
        page.above?.(answers),
        form,
        page.below?.(),
        page.journey?.packing && page.step && page.step !== "ready" ? steps(page.journey, page.step) : null,
      ].flat(2).filter(Boolean),
    );
    summariesOf("details").forEach((one) => opened.some(({ textContent }) => textContent === one.textContent) && one.parentElement.setAttribute("open", ""));
    context.nameTab(wrong ? `Error: ${page.title}` : page.title);
    if (wrong) {
      document.querySelectorAll("main > .rb-done").forEach((one) => one.remove()); // of the screen before
      body.querySelector(".nhsuk-error-summary").focus();
    }
    page.drawn?.(form);
  }

  function redraw(form) {
    const answers = Answers.of(form);
    draw(answers);
    return answers;
  }

  async function send(form, pressed) {
    if (state.busy) {
      return;
    }
    const answers = Answers.of(form, pressed);
    const errors = page.check?.(answers) ?? {};
    if (Object.keys(errors).length && answers.text("crew") !== "anyway") {
      keep(form);
      draw(answers, errors);
      return;
    }
    state.busy = true;
    clearTimeout(state.timer);
    try {
      const next = await page.save(answers);
      await dropDraft(page.draft).catch(() => {});
      context.go(next);
    } catch (problem) {
      state.busy = false;
      context.failed(problem);
    }
  }

  draw(again ? typed : page.start, {}, again);
  // Whoever leaves for Red Bag's own page may have typed the last letter a moment ago.
  return { title: page.title, back: page.back, body: [body], drawn: true, keep: () => state.timer && keep(current()) };
}

const NO_ROOM_TO_TYPE = "This tablet has no room left: what you type now is not kept until you save it. Write it on paper as well.";

const differs = (one, other) => {
  const told = (answers) => answers.fields.filter(([name, value]) => value && !["seen", "lines"].includes(name)).map(String).sort().join("\n");
  return told(one) !== told(other);
};

function draftNote(at, undo) {
  return el(
    "div",
    { class: "rb-draft", role: "status" },
    p(`What you typed here${at instanceof Date ? ` (${near(at)})` : ""} stands in the form again. It is not saved yet.`),
    button("Take it out", { small: true, second: true, onclick: undo }),
  );
}

/** Where a saved packing step leads. */
export function after(journey, answers, next) {
  if (!journey.packing) {
    return journey.at("done");
  }
  return answers.has("crew") ? journey.at("ready") : journey.at(next);
}

/** What a page of a journey that has left says first. */
export const gone = (journey) =>
  journey.packing ? null : el("p", { class: "rb-note" }, "The bag has left. What you save makes a new version of the pack, which the hospital sees when the tablet is back online.");
