"""What every figure of the length-of-stay report means, in sentences for its page and its exports."""

from __future__ import annotations

from redbag.domain import readmissions, resident_days
from redbag.domain.london_time import format_day
from redbag.domain.report_tables import Definition
from redbag.domain.stay_report import StayReport


def definitions(report: StayReport) -> tuple[Definition, ...]:
    """The terms of the report, each with its rule."""
    began = (
        f"Records begin on {format_day(report.records_began)}. The first three months after that are hidden: "
        "they read too short, because nobody who was already in hospital is in them."
        if report.records_began
        else "When records began is not known."
    )
    said = (
        (
            "Length of stay",
            "The discharge date minus the admission date in London days (midnights crossed); 0 when both are "
            "the same day. A stay starts when a hospital decides to admit.",
        ),
        (
            "Stay",
            "A visit to the emergency department without admission is no stay; it is counted as an "
            "attendance. A move to another hospital goes on with the same stay. Death ends a stay.",
        ),
        (
            "The months",
            "Closed stays are counted in the month of discharge, complete months only: "
            f"{report.this_year.words}, beside {report.year_before.words}.",
        ),
        ("Open stays", f"Shown apart, counted at the end of {format_day(report.as_of)}."),
        (
            "Median",
            "Half of the stays were shorter. The median that uses open stays is Kaplan–Meier: the first day "
            "by which half have left.",
        ),
        ("Nine in ten by", "The 90th percentile, by linear interpolation."),
        ("Bed days", "Midnights in hospital within the period, open stays included."),
        ("Per 1,000 resident-days", resident_days.RULE),
        ("Back within 30 days", readmissions.RULE),
        ("First months", began),
        (
            "Shorter or longer",
            "Said only where the 95 % interval of the difference leaves out 0: a bootstrap with fixed draws "
            "that resamples residents, each with all their stays (for all care homes: homes).",
        ),
        (
            "No effect",
            "Two years differ in many things (who fell ill, how severely, the season): a difference is not "
            "an effect.",
        ),
    )
    return tuple(Definition(term, rule) for term, rule in said)
