"""When something was given, as a tired person types it: "22:00 last night", "Thu 19 Nov", "8am".

Only what can mean one day, or one minute, is read. Everything else stays words: a moment that is guessed
wrong would move the next dose. A clock time alone is the last time that it was so: 23:50 typed at 06:21 is
yesterday's. One that comes within the next hours is none: 23:50 typed at 22:30 may be a slip for 21:50.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from redbag.domain.london_time import format_day, format_time, from_london, london_day, to_london
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
    "evening night found noticed seen began started fell"
)
_SAYS_MORE = re.compile(r"\b(?:by|about|around|put|changed|since|applied)\b", re.IGNORECASE)
_CLOCK_TIME = re.compile(r"(?<!\d)(\d{1,2})[:.](\d{2})(?!\d)")
_FAST_CLOCK = timedelta(minutes=30)
"""How far ahead of the server a home's clock may run."""
_NEAR = timedelta(hours=6)
"""A clock time alone that lies so near ahead is hardly yesterday's, 18 hours ago or more. Those who write of
last night in the morning lie further from it."""
_SOON = timedelta(days=60)
"""A day without its year that lies so near ahead is not last year's: it is a slip, or is planned."""


@dataclass(frozen=True)
class Said:
    """A London day, and the clock time if one was given. `instant`: both as UTC; None without a clock."""

    day: date
    instant: datetime | None


def read(text: str, written_at: datetime) -> Said | None:
    """The day and time that a text names, as it was meant at `written_at` (UTC).

    None where it names none, more than one, one that lay ahead, or holds words that could change it; and
    for a clock time alone that came within the next hours, see `soon`.
    """
    if soon(text, written_at) is not None:
        return None
    days, clock, last_night = _parts(text, written_at) or (set(), None, False)
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


def soon(text: str, now: datetime) -> time | None:
    """The clock time that a text names without a day, if it is still to come today and within six hours.

    What a home's clock may run ahead is not counted.
    """
    days, clock, last_night = _parts(text, now) or (set(), None, False)
    if clock is None or days or last_night:
        return None
    try:
        ahead = from_london(london_day(now), clock) - now
    except ValueError:
        return None
    return clock if _FAST_CLOCK < ahead <= _NEAR else None


def _parts(text: str, written_at: datetime) -> tuple[set[date], time | None, bool] | None:
    """The day that a text names, its clock time, and whether it says "last night"; None where it names more
    than one day, or holds words that could change it."""
    words = re.sub(r"\bby [^,;]*$", "", plain(text)).replace(",", " ").strip()
    words, days = _take_days(" ".join(words.split()), written_at)
    clock, words = _take_clock(words)
    last_night = words.startswith("last night") or words.endswith("last night")
    if last_night:
        words = words.replace("last night", "")
    if len(days) > 1 or (last_night and days) or not set(words.split()) <= _NOISE:
        return None
    return days, clock, last_night


def still_to_come(text: str, now: datetime) -> bool:
    """Whether a text names a minute of today that has not come yet ("18:00 today" at six in the morning,
    "23:50" at half past ten), or a later day."""
    words, today = plain(text), london_day(now)
    if re.search(r"\btomorrow\b", words):
        return True
    if any(_lies_ahead(match, today) for match in _days_named(words)):
        return True
    if read(text, now) is not None:
        return False
    said = read(text, from_london(today, time(23, 59)))
    return said is not None and said.instant is not None and said.instant > now


def impossible(text: str) -> str:
    """Why a text cannot be kept, in a sentence; "" where nothing in it is impossible: 26:00, 31/2, 30 Feb."""
    for hours, minutes in _CLOCK_TIME.findall(text):
        if int(hours) > 23 or int(minutes) > 59:
            return f"There is no time {hours}:{minutes}. Write it with four figures, as 18:00."
    for match in _days_named(plain(text)):
        # A leap year, unless the year stands there: whether 29 February was meant is not settled here.
        if _in_year(match, _year_of(match) or 2024) is None:
            return f"There is no day {match[0].strip()}. Write the day as 3/11 or 3 Nov."
    return ""


def dated(text: str, now: datetime) -> str:
    """The text with its day ("23:50" becomes "Sat 21 Nov, 23:50"), for what will be read on another day.

    As typed where it names its day already, says more than a time, or cannot be read.
    """
    said = read(text, now)
    if said is None or said.instant is None or says_more(text) or any(_days_named(plain(text))):
        return text
    return f"{format_day(said.day).rsplit(' ', 1)[0]}, {format_time(said.instant)}"


def says_more(text: str) -> bool:
    """Whether words beside the time would be lost if only the time were kept."""
    return bool(_SAYS_MORE.search(text))


def _days_named(words: str) -> list[re.Match[str]]:
    return [*_DAY_MONTH.finditer(words), *_NUMBERS.finditer(words)]


def _lies_ahead(match: re.Match[str], today: date) -> bool:
    year = _year_of(match)
    if year:
        day = _in_year(match, year)
        return day is not None and day > today
    days = (_in_year(match, year) for year in (today.year, today.year + 1))
    return any(day is not None and today < day <= today + _SOON for day in days)


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
    """A day and month, of the year given or else of the last time they came round; None if impossible, or
    still to come."""
    if _lies_ahead(match, today):
        return None
    year = _year_of(match)
    days = [_in_year(match, one) for one in ([year] if year else [today.year, today.year - 1])]
    return next((day for day in days if day is not None and day <= today), None)


def _year_of(match: re.Match[str]) -> int | None:
    return int(match[3]) % 100 + 2000 if match[3] else None


def _in_year(match: re.Match[str], year: int) -> date | None:
    month = _MONTHS.index(match[2]) + 1 if match[2] in _MONTHS else int(match[2])
    try:
        return date(year, month, int(match[1]))
    except ValueError:
        return None
