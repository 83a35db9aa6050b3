"""Discharge summaries as reports count them: given, to follow, not given, not said; and what homes found.

Of people who left hospital alive after a stay. A summary is given when the ward said that it is attached
here, printed in the bag, or sent; "not given" is an answer of the ward and not a gap (domain: coming home).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from redbag.domain.going_home import ATTACHED

_GIVEN = frozenset({ATTACHED, "in_bag", "sent"})
RULE = (
    "Discharge summaries are counted over people who left hospital alive after a stay: given is attached "
    "here, printed in the bag, or sent; what the home found is counted beside it and changes nothing of it."
)


def is_given(summary: str) -> bool:
    """Whether this answer of the ward says that the summary was given."""
    return summary in _GIVEN


@dataclass(frozen=True)
class Summaries:
    """Counts of discharges. `none_came`: the home said that no summary, or no papers at all, came with the
    person; `none_came_though_given`: of those, the ones of which the ward had said that it was given."""

    n: int = 0
    given: int = 0
    to_follow: int = 0
    not_given: int = 0
    not_said: int = 0
    none_came: int = 0
    none_came_though_given: int = 0


def counted(answers: Iterable[tuple[str, str, int]]) -> Summaries:
    """The figures from (summary, papers missing, how many discharges)."""
    n = given = follow = refused = unsaid = none = though = 0
    for summary, missing, number in answers:
        n += number
        given += number * (summary in _GIVEN)
        follow += number * (summary == "to_follow")
        refused += number * (summary == "not_given")
        unsaid += number * (summary == "")
        none += number * bool(missing)
        though += number * (bool(missing) and summary in _GIVEN)
    return Summaries(n, given, follow, refused, unsaid, none, though)


def lines(found: Summaries) -> list[tuple[str, int]]:
    """Each figure with its words, in the order of the page."""
    return [
        ("Given", found.given),
        ("To follow", found.to_follow),
        ("Not given", found.not_given),
        ("The ward did not say", found.not_said),
        ("The home found none with the person", found.none_came),
        ("Of those, the ward had said that it was given", found.none_came_though_given),
    ]
