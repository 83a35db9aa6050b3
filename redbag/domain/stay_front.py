"""Three short answers for a manager without training: did stays change, since when, and how sure is that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from redbag.domain import comparison_words, report_front, spc_words, stay_answer
from redbag.domain.comparison import Comparison
from redbag.domain.how_sure import sure
from redbag.domain.listing_words import all_of
from redbag.domain.london_time import format_month
from redbag.domain.measures import MEASURES
from redbag.domain.spc import NONE
from redbag.domain.spc_chart import FEWEST_FOR_LIMITS, HIDDEN, SpcChart, TooFew, build
from redbag.domain.stay_answer import MANY, Count
from redbag.domain.stay_counts import StayCounts
from redbag.domain.stay_difference import Difference, Interval
from redbag.domain.stay_report import StayReport
from redbag.domain.stays_by_month import is_hidden

BOTH_YEARS = (
    "Both years had the red bag: a difference between them does not show what the bag does. Stays with and "
    "without it are compared on a page of their own."
)
NOT_THE_BAG = "A difference is not an effect: it does not show that the bag did it."
MARKS_TOLD = 6
FROM_LISTS = "Those before come from lists that were loaded."


@dataclass(frozen=True)
class Verdict:
    """One question with its own answer, how sure that one is and what makes it less sure ("" where nothing
    could be compared), since when, and what to keep in mind. `joining`: whether it compares before and since
    the home began, and not two years."""

    question: str
    said: str
    sure: str
    since: str = ""
    beside: str = ""
    joining: bool = False

    @property
    def sentences(self) -> tuple[str, ...]:
        """All of it, for paper."""
        named = (("How sure?", self.sure), ("Since when?", self.since))
        told = (f"{name} {said}" for name, said in named if said)
        asked = "" if self.joining else f"{self.question}: "
        return (f"{asked}{self.said}", *told, *((self.beside,) if self.beside else ()))


@dataclass(frozen=True)
class FrontAnswer:
    """Whether stays changed, each comparison with its own certainty, and since when ("" where the first
    comparison says that: before and after the home joined)."""

    verdicts: tuple[Verdict, ...]
    since: str = ""


def answer(report: StayReport, chart: SpcChart | TooFew, found: Comparison | None = None) -> FrontAnswer:
    """The answers of the length-of-stay report and of the chart over time of its medians. `found`: stays
    before and since the home began, compared, where earlier stays are loaded (has_before)."""
    years = Verdict("This year against last", against_last_year(report), sure(report.difference))
    if found is None or not isinstance(chart, SpcChart):
        return FrontAnswer((years,), since(chart))
    return FrontAnswer((_joining(found, chart), years))


def of_years(report: StayReport, chart: SpcChart | TooFew, count: Count, *, hides_small: bool) -> Verdict:
    """Two years of many homes: of a hospital, or of the borough. `chart`: chart_of_years() of the report;
    `count`, `hides_small`: how this reader may see numbers of stays."""
    homes = report_front.same_homes(report.homes.in_both, report.homes.this_year)
    return Verdict(
        "This year against last",
        f"{report.answer(count)}{homes}",
        sure(report.difference),
        since=since_of_years(report, chart, hides_small=hides_small),
        beside=BOTH_YEARS,
    )


def _joining(found: Comparison, chart: SpcChart) -> Verdict:
    """Whether stays since the home began differ from those before, and what makes that less sure."""
    began = chart.now.rebase
    words = f"{began.words} in {format_month(began.day)}." if began else ""
    said = comparison_words.lead(found, "{:,}".format, drawn="residents", hides_small=False)
    question = "Since the red bag"
    if not began or found.mean is None:
        return Verdict(question, f"{words} {said.sentence}".strip(), "", joining=True)
    out = sum(n for _, n in found.left_out)
    beside = (NOT_THE_BAG, comparison_words.deaths(found, "{:,}".format), FROM_LISTS, _left_out(out))
    return Verdict(
        question,
        f"Since {format_month(began.day)}, when {began.words}, stays were {_than_before(found, found.mean)}.",
        _together(said.sure, comparison_words.held_still(found), spc_words.before_that(chart)),
        since=_since_joining(chart, format_month(began.day), told=found.mean.is_clear),
        beside=_together(*beside),
        joining=True,
    )


def _than_before(found: Comparison, mean: Interval) -> str:
    """By the means; with the medians where these do not go the same way."""
    since, before = found.first.figures, found.second.figures
    medians = since.median or 0, before.median or 0
    same_way = (medians[0] - medians[1]) * mean.difference > 0
    return (
        f"{comparison_words.than(mean, 'before')}: {since.mean:.1f} days on average against {before.mean:.1f}"
        f"{'' if same_way else f', median {medians[0]:.1f} against {medians[1]:.1f}'} "
        f"({since.n:,} stays since, {before.n:,} before; up to two years each)"
    )


def _since_joining(chart: SpcChart, began: str, *, told: bool) -> str:
    """From when on stays changed, as far as a chart over time with the home's first day in it tells. `told`:
    whether the two times differ by more than chance."""
    if chart.now.has_limits:
        return since(chart)
    has = f"{chart.now.count} {spc_words.period_name(chart)}{'' if chart.now.count == 1 else 's'}"
    few = f"only {has} since then had enough stays for a chart"
    cannot = f"When in it stays changed cannot be told: {few}." if told else f"That cannot be told: {few}."
    whole = f"The time since {began} as a whole, up to two years." if told else ""
    return _together(whole, cannot, _marks(chart))


def _marks(chart: SpcChart) -> str:
    """What the marks of a chart are before and since the home began: the last few before, and all since."""
    earlier = chart.segments[-2]
    before, after = (
        [stay_answer.number(point.value) for point in points if point.value is not None]
        for points in (chart.points[earlier.start : earlier.end], chart.points[chart.now.start :])
    )
    each, shown = spc_words.period_name(chart), before[-MARKS_TOLD:]
    told = f"{all_of(shown)} {chart.measure.unit} before" if shown else "none before"
    since = f"{all_of(after)} since" if after else "none since"
    return f"{chart.measure.name}, {each} by {each}: {told}, {since}."


def _left_out(n: int) -> str:
    if not n:
        return ""
    return f"{n:,} stay{' is' if n == 1 else 's are'} left out of the comparison; its page says which."


def _together(*sentences: str) -> str:
    return " ".join(filter(None, sentences))


def against_last_year(report: StayReport) -> str:
    """The sentence of the report; shorter where the medians are the same and so few stays prove nothing."""
    now, then, found = report.beside.this_year, report.beside.year_before, report.difference
    if not isinstance(found, Difference) or now.median is None or now.median != then.median:
        return report.sentence
    if report.is_clear or (found.median.is_narrow and found.mean.is_narrow) or min(now.n, then.n) >= MANY:
        return report.sentence
    stays = f"{now.n} stays each" if now.n == then.n else f"{now.n} and {then.n} stays"
    median = stay_answer.days(now.median)
    return f"No difference seen: a median of {median} both years ({stays}: too few to rule one out)."


def has_before(chart: SpcChart | TooFew) -> bool:
    """Whether the chart shows stays from before the home joined beside those since."""
    return isinstance(chart, SpcChart) and chart.now.rebase is not None


def chart_of_years(report: StayReport, *, hides_small: bool) -> SpcChart | TooFew:
    """The measure that the answer goes by over both years, of the homes that are compared: not of all, as
    charts over time are."""
    return _over_both_years(report, report.same, hides_small=hides_small)


def _over_both_years(report: StayReport, stays: StayCounts, *, hides_small: bool) -> SpcChart | TooFew:
    chosen = report.chosen
    months = (*chosen.before.months, *chosen.months)
    hidden = {month: HIDDEN for month in months if is_hidden(month, report.records_began)}
    return build(
        MEASURES[report.measure],
        stays.closed,
        chosen.before.first,
        chosen.last,
        hidden=hidden,
        hide_small=hides_small,
    )


def since_of_years(report: StayReport, chart: SpcChart | TooFew, *, hides_small: bool) -> str:
    """From when on, by the chart of both years."""
    homes = report.homes
    each = spc_words.period_name(chart) if isinstance(chart, SpcChart) else "month"
    said = since(chart)
    told = f"{each.capitalize()} by {each} over both years: {said[0].lower()}{said[1:]}"
    if homes.this_year == homes.in_both or homes.this_year < 2:
        return told
    compared = f"That is of the {homes.in_both} homes compared"
    if not isinstance(chart, SpcChart) or lasting_run(chart) is None:
        return f"{told} {compared}: charts over time are of all homes, and may differ."
    everybody = _over_both_years(report, report.counts, hides_small=hides_small)
    also = isinstance(everybody, SpcChart) and lasting_run(everybody) is not None
    shows = "such a run shows as well" if also else "no such run shows"
    return f"{told} {compared}: of all {homes.this_year} homes together {shows}."


def since(chart: SpcChart | TooFew) -> str:
    """From when on the stays of a place differ from what they were before, as far as can be told."""
    if isinstance(chart, TooFew):
        return f"Cannot be told. {spc_words.answer(chart)}"
    if not chart.now.has_limits:
        has = f"{chart.now.count} point{'s' if chart.now.count != 1 else ''}"
        return f"Cannot be told yet: the chart has {has} so far, and it takes {FEWEST_FOR_LIMITS}."
    unusual = spc_words.signals(chart)
    if not unusual:
        return "No turning point: the figures lie within their usual ups and downs."
    lasting = lasting_run(chart)
    lead = f"From {format_month(lasting)} on." if lasting else "No turning point, though some stand out."
    if chart.last.rule != NONE:
        return f"{lead} {spc_words.answer(chart)}"
    over = ", so it may have ended" if lasting else ""
    return f"{lead} {unusual[0]} The figures since then lie within their usual ups and downs{over}."


def lasting_run(chart: SpcChart) -> date | None:
    """The first day of the newest row of points that is unusual as a row, not point by point; None of no
    such row."""
    unusual = [place for place, point in enumerate(chart.points) if point.rule != NONE]
    if not unusual:
        return None
    run = spc_words.run_to(chart, unusual[-1])
    as_a_row = chart.points[unusual[-1]].rule.startswith(("shift", "trend", "outside"))
    return chart.points[run[0]].first if as_a_row and len(run) > spc_words.MANY_OUTSIDE else None
