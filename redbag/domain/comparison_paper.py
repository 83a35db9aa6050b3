"""A comparison of two groups of stays as tables, plots and definitions: its page and its exports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from redbag.domain import comparison_curves, comparison_rounded
from redbag.domain.comparison import GROUPS, Comparison, Group, Kind
from redbag.domain.comparison_factors import SEASONS, Factor, Side
from redbag.domain.comparison_words import (
    FACTOR_WORDS,
    GROUP_WORDS,
    SHORT_WORDS,
    TITLES,
    Count,
    definitions,
    sentences,
    too_few_homes,
)
from redbag.domain.held_counts import GROUPS as HELD_GROUPS
from redbag.domain.report_filter import AGE_BANDS, NOT_RECORDED, STAY_REASONS
from redbag.domain.report_tables import (
    Cell,
    Column,
    ReportPaper,
    Row,
    Table,
    Unit,
    figure,
    none,
    text,
    whole,
)
from redbag.domain.stay_counts import HOME_GROUPS
from redbag.domain.stay_difference import Interval
from redbag.domain.stay_group_tables import FEWEST_IN_A_ROW, TOO_FEW
from redbag.domain.stay_group_tables import cells as figure_cells
from redbag.domain.stays_by_month import Figures

KEY = "comparison"
_MOST_PLACES = 30


@dataclass(frozen=True)
class Setting:
    """What a paper says beside its figures. `period`: the months in words; `narrowed`: what was chosen;
    `drawn`: who is drawn together; `names`: of homes and hospitals by their number as text."""

    place: str
    period: str
    narrowed: str
    drawn: str
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    quality: Table | None = None


def paper(
    found: Comparison, setting: Setting, count: Count, *, analyst: bool, hides_small: bool
) -> ReportPaper:
    """Everything that is said of two groups. `analyst`: with the curves, the test and the ways out.

    `hides_small`: for a reader who sees no individuals: nothing of too few homes, whose own figures it would
    be, and no curves."""
    withheld = hides_small and too_few_homes(found)
    tables = [] if withheld else _tables(found, setting, analyst=analyst, hides_small=hides_small)
    return ReportPaper(
        key=KEY,
        title=TITLES[found.kind],
        place=setting.place,
        as_of=found.as_of,
        sentences=sentences(found, count, drawn=setting.drawn, hides_small=hides_small),
        tables=tuple(tables),
        definitions=definitions(found, drawn=setting.drawn, analyst=analyst and not hides_small),
        quality=None if withheld else setting.quality,
        plots=comparison_curves.plots(found) if analyst and not hides_small else (),
        filter_words=setting.narrowed,
    )


def _tables(found: Comparison, setting: Setting, *, analyst: bool, hides_small: bool) -> list[Table]:
    tables = [_groups(found, setting), _differences(found)]
    if analyst and found.first.lives.n and found.second.lives.n:
        tables += comparison_rounded.tables(found) if hides_small else comparison_curves.tables(found)
    if found.factors:
        tables.append(_held_still(found))
    if not hides_small:
        # For whoever sees no individuals no table crosses two factors (docs/adr/0016).
        tables += [_strata(found, one, setting) for one in found.factors if _named(one, setting)]
    return tables


def _ordered(found: Comparison) -> list[Group]:
    """The groups as they are read: what came first in time stands first."""
    by_key = {group.key: group for group in found.groups}
    return [by_key[key] for key in GROUPS[found.kind]]


def _groups(found: Comparison, setting: Setting) -> Table:
    rows = [
        Row((text(GROUP_WORDS[group.key]), *_figures(group.figures), whole(group.n_open)), key=group.key)
        for group in _ordered(found)
    ]
    return Table(
        "groups",
        "The groups beside each other" if not setting.period else f"The groups, {setting.period}",
        (
            Column("Stays"),
            Column("Ended", Unit.WHOLE),
            Column("Median", Unit.DAYS),
            Column("Mean", Unit.DAYS),
            Column("Nine in ten by", Unit.DAYS),
            Column("Still in hospital", Unit.WHOLE),
        ),
        tuple(rows),
        rule=_WHICH[found.kind],
        n=sum(group.figures.n for group in found.groups),
        left_out=found.left_out,
    )


_WHICH = {
    Kind.BAG: "Closed stays by month of discharge; with or without the bag as settled at admission. Still in "
    "hospital: at the end of the day of this report, in no mean or median.",
    Kind.JOINING: "Stays by day of admission, up to two years on either side of the day each home joined. "
    "Still in hospital: when the records end, in no mean or median.",
}


def _figures(figures: Figures) -> tuple[Cell, ...]:
    """n, median, mean and 90th percentile; of fewer than FEWEST_IN_A_ROW only n."""
    return figure_cells(figures, FEWEST_IN_A_ROW)


def _count_and_mean(figures: Figures | Side) -> tuple[Cell, Cell]:
    """n and mean; of fewer than FEWEST_IN_A_ROW only n."""
    n = figures.n
    if n < FEWEST_IN_A_ROW:
        return whole(n), none(TOO_FEW if n else "none")
    return whole(n), figure(figures.mean, n)


_STAYS = {"with": "with the red bag", "after": "since the red bag came"}


def _differences(found: Comparison) -> Table:
    behind = min(found.first.figures.n, found.second.figures.n)
    why = TOO_FEW if found.both else "none"
    rows = [
        Row((text("Mean"), *_interval(found.mean, behind, why)), key="mean"),
        Row((text("Median"), *_interval(found.median, behind, why)), key="median"),
    ]
    first, second = (GROUP_WORDS[group.key].lower() for group in (found.first, found.second))
    notes = [f"Below 0: stays {_STAYS[found.first.key]} were shorter."]
    if found.counted:
        notes.append(
            f"With so many stays the intervals draw fixed groups of homes: {HOME_GROUPS} for the mean, "
            f"{HELD_GROUPS} for the median and where a factor is held still."
        )
    return Table(
        "difference",
        f"The difference: {first} minus {second}",
        (
            Column("Of the"),
            Column("Difference", Unit.DAYS),
            Column("95 % interval from", Unit.DAYS),
            Column("to", Unit.DAYS),
        ),
        tuple(rows),
        tuple(notes),
        n=found.first.figures.n + found.second.figures.n,
    )


def _interval(found: Interval | None, n: int, why: str) -> tuple[Cell, Cell, Cell]:
    if found is None:
        return none(why), none(why), none(why)
    return figure(found.difference, n), figure(found.low, n), figure(found.high, n)


def _held_still(found: Comparison) -> Table:
    """The difference with one factor held still, one row a factor."""
    rows = []
    for factor in found.factors:
        cells = _interval(factor.weighted, factor.n, TOO_FEW)
        rows.append(
            Row(
                (text(FACTOR_WORDS[factor.key]), *cells, whole(factor.n), whole(factor.dropped)),
                key=factor.key,
            )
        )
    return Table(
        "held-still",
        "The difference of the means with one factor held still",
        (
            Column("Held still"),
            Column("Difference", Unit.DAYS),
            Column("95 % interval from", Unit.DAYS),
            Column("to", Unit.DAYS),
            Column("Stays", Unit.WHOLE),
            Column("Dropped out", Unit.WHOLE),
        ),
        tuple(rows),
        rule="The differences within the values of the factor, averaged: a value with m and n stays in the "
        "two groups counts m × n ÷ (m + n).",
        notes=(
            "Only one factor at a time: whatever else differs, and what nobody recorded, still does.",
            *((_PLACES_NOT_HELD,) if found.counted else ()),
        ),
    )


_PLACES_NOT_HELD = (
    "With so many stays neither the home nor the hospital is held still: homes that send more people with "
    "the bag may differ from the others. Each home and hospital has that comparison for its own stays."
)


def _named(factor: Factor, setting: Setting) -> bool:
    """Whether the values of a factor have names that this reader may read."""
    return factor.key in _CHOICES or bool(setting.names.get(factor.key))


def _strata(found: Comparison, factor: Factor, setting: Setting) -> Table:
    first, second = (SHORT_WORDS[group.key] for group in (found.first, found.second))
    words = dict(_CHOICES.get(factor.key, ())) | dict(setting.names.get(factor.key, {}))
    rows = []
    for level in factor.levels[:_MOST_PLACES]:
        behind = min(level.first.n, level.second.n)
        difference = level.difference if behind >= FEWEST_IN_A_ROW else None
        cells = (*_count_and_mean(level.first), *_count_and_mean(level.second))
        why = TOO_FEW if behind else "one group only"
        name = words.get(level.key, "Not recorded" if level.key == NOT_RECORDED else "Not known")
        rows.append(Row((text(name), *cells, figure(difference, behind, why=why))))
    whole_groups = (*_count_and_mean(found.first.figures), *_count_and_mean(found.second.figures))
    if len(rows) == len(factor.levels):
        rows.append(Row((text("All"), *whole_groups, none("")), total=True))
    more = len(factor.levels) - _MOST_PLACES
    return Table(
        f"by-{factor.key}",
        f"Within each value: {FACTOR_WORDS[factor.key].lower()}",
        (
            Column(FACTOR_WORDS[factor.key]),
            *(
                Column(f"{group}: {name}", unit)
                for group in (first, second)
                for name, unit in (("stays", Unit.WHOLE), ("mean", Unit.DAYS))
            ),
            Column("Difference of the means", Unit.DAYS),
        ),
        tuple(rows),
        notes=(f"{more:,} more with fewer stays are in the averages and not shown here.",)
        if more > 0
        else (),
        n=sum(level.first.n + level.second.n for level in factor.levels),
    )


_CHOICES = {"age": AGE_BANDS, "reason": STAY_REASONS, "season": SEASONS}
