// Last doses: ordinary medicines in one tap, every high-risk and as-needed one by itself; the names and rules of
// redbag/web/home/last_doses.py.
import { Answers, wrongTime } from "./answers.js";
import { el, fold, h2, hidden, p, strong } from "./draw.js";
import { errorBeside, kept, line, taps, tick } from "./fields.js";
import { AFTER } from "./packing.js";
import { dated, lastSlot, london, moment, read } from "./times.js";
import { after, stepPage } from "./views_step.js";

const STEP = "doses";
const HALF_A_DAY = 12 * 3_600_000;
const NOBODY_KNOWS = "If nobody knows, choose Not known; or save again without a time.";
const doseClass = (value) => `rb-dose__${value.replaceAll("_", "-")}`;

/** Up to when "all given as planned" is offered: the MAR's last time before they fell ill; null without one
 * (redbag/domain/doses.py, offered_upto). */
function offered(journey, ordinary) {
  const now = new Date();
  const ill = read(journey.answers("why").text("started"), journey.begunAt ?? now)?.instant;
  const upto = ill && ill <= now && now - ill <= HALF_A_DAY ? ill : now;
  const last = ordinary.filter(({ paused }) => !paused).map(({ slots }) => lastSlot(slots, upto)).filter(Boolean);
  return last.length ? new Date(Math.max(...last)) : null;
}

export async function dosesPage(context, journey) {
  const { resident } = journey;
  const { words } = context.copy;
  const alone = resident.medicines.filter((one) => one.alone);
  const ordinary = resident.medicines.filter((one) => !one.alone);
  const planned = offered(journey, ordinary);
  let asked = false; // once: when each of those that were given was given
  return stepPage(context, journey, STEP, {
    title: "Last doses",
    start: opened(journey.answers(STEP), alone, planned),
    questions: (answers, errors) => [
      !alone.length && !ordinary.length && none(resident),
      ordinary.length > 0 && ordinaryOnes(ordinary, words, answers, errors, planned),
      alone.length > 0 && [
        h2("One by one"),
        p("For each of these the hospital must know the last dose. If you do not know, say so."),
        alone.map((one) => byItself(one, words, answers, errors)),
      ],
      resident.medicines.length > 0 && inTheBag([...alone, ...ordinary], answers, errors),
    ],
    check: (answers) => {
      const wrong = wrongDoses(answers, alone, ordinary, words);
      const timeless = asked ? [] : alone.filter(({ ref }) => answers.text(`${ref}-answer`) === "given" && !answers.text(`${ref}-when`).trim());
      asked = asked || timeless.length > 0;
      return { ...wrong, ...Object.fromEntries(timeless.map(({ ref, title }) => [`${ref}-when`, `${title}: when was it given? ${NOBODY_KNOWS}`])) };
    },
    anchors: { ordinary_missed: ordinary.length ? `missed-${ordinary[0].ref}` : "ordinary" },
    async save(answers) {
      await journey.save(STEP, withoutOffer(answers), `Last doses: ${resident.name}. ${told(answers, alone, words)}`);
      await context.saved();
      return after(journey, answers, AFTER[STEP]);
    },
  });
}

/** What the page opens with: what was saved, each time with its day, so that it means the same when it is saved
 * again tomorrow; while nobody has answered for the ordinary ones, the time that is offered. */
function opened(saved, alone, planned) {
  const at = saved.typedAt;
  const names = ["ordinary_upto", ...alone.map(({ ref }) => `${ref}-when`)].filter((name) => saved.text(name));
  const start = at ? names.reduce((left, name) => left.with(name, dated(left.text(name), at)), saved) : saved;
  if (start.text("ordinary") || start.text("ordinary_upto")) {
    return start;
  }
  const upto = moment(planned ?? new Date());
  return start.with("ordinary_upto", upto).with("offered_upto", upto);
}

const none = (resident) => [
  el("p", { class: "nhsuk-lede-text" }, `No medicines are listed for ${resident.name}.`),
  p("The pack says “No medicines listed: ask the home”. Send the MAR chart in any case."),
];

function ordinaryOnes(ordinary, words, answers, errors, planned) {
  return el(
    "fieldset",
    { class: `nhsuk-fieldset rb-line rb-answer${wrongAny(errors, ordinary) ? " nhsuk-form-group--error" : ""}` },
    el("legend", { class: "nhsuk-fieldset__legend nhsuk-fieldset__legend--m" }, `Ordinary medicines (${ordinary.length})`),
    el("p", { class: "rb-line__more" }, ordinary.map(({ title }) => title).join("; ")),
    errorBeside("ordinary", errors.ordinary),
    taps("ordinary", words.ordinary, answers, doseClass),
    planned && answers.text("offered_upto") && el(
      "p",
      { class: "rb-line__more" },
      "“All given as planned” is offered up to ", strong(moment(planned)),
      ", the last planned time that counts for sure. Later doses were given too? Then change the time.",
    ),
    kept("offered_upto", answers.text("offered_upto")),
    el("div", { class: "rb-line__texts" },
      el("div", { class: "rb-dose__when" }, line("ordinary_upto", "Up to when", answers, errors, { hint: "Day and time. For example: 22:00 last night" }))),
    el(
      "div",
      { class: "rb-dose__missed", id: "ordinary_missed", role: "group", "aria-label": "Which were not given" },
      p(strong("Tick each one that was not given."), " The others count as given as planned, up to this time."),
      errorBeside("ordinary_missed", errors.ordinary_missed),
      ordinary.map((one) => el(
        "div",
        { class: "rb-missed" },
        tick(`missed-${one.ref}`, "ordinary_missed", one.ref, answers.all("ordinary_missed").includes(one.ref),
          el("span", {}, one.title, hidden(": not given"), one.directions && [" ", el("span", { class: "rb-thing__note" }, one.directions)])),
        el("div", { class: "rb-missed__why" }, line(`${one.ref}-note`, `Why not: ${one.title}`, answers, errors)),
      )),
      line("ordinary_note", "If you cannot say which: what you know", answers, errors),
    ),
  );
}

const wrongAny = (errors, ordinary) =>
  ["ordinary", "ordinary_upto", "ordinary_missed"].some((name) => errors[name]) || ordinary.some(({ ref }) => errors[`${ref}-note`]);

function byItself(one, words, answers, errors) {
  const name = `${one.ref}-answer`;
  const wrong = errors[name] || errors[`${one.ref}-when`];
  const example = london().hour < 19 ? "18:00 yesterday" : "18:00 today";
  return el(
    "fieldset",
    { class: `nhsuk-fieldset rb-line rb-answer${wrong ? " nhsuk-form-group--error" : ""}` },
    el("legend", { class: "nhsuk-fieldset__legend nhsuk-fieldset__legend--s" }, one.title),
    el("p", { class: "rb-line__more" }, one.directions, one.warnings.length > 0 && [one.directions && ". ", strong(one.warnings.join(", "))]),
    errorBeside(name, errors[name]),
    taps(name, words.given, answers, doseClass),
    el(
      "div",
      { class: "rb-line__texts" },
      el("div", { class: "rb-dose__when" }, line(`${one.ref}-when`, "When given", answers, errors, { hint: `For example: ${example}` })),
      el("div", { class: "rb-dose__note" },
        line(`${one.ref}-note`, "Why not; or what to know", answers, errors, { hint: "For a patch: where on the body, and since when" })),
    ),
  );
}

function inTheBag(all, answers, errors) {
  return fold("Medicines that go in the bag", [
    p("How much of each goes along. Leave empty what stays here. Controlled drugs are counted by two people."),
    all.map((one) => el(
      "div",
      { class: "rb-line__texts" },
      line(`${one.ref}-sent`, one.title, answers, errors, { hint: "For example: 14 tablets, in the pharmacy’s box" }),
      one.controlled && line(`${one.ref}-counted`, `Counted by (two names): ${one.title}`, answers, errors),
    )),
  ], { open: all.some(({ ref }) => errors[`${ref}-counted`] || errors[`${ref}-sent`]) });
}

/** The time that the page offered belongs to what was given: without that, nobody said it. */
function withoutOffer(answers) {
  const given = ["all_given", "some_missed"].includes(answers.text("ordinary"));
  const unused = !given && answers.text("ordinary_upto") === answers.text("offered_upto");
  return unused ? answers.with("ordinary_upto", "") : answers;
}

/** What the server would refuse (last_doses.py, _check), by field. */
export function wrongDoses(typed, alone, ordinary, words) {
  const answers = withoutOffer(typed);
  const errors = {};
  const given = answers.text("ordinary");
  const upto = answers.text("ordinary_upto");
  const ticked = answers.all("ordinary_missed");
  const titles = new Map(ordinary.map(({ ref, title }) => [ref, title]));
  if (given === "all_given" && !upto) {
    errors.ordinary_upto = "Say up to when all was given: day and time.";
  }
  if (given !== "some_missed") {
    if (ticked.length && given) {
      const said = words.ordinary.find(([value]) => value === given)[1].toLowerCase();
      errors.ordinary = `You chose “${said}” and ticked one below. Which is right?`;
    }
  } else {
    for (const [ref, title] of titles) {
      if (answers.text(`${ref}-note`) && !ticked.includes(ref)) {
        errors[`${ref}-note`] = `${title}: tick it if it was not given, or take the reason out.`;
      }
    }
    if (!ticked.length && !answers.text("ordinary_note")) {
      errors.ordinary_missed = "Tick each one that was not given; if you cannot say which, write what you know.";
    } else if (ticked.length && !upto) {
      errors.ordinary_upto = "Say up to when the others were given: day and time.";
    }
  }
  for (const name of ["ordinary_upto", ...alone.map(({ ref }) => `${ref}-when`)]) {
    const wrong = answers.text(name) && wrongTime(answers.text(name));
    if (wrong) {
      errors[name] = wrong;
    }
  }
  for (const { ref, title } of [...alone, ...ordinary]) {
    const counted = answers.text(`${ref}-counted`);
    if (counted.trim() && !/\p{L}/u.test(counted)) {
      errors[`${ref}-counted`] = `${title}: write the names of the two people who counted it.`;
    }
  }
  for (const { ref, title } of alone) {
    if ((answers.text(`${ref}-when`) || answers.text(`${ref}-note`)) && !answers.text(`${ref}-answer`)) {
      errors[`${ref}-answer`] = `${title}: choose given, not given or not known.`;
    }
  }
  if (ordinary.length && !given && (upto || answers.text("ordinary_note") || ticked.length)) {
    errors.ordinary = "Ordinary medicines: choose one of the answers.";
  }
  return errors;
}

function told(answers, alone, words) {
  const ordinary = words.ordinary.find(([value]) => value === answers.text("ordinary"))?.[1];
  const answered = alone.filter(({ ref }) => answers.text(`${ref}-answer`)).length;
  return [ordinary && `Ordinary ones: ${ordinary.toLowerCase()}`, alone.length && `${answered} of ${alone.length} of those asked one by one answered`]
    .filter(Boolean)
    .join("; ");
}
