"""The measures that can be followed from month to month: what each is called, its unit and its rule.

A measure has one value a month, made from that month's records alone, so that any of them can stand in an
XmR chart (domain/spc.py). The stay measures follow domain/length_of_stay.py, the others domain/pathway.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from redbag.domain.length_of_stay import quantile

FEWEST_A_POINT = 10
"""Fewer records than this a month make no chart by month: quarters, or places pooled (domain: SPC)."""


class Kind(StrEnum):
    """What a month's value is made of: the mean or median of days, the median of minutes, the share of
    records that are so, a count, or a count per 1,000 resident-days."""

    MEAN_DAYS = "mean_days"
    MEDIAN_DAYS = "median_days"
    MEDIAN_MINUTES = "median_minutes"
    SHARE = "share"
    COUNT = "count"
    RATE = "rate"


@dataclass(frozen=True)
class Measure:
    """One measure. `unit`: as an axis names it ("days", "minutes", "%", "stays"); a share's value is from 0
    to 1. `rule`: what is counted, in one sentence. `fewest`: the records a point needs."""

    key: str
    name: str
    unit: str
    lower_is_better: bool
    kind: Kind
    rule: str
    fewest: int = FEWEST_A_POINT

    @property
    def is_a_length(self) -> bool:
        """Whether it is how long stays were."""
        return self.key in ("mean_stay", "median_stay")

    @property
    def is_time(self) -> bool:
        """Whether it is a length of time, with a median and a 90th percentile."""
        return self.kind in (Kind.MEAN_DAYS, Kind.MEDIAN_DAYS, Kind.MEDIAN_MINUTES)


_BY_DISCHARGE = "Stays that ended in the month; days are London midnights crossed, admission to discharge"
STAY_MEASURES = (
    Measure(
        "mean_stay",
        "Mean length of stay",
        "days",
        True,
        Kind.MEAN_DAYS,
        f"{_BY_DISCHARGE}. A few long stays pull the mean up.",
    ),
    Measure(
        "median_stay",
        "Median length of stay",
        "days",
        True,
        Kind.MEDIAN_DAYS,
        f"{_BY_DISCHARGE}. Half of the stays were shorter.",
    ),
    Measure(
        "bed_days",
        "Bed days",
        "nights",
        True,
        Kind.COUNT,
        "Midnights of the month that residents spent in hospital, open stays included.",
    ),
    Measure(
        "admissions",
        "Admissions",
        "stays",
        True,
        Kind.COUNT,
        "Stays that began in the month. Fewer short admissions raise the mean stay.",
    ),
)
PATHWAY_MEASURES = (
    Measure(
        "pack_complete",
        "Packs complete when the bag left",
        "%",
        False,
        Kind.SHARE,
        "Packs frozen as the bag left (or as it arrived, where nobody recorded that it left) without a gap.",
    ),
    Measure(
        "decision_to_pack",
        "From the decision to the pack",
        "minutes",
        True,
        Kind.MEDIAN_MINUTES,
        "Minutes from “Send to hospital” until the home first had a pack to print or hand over.",
    ),
    Measure(
        "dispatch_to_scan",
        "From leaving home to the first scan",
        "minutes",
        True,
        Kind.MEDIAN_MINUTES,
        "Minutes from “Handed to crew” to the first step that a hospital recorded by scanning the label.",
    ),
    Measure(
        "scanned",
        "Labels scanned in hospital",
        "%",
        False,
        Kind.SHARE,
        "Journeys that reached a hospital with the bag in which any step was recorded by scanning its label.",
    ),
    Measure(
        "arrival_to_admission",
        "From arrival to admission",
        "minutes",
        True,
        Kind.MEDIAN_MINUTES,
        "Minutes from the arrival until the hospital took responsibility on a ward.",
    ),
    Measure(
        "home_contact",
        "Home and ward spoke within 48 hours",
        "%",
        False,
        Kind.SHARE,
        "Stays that reached 48 hours in which the home had spoken to the ward by then, by when they spoke.",
    ),
    Measure(
        "summary_given",
        "Discharge summaries given",
        "%",
        False,
        Kind.SHARE,
        "People who left hospital alive after a stay whose ward said that the summary was attached, in the "
        "bag or sent; “to follow” and no answer count as not given.",
    ),
    Measure(
        "medicines_settled",
        "Every medicine answered before the return",
        "%",
        False,
        Kind.SHARE,
        "People back home of whose medicines every line that was sent had the hospital’s answer when they "
        "came in at the door; “not mentioned” is no answer.",
    ),
    Measure(
        "label_to_return",
        "From the label to the return",
        "days",
        True,
        Kind.MEDIAN_DAYS,
        "London midnights between the day on which the journey’s first label was made and the day on which "
        "person and bag were back home.",
    ),
    Measure(
        "bag_turnaround",
        "From leaving home to back in stock",
        "days",
        True,
        Kind.MEDIAN_DAYS,
        "London midnights from the day the bag left until the day it was cleaned and back in stock.",
    ),
)
MEASURES: dict[str, Measure] = {one.key: one for one in (*STAY_MEASURES, *PATHWAY_MEASURES)}


def value_of(measure: Measure, counted: Mapping[int, int]) -> tuple[int, float | None]:
    """n and value of one month from how many records have each whole value (days, minutes, or 1 and 0).

    Values below 0 say why a record is left out (domain/pathway.py), and are. Of a count the value is n.
    """
    kept = {value: number for value, number in counted.items() if value >= 0 and number}
    n = sum(kept.values())
    if measure.kind is Kind.COUNT:
        return n, float(n)
    if not n:
        return 0, None
    if measure.kind in (Kind.MEDIAN_DAYS, Kind.MEDIAN_MINUTES):
        return n, quantile(kept, Fraction(1, 2))
    return n, float(Fraction(sum(value * number for value, number in kept.items()), n))
