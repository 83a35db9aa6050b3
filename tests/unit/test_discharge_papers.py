"""Discharge summaries as reports count them."""

from __future__ import annotations

from redbag.domain.discharge_papers import Summaries, counted, lines


def test_each_answer_is_counted_as_itself_and_what_the_home_found_beside_it() -> None:
    found = counted(
        [
            ("attached", "", 3),
            ("in_bag", "summary", 2),
            ("sent", "", 4),
            ("to_follow", "all", 1),
            ("not_given", "", 5),
            ("", "summary", 7),
        ]
    )
    assert found == Summaries(
        n=22, given=9, to_follow=1, not_given=5, not_said=7, none_came=10, none_came_though_given=2
    )
    assert found.given + found.to_follow + found.not_given + found.not_said == found.n
    assert [number for _, number in lines(found)] == [9, 1, 5, 7, 10, 2]


def test_nobody_is_counted_where_nobody_left() -> None:
    assert counted([]) == Summaries()
