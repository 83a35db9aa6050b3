"""How often a writer asks SQLite whether it may."""

from __future__ import annotations

from itertools import pairwise

from redbag.database import asks_again_in


def test_who_has_waited_longer_never_asks_less_often_after_the_first_moments() -> None:
    pauses = [asks_again_in(waited / 100) for waited in range(5, 300)]
    assert all(after <= before for before, after in pairwise(pauses))
    assert pauses[-1] == min(pauses) <= asks_again_in(0)
