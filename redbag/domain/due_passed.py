"""When words that a pack froze about a due dose have gone stale on a page.

A pack and its paper keep what was true when they were made. A page read weeks later must not tell anybody
to give next what was due then: from a day after, the times of the home's MAR stand in its place. From
admission on the hospital's chart decides, and a time that is still to come is said calmly beside it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from redbag.domain.london_time import format_day, from_london, london_day
from redbag.domain.next_due import with_phone

_A_DAY = re.compile(r"\b[A-Z][a-z]{2} \d{1,2} [A-Z][a-z]{2}\b")
_A_DOSE = re.compile(r"\bdue ([A-Z][a-z]{2} \d{1,2} [A-Z][a-z]{2})(?:, (\d\d:\d\d))?")
_ROUND = re.compile(
    r"(Other medicines )?[Nn]ext by the home’s MAR: (\w{3} \d{1,2} \w{3}), (\d\d:\d\d)( \(\d+ medicines?\))"
)
_ANY_TIMES = "Times are by the home’s MAR: check the hospital chart."
_AHEAD = 16
"""Days: no dose or change of a patch is computed further ahead of the pack (next_due.py)."""


def still_helps(due: str, today: date) -> bool:
    """Whether the words name a day that is yesterday at the earliest; True where they name none.

    `due`: as next_due.due_words wrote it. `today`: the London day.
    """
    named = set(_A_DAY.findall(due))
    days = (today + timedelta(days=ahead) for ahead in range(-1, _AHEAD + 1))
    return not named or any(format_day(day).rsplit(" ", 1)[0] in named for day in days)


def still_to_come(due: str, now: datetime) -> str:
    """The next dose that the words name, while its time has not come: "due Sun 22 Nov, 15:00"; else "".

    `due`: as next_due.due_words wrote it. Where only the day is known, it is to come until that day is over.
    """
    named = _last_named(due, now)
    return f"{named.lead}due {named.when}" if named and named.moment > now else ""


def by_now(due: str, now: datetime, phone: str) -> str:
    """The words of a due dose as they can be said before admission: a time that has passed since the pack was
    made "was due", and the home is asked. "" where they have long gone stale. `phone`: the home's."""
    named = _last_named(due, now)
    if not still_helps(due, london_day(now)):
        return ""
    if named is None or named.moment > now:
        return with_phone(due, phone)
    done = "changed" if named.lead else "given"
    return with_phone(f"{named.lead}was due {named.when}: ask the home whether it was {done}", phone)


def round_now(next_by_mar: str, now: datetime, phone: str) -> str:
    """The line of the ordinary medicines, as it can be said now: the time that it names may have passed.

    `next_by_mar`: as pack_next.next_by_mar wrote it. `phone`: the home's.
    """
    found = _ROUND.match(next_by_mar)
    if found is None:
        return next_by_mar
    others, day, clock, rest = found.groups()
    moment = _moment(day, clock, now)
    if moment is not None and moment > now:
        return next_by_mar
    if moment is None or not still_helps(next_by_mar, london_day(now)):
        return _ANY_TIMES
    asked = with_phone("ask the home whether they were given", phone)
    return f"{others or 'Medicines '}were due by the home’s MAR: {day}, {clock}{rest}: {asked}"


@dataclass(frozen=True)
class _Named:
    """A dose that frozen words name. `lead`: "change " for a patch."""

    lead: str
    when: str
    moment: datetime


def _last_named(due: str, now: datetime) -> _Named | None:
    """The last dose that the words name; None where they name none, or one of long ago."""
    found = list(_A_DOSE.finditer(due))
    if not found:
        return None
    day, clock = found[-1].groups()
    moment = _moment(day, clock or "23:59", now)
    lead = "change " if due.startswith("change ") else ""
    return _Named(lead, f"{day}, {clock}" if clock else day, moment) if moment else None


def _moment(day: str, clock: str, now: datetime) -> datetime | None:
    """A day without a year, near today, and its clock time (UTC); in the hour that March skips, its end."""
    today = london_day(now)
    near = (today + timedelta(days=away) for away in range(-_AHEAD, _AHEAD + 1))
    found = next((one for one in near if format_day(one).rsplit(" ", 1)[0] == day), None)
    if found is None:
        return None
    try:
        return from_london(found, time.fromisoformat(clock))
    except ValueError:
        return from_london(found, time(2, 0))
