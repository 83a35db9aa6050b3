"""A signature drawn with a finger: strokes of points, checked and kept as whole numbers.

Nothing that was sent is ever shown: what is drawn on pages and on paper is made anew from the points. It
proves who held the pen no more than ink does, so it is never a condition of a handover.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from redbag.domain.errors import Invalid

WIDTH, HEIGHT = 600, 200
"""The drawing surface, in units of its own; the page's canvas scales to it."""
MOST_STROKES = 60
MOST_POINTS = 2_000
MOST_CHARACTERS = 24_000
_SHORTEST = 30  # units: less is a touch by the palm, not a name

DRAWN, REFUSED = "drawn", "refused"

Point = tuple[int, int]
Strokes = tuple[tuple[Point, ...], ...]


def parse(text: str) -> Strokes:
    """The strokes that a page sent as JSON, [[[x, y], …], …]; none where nothing, or no more than a touch,
    was drawn.

    Raises Invalid under "signature" for anything that our own page does not send.
    """
    if not text:
        return ()
    try:
        if len(text) > MOST_CHARACTERS:
            raise ValueError
        strokes = _checked(json.loads(text))
    except (ValueError, TypeError, RecursionError):
        said = "The signature could not be read. Clear it and sign again, or leave it out."
        raise Invalid({"signature": said}) from None
    return strokes if _length(strokes) >= _SHORTEST else ()


def _checked(sent: Any) -> Strokes:
    if not isinstance(sent, list) or len(sent) > MOST_STROKES:
        raise ValueError
    strokes = tuple(_stroke(one) for one in sent)
    if sum(len(stroke) for stroke in strokes) > MOST_POINTS:
        raise ValueError
    return tuple(stroke for stroke in strokes if stroke)


def _stroke(sent: Any) -> tuple[Point, ...]:
    if not isinstance(sent, list) or len(sent) > MOST_POINTS:
        raise ValueError
    points: list[Point] = []
    for x, y in sent:
        if type(x) is not int or type(y) is not int:
            raise ValueError
        # A finger that slides over the edge draws along it.
        point = (min(max(x, 0), WIDTH), min(max(y, 0), HEIGHT))
        if not points or points[-1] != point:
            points.append(point)
    return tuple(points)


def _length(strokes: Strokes) -> int:
    return sum(
        abs(x - before_x) + abs(y - before_y)
        for stroke in strokes
        for (before_x, before_y), (x, y) in pairwise(stroke)
    )


def from_kept(kept: Sequence[Any]) -> Strokes:
    """Strokes as they stand in the database."""
    return tuple(tuple((x, y) for x, y in stroke) for stroke in kept)


def path(strokes: Strokes) -> str:
    """The strokes as the path of an SVG picture of WIDTH × HEIGHT: digits, spaces, M and L, no more."""
    return " ".join(
        ("M" + " L".join(f"{x} {y}" for x, y in stroke))
        if len(stroke) > 1
        else f"M{stroke[0][0]} {stroke[0][1]} l1 0"
        for stroke in strokes
    )
