"""What a manager narrows a report down to: a period and one choice of each factor, kept in the address.

A filter is read from the address and goes back into it, so that a view can be sent and bookmarked. A value
that is not known is left out and said beside its field. Oversight readers have no filters: see suppression.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from redbag.domain.london_time import format_month
from redbag.domain.record import Choices
from redbag.domain.stays_by_month import add_months, last_complete_month
from redbag.domain.todays_facts import REASONS

NOT_RECORDED = "not_recorded"
AGE_BANDS: Choices = (
    ("under_65", "Under 65"),
    ("65_74", "65 to 74"),
    ("75_84", "75 to 84"),
    ("85_94", "85 to 94"),
    ("95_over", "95 and over"),
    (NOT_RECORDED, "Age not recorded"),
)
"""Age in whole years on the day of admission."""
FIRST_AGE_AFTER = ((65, "under_65"), (75, "65_74"), (85, "75_84"), (95, "85_94"))

BAGS: Choices = (
    ("with", "With the red bag"),
    ("without", "Without the red bag"),
    ("unknown", "Not known"),
)
WEEKDAYS: Choices = (
    ("mon", "Monday"),
    ("tue", "Tuesday"),
    ("wed", "Wednesday"),
    ("thu", "Thursday"),
    ("fri", "Friday"),
    ("sat", "Saturday"),
    ("sun", "Sunday"),
)
STAY_REASONS: Choices = (*REASONS, (NOT_RECORDED, "Reason not recorded"))

_REASON_WORDS = {
    "fall": "falls",
    "breathless": "breathlessness",
    "confused": "confusion",
    "infection": "infections",
    "other": "other reasons",
}
_MOST_MONTHS = 120


@dataclass(frozen=True)
class Places:
    """What this reader may choose from, as (reference, name). `own`: the reader's own place, which narrows
    nothing down: a colleague elsewhere may have sent an address that names it."""

    homes: Choices = ()
    hospitals: Choices = ()
    wards: Choices = ()
    own: str = ""


@dataclass(frozen=True)
class ReportFilter:
    """A period of months of discharge (`first` and `last` are the first days of its months) and the factors;
    "" means any. `period_kept`: whether the address names the period, or it moves on with the calendar.
    `place_names`: the names behind the references, for words."""

    first: date
    last: date
    home_ref: str = ""
    hospital_ref: str = ""
    ward_ref: str = ""
    reason: str = ""
    age_band: str = ""
    bag: str = ""
    weekday: str = ""
    period_kept: bool = False
    place_names: tuple[tuple[str, str], ...] = field(default=(), compare=False)

    @classmethod
    def usual(cls, as_of: date) -> ReportFilter:
        """Everything, over the last twelve complete months."""
        last = last_complete_month(as_of)
        return cls(add_months(last, -11), last)

    @property
    def start(self) -> date:
        """The first day of the period."""
        return self.first

    @property
    def end(self) -> date:
        """The last day of the period."""
        return add_months(self.last, 1) - timedelta(days=1)

    @property
    def months(self) -> tuple[date, ...]:
        """The first day of each month of the period."""
        count = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1
        return tuple(add_months(self.first, index) for index in range(count))

    @property
    def before(self) -> ReportFilter:
        """The same factors over the same months a year before."""
        return replace(
            self, first=add_months(self.first, -12), last=add_months(self.last, -12), period_kept=True
        )

    @property
    def has_factors(self) -> bool:
        """Whether anything but the period is chosen."""
        return any(getattr(self, name) for name in _FACTORS.values())

    @property
    def is_usual(self) -> bool:
        """Whether nothing at all is chosen."""
        return not (self.has_factors or self.period_kept)

    def query(self) -> dict[str, str]:
        """What stands in the address: only what was chosen."""
        kept = {"from": f"{self.first:%Y-%m}", "to": f"{self.last:%Y-%m}"} if self.period_kept else {}
        return kept | {key: value for key, name in _FACTORS.items() if (value := getattr(self, name))}

    @property
    def period_words(self) -> str:
        """For example "November 2025 to October 2026"."""
        if self.first == self.last:
            return format_month(self.first)
        return f"{format_month(self.first)} to {format_month(self.last)}"

    @property
    def words(self) -> str:
        """What is chosen beside the period, for example "Maple House, falls only, aged 85 to 94"."""
        names = dict(self.place_names)
        said = [names.get(ref, "") for ref in (self.home_ref, self.hospital_ref, self.ward_ref)]
        said += [_reason_words(self.reason), _age_words(self.age_band), _bag_words(self.bag)]
        said.append(f"left on a {dict(WEEKDAYS)[self.weekday]}" if self.weekday else "")
        return ", ".join(part for part in said if part)

    def keeps(self, *, reason: str, age: int | None, bag: str, discharged_on: date | None) -> bool:
        """Whether a stay has the chosen facts; places are the query's to choose. `reason` is a key of REASONS
        or "", `bag` one of BAGS. A stay without a discharge day has no weekday of discharge."""
        if self.reason and self.reason != (reason or NOT_RECORDED):
            return False
        if self.age_band and self.age_band != age_band(age):
            return False
        if self.bag and self.bag != bag:
            return False
        return not self.weekday or (discharged_on is not None and self.weekday == weekday(discharged_on))


_FACTORS = {
    "home": "home_ref",
    "hospital": "hospital_ref",
    "ward": "ward_ref",
    "reason": "reason",
    "age": "age_band",
    "bag": "bag",
    "weekday": "weekday",
}
"""The names in the address, and the filter's own."""


def parse(
    args: Mapping[str, str], as_of: date, places: Places | None = None
) -> tuple[ReportFilter, dict[str, str]]:
    """The filter that an address asks for, and a sentence for each field whose value is not known.

    What is not known is left out of the filter. Months after the last complete one are not known.
    """
    places = places or Places()
    choices = _choices(places)
    errors: dict[str, str] = {}
    chosen: dict[str, Any] = {}
    for key, name in _FACTORS.items():
        said = args.get(key, "").strip()
        if said and said == places.own:
            continue
        if said and said not in dict(choices[key]):
            errors[key] = _UNKNOWN[key]
        elif said:
            chosen[name] = said
    found = replace(_period(args, as_of, errors), **chosen)
    refs = (found.home_ref, found.hospital_ref, found.ward_ref)
    named = {**dict(choices["home"]), **dict(choices["hospital"]), **dict(choices["ward"])}
    return replace(found, place_names=tuple((ref, named[ref]) for ref in refs if ref)), errors


def asked(args: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """What an address says to parse(): of two addresses that say the same, one filter comes."""
    names = ("from", "to", *_FACTORS)
    return tuple((name, said) for name in names if (said := args.get(name, "").strip()))


def age_band(age: int | None) -> str:
    """The key of the band of an age in whole years."""
    if age is None:
        return NOT_RECORDED
    return next((key for limit, key in FIRST_AGE_AFTER if age < limit), "95_over")


def weekday(day: date) -> str:
    """The key of a day's weekday."""
    return WEEKDAYS[day.weekday()][0]


def months_to_choose(as_of: date, began: date | None) -> Choices:
    """The complete months from the first record on, the latest first: at most ten years of them."""
    last = last_complete_month(as_of)
    back = _MOST_MONTHS
    if began is not None:
        back = (last.year - began.year) * 12 + last.month - began.month + 1
    months = [add_months(last, -index) for index in range(min(max(back, 1), _MOST_MONTHS))]
    return tuple((f"{month:%Y-%m}", format_month(month)) for month in months)


def _choices(places: Places) -> dict[str, Choices]:
    return {
        "home": places.homes,
        "hospital": places.hospitals,
        "ward": places.wards,
        "reason": STAY_REASONS,
        "age": AGE_BANDS,
        "bag": BAGS,
        "weekday": WEEKDAYS,
    }


_UNKNOWN = {
    "home": "This home is not known here. Choose one from the list.",
    "hospital": "This hospital is not known here. Choose one from the list.",
    "ward": "This ward is not known here. Choose one from the list.",
    "reason": "This reason is not known. Choose one from the list.",
    "age": "This age band is not known. Choose one from the list.",
    "bag": "Choose with, without or not known.",
    "weekday": "This day is not known. Choose one from the list.",
}


def _period(args: Mapping[str, str], as_of: date, errors: dict[str, str]) -> ReportFilter:
    """The period asked for; one end alone makes twelve months, or all up to the last complete month."""
    usual = ReportFilter.usual(as_of)
    first, last = (_month(args, name, usual.last, errors) for name in ("from", "to"))
    if first is None and last is None:
        return usual
    to = last or usual.last
    start = first or add_months(to, -11)
    if start > to:
        errors["from"] = "The period ends before it begins. Choose an earlier first month."
        return usual
    if start < add_months(to, 1 - _MOST_MONTHS):
        errors["from"] = "Choose ten years or less."
        return usual
    return ReportFilter(start, to, period_kept=True)


def _month(args: Mapping[str, str], name: str, latest: date, errors: dict[str, str]) -> date | None:
    said = args.get(name, "").strip()
    if not said:
        return None
    try:
        month = date.fromisoformat(f"{said}-01")
    except ValueError:
        errors[name] = "Give a month as year and month, for example 2026-03."
        return None
    if month > latest:
        errors[name] = f"Only complete months can be shown: up to {format_month(latest)}."
        return None
    if month.year < 1990:
        errors[name] = "There are no records from before 1990."
        return None
    return month


def _reason_words(reason: str) -> str:
    if not reason or reason == NOT_RECORDED:
        return "reason not recorded" if reason else ""
    return f"{_REASON_WORDS.get(reason) or _lower(STAY_REASONS, reason)} only"


def _age_words(band: str) -> str:
    if not band or band == NOT_RECORDED:
        return "age not recorded" if band else ""
    return f"aged {_lower(AGE_BANDS, band)}"


def _bag_words(bag: str) -> str:
    return "not known whether with the red bag" if bag == "unknown" else _lower(BAGS, bag) if bag else ""


def _lower(choices: Iterable[tuple[str, str]], key: str) -> str:
    words = dict(choices)[key]
    return words[0].lower() + words[1:]
