// The questions of a form, drawn as templates/components/forms.html draws them: the same names, words and order.
import { el, hidden } from "./draw.js";

const errorBeside = (id, text) =>
  text && el("span", { class: "nhsuk-error-message", id: `${id}-error` }, hidden("Error: "), text);

const hintBeside = (id, text) => text && el("div", { class: "nhsuk-hint", id: `${id}-hint` }, text);

const described = (id, hint, error) =>
  [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || null;

const group = (error, ...children) =>
  el("div", { class: `nhsuk-form-group${error ? " nhsuk-form-group--error" : ""}` }, children);

/** One question with what stands in it. `errors`: by field. */
export function field(question, answers, errors = {}, attributes = {}) {
  const error = errors[question.key];
  switch (question.kind) {
    case "choice":
    case "yes_no":
      return question.choices.length > 4 ? select(question, answers, error) : radios(question, answers, error);
    case "choices":
      return ticks(question, answers, error);
    case "long_text":
      return box("textarea", question, answers, error, { rows: 3, class: "nhsuk-textarea", ...attributes });
    case "number":
      return box("input", question, answers, error, { inputmode: "decimal", class: "nhsuk-input nhsuk-input--width-4", ...attributes });
    default:
      return box("input", question, answers, error, { class: "nhsuk-input", ...attributes });
  }
}

function box(name, { key, label, hint, unit }, answers, error, attributes) {
  const { class: classes, ...rest } = attributes;
  const wrong = error ? ` ${name === "input" ? "nhsuk-input" : "nhsuk-textarea"}--error` : "";
  const value = answers.text(key);
  const typed = el(
    name,
    { id: key, name: key, class: classes + wrong, "aria-describedby": described(key, hint, error),
      ...(name === "input" ? { value, type: "text", autocomplete: "off" } : {}), ...rest },
    name === "textarea" ? value : null,
  );
  const whole = unit
    ? el("div", { class: "nhsuk-input-wrapper" }, typed, el("div", { class: "nhsuk-input-wrapper__suffix", "aria-hidden": "true" }, unit))
    : typed;
  return group(error, el("label", { class: "nhsuk-label", for: key }, label), hintBeside(key, hint), errorBeside(key, error), whole);
}

function select({ key, label, hint, choices }, answers, error) {
  const chosen = answers.text(key);
  const options = [["", "Not recorded"], ...choices].map(([value, words]) =>
    el("option", { value, selected: value === chosen }, words),
  );
  return group(
    error,
    el("label", { class: "nhsuk-label", for: key }, label),
    hintBeside(key, hint),
    errorBeside(key, error),
    el("select", { class: "nhsuk-select", id: key, name: key, "aria-describedby": described(key, hint, error) }, options),
  );
}

function radios(question, answers, error) {
  const { key, choices } = question;
  const chosen = answers.text(key);
  const item = (value, words, id) => el(
    "div",
    { class: "nhsuk-radios__item" },
    el("input", { class: "nhsuk-radios__input", type: "radio", id, name: key, value, checked: value === chosen }),
    el("label", { class: "nhsuk-label nhsuk-radios__label", for: id }, words),
  );
  const items = choices.map(([value, words], index) => item(value, words, index ? `${key}-${index + 1}` : key));
  return inFieldset(question, error, el("div", { class: "nhsuk-radios rb-choices nhsuk-radios--small" }, items, item("", "Not recorded", `${key}-none`)));
}

function ticks(question, answers, error) {
  const { key, choices } = question;
  const ticked = answers.all(key);
  const items = choices.map(([value, words], index) => {
    const id = index ? `${key}-${index + 1}` : key;
    return el(
      "div",
      { class: "nhsuk-checkboxes__item" },
      el("input", { class: "nhsuk-checkboxes__input", type: "checkbox", id, name: key, value, checked: ticked.includes(value) }),
      el("label", { class: "nhsuk-label nhsuk-checkboxes__label", for: id }, words),
    );
  });
  return inFieldset(question, error, el("div", { class: "nhsuk-checkboxes rb-choices nhsuk-checkboxes--small" }, items));
}

function inFieldset({ key, label, hint }, error, ...children) {
  return group(
    error,
    el(
      "fieldset",
      { class: "nhsuk-fieldset", "aria-describedby": described(key, hint, error) },
      el("legend", { class: "nhsuk-fieldset__legend nhsuk-fieldset__legend--s" }, label),
      hintBeside(key, hint),
      errorBeside(key, error),
      children,
    ),
  );
}

/** One line of text with its label, as the pages of doses and belongings have them. */
export function line(name, label, answers, errors = {}, { hint = "", classes = "nhsuk-form-group rb-line__text", ...attributes } = {}) {
  const error = errors[name];
  return el(
    "div",
    { class: classes },
    el("label", { class: "nhsuk-label", for: name }, label),
    hintBeside(name, hint),
    errorBeside(name, error),
    el("input", {
      class: `nhsuk-input${error ? " nhsuk-input--error" : ""}`, id: name, name, type: "text", value: answers.text(name),
      autocomplete: "off", "aria-describedby": described(name, hint, error), ...attributes,
    }),
  );
}

/** Answers by one tap. `classes`: of each answer's value; `more`: what tells their ids from those of another row. */
export function taps(name, choices, answers, classes = () => "", more = "") {
  const chosen = answers.text(name);
  return el(
    "div",
    { class: "rb-taps" },
    choices.map(([value, words], index) => {
      const id = [name, more, index || more ? index + 1 : ""].filter(Boolean).join("-");
      return el(
        "div",
        { class: "rb-taps__one" },
        el("input", { class: `rb-taps__input ${classes(value) ?? ""}`.trim(), type: "radio", id, name, value, checked: value === chosen }),
        el("label", { class: "rb-taps__label", for: id }, words),
      );
    }),
  );
}

/** A large tick box with its words. */
export function tick(id, name, value, checked, ...words) {
  return el(
    "div",
    { class: "rb-tick" },
    el("input", { class: "rb-thing__box", type: "checkbox", id, name, value, checked }),
    el("label", { class: "rb-thing__name", for: id }, words),
  );
}

/** A list to choose one answer from. */
export function choice(name, label, choices, chosen) {
  const options = choices.map(([value, words]) => el("option", { value, selected: value === chosen }, words));
  return [
    el("label", { class: "nhsuk-label", for: name }, label),
    el("select", { class: "nhsuk-select", id: name, name }, options),
  ];
}

export const kept = (name, value) => el("input", { type: "hidden", name, value });

export { errorBeside };
