"""London days and London clock times.

Instants are stored in UTC and shown in Europe/London; a day is a London calendar day. All wording is
English whatever the server's locale, and nothing here reads a clock.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_FULL_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def to_london(instant: datetime) -> datetime:
    """The instant on a London clock. ValueError for a time without a zone, which could mean any instant."""
    if instant.utcoffset() is None:
        raise ValueError("An instant needs its time zone.")
    return instant.astimezone(LONDON)


def london_day(instant: datetime) -> date:
    """The London calendar day on which the instant falls."""
    return to_london(instant).date()


def from_london(day: date, clock: time, *, fold: int = 0) -> datetime:
    """The UTC instant at which a London clock showed `clock` on `day`.

    In the hour that happens twice each October the earlier instant is taken; `fold=1` asks for the later.
    Raises ValueError, in words for the person typing, for a time in the hour skipped each March.
    """
    if clock.tzinfo is not None:
        raise ValueError("Give the London clock time without a zone.")
    if fold not in (0, 1):
        raise ValueError("fold is 0 for the earlier instant or 1 for the later.")
    local = datetime.combine(day, clock).replace(tzinfo=LONDON, fold=fold)
    instant = local.astimezone(UTC)
    if instant.astimezone(LONDON).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise ValueError(
            f"{clock:%H:%M} did not happen on {format_day(day)}: the clocks went forward an hour. "
            "Check the time."
        )
    return instant


def is_repeated(day: date, clock: time) -> bool:
    """Whether London clocks showed this time twice that day (the last Sunday of October)."""
    naive = datetime.combine(day, clock.replace(tzinfo=None))
    first = naive.replace(tzinfo=LONDON, fold=0).utcoffset()
    second = naive.replace(tzinfo=LONDON, fold=1).utcoffset()
    # In the skipped hour the two readings differ as well, but the other way round.
    return first is not None and second is not None and first > second


def start_of_day(day: date) -> datetime:
    """The UTC instant at which the London day begins."""
    return from_london(day, time(0, 0))


def end_of_day(day: date) -> datetime:
    """The UTC instant at which the London day is over: the start of the next one, itself not included."""
    return start_of_day(day + timedelta(days=1))


def format_day(day: date) -> str:
    """For example "Tue 3 Nov 2026". For an instant, use format_moment or london_day first."""
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def format_birth_date(day: date) -> str:
    """For example "3 November 1938": month in full, since a date of birth is read aloud."""
    return f"{day.day} {_FULL_MONTHS[day.month - 1]} {day.year}"


def read_birth_date(words: str) -> date | None:
    """The day that format_birth_date wrote; None for any other words."""
    day, _, rest = words.partition(" ")
    month, _, year = rest.partition(" ")
    try:
        return date(int(year), _FULL_MONTHS.index(month) + 1, int(day))
    except ValueError:
        return None


def format_month(day: date) -> str:
    """The month that holds this day, for example "November 2026"."""
    return f"{_FULL_MONTHS[day.month - 1]} {day.year}"


def format_time(instant: datetime) -> str:
    """London clock time, for example "14:20".

    In the hour that happens twice, BST or GMT is added: a last dose at 01:30 must mean one instant.
    """
    local = to_london(instant)
    zone = f" {local.tzname()}" if is_repeated(local.date(), local.time().replace(fold=0)) else ""
    return f"{local:%H:%M}{zone}"


def format_moment(instant: datetime) -> str:
    """For example "Tue 3 Nov 2026, 14:20", on a London clock."""
    return f"{format_day(london_day(instant))}, {format_time(instant)}"


def age_on(born: date, day: date) -> int:
    """Age in whole years on `day`.

    A person born on 29 February becomes a year older on 1 March in other years (Family Law Reform Act
    1969, section 9). Raises ValueError for a day before birth.
    """
    if day < born:
        raise ValueError("The date of birth is after this day.")
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
