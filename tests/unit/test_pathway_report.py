"""The pathway in words and tables: what is named, what is too little to name, what nobody may work out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime

import pytest

from redbag.domain import lost_counts, pathway_paper, suppression
from redbag.domain.custody import ItemCheck, Lost, Status, Step
from redbag.domain.lost_counts import LostThing
from redbag.domain.measures import MEASURES
from redbag.domain.pathway import LeftOut
from redbag.domain.pathway_report import Figure, PathwayReport, build, figure_of, sentences
from redbag.domain.report_filter import ReportFilter

AS_OF = date(2026, 11, 21)
CHOSEN = ReportFilter.usual(AS_OF)


def report(
    now: Mapping[str, Mapping[int, int]],
    before: Mapping[str, Mapping[int, int]] | None = None,
    lost: Mapping[str, int] | None = None,
    *,
    whole: bool = False,
) -> PathwayReport:
    def values(key: str, months: Iterable[date]) -> Mapping[int, int]:
        return (now if CHOSEN.last in months else before or {}).get(key, {})

    def things(months: Iterable[date]) -> tuple[Counter[str], Counter[str]]:
        spans = Counter(lost if lost and CHOSEN.last in months else {})
        return spans, Counter({"Glasses": spans.total()} if spans else {})

    return build("Maple House", CHOSEN, AS_OF, values, things, whole_country=whole)


def said(found: PathwayReport) -> str:
    return " ".join(sentences(found, suppression.count if found.whole_country else "{:,}".format))


def test_figure_keeps_what_is_left_out_apart() -> None:
    counted = {1: 3, 0: 1, LeftOut.NO_BAG: 2, LeftOut.NOT_SCANNED: 5, 7: 0}
    share = figure_of(MEASURES["scanned"], {k: v for k, v in counted.items() if k != 7})
    assert share == Figure(4, 3, left_out=((LeftOut.NOT_SCANNED, 5), (LeftOut.NO_BAG, 2)))
    assert (share.no, share.share, share.out) == (1, 0.75, 7)
    time = figure_of(MEASURES["dispatch_to_scan"], {0: 1, 10: 2, 50: 1, LeftOut.CONTRADICTION: 1})
    assert (time.n, time.p25, time.median, time.p90) == (4, 7.5, 10, 38)
    assert figure_of(MEASURES["dispatch_to_scan"], {}).median is None


def test_names_what_is_done_least_often_and_not_what_is_done_for_nine_in_ten() -> None:
    found = report(
        {"scanned": {1: 9, 0: 1}, "summary_given": {1: 12, 0: 8}, "pack_complete": {1: 199, 0: 201}}
    )
    assert (
        "Done least often: packs complete when the bag left (50 %) and discharge summaries given (60 %)."
        in said(found)
    )
    assert "Each step was done for at least nine in ten journeys." in said(report({"scanned": {1: 9, 0: 1}}))
    assert "too few journeys to say which step" in said(report({"scanned": {1: 3, 0: 6}}))


@pytest.mark.parametrize(
    ("now", "then", "named"),
    [
        ({11: 10}, {10: 10}, True),
        ({10: 10}, {10: 10}, False),
        ({109: 10}, {100: 10}, False),
        ({110: 10}, {100: 10}, True),
        ({1: 10}, {0: 10}, True),
        ({90: 9}, {10: 10}, False),
    ],
)
def test_names_what_takes_clearly_longer(
    now: Mapping[int, int], then: Mapping[int, int], named: bool
) -> None:
    words = said(report({"decision_to_pack": now}, {"decision_to_pack": then}))
    assert ("Longer than in the same months a year before: from the decision to the pack" in words) is named


def test_no_journeys_at_all_is_said_and_left_out_ones_do_not_count_as_any() -> None:
    assert "no journey came to any of these steps" in said(report({}))
    assert "no journey came to any of these steps" in said(report({"scanned": {LeftOut.NO_BAG: 3}}))


def test_small_numbers_are_in_no_sentence_for_who_sees_nobody() -> None:
    figures = {"scanned": {1: 95, 0: 5}, "summary_given": {1: 8, 0: 92}, "pack_complete": {1: 2, 0: 200}}
    words = said(report(figures, lost={"packing-return": 1}, whole=True))
    assert "discharge summaries given (8 %)" in words
    assert "packs complete" not in words
    assert "Few things were lost." in words
    assert "One thing" not in words
    assert "12 things were lost, 10 of them from packing" in said(
        report(figures, lost={"packing-return": 10, "other": 2})
    )
    covered = report(figures, lost={"packing-return": 10, "other": 2}, whole=True)
    assert "10 things were lost." in said(covered)
    # ten of twelve: neither the two nor the ten may be told from the other
    hidden = suppression.suppressed(pathway_paper.paper(covered, suppression.count))
    cells = [row.cells[2] for row in hidden.table("lost-by-handover").rows]
    assert [cell.value for cell in cells] == [None, None, 10]


def test_lost_things_are_counted_by_stretch_and_kind() -> None:
    def look(step: Step, hour: int, status: Status) -> ItemCheck:
        return ItemCheck("x", step, status, datetime(2026, 3, 29, hour, 30, tzinfo=UTC))

    seen, gone = look(Step.ADMISSION, 1, Status.PRESENT), look(Step.DISCHARGE, 23, Status.MISSING)
    lost = [Lost("x", seen, gone, ()), Lost("y", seen, look(Step.OPENED, 9, Status.MISSING), ())]
    assert lost_counts.counted(lost, {"x": "Glasses (reading)", "y": "Mother’s letter"}) == (
        LostThing(date(2026, 3, 29), "other", lost_counts.OTHER_KIND),
        LostThing(date(2026, 3, 30), "admission-discharge", "Glasses"),  # 23:30 UTC is the next day in London
    )
    assert lost_counts.kind_of("dentures,  UPPER") == "Dentures, upper"
