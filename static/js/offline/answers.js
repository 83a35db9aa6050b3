// What stands in a form, as the list of names and values that a browser sends; and what the server would refuse
// (redbag/domain/answers.py): checked here too, so that little comes back once the carer has gone on.
import { impossible, soon, stillToCome } from "./times.js";

const STILL_TO_COME = "That is still to come: yesterday? Write the day too.";
const OWN = ["csrf_token", "idempotency_key", "happened_at", "sent_at", "settling"];

/** The fields of a form, in their order: [[name, value], …]. `typedAt`: when they were saved on this tablet. */
export class Answers {
  constructor(fields = [], typedAt = null) {
    this.typedAt = typedAt;
    this.fields = fields.filter(([name]) => !OWN.includes(name));
  }

  /** The form as it stands on the screen; `pressed`: the button that sent it. */
  static of(form, pressed) {
    const found = [...new FormData(form)].filter(([, value]) => typeof value === "string");
    return new Answers(pressed?.name ? [...found, [pressed.name, pressed.value]] : found);
  }

  /** What is kept by name: one text, or a list of them. */
  static from(kept = {}) {
    const fields = Object.entries(kept).flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value]).map((one) => [name, one === null || one === undefined ? "" : String(one)]),
    );
    return new Answers(fields.filter(([, value]) => value !== ""));
  }

  text(name) {
    return this.fields.find(([one]) => one === name)?.[1] ?? "";
  }

  all(name) {
    return this.fields.filter(([one]) => one === name).map(([, value]) => value);
  }

  has(name) {
    return this.fields.some(([one]) => one === name);
  }

  /** The same with one field set, or taken away where the value is null. */
  with(name, value) {
    const rest = this.fields.filter(([one]) => one !== name);
    return new Answers(value === null ? rest : [...rest, [name, value]]);
  }

  get blank() {
    return this.fields.every(([, value]) => !value.trim());
  }
}

/** What is wrong with the answers to `questions` (FIELDs of the copy), by field. */
export function wrongIn(questions, answers, now = new Date()) {
  const errors = {};
  for (const question of questions) {
    const text = answers.text(question.key).trim();
    const wrong = text ? wrongWith(question, text, now) : question.required;
    if (wrong) {
      errors[question.key] = wrong;
    }
  }
  const [upper, lower] = ["systolic_bp", "diastolic_bp"].map((key) => numberOf(answers.text(key)));
  const both = questions.some((one) => one.key === "diastolic_bp") && upper !== null && lower !== null;
  if (both && lower >= upper && !errors.diastolic_bp) {
    errors.diastolic_bp = "The lower number must be below the upper one. Check both.";
  }
  return errors;
}

function wrongWith(question, text, now) {
  if (question.kind === "number") {
    return wrongNumber(question, text);
  }
  if (question.longest && text.length > question.longest && ["text", "long_text"].includes(question.kind)) {
    return `${question.label}: use at most ${question.longest} characters (now ${text.length}).`;
  }
  return question.clock ? wrongTime(text, now) : "";
}

/** Why a time as typed cannot be kept; "" where it can. */
export function wrongTime(text, now = new Date()) {
  const clock = soon(text, now);
  if (clock) {
    return `${clock} is still to come today. Write “${clock} yesterday” if you mean yesterday.`;
  }
  return impossible(text) || (stillToCome(text, now) ? STILL_TO_COME : "");
}

/** The number that a text is, or null. */
export function numberOf(text) {
  const written = text.trim().replace(",", ".");
  return /^[-+]?(\d+\.?\d*|\.\d+)$/.test(written) ? Number(written) : null;
}

function wrongNumber({ label, unit, least, most, whole }, text) {
  const number = numberOf(text);
  if (number === null) {
    return `${label}: write a number.`;
  }
  const low = least === null || least === undefined || number >= least;
  const high = most === null || most === undefined || number <= most;
  if (!low || !high) {
    return `${label}: must be between ${least} and ${most}${unit ? ` ${unit}` : ""}. Check the number.`;
  }
  return whole && !Number.isInteger(number) ? `${label}: write a whole number, without decimals.` : "";
}

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const READABLE = 9;
const TOKEN = 20;

/** What is wrong with the code or address of a label as typed or scanned (redbag/domain/bag_code.py); "" if
 * nothing: one wrong or two swapped signs of a code are found here, at the bag. */
export function wrongLabel(typed) {
  let written = typed.normalize("NFKC").toUpperCase().trim();
  if (!written) {
    return "Scan or type the code on the label.";
  }
  if (written.includes("/")) {
    return /(?:^|\/)B\/[^/?#\s]+/.test(written) ? "" : "That is not the address on a red bag label.";
  }
  written = written.replace(/[\s\-‐‑‒–—_.]+/g, "").replaceAll("O", "0").replace(/[IL]/g, "1");
  const strange = [...written].find((sign) => !ALPHABET.includes(sign));
  if (strange) {
    const hint = strange === "U" ? "There is no letter U in a red bag code. Is it a V?" : "";
    return hint || `There is no “${strange}” in a red bag code. Check what was typed.`;
  }
  if (written.length >= TOKEN) {
    return ""; // the token of an address, which the server looks up
  }
  if (written.length !== READABLE) {
    return `A red bag code has ${READABLE} characters; this has ${written.length}.`;
  }
  const twice = (element) => ((element << 1) & 32 ? (element << 1) ^ 37 : element << 1);
  const values = [...written].map((sign) => ALPHABET.indexOf(sign));
  const sum = values.slice(0, -1).reduce((total, value) => twice(total) ^ value, 1);
  return twice(sum) === values.at(-1) ? "" : "One character of the code is wrong, or two are swapped. Look at the label again.";
}
