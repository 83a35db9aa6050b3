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

/** For example "03:12"; in the hour that comes twice, "01:12 BST". */
export function clock(instant) {
  const { month, hour, minute } = london(instant);
  const again = (hours) => month === 10 && hour === 1 && london(new Date(+instant + hours * 60 * MINUTE)).hour === 1;
  return `${two(hour)}:${two(minute)}${again(1) ? " BST" : again(-1) ? " GMT" : ""}`;
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

const NOISE = new Set(("at on in the about around given put applied changed since from this early late morning afternoon "
  + "evening night found noticed seen began started fell").split(" "));
const NEAR = 360 * MINUTE;
const FIGURES = /(^|[^\d/])([01]\d|2[0-3])([0-5]\d)(?![\d/])(?: ?(?:hours|hrs|h)\b)?/;
const CLOCK = /(^|[^\d/])(\d{1,2})(?:[:.](\d{2}))?\s?(am|pm)?(?![\d/:.])(?: ?(?:hours|hrs|h)\b)?/g;
const WEEKDAY = new RegExp(`\\b(${WEEKDAYS.join("|")})(?:s|r|rs|nes|ur)?(?:day)?\\b`);
const NOON = { noon: 12, midday: 12, midnight: 0 };

/** The days that a text names, its clock time, and whether it says "last night" (redbag/domain/typed_moment.py, _parts);
 * null where it names more than one day, or holds words that could change it. */
function partsOf(text, at) {
  const today = dayNumber(london(at));
  const days = new Set();
  let words = plain(text).replace(/\bby [^,;]*$/, "").replace(/[, ]+/g, " ").trim();
  const named = (pattern, dayOf) => {
    const found = pattern.exec(words);
    const day = found ? dayOf(found) : null;
    if (day !== null) {
      days.add(day);
      words = words.replaceAll(found[0], "");
    }
  };
  named(/\b(\d{1,2}) days? ago\b/, ([, count]) => today - count);
  for (const [word, day] of [["yesterday", today - 1], ["today", today], ["tonight", today]]) {
    named(new RegExp(`\\b${word}\\b`), () => day);
  }
  if (/\bthis (?:morning|afternoon|evening)\b/.test(words)) {
    days.add(today);
  }
  const [written] = daysNamed(words);
  named({ exec: () => written && [written.text] }, () => (liesAhead(written, today) ? null : lastOne(written, today)));
  // "Thu 20 Nov" when the 20th is a Friday: one of them is wrong, and both are kept, so none is read.
  named(WEEKDAY, ([, word]) => {
    const wanted = WEEKDAYS.indexOf(word);
    return [...days].find((day) => weekdayOf(day) === wanted) ?? today - ((weekdayOf(today) - wanted + 7) % 7);
  });
  const [clock, rest] = takeClock(words);
  const lastNight = rest.startsWith("last night") || rest.endsWith("last night");
  const left = (lastNight ? rest.replaceAll("last night", "") : rest).split(" ").filter(Boolean);
  return days.size > 1 || (lastNight && days.size) || !left.every((word) => NOISE.has(word)) ? null : { days: [...days], clock, lastNight };
}

const weekdayOf = (number) => new Date(number * DAY).getUTCDay(); // Sunday is nought

const lastOne = (one, today) =>
  (one.year ? [one.year] : [0, 1].map((back) => yearOf(today) - back)).map((year) => numberOf(one, year)).find((day) => day !== null && day <= today) ?? null;

const yearOf = (number) => new Date(number * DAY).getUTCFullYear();

function takeClock(words) {
  const noon = /\b(?:noon|midday|midnight)\b/.exec(words)?.[0];
  if (noon) {
    return [{ hour: NOON[noon], minute: 0 }, words.replaceAll(noon, "")];
  }
  const found = FIGURES.exec(words) ?? [...words.matchAll(CLOCK)].find((one) => one[3] || one[4]);
  const clock = found && clockOf(found);
  return clock ? [clock, words.slice(0, found.index) + found[1] + words.slice(found.index + found[0].length)] : [null, words];
}

function clockOf([, , hours, minutes, half]) {
  const number = Number(hours);
  if (half && (number < 1 || number > 12)) {
    return null;
  }
  const hour = half ? (number % 12) + (half === "pm" ? 12 : 0) : number;
  const minute = Number(minutes ?? 0);
  return hour < 24 && minute < 60 ? { hour, minute } : null;
}

/** The instant of a clock time on a numbered London day; null in the hour that March skips. */
function onDay(number, time) {
  const date = new Date(number * DAY);
  const instant = fromLondon({ year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate(), ...time });
  return london(instant).hour === time.hour ? instant : null;
}

/** The clock time that a text names without a day, if it is still to come today and within six hours: "23:50" typed at
 * 22:30 may be a slip for 21:50. Else "". */
export function soon(text, now = new Date()) {
  const found = partsOf(text, now);
  const instant = found?.clock && !found.days.length && !found.lastNight ? onDay(dayNumber(london(now)), found.clock) : null;
  const ahead = instant - now;
  return instant && FAST_CLOCK < ahead && ahead <= NEAR ? clock(instant) : "";
}

/** The day and time that a text names, as it was meant when it was typed: {day (numbered), instant or null}; null where
 * that is not clear (redbag/domain/typed_moment.py, read). */
export function read(text, at) {
  const found = soon(text, at) ? null : partsOf(text, at);
  const today = dayNumber(london(at));
  if (!found?.clock) {
    return found?.days.length && found.days[0] <= today ? { day: found.days[0], instant: null } : null;
  }
  const lastNight = found.lastNight && found.clock.hour >= 12 && london(at).hour >= 12;
  for (const day of found.days.length ? found.days : lastNight ? [today - 1] : [today + 1, today, today - 1]) {
    const instant = onDay(day, found.clock);
    if (!instant || instant - at <= FAST_CLOCK) {
      return instant && { day, instant };
    }
  }
  return null;
}

function liesAhead(one, today) {
  const days = (one.year ? [one.year] : [yearOf(today), yearOf(today) + 1]).map((year) => numberOf(one, year));
  return days.some((day) => day !== null && day > today && (one.year || day <= today + SOON));
}

/** Whether a text names a minute of today that has not come yet, or a later day. */
export function stillToCome(text, now = new Date()) {
  const words = plain(text);
  const today = dayNumber(london(now));
  if (/\btomorrow\b/.test(words) || daysNamed(words).some((one) => liesAhead(one, today))) {
    return true;
  }
  return !read(text, now) && read(text, onDay(today, { hour: 23, minute: 59 }))?.instant > now;
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

/** The times of the MAR as instants, in order, from one numbered day to another. `slots`: ["22:00", weekday or null]; in
 * the hour that March skips, an hour later. */
export function slotsBetween(slots, first, last) {
  const found = [];
  for (let number = first; number <= last; number++) {
    const date = new Date(number * DAY);
    for (const [time, on] of slots) {
      if (on === null || on === (weekdayOf(number) + 6) % 7) { // Monday is nought, as in the copy
        const [hour, minute] = time.split(":").map(Number);
        found.push(fromLondon({ year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate(), hour, minute }));
      }
    }
  }
  return found.sort((one, other) => one - other);
}

/** The last of the MAR's times at or before `upto`; null where it fixes none. */
export function lastSlot(slots, upto) {
  const today = dayOf(upto);
  return slotsBetween(slots, today - 15, today).filter((instant) => instant <= upto).at(-1) ?? null;
}

/** The London day of an instant, numbered. */
export const dayOf = (instant) => dayNumber(london(instant));

/** "Tue 3 Nov" of a numbered day, without the year. */
export const shortDay = (number) => day(new Date(number * DAY + DAY / 2)).replace(/ \d{4}$/, "");

/** For example "Tue 3 Nov, 03:12". */
export const shortMoment = (instant) => `${shortDay(dayOf(instant))}, ${clock(instant)}`;

/** Whether words beside a time would be lost if only the time were kept. */
export const saysMore = (text) => /\b(?:by|about|around|put|changed|since|applied)\b/i.test(text);

/** A time with its day, as it was meant when it was typed: "23:50" at 06:21 is "Sat 21 Nov, 23:50". As typed where it
 * names its day, says more than a time, or cannot be read. */
export function dated(text, at) {
  const said = read(text, at);
  return !said?.instant || saysMore(text) || daysNamed(plain(text)).length ? text : shortMoment(said.instant);
}
