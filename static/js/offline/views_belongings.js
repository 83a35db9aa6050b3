// Belongings and the bag: ticked as they go in; which bag, and the label from the drawer that goes in its window.
// The names of redbag/web/home/packed_belongings.py.
import { Answers, wrongLabel } from "./answers.js";
import { button, el, p, strong } from "./draw.js";
import { choice, errorBeside, kept, line } from "./fields.js";
import { AFTER } from "./packing.js";
import { after, stepPage } from "./views_step.js";

const STEP = "belongings";
const BLANK_LINES = 3;
export const NO_BAG = "none";

export async function belongingsPage(context, journey) {
  const { resident } = journey;
  const { words } = context.copy;
  const saved = journey.saved(STEP);
  const start = saved ? new Answers([...saved.fields, ["label_code", journey.label]]) : firstLines(journey);
  let blank = 0;
  const wrongBag = looksAtBag(context.copy, journey);
  return stepPage(context, journey, STEP, {
    title: "Belongings and bag",
    start,
    questions: (answers, errors, redraw) => {
      const lines = linesOf(answers);
      const all = [...lines, ...Array(Math.max(0, BLANK_LINES + blank - lines.filter((one) => one.own && !one.name).length)).fill({ own: true, name: "", carried: "in_bag" })];
      const own = all.map((one, index) => ({ ...one, index }));
      return [
        journey.packing && [whichBag(context.copy, journey, answers, errors), labelPart(journey, answers, errors)],
        kept("lines", all.length),
        el(
          "fieldset",
          { class: "nhsuk-fieldset" },
          el("legend", { class: "nhsuk-fieldset__legend nhsuk-fieldset__legend--m" }, "Tick what goes along"),
          el("ul", { class: "rb-things rb-things--packing" }, own.filter((one) => !one.own).map((one) => thing(one, words, errors))),
        ),
        el(
          "fieldset",
          { class: "nhsuk-fieldset" },
          el("legend", { class: "nhsuk-fieldset__legend nhsuk-fieldset__legend--m" }, "Anything else"),
          el("div", { class: "nhsuk-hint" }, "With how many, if more than one: 2 cardigans. Money with the sum: £20 in a purse."),
          own.filter((one) => one.own).map((one) => ownThing(one, words, errors)),
          button("Add more lines", { small: true, second: true, onclick: () => {
            blank += BLANK_LINES;
            redraw();
          } }),
        ),
        el(
          "div",
          { class: "rb-note" },
          p(strong("Money and jewellery:"), " the hospital keeps no responsibility for them unless they are handed in. Leave them at home if you can. If they go, say this to the person or their family and write who was told."),
          line("valuables_told", "Who was told", answers, errors, { classes: "nhsuk-form-group" }),
          line("valuables_witness", "Second name: who counted it with you", answers, errors, { classes: "nhsuk-form-group" }),
        ),
      ];
    },
    check: (answers) => ({ ...wrongThings(answers), ...wrongBag(answers), ...wrongCode(answers) }),
    async save(answers) {
      const told = [bagWords(answers), things(answers)].filter(Boolean).join(". ");
      await journey.save(STEP, answers.with("label_code", null), `Belongings and bag: ${resident.name}. ${told}`);
      await saveLabel(journey, answers);
      await context.saved();
      return after(journey, answers, AFTER[STEP]);
    },
  });
}

/** The lines of the page before anything was saved here: the home's list, and what is listed already. */
function firstLines(journey) {
  const listed = journey.known?.belongings ?? journey.resident.belongings;
  const fields = [["lines", listed.length], ["label_code", journey.label]];
  listed.forEach((one, index) => {
    const name = (part) => `thing-${index}-${part}`;
    fields.push([name("name"), one.name], [name("ref"), one.ref ?? ""], [name("carried"), one.carried ?? "in_bag"]);
    fields.push([name("quantity"), String(one.quantity ?? 1)], [name("note"), one.note ?? ""]);
    fields.push(...[["on", one.ticked], ["valuable", one.valuable], ["uncounted", one.counted === false]].filter(([, is]) => is).map(([part]) => [name(part), "yes"]));
  });
  return new Answers(fields);
}

/** The lines as they stand in a form. */
export function linesOf(answers) {
  const found = [];
  for (let index = 0; index < Number(answers.text("lines") || 0); index++) {
    const text = (part) => answers.text(`thing-${index}-${part}`);
    const own = answers.has(`thing-${index}-own`);
    const name = text("name").split(/\s+/).filter(Boolean).join(" ");
    found.push({
      index,
      own,
      name,
      ref: text("ref"),
      ticked: own ? Boolean(name) : answers.has(`thing-${index}-on`),
      carried: text("carried") || "in_bag",
      quantity: text("quantity") || "1",
      valuable: answers.has(`thing-${index}-valuable`),
      counted: !own && !answers.has(`thing-${index}-uncounted`),
      note: text("note"),
    });
  }
  return found;
}

function thing(one, words, errors) {
  const name = (part) => `thing-${one.index}-${part}`;
  return el(
    "li",
    { class: "rb-thing" },
    el(
      "div",
      { class: "rb-thing__tick" },
      el("input", { class: "rb-thing__box", type: "checkbox", id: `thing-${one.index}`, name: name("on"), value: "yes", checked: one.ticked }),
      el("label", { class: "rb-thing__name", for: `thing-${one.index}` }, one.name, one.note && [" ", el("span", { class: "rb-thing__note" }, one.note)]),
    ),
    kept(name("name"), one.name),
    kept(name("ref"), one.ref),
    one.note && kept(name("note"), one.note),
    one.valuable && kept(name("valuable"), "yes"),
    one.counted === false && kept(name("uncounted"), "yes"),
    errorBeside(name("quantity"), errors[name("quantity")]),
    more(one, words),
  );
}

function ownThing(one, words, errors) {
  const name = `thing-${one.index}-name`;
  return el(
    "div",
    { class: "rb-thing rb-thing--own" },
    el(
      "div",
      { class: "nhsuk-form-group" },
      el("label", { class: "nhsuk-label", for: name }, "What is it"),
      errorBeside(name, errors[name]),
      el("input", { class: "nhsuk-input", id: name, name, type: "text", value: one.name, placeholder: " ", autocomplete: "off" }),
    ),
    kept(`thing-${one.index}-own`, "yes"),
    more(one, words),
  );
}

function more(one, words) {
  const name = (part) => `thing-${one.index}-${part}`;
  return el(
    "div",
    { class: "rb-thing__more" },
    el("div", {}, choice(name("carried"), one.own ? "Carried" : `Carried: ${one.name}`, words.carried, one.carried)),
    one.counted && el(
      "div",
      {},
      el("label", { class: "nhsuk-label", for: name("quantity") }, "How many"),
      el("input", { class: "nhsuk-input nhsuk-input--width-2", id: name("quantity"), name: name("quantity"), inputmode: "numeric", value: one.quantity }),
    ),
  );
}

function wrongThings(answers) {
  const errors = {};
  for (const one of linesOf(answers).filter(({ ticked }) => ticked)) {
    if (one.counted && !(/^\d{1,2}$/.test(one.quantity.trim()) && Number(one.quantity) >= 1)) {
      errors[`thing-${one.index}-quantity`] = `${one.name}: write how many, 1 to 99.`;
    } else if (one.name.length > 200) {
      errors[`thing-${one.index}-name`] = "Use at most 200 characters for one thing.";
    }
  }
  return errors;
}

/** What goes along, in a line. */
export function things(answers) {
  const named = linesOf(answers).filter(({ ticked }) => ticked);
  return named.map(({ name, quantity, counted }) => (counted && quantity !== "1" ? `${name} × ${quantity}` : name)).join(", ") || "Nothing listed";
}

export function bagWords(answers) {
  const bag = answers.text("bag") || answers.text("bag_choice") || answers.text("other_bag");
  if (!bag) {
    return "";
  }
  return bag === NO_BAG ? "No bag goes along" : `Bag ${bag}`;
}

// As redbag/domain/bag_states.py compares them: 12 and 012 are one, and so are a7 and A7.
const sameNumber = (number) => String(number).trim().toLowerCase().replace(/^0+/, "") || "0";

/** Asks once about a typed bag that was not in stock when the tablet last heard: most such numbers are misread, and
 * the server takes none of them. It may have come into stock since, so whoever is sure goes on. */
export function looksAtBag(copy, journey) {
  const asked = new Set();
  return (answers) => {
    const typed = answers.text("bag").trim();
    const known = [...copy.bags.map(({ number }) => number), journey.known?.bag ?? "", journey.bag].map(sameNumber);
    if (!typed || known.includes(sameNumber(typed)) || asked.has(typed)) {
      return {};
    }
    asked.add(typed);
    const stock = copy.bags.map(({ number }) => number).join(", ") || "none";
    return { bag: `Is it bag ${typed}? It was not in stock when this tablet last heard (in stock: ${stock}). Read the number on the bag again; if it is right, save once more.` };
  };
}

/** Which red bag, by one tap among those in stock, or by its number. */
export function whichBag(copy, journey, answers, errors, { none = false } = {}) {
  const taken = journey.known?.bag ? String(journey.known.bag) : "";
  const name = taken ? "other_bag" : "bag_choice";
  const chosen = answers.text(name);
  const one = (value, words, id) => el(
    "div",
    { class: "rb-taps__one" },
    el("input", { class: "rb-taps__input", type: "radio", id, name, value, checked: value === chosen }),
    el("label", { class: "rb-taps__label", for: id }, words),
  );
  return el(
    "fieldset",
    { class: `nhsuk-fieldset rb-line${errors.bag ? " nhsuk-form-group--error" : ""}` },
    el("legend", { class: "nhsuk-fieldset__legend nhsuk-fieldset__legend--m" }, "Which red bag?"),
    errorBeside("bag", errors.bag),
    taken && p(strong(`Bag ${taken}`), " is taken for this journey. To take another one, tap its number."),
    (copy.bags.length > 0 || none) && el(
      "div",
      { class: "rb-taps" },
      copy.bags.map((bag) => one(bag.number, bag.number, `bag_choice-${bag.ref}`)),
      none && !taken && one(NO_BAG, "No bag goes along", "bag_choice-none"),
    ),
    el(
      "div",
      { class: "rb-line__texts" },
      line("bag", copy.bags.length ? "Or type the number on the bag" : "Type the number on the bag", answers, {}, {
        classes: "nhsuk-form-group rb-line__text rb-bagtyped", class: "nhsuk-input nhsuk-input--width-5",
      }),
    ),
  );
}

/** The label from the drawer: typed, or by a hand scanner, which types and presses Enter. */
export function labelPart(journey, answers, errors) {
  const asked = journey.copy.words.label_code;
  const hear = (event) => {
    if (event.key !== "Enter") {
      return;
    }
    event.preventDefault();
    const wrong = wrongLabel(event.target.value);
    said.textContent = wrong || "The code is whole. Put this label in the window of the bag.";
  };
  const said = el("p", { class: "rb-label-said", role: "status" });
  const known = journey.known?.label_serial;
  return el(
    "div",
    { class: "rb-line" },
    el("h2", { class: "nhsuk-heading-m" }, "A label from the drawer"),
    p("No label can be printed without the network. Take one that was printed in advance, and put it in the window of this person’s bag."),
    known && p(`On the bag already: label ${known}.`),
    line("label_code", asked?.label ?? "Code or address on the label", known ? answers.with("label_code", answers.text("label_code") === known ? "" : answers.text("label_code")) : answers, errors, {
      hint: asked?.hint ?? "Scan it with a hand scanner, or type the code under its square",
      autocapitalize: "characters", spellcheck: "false", onkeydown: hear,
    }),
    said,
  );
}

export const wrongCode = (answers) => {
  const typed = answers.text("label_code").trim();
  const wrong = typed ? wrongLabel(typed) : "";
  return wrong ? { label_code: wrong } : {};
};

/** Saves the label that was typed, if it is another one than before: it is on this person's bag from now on. */
export async function saveLabel(journey, answers) {
  const typed = answers.text("label_code").trim();
  if (!typed || typed === journey.label || wrongLabel(typed)) {
    return;
  }
  const fields = new Answers([["label_code", typed], ["identity", "yes"]]);
  await journey.save("label", fields, `Label from the drawer: ${journey.resident.name}. ${typed}`);
}
