"""When the next dose is due by the home's MAR, as it stood when the pack was made (domain: what a pack
holds, alerts; medicines).

Computed only where the MAR fixes the moments: so many times a day (or on named weekdays) at clock times
that agree with how often, and for patches every so many hours or days from when it was put on. Everywhere
else the MAR's own words stand. It is never a countdown: from arrival the hospital's chart decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from redbag.domain import typed_moment
from redbag.domain.london_time import format_day, format_time, from_london, london_day, to_london
from redbag.domain.medicine_line import Line, is_as_needed, plain_frequency
from redbag.domain.medicine_risk import HighRisk
from redbag.domain.medicine_text import plain
from redbag.domain.typed_moment import Said

_NEAR = timedelta(minutes=60)
"""A dose this close to a time of the MAR was that time's dose."""
_ASK = "ask the home whether"
"""A dose that nobody wrote down was not missed for that: who reads of it is told what to do about it."""
_LOOK_BACK = 15
"""Days before the pack within which a last dose still says something about the next."""


@dataclass(frozen=True)
class LastDose:
    """The home's answer about the last dose. `answer`: given, not_given, not_known, or "" where nobody
    answered; `when`: as typed; `written_at`: when the answer was kept (UTC)."""

    answer: str
    when: str
    written_at: datetime


@dataclass(frozen=True)
class Slot:
    """A time of the MAR: a clock time each day, or on one `weekday` (0 is Monday)."""

    clock: time
    weekday: int | None = None


def is_patch(line: Line) -> bool:
    """Whether this is a patch that must not be forgotten on the skin, by its mark or by its name."""
    return HighRisk.PATCH in line.kinds_or_suggested()


def stands_first(line: Line) -> bool:
    """Whether page 1 and the first screen say when it is due: time-critical medicines and patches."""
    return line.time_critical or is_patch(line)


def due_words(line: Line, last: LastDose, as_of: datetime, started_on: date | None = None) -> str:
    """For example "due Sun 22 Nov, 07:00", or "was due Sat 21 Nov, 18:00: ask the home whether it was given;
    next due Sun 22 Nov, 07:00"; "" where the MAR does not fix the moment, or the last dose cannot be placed.

    `as_of` (UTC): when the pack was made, or when the person left if that was earlier.
    """
    if is_as_needed(line):
        return ""
    said = typed_moment.read(last.when, last.written_at) if last.when else None
    slots = fixed_times(line)
    if slots:
        return _by_slots(line, slots, last, said, as_of, started_on)
    every = patch_days(line)
    return _by_interval(every, said, as_of) if every and last.answer == "given" and said else ""


def with_phone(due: str, phone: str) -> str:
    """The words of a due dose for a reader who is not at the home, with the number of whom to ask."""
    return due.replace(_ASK, f"ask the home, {phone}, whether") if phone else due


def at_home(due: str) -> str:
    """The words of a due dose for the home itself, which has nobody else to ask."""
    return due.replace(_ASK, "not answered whether")


def last_by(line: Line, upto: datetime) -> datetime | None:
    """The last time of the MAR at or before `upto` (UTC); None where the MAR does not fix its times."""
    slots = () if is_as_needed(line) else fixed_times(line)
    day = london_day(upto)
    days = (day - timedelta(days=back) for back in range(_LOOK_BACK + 1 if slots else 0))
    # Day by day, since the first that has one is nearly always today or yesterday.
    return next((m for one in days for m in reversed(_moments(slots, one, one)) if m <= upto), None)


def next_after(line: Line, as_of: datetime, started_on: date | None = None) -> datetime | None:
    """The first time of the MAR after `as_of` (UTC), once the medicine has begun; None as for last_by."""
    slots = () if is_as_needed(line) else fixed_times(line)
    day = max(london_day(as_of), started_on or london_day(as_of))
    days = (day + timedelta(days=ahead) for ahead in range(9 if slots else 0))
    return next((m for one in days for m in _moments(slots, one, one) if m > as_of), None)


def fixed_times(line: Line) -> tuple[Slot, ...]:
    """The times of the MAR, if they are clock times that agree with its frequency; else empty."""
    slots = [_slot(text) for text in line.times]
    found = [slot for slot in slots if slot is not None]
    if not found or len(found) != len(slots) or len(set(found)) != len(found):
        return ()
    frequency = _frequency(line)
    weekly = [slot.weekday is not None for slot in found]
    if all(weekly):
        return tuple(found) if _times_a_week(frequency) == len(found) else ()
    if any(weekly):
        return ()
    count = times_a_day(frequency)
    return tuple(found) if count in (len(found), _ANY) else ()


_ANY = 0
_A_DAY = {"once a day": 1, "twice a day": 2, "every morning": 1, "every night": 1, "every evening": 1}
_WITH_FOOD = re.compile(r",? (?:with|after|before) (?:food|meals?|breakfast|lunch|dinner|supper|tea)$")


def _frequency(line: Line) -> str:
    return _WITH_FOOD.sub("", plain_frequency(line.frequency))


def times_a_day(frequency: str) -> int | None:
    """How many times each day; _ANY for every day however often; None where it is not every day."""
    if frequency in ("every day", "daily"):
        return _ANY
    if frequency in _A_DAY:
        return _A_DAY[frequency]
    match = re.fullmatch(r"(\d{1,2}) times a day", frequency)
    if match:
        return int(match[1])
    match = re.fullmatch(r"every (\d{1,2}) hours", frequency)
    if match and int(match[1]) and 24 % int(match[1]) == 0:
        return 24 // int(match[1])
    return None


def _times_a_week(frequency: str) -> int | None:
    named = {"once a week": 1, "every 7 days": 1, "every 168 hours": 1, "twice a week": 2}
    match = re.fullmatch(r"(\d) times a week", frequency)
    return int(match[1]) if match else named.get(frequency)


def patch_days(line: Line) -> int | None:
    """Every how many days this patch is changed; hours only where they are whole days. None for all else."""
    if not is_patch(line):
        return None
    frequency = _frequency(line)
    match = re.fullmatch(r"every (\d{1,3}) (hours|days)", frequency)
    if match:
        days, rest = divmod(int(match[1]), 24) if match[2] == "hours" else (int(match[1]), 0)
        return days if not rest and 0 < days <= _LOOK_BACK else None
    return {"once a week": 7, "once a day": 1}.get(frequency)


def _slot(text: str) -> Slot | None:
    first, _, rest = plain(text).partition(" ")
    weekday = typed_moment.weekday_of(first)
    clock = typed_moment.clock_of(text if weekday is None else rest.removeprefix("at "))
    return Slot(clock, weekday) if clock is not None else None


def _moments(slots: tuple[Slot, ...], first: date, last: date) -> list[datetime]:
    found = []
    day = first
    while day <= last:
        found += [_instant(day, s.clock) for s in slots if s.weekday in (None, day.weekday())]
        day += timedelta(days=1)
    return sorted(found)


def _instant(day: date, clock: time) -> datetime:
    """A time of the MAR on a day; in the hour that March skips, an hour later."""
    try:
        return from_london(day, clock)
    except ValueError:
        return from_london(day, time(clock.hour + 1, clock.minute))


def _by_slots(
    line: Line,
    slots: tuple[Slot, ...],
    last: LastDose,
    said: Said | None,
    as_of: datetime,
    started_on: date | None,
) -> str:
    today = london_day(as_of)
    moments = _moments(slots, today - timedelta(days=_LOOK_BACK), today + timedelta(days=8))
    passed = [m for m in moments if m <= as_of and (started_on is None or london_day(m) > started_on)]
    coming = [m for m in moments if m > as_of and (started_on is None or london_day(m) >= started_on)]
    change = "change " if is_patch(line) else ""
    if not coming:
        return ""
    if last.answer != "given":
        return _not_given(passed, coming[0], last, change)
    if said is None:
        # "Given" answers for the last planned dose; words that name another moment are left to the reader.
        if last.when:
            return ""
        later = [m for m in passed if m > last.written_at]
        return _missed(later, coming[0], change) if later else f"{change}due {short_moment(coming[0])}"
    return _given(moments, passed, said, as_of, change)


def _not_given(passed: list[datetime], coming: datetime, last: LastDose, change: str) -> str:
    """The last dose was not given, or nobody knows: the time that has passed is named with the next."""
    if not passed:
        return f"{change}due {short_moment(coming)}"
    if passed[-1] > last.written_at:
        return _missed(passed, coming, change)
    why = {"not_given": "not given", "not_known": "not known whether given"}.get(last.answer)
    return _missed(passed, coming, change, why or "")


def _missed(passed: list[datetime], coming: datetime, change: str, why: str = "") -> str:
    why = why or f"{_ASK} it was {'changed' if change else 'given'}"
    return f"{change}was due {short_moment(passed[-1])}: {why}; next due {short_moment(coming)}"


def _given(moments: list[datetime], passed: list[datetime], said: Said, as_of: datetime, change: str) -> str:
    if said.day < london_day(moments[0]) and passed:
        return _missed(passed, next(m for m in moments if m > as_of), change)
    served = _served(moments, said)
    if served is None:
        return ""
    missed = [m for m in passed if m > served]
    following = next(m for m in moments if m > max(served, as_of))
    if missed:
        return _missed(missed, following, change)
    off = said.instant is not None and abs(said.instant - served) > _NEAR
    aside = ""
    if said.instant and off:
        aside = f" (last given {short_moment(said.instant)}, not at a time of the MAR)"
    return f"{change}due {short_moment(following)}{aside}"


def _served(moments: list[datetime], said: Said) -> datetime | None:
    """The time of the MAR that a given dose was for: the nearest within the hour, else the one before."""
    if said.instant is None:
        # Only the day is known: of several times that day nobody can say which.
        same = [m for m in moments if london_day(m) == said.day]
        return same[0] if len(same) == 1 else None
    given = said.instant
    nearest = min(moments, key=lambda m: abs(m - given))
    if abs(nearest - given) <= _NEAR:
        return nearest
    return max((m for m in moments if m < given), default=None)


def _by_interval(every: int, said: Said, as_of: datetime) -> str:
    """A patch's change, so many London days after it was put on, at the same clock time."""
    due_day = said.day + timedelta(days=every)
    if said.instant is None:
        late = due_day < london_day(as_of)
        when = short_day(due_day)
    else:
        due = _instant(due_day, to_london(said.instant).time().replace(tzinfo=None, fold=0))
        late, when = due <= as_of, short_moment(due)
    return f"change was due {when}: {_ASK} it was changed" if late else f"change due {when}"


def short_moment(moment: datetime) -> str:
    """Day and clock time without the year: "Sun 22 Nov, 07:00"."""
    return f"{short_day(london_day(moment))}, {format_time(moment)}"


def short_day(day: date) -> str:
    """Without the year, which stands with the pack: "Sun 22 Nov"."""
    return format_day(day).rsplit(" ", 1)[0]
