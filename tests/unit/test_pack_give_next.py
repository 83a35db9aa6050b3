"""What is given next stands in the order of its urgency."""

from __future__ import annotations

from dataclasses import replace

from redbag.domain.pack_give_next import in_order
from tests.unit.example_packs import MADE_AT, fullest, medicine


def line(name: str, due: str) -> object:
    return medicine(name, name, time_critical=True, due=due)


def test_the_next_dose_stands_first_then_what_was_missed_then_the_rest() -> None:
    assert [one.name for one in fullest().give_next] == [
        "Co-careldopa",
        "Apixaban",
        "Insulin glargine (Lantus)",
        "Buprenorphine",
    ]


def test_days_are_read_across_the_turn_of_a_year_and_unclear_ones_come_last() -> None:
    new_year = MADE_AT.replace(month=12, day=31)
    lines = [
        line("unclear", ""),
        line("paused", "paused: until the GP rings"),
        line("tomorrow", "due Fri 1 Jan, 07:00"),
        line("patch", "change was due Sun 27 Dec, 10:00: not recorded as changed; next due Sun 3 Jan, 10:00"),
        line("tonight", "due Thu 31 Dec, 22:00"),
    ]
    names = [one.name for one in in_order(lines, new_year)]  # type: ignore[arg-type]
    assert names == ["tonight", "patch", "tomorrow", "unclear", "paused"]


def test_only_what_is_named_one_by_one_is_there() -> None:
    ordinary = tuple(replace(one, time_critical=False, stands_first=False) for one in fullest().medicines)
    assert in_order(ordinary, MADE_AT) == ()
