"""When something was given, as a tired person types it: "22:00 last night", "Thu 19 Nov", "8am".

Only what can mean one day, or one minute, is read. Everything else stays words: a moment that is guessed
wrong would move the next dose.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from redbag.domain.london_time import from_london, london_day, to_london
from redbag.domain.medicine_text import plain, word_set

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CLOCK = re.compile(r"(?<![\d/])(\d{1,2})(?:[:.](\d{2}))?\s?(am|pm)?(?![\d/:.])(?: ?(?:hours|hrs|h)\b)?")
_FIGURES = re.compile(r"(?<![\d/])([01]\d|2[0-3])([0-5]\d)(?![\d/])(?: ?(?:hours|hrs|h)\b)?")
_DAY_MONTH = re.compile(rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th)? ({'|'.join(_MONTHS)})[a-z]*(?:,? (20\d\d))?\b")
_NUMBERS = re.compile(r"(?<!\d)(\d{1,2})/(\d{1,2})(?:/(20\d\d|\d\d))?(?!\d)")
_WEEKDAY = re.compile(r"\b(mon|tue|wed|thu|fri|sat|sun)(?:s|r|rs|nes|ur)?(?:day)?\b")
_AGO = re.compile(r"\b(\d{1,2}) days? ago\b")
_NOISE = word_set(
    "at on the in about around given put applied changed since from this early late morning afternoon "
    "evening night"
)
_FAST_CLOCK = timedelta(minutes=30)
"""How far ahead of the server a home's clock may run."""


@dataclass(frozen=True)
class Said:
    """A London day, and the clock time if one was given. `instant`: both as UTC; None without a clock."""

    day: date
    instant: datetime | None


def read(text: str, written_at: datetime) -> Said | None:
    """The day and time that a text names, as it was meant at `written_at` (UTC).

    None where it names none, more than one, one that lay ahead, or holds words that could change it.
    """
    words = re.sub(r"\bby [^,;]*$", "", plain(text)).replace(",", " ").strip()
    words, days = _take_days(" ".join(words.split()), written_at)
    clock, words = _take_clock(words)
    last_night = words.startswith("last night") or words.endswith("last night")
    if last_night:
        words = words.replace("last night", "")
    if len(days) > 1 or (last_night and days) or not set(words.split()) <= _NOISE:
        return None
    if clock is None:
        return Said(days.pop(), None) if days and max(days) <= london_day(written_at) else None
    for day in _candidates(days, last_night=last_night, clock=clock, written_at=written_at):
        try:
            instant = from_london(day, clock)
        except ValueError:
            return None
        if instant <= written_at + _FAST_CLOCK:
            return Said(day, instant)
    return None


def still_to_come(text: str, now: datetime) -> bool:
    """Whether a text names a minute of today that has not come yet: "18:00 today" at six in the morning."""
    if read(text, now) is not None:
        return False
    said = read(text, from_london(london_day(now), time(23, 59)))
    return said is not None and said.instant is not None and said.instant > now


def _candidates(days: set[date], *, last_night: bool, clock: time, written_at: datetime) -> list[date]:
    """The days that may be meant, the likeliest first."""
    if days:
        return list(days)
    today = london_day(written_at)
    if last_night and clock.hour >= 12 and to_london(written_at).hour >= 12:
        return [today - timedelta(days=1)]
    # A clock that runs fast just before midnight names a minute of tomorrow.
    return [today + timedelta(days=1), today, today - timedelta(days=1)]


def weekday_of(text: str) -> int | None:
    """The weekday that a text names and nothing else, 0 for Monday: "Mon", "Tuesdays"."""
    match = _WEEKDAY.fullmatch(plain(text).removesuffix("s"))
    return _WEEKDAYS.index(match[1]) if match else None


def _take_clock(words: str) -> tuple[time | None, str]:
    """The one clock time in a text, and the rest; what cannot be told apart stays in the rest."""
    for name, hour in (("noon", 12), ("midday", 12), ("midnight", 0)):
        if re.search(rf"\b{name}\b", words):
            return time(hour), re.sub(rf"\b{name}\b", "", words)
    match = _FIGURES.search(words)
    if match is None:
        match = next((m for m in _CLOCK.finditer(words) if m[2] or m[3]), None)
    if match is None:
        return None, words
    clock = _clock_of(*match.groups())
    return (clock, words[: match.start()] + words[match.end() :]) if clock else (None, words)


def _clock_of(hours: str, minutes: str | None, half: str | None = None) -> time | None:
    hour, minute = int(hours), int(minutes or 0)
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def clock_of(text: str) -> time | None:
    """A text that is a clock time and nothing else: "07:00", "7.30", "8am"."""
    clock, rest = _take_clock(plain(text).strip())
    return clock if clock is not None and not rest.strip() else None


def _take_days(words: str, written_at: datetime) -> tuple[str, set[date]]:
    """The days that a text names, and the rest."""
    today = london_day(written_at)
    found: set[date] = set()
    match = _AGO.search(words)
    if match:
        found.add(today - timedelta(days=int(match[1])))
        words = words.replace(match[0], "")
    for name, day in (("yesterday", today - timedelta(days=1)), ("today", today), ("tonight", today)):
        if re.search(rf"\b{name}\b", words):
            found.add(day)
            words = re.sub(rf"\b{name}\b", "", words)
    if re.search(r"\bthis (?:morning|afternoon|evening)\b", words):
        found.add(today)
    match = _DAY_MONTH.search(words) or _NUMBERS.search(words)
    day_named = _date(match, today) if match else None
    if match and day_named:
        found.add(day_named)
        words = words.replace(match[0], "")
    match = _WEEKDAY.search(words)
    if match:
        weekday = _WEEKDAYS.index(match[1])
        latest = today - timedelta(days=(today.weekday() - weekday) % 7)
        # "Thu 20 Nov" when the 20th is a Friday: one of them is wrong, and both are kept, so none is read.
        found |= {latest} if all(day.weekday() != weekday for day in found) else set()
        words = words.replace(match[0], "")
    return words, found


def _date(match: re.Match[str], today: date) -> date | None:
    """A day and month, of the year given or else of the last time they came round; None if impossible."""
    month = _MONTHS.index(match[2]) + 1 if match[2] in _MONTHS else int(match[2])
    years = [int(match[3]) % 100 + 2000] if match[3] else [today.year, today.year - 1]
    for year in years:
        try:
            day = date(year, month, int(match[1]))
        except ValueError:
            continue
        if day <= today:
            return day
    return None
