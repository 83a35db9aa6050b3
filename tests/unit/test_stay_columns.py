"""Stays counted as columns, held to the rules that take one stay at a time."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from redbag.domain import data_quality, readmissions, readmissions_of_columns, stay_columns
from redbag.domain.column_text import BETWEEN, NO_DAY, WITHIN, Coded, days_listed, numbers_listed
from redbag.domain.discharge_papers import counted
from redbag.domain.readmissions import Spell
from redbag.domain.report_filter import AGE_BANDS, BAGS, STAY_REASONS, WEEKDAYS, ReportFilter
from redbag.domain.stay_columns import NEVER, NOBODY, NUMBERS, StayColumns
from redbag.domain.stay_counts import StayCounts, StayFacts, facets
from redbag.domain.stay_groups import FACTORS
from redbag.domain.stays_by_month import Figures, add_months, first_day
from tests.unit.test_stay_counts import AS_OF, some_stays, told

START, END = date(2025, 6, 1), date(2026, 5, 31)
FIRST = {1: date(2026, 1, 2), 2: None}
_KEYS = [st.sampled_from(["", *(key for key, _ in choices)]) for choices in (AGE_BANDS, BAGS, WEEKDAYS)]


@st.composite
def stays_of_people(draw: st.DrawFn) -> list[StayFacts]:
    """Some stays, of a few residents and of nobody known, in wards and with both kinds of journey."""
    return [
        one._replace(
            drawn_with=draw(st.sampled_from([None, 1, 2, 3, 4])),
            ward_id=draw(st.sampled_from([None, 5, 6])),
            journey_type=draw(st.sampled_from(["emergency", "planned"])),
            ended_as="transfer" if draw(st.integers(0, 9)) == 0 else one.ended_as,
        )
        for one in draw(some_stays())
    ]


@given(stays_of_people())
def test_columns_are_counted_as_single_stays_are(stays: list[StayFacts]) -> None:
    assert told(stay_columns.count(StayColumns.of(stays), AS_OF)) == told(StayCounts.of(stays, AS_OF))


@given(stays_of_people())
def test_each_factor_is_counted_as_its_stays_are(stays: list[StayFacts]) -> None:
    months = {add_months(first_day(END), -index) for index in range(12)}
    expected: dict[str, dict[str, Counter[int]]] = {factor: defaultdict(Counter) for factor in FACTORS}
    for one in stays:
        ended = one.discharged_on
        if ended is None or ended > AS_OF or first_day(ended) not in months:
            continue
        if one.counts and not one.contradictory:
            values = facets(one)
            values["home"], values["ward"] = str(one.home_id), str(one.ward_id or "")
            for factor in FACTORS:
                expected[factor][values[factor]][(ended - one.admitted_on).days] += 1
    found = stay_columns.by_factor(StayColumns.of(stays), FACTORS, months, AS_OF)
    assert {factor: by_value.lengths() for factor, by_value in found.items()} == expected
    for factor, by_value in found.items():
        lengths = expected[factor]
        assert by_value.figures() == {value: Figures.of(counts) for value, counts in lengths.items()}
        assert by_value.totals() == Counter({value: counts.total() for value, counts in lengths.items()})
        for left_out in (set(), set(list(lengths)[:1])):
            kept = sum((counts for value, counts in lengths.items() if value not in left_out), Counter())
            assert by_value.together(without=left_out) == Figures.of(kept)


@given(stays_of_people(), st.sampled_from(["", *dict(STAY_REASONS)]), *_KEYS)
def test_a_filter_keeps_the_same_stays(
    stays: list[StayFacts], reason: str, band: str, bag: str, weekday: str
) -> None:
    chosen = replace(
        ReportFilter.usual(AS_OF), reason=reason, age_band=band, bag=bag, weekday=weekday, hospital_ref="H7"
    )
    kept = [
        one
        for one in stays
        if one.hospital_id == 7
        and chosen.keeps(reason=one.reason, age=one.age, bag=one.bag, discharged_on=one.discharged_on)
    ]
    found = StayColumns.of(stays).chosen(chosen, {"H7": 7}.get)
    assert told(stay_columns.count(found, AS_OF)) == told(StayCounts.of(kept, AS_OF))
    assert len(found) == len(kept)


@given(stays_of_people())
def test_the_records_are_as_sure_as_single_stays_say(stays: list[StayFacts]) -> None:
    asked = [one for one in stays if one.counts or one.contradictory]
    expected = data_quality.count(asked, START, END, AS_OF)
    assert data_quality.count_columns(StayColumns.of(stays), START, END, AS_OF) == expected


@given(stays_of_people(), stays_of_people(), st.integers(1, 3))
def test_readmissions_are_counted_as_spells_are(
    own: list[StayFacts], others: list[StayFacts], every: int
) -> None:
    ours = [place % every == 0 for place in range(len(own))]
    spells = [
        Spell(
            one.drawn_with,
            one.admitted_on,
            one.discharged_on,
            one.ended_as,
            one.journey_type == "emergency",
            counts and one.counts,
        )
        for one, counts in zip([*own, *others], [*ours, *([False] * len(others))], strict=True)
    ]
    columns = StayColumns.of(own).and_(StayColumns.of(others))
    mask = np.array([*ours, *([False] * len(others))], np.bool_)
    expected = readmissions.count(spells, START, END, AS_OF)
    assert readmissions_of_columns.count(columns, mask, START, END, AS_OF) == expected


@given(stays_of_people(), st.booleans())
def test_two_years_have_the_lengths_of_their_stays(stays: list[StayFacts], by_home: bool) -> None:
    months = {add_months(first_day(END), -index) for index in range(12)}
    now, then = stay_columns.lengths_of_two_years(StayColumns.of(stays), months, AS_OF, by_home=by_home)
    for found, months_wanted in ((now, months), (then, {add_months(month, -12) for month in months})):
        whose, days = (column.tolist() for column in found)
        assert Counter(zip(whose, days, strict=True)) == Counter(
            (
                one.home_id if by_home else one.drawn_with or stay_columns.NOBODY,
                (one.discharged_on - one.admitted_on).days,
            )
            for one in stays
            if one.discharged_on is not None
            and one.counts
            and not one.contradictory
            and one.discharged_on <= AS_OF
            and first_day(one.discharged_on) in months_wanted
        )


def test_a_day_after_the_year_3000_is_no_day_of_the_report() -> None:
    late = date(3000, 1, 1)
    gone = late + timedelta(days=3)
    stay = StayFacts(1, 2, None, "", None, "unknown", late, gone, None, "", "emergency", "")
    assert told(stay_columns.count(StayColumns.of([stay]), AS_OF)) == told(StayCounts.of([stay], AS_OF))


@given(stays_of_people(), st.data())
def test_discharge_summaries_are_counted_of_whoever_left_alive(
    stays: list[StayFacts], data: st.DataObject
) -> None:
    answers = st.tuples(
        st.sampled_from(["", "attached", "sent", "to_follow", "not_given"]), st.sampled_from(["", "nothing"])
    )
    said = [data.draw(answers) for _ in stays]
    expected = Counter(
        pair
        for one, pair in zip(stays, said, strict=True)
        if one.discharged_on and START <= one.discharged_on <= END and one.counts and one.ended_as != "died"
    )
    columns = replace(
        StayColumns.of(stays),
        summary=Coded.of([one for one, _ in said]),
        papers_missing=Coded.of([one for _, one in said]),
    )
    assert stay_columns.summaries(columns, START, END) == counted(
        (summary, missing, n) for (summary, missing), n in expected.items()
    )


@given(st.lists(st.lists(st.none() | st.dates(), min_size=1), max_size=4))
def test_days_come_back_from_the_text_that_they_were_written_in(parts: list[list[date | None]]) -> None:
    texts = ["".join(day.isoformat() if day else NO_DAY for day in part) for part in parts]
    expected = [day.toordinal() if day else -7 for part in parts for day in part]
    assert days_listed([*texts, None], -7).tolist() == expected
    sent = [b"".join((day.toordinal() if day else 0).to_bytes(4) for day in part) for part in parts]
    assert days_listed([*sent, None], -7).tolist() == expected


@given(st.lists(st.lists(st.integers(-1, 2**31 - 1), min_size=1), max_size=4))
def test_numbers_come_back_from_text_and_from_bytes(parts: list[list[int]]) -> None:
    expected = [number for part in parts for number in part]
    texts = [BETWEEN.join(map(str, part)) for part in parts]
    sent = [b"".join(number.to_bytes(4, signed=True) for number in part) for part in parts]
    assert numbers_listed([None, *texts]).tolist() == numbers_listed([*sent, None]).tolist() == expected


def told_as_text(words: list[tuple[str, ...]]) -> str:
    return BETWEEN.join(WITHIN.join(row) for row in words)


def test_the_first_day_of_a_home_is_that_of_its_stays() -> None:
    words = [("a", "home", "x", "y", "", ""), ("b", "", "x", "y", "", ""), ("", "died", "x", "y", "", "")]
    first = ["1\x1f2", *("-1\x1f-1",) * 2, *("5\x1f6",) * 2, "8\x1f8"]
    first += [*("2026-01-022024-02-29",) * 2, f"{NO_DAY}2026-01-03", told_as_text(words[:2])]
    second = ["1", *("-1",) * 2, *("7",) * 2, "9", "2026-01-04", NO_DAY, NO_DAY, told_as_text(words[2:])]
    nothing = [None] * len(first)
    columns = StayColumns.of_listed(
        [first, nothing, second], lambda homes: {home: FIRST[home] for home in homes}
    )
    assert columns.resident.tolist() == [8, 8, 9]
    hospital = NUMBERS.index("hospital")
    parts = [[*part[:hospital], *part[hospital + 1 :]] for part in (first, nothing, second)]
    same = StayColumns.of_listed(parts, lambda _homes: FIRST, {"hospital": 4})
    assert (same.hospital.tolist(), same.ward.tolist()) == ([4, 4, 4], columns.ward.tolist())
    days = [date(2026, 1, 2).toordinal(), date(2024, 2, 29).toordinal()]
    assert columns.admitted.tolist() == [*days, date(2026, 1, 4).toordinal()]
    assert columns.ended.tolist() == [*days, NEVER]
    assert columns.ready.tolist() == [NOBODY, date(2026, 1, 3).toordinal(), NOBODY]
    assert columns.reason.words == ("a", "b", "")
    assert columns.joined.tolist() == [date(2026, 1, 2).toordinal(), 0, date(2026, 1, 2).toordinal()]
    assert columns.first_days() == FIRST
    assert columns.ended_as.words == ("home", "", "died")
