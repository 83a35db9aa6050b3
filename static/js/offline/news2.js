// NEWS2 of today's observations, by the bands of redbag/domain/news2.py, so that the crew hears it also without the
// network. A score that lacks an observation is a lower bound and is never called low.
import { numberOf, wrongIn } from "./answers.js";
import { el, p, panel } from "./draw.js";

const BANDS = {
  respiratory_rate: [[[8, 3], [11, 1], [20, 0], [24, 2]], 3],
  systolic_bp: [[[90, 3], [100, 2], [110, 1], [219, 0]], 3],
  pulse: [[[40, 3], [50, 1], [90, 0], [110, 1], [130, 2]], 3],
  temperature: [[[350, 3], [360, 1], [380, 0], [390, 1]], 2], // tenths of a degree
  scale1: [[[91, 3], [93, 2], [95, 1]], 0],
  scale2: [[[83, 3], [85, 2], [87, 1]], 0],
  scale2OnOxygen: [[[83, 3], [85, 2], [87, 1], [92, 0], [94, 1], [96, 2]], 3],
};
const NAMES = {
  respiratory_rate: "respiratory rate",
  spo2: "oxygen saturation",
  on_oxygen: "air or oxygen",
  systolic_bp: "systolic blood pressure",
  pulse: "pulse",
  consciousness: "consciousness",
  temperature: "temperature",
};
const LOW_SCORE = "A low score does not rule out serious illness: say what worries you.";
const URGENT = 5;

const within = (value, [limits, above]) => limits.find(([highest]) => value <= highest)?.[1] ?? above;

function saturation(value, onOxygen, scale) {
  if (scale === 1) {
    return within(value, BANDS.scale1);
  }
  if (onOxygen === null && value >= 93) {
    return null; // nought on air, up to 3 on oxygen: not to be guessed
  }
  return within(value, onOxygen ? BANDS.scale2OnOxygen : BANDS.scale2);
}

/** {total, response, complete, missing, red, sentence} of what is measured: numbers, or null where not taken. */
export function score(measured) {
  const { spo2, consciousness, temperature } = measured;
  const onOxygen = measured.on_oxygen ?? null;
  const parts = { respiratory_rate: null, spo2: null, on_oxygen: null, systolic_bp: null, pulse: null, consciousness: null, temperature: null };
  for (const name of ["respiratory_rate", "systolic_bp", "pulse"]) {
    parts[name] = measured[name] === null ? null : within(measured[name], BANDS[name]);
  }
  parts.spo2 = spo2 === null ? null : saturation(spo2, onOxygen, measured.scale ?? 1);
  parts.on_oxygen = onOxygen === null ? null : onOxygen ? 2 : 0;
  parts.consciousness = consciousness === null ? null : consciousness === "A" ? 0 : 3;
  // By the decimal figures, as they are read: a half rounds up.
  parts.temperature = temperature === null ? null : within(Math.round(Number((temperature * 10).toFixed(6))), BANDS.temperature);
  const given = { ...measured, on_oxygen: onOxygen };
  const missing = Object.keys(NAMES).filter((name) => given[name] === null);
  const total = Object.values(parts).reduce((sum, part) => sum + (part ?? 0), 0);
  const red = Object.keys(NAMES).filter((name) => parts[name] === 3);
  const complete = missing.length === 0;
  const response = responseOf(total, complete, red.length > 0);
  return { total, parts, response, complete, missing, red, sentence: sentenceOf(total, response, complete, missing, red) };
}

function responseOf(total, complete, red) {
  if (total >= 7) {
    return "High";
  }
  if (total >= URGENT) {
    return complete ? "Medium" : "At least medium";
  }
  if (!complete) {
    return "Incomplete";
  }
  return red ? "Low–medium" : "Low";
}

const listed = (names) => {
  const words = names.map((name) => NAMES[name]);
  return words.length > 1 ? `${words.slice(0, -1).join(", ")} and ${words.at(-1)}` : words[0];
};

function sentenceOf(total, response, complete, missing, red) {
  if (missing.length === Object.keys(NAMES).length) {
    return "NEWS2 not known: no observations taken.";
  }
  const words = complete ? total : `at least ${total}, incomplete`;
  const risk = { Incomplete: "", "At least medium": ": at least medium risk" }[response] ?? `: ${response.toLowerCase()} risk`;
  const loud = ["High", "Medium", "At least medium"].includes(response);
  const name = red.length && listed(red);
  const alone = red.length && !loud ? ` ${name[0].toUpperCase()}${name.slice(1)} scores 3 by itself: urgent review.` : "";
  return `NEWS2 ${words}${risk}.${alone}${missing.length ? ` Not taken: ${listed(missing)}.` : ""}`;
}

/** The score of a form's answers in sentences, the score itself first; null where nothing that scores stands there.
 * `asked`: its questions; while one of their values cannot be kept there is no score, and the sentence says which. */
export function saidScore(answers, usual, asked = []) {
  const wrong = wrongIn(asked, answers);
  const labels = asked.filter(({ key }) => wrong[key]).map(({ key, label }) => `${label} (${answers.text(key)})`);
  if (labels.length) {
    return { sentences: [`No NEWS2 yet: check ${labels.join(", ")}.`], urgent: false, complete: false };
  }
  const number = (name) => numberOf(answers.text(name));
  const measured = {
    respiratory_rate: number("respiratory_rate"),
    spo2: number("spo2"),
    systolic_bp: number("systolic_bp"),
    pulse: number("pulse"),
    temperature: number("temperature"),
    consciousness: answers.text("consciousness") || null,
    on_oxygen: { yes: true, no: false }[answers.text("on_oxygen")] ?? null,
    scale: answers.text("spo2_scale") === "2" ? 2 : 1,
  };
  const result = score(measured);
  if (Object.values(result.parts).every((part) => part === null)) {
    return null;
  }
  const urgent = result.total >= URGENT || result.red.length > 0;
  const scale = measured.spo2 === null ? "" : `${scaleWords(answers.text("spo2_scale"))}.`;
  return { sentences: [result.sentence, scale, usual, urgent ? "" : LOW_SCORE].filter(Boolean), urgent, complete: result.complete };
}

/** The score in a box, a grave one as loud as any danger; null where there is none. */
export function scorePanel(score) {
  if (!score) {
    return null;
  }
  const [first, ...rest] = score.sentences;
  return score.urgent ? panel("danger", first, p(rest.join(" "))) : el("div", { class: "rb-score" }, p(first), p(rest.join(" ")));
}

function scaleWords(recorded) {
  if (recorded === "2") {
    return "SpO2 scale 2 (a clinician’s decision)";
  }
  return recorded === "1" ? "SpO2 scale 1" : "SpO2 scale not recorded: scored on scale 1";
}
