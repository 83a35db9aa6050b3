// London times as the pages say them, and what a tired person types, read as redbag/domain/typed_moment.py reads
// it. Only what is plainly wrong is refused here: the server reads the same words again.
const ZONE = "Europe/London";
const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const MINUTE = 60_000;
const DAY = 86_400_000;

const PARTS = new Intl.DateTimeFormat("en-GB", {
  timeZone: ZONE, year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", hourCycle: "h23",
});

/** The London calendar and clock at an instant: {year, month (1-12), day, hour, minute}. */
export function london(instant = new Date()) {
  const found = {};
  for (const { type, value } of PARTS.formatToParts(instant)) {
    found[type] = Number(value);
  }
  return found;
}

const dayNumber = ({ year, month, day }) => Date.UTC(year, month - 1, day) / DAY;
const two = (number) => String(number).padStart(2, "0");
const title = (word) => word[0].toUpperCase() + word.slice(1);

/** For example "03:12". */
export function clock(instant) {
  const { hour, minute } = london(instant);
  return `${two(hour)}:${two(minute)}`;
}

/** For example "Tue 3 Nov 2026". */
export function day(instant) {
  const at = london(instant);
  const weekday = WEEKDAYS[new Date(dayNumber(at) * DAY).getUTCDay()];
  return `${title(weekday)} ${at.day} ${title(MONTHS[at.month - 1])} ${at.year}`;
}

/** For example "Tue 3 Nov 2026, 03:12". */
export const moment = (instant) => `${day(instant)}, ${clock(instant)}`;

/** For example "03:12 today", "22:40 yesterday", "06:10 tomorrow", else the whole moment. */
export function near(instant, now = new Date()) {
  const days = dayNumber(london(now)) - dayNumber(london(instant));
  const word = { 0: "today", 1: "yesterday", "-1": "tomorrow" }[days];
  return word ? `${clock(instant)} ${word}` : moment(instant);
}

/** How old something is: "just now", "12 minutes old", "3 hours old". */
export function age(instant, now = new Date()) {
  const minutes = Math.floor((now - instant) / MINUTE);
  const many = (count, word) => `${count} ${word}${count === 1 ? "" : "s"} old`;
  if (minutes < 1) {
    return "just now";
  }
  return minutes < 120 ? many(minutes, "minute") : many(Math.floor(minutes / 60), "hour");
}

/** The UTC instant of a London day and clock; the earlier one in the hour that comes twice. */
export function fromLondon({ year, month, day: date, hour, minute }) {
  const wanted = Date.UTC(year, month - 1, date, hour, minute);
  const shown = (instant) => {
    const at = london(new Date(instant));
    return Date.UTC(at.year, at.month - 1, at.day, at.hour, at.minute);
  };
  // London is at UTC or an hour ahead of it.
  const found = [wanted - 60 * MINUTE, wanted].find((instant) => shown(instant) === wanted);
  return new Date(found ?? wanted);
}

// -- what is typed

const CLOCK_TIME = /\b(\d{1,2})[:.](\d{2})(?!\d)/g;
const DAY_MONTH = new RegExp(`\\b(\\d{1,2})(?:st|nd|rd|th)? (${MONTHS.join("|")})[a-z]*(?:,? (20\\d\\d))?\\b`, "g");
const NUMBERS = /\b(\d{1,2})\/(\d{1,2})(?:\/(20\d\d|\d\d))?(?!\d)/g;
const SOON = 60;
const FAST_CLOCK = 30 * MINUTE; // how far ahead of the server a home's clock may run

const plain = (text) => text.slice(0, 500).normalize("NFKC").toLowerCase().replace(/\s+/g, " ");

function daysNamed(words) {
  const named = [...words.matchAll(DAY_MONTH)].map((m) => ({ text: m[0].trim(), day: +m[1], month: MONTHS.indexOf(m[2]) + 1, year: m[3] }));
  const figures = [...words.matchAll(NUMBERS)].map((m) => ({ text: m[0].trim(), day: +m[1], month: +m[2], year: m[3] }));
  return [...named, ...figures].map((one) => ({ ...one, year: one.year ? (Number(one.year) % 100) + 2000 : null }));
}

function numberOf({ day: date, month }, year) {
  const made = new Date(Date.UTC(year, month - 1, date));
  return month >= 1 && month <= 12 && made.getUTCMonth() === month - 1 && made.getUTCDate() === date ? made / DAY : null;
}

/** Why a text cannot be kept, in a sentence; "" where nothing in it is impossible: 26:00, 31/2, 30 Feb. */
export function impossible(text) {
  for (const [, hours, minutes] of text.matchAll(CLOCK_TIME)) {
    if (Number(hours) > 23 || Number(minutes) > 59) {
      return `There is no time ${hours}:${minutes}. Write it with four figures, as 18:00.`;
    }
  }
  const wrong = daysNamed(plain(text)).find((one) => numberOf(one, one.year ?? 2024) === null);
  return wrong ? `There is no day ${wrong.text}. Write the day as 3/11 or 3 Nov.` : "";
}

const CLOCK = /(?:^| )(?:([01]\d|2[0-3])([0-5]\d)|(\d{1,2})(?:[:.](\d{2}) ?(am|pm)?| ?(am|pm)))(?![\d/:.])(?: ?(?:hours|hrs|h)\b)?/;
const NOON = /\b(?:noon|midday)\b/;
const THIS = /\bthis (?:morning|afternoon|evening)\b/; // names today
const NOISE = new Set(("at on in the about around given put applied changed since from this early late morning afternoon "
  + "evening night found noticed seen began started fell").split(" "));
const NEAR = 360 * MINUTE;

function onlyClock(words) {
  const noon = NOON.exec(words);
  const parts = noon ?? CLOCK.exec(words);
  const rest = parts && words.replace(parts[0], " ").split(" ").filter(Boolean);
  if (!parts || THIS.test(words) || !rest.every((word) => NOISE.has(word))) {
    return null;
  }
  return noon ? { hour: 12, minute: 0 } : clockOf(parts);
}

function clockOf([, hours, minutes, written, more, beside, alone]) {
  const half = beside ?? alone;
  const [number, minute] = [Number(hours ?? written), Number(minutes ?? more ?? 0)];
  if (half && (number < 1 || number > 12)) {
    return null;
  }
  const hour = half ? (number % 12) + (half === "pm" ? 12 : 0) : number;
  return hour < 24 && minute < 60 ? { hour, minute } : null;
}

/** The clock time that a text names without a day, if it is still to come today and within six hours: "23:50" typed at
 * 22:30 may be a slip for 21:50. Else "". */
export function soon(text, now = new Date()) {
  const time = onlyClock(plain(text).replace(/\bby [^,;]*$/, "").replaceAll(",", " ").trim());
  const ahead = time ? fromLondon({ ...london(now), ...time }) - now : 0;
  return FAST_CLOCK < ahead && ahead <= NEAR ? `${two(time.hour)}:${two(time.minute)}` : "";
}

/** Whether a text names a minute of today that has not come yet, or a later day. */
export function stillToCome(text, now = new Date()) {
  const words = plain(text);
  const today = london(now);
  const number = dayNumber(today);
  if (/\btomorrow\b/.test(words) || soon(text, now)) {
    return true;
  }
  const named = daysNamed(words);
  const ahead = (one) => {
    if (one.year) {
      return (numberOf(one, one.year) ?? 0) > number;
    }
    const days = [numberOf(one, today.year), numberOf(one, today.year + 1)];
    return days.some((found) => found !== null && found > number && found <= number + SOON);
  };
  if (named.some(ahead)) {
    return true;
  }
  const ofToday = /\b(today|tonight|this (morning|afternoon|evening))\b/.test(words)
    || named.some((one) => numberOf(one, one.year ?? today.year) === number);
  const times = [...words.matchAll(CLOCK_TIME)];
  if (!ofToday || times.length !== 1) {
    return false; // any other clock time alone is the last time that it was so
  }
  return fromLondon({ ...today, hour: +times[0][1], minute: +times[0][2] }) - now > FAST_CLOCK;
}

const TIME = /^(\d{1,2})(?:[:.,h ]?([0-5]\d)(?::[0-5]\d)?)?(?: ?([ap])\.?m\.?)?$/i;

/** A clock time as people write it (redbag/domain/answers.py, parse_time): {hour, minute}, or null. */
export function readClock(text) {
  const parts = TIME.exec(text.trim());
  if (!parts || !(parts[2] || parts[3])) {
    return null;
  }
  const [written, half] = [Number(parts[1]), (parts[3] ?? "").toLowerCase()];
  const usual = !half || (half === "p" && written >= 12);
  if (usual ? written > 23 : written < 1 || written > 12) {
    return null;
  }
  const hour = usual ? written : (written % 12) + (half === "p" ? 12 : 0);
  return { hour, minute: Number(parts[2] ?? 0) };
}

/** A day as three boxes: {year, month, day} or null where there is no such day. */
export function readDay(date, month, year) {
  if (![date, month, year].every((part) => /^\d+$/.test(part.trim())) || ![2, 4].includes(year.trim().length)) {
    return null;
  }
  const whole = year.trim().length === 2 ? Number(year) + (Number(year) < 50 ? 2000 : 1900) : Number(year);
  const found = { year: whole, month: Number(month), day: Number(date) };
  return numberOf(found, whole) === null ? null : found;
}

/** The last of the MAR's times at or before `upto`; null where it fixes none. `slots`: ["22:00", weekday or null]. */
export function lastSlot(slots, upto) {
  const at = london(upto);
  for (let back = 0; back <= 15; back++) {
    const number = dayNumber(at) - back;
    const date = new Date(number * DAY);
    const weekday = (date.getUTCDay() + 6) % 7; // Monday is nought, as in the copy
    const there = slots
      .filter(([, on]) => on === null || on === weekday)
      .map(([time]) => {
        const [hour, minute] = time.split(":").map(Number);
        return fromLondon({ year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate(), hour, minute });
      })
      .filter((instant) => instant <= upto);
    if (there.length) {
      return new Date(Math.max(...there));
    }
  }
  return null;
}

const BARE = /^(?:at )?([0-9:.,h apm]+?)(?: (today|yesterday|tonight|last night|this (?:morning|afternoon|evening)))?$/;

/** A time with its day, as it was meant when it was typed: "23:50" at 06:21 is "Sat 21 Nov, 23:50". As typed where it
 * says more than a time (redbag/domain/typed_moment.py, dated, reads more). */
export function dated(text, at) {
  const parts = BARE.exec(plain(text).trim());
  const time = parts && readClock(parts[1]);
  if (!time || /^\d{3}$/.test(parts[1].trim()) || soon(text, at)) {
    return text; // the server reads no three figures
  }
  const today = dayNumber(london(at));
  const lastNight = parts[2] === "last night" && time.hour >= 12 && london(at).hour >= 12;
  const likely = parts[2] === "yesterday" || lastNight ? [-1] : parts[2] && parts[2] !== "last night" ? [0] : [1, 0, -1];
  for (const ahead of likely) {
    const date = new Date((today + ahead) * DAY);
    const whole = { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate(), ...time };
    const instant = fromLondon(whole);
    if (instant - at <= FAST_CLOCK) {
      return `${day(instant).replace(/ \d{4}$/, "")}, ${clock(instant)}`;
    }
  }
  return text;
}
