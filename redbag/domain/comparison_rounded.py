"""The analyst's part of a comparison for readers who may not see individuals: fixed days, rounded shares.

A curve that steps once a stay gives away single deaths on single days, and the height of its steps the exact
size of the group. So there are no curves, intervals or tests here: only shares in whole per cents on fixed
days, made from numbers rounded to 5, without the days on which fewer than 8 were at risk, or since the last
shown day (or in all) 1 to 7 stays had ended so.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence

from redbag.domain import survival
from redbag.domain.comparison import Comparison, Group
from redbag.domain.comparison_words import GROUP_WORDS, SHORT_WORDS
from redbag.domain.report_tables import Cell, Column, Row, Table, Unit, figure, none, text, whole
from redbag.domain.suppression import HIDDEN_IN_TABLE, SMALLEST_SHOWN, is_small, rounded
from redbag.domain.survival import Lives

DAYS = (0, 7, 14, 21, 28, 42, 60, 90)
_WAYS = ((survival.HOME, "went home"), (survival.DIED, "died"))
_MOST_NOT_SAID = 0.1
_RULE = (
    "Whole per cents, made from numbers rounded to 5. Hidden where fewer than 8 are known to be in hospital "
    "on that day, or where 1 to 7 left so by it or since the last day shown. There are no curves, because "
    "their steps would show single persons."
)


def tables(found: Comparison) -> list[Table]:
    """Who was still in hospital, and who had gone home or died, after fixed days of stay."""
    groups = (found.first, found.second)
    return [*(_shares(group) for group in groups), _ways(groups)]


def _shares(group: Group) -> Table:
    lives = group.lives
    curve = survival.kaplan_meier(lives.ended, lives.open, lives.entered)
    left = [(step.day, 1 - step.share) for step in curve.steps]
    rows = []
    for day, share in zip(DAYS, _shown(lives, lives.ended, left), strict=True):
        known = whole(_at_risk(lives, day)) if share is not None else none(HIDDEN_IN_TABLE)
        rows.append(
            Row((text(f"Day {day}"), known, _cell(None if share is None else round(1 - share, 2), lives)))
        )
    return Table(
        f"shares-{group.key}",
        f"{GROUP_WORDS[group.key]}: still in hospital after each day",
        (Column("After"), Column("At risk", Unit.WHOLE), Column("Still there", Unit.SHARE)),
        tuple(rows),
        rule=f"Kaplan–Meier by admission, open stays counted in. {_RULE}",
    )


def _ways(groups: Sequence[Group]) -> Table:
    columns, shares = [Column("By")], []
    for group in groups:
        lives = group.lives
        reached = survival.incidence(lives)
        is_said = lives.not_said.total() <= _MOST_NOT_SAID * lives.n
        for way, words in _WAYS:
            columns.append(Column(f"{SHORT_WORDS[group.key]}: {words}", Unit.SHARE))
            ended = {survival.HOME: lives.home, survival.DIED: lives.died}[way]
            shown = _shown(lives, ended, reached[way])
            shares.append([_cell(share, lives) if is_said else none("not recorded") for share in shown])
    return Table(
        "ways",
        "Gone home alive, and died, by each day",
        tuple(columns),
        tuple(Row((text(f"Day {day}"), *(one[at] for one in shares))) for at, day in enumerate(DAYS)),
        rule=f"Cumulative incidence (Aalen–Johansen), each way out competing with the others. {_RULE}",
    )


def _cell(share: float | None, lives: Lives) -> Cell:
    return none(HIDDEN_IN_TABLE) if share is None else figure(share, lives.n)


def _shown(lives: Lives, ended: Counter[int], reached: Sequence[tuple[int, float]]) -> list[float | None]:
    """The share that had ended so by each of DAYS, None where it is hidden. `reached`: its steps."""
    found: list[float | None] = []
    before = 0
    for day in DAYS:
        so_far = sum(n for days, n in ended.items() if days <= day)
        at_risk = _at_risk(lives, day)
        if at_risk < SMALLEST_SHOWN or is_small(so_far) or is_small(so_far - before):
            found.append(None)
            continue
        before = so_far
        place = bisect_right([one for one, _ in reached], day) - 1
        found.append(_coarse(reached[place][1] if place >= 0 else 0.0, lives.n))
    return found


def _coarse(share: float, n: int) -> float:
    """A share as whole per cents of numbers rounded to 5."""
    return round(min(1.0, rounded(round(share * n)) / rounded(n)), 2)


def _at_risk(lives: Lives, day: int) -> int:
    return survival.at_risk(lives.table, lives.entered, day)
