"""Which earlier stays are loaded, as a page of figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from redbag.domain.london_time import format_day, format_month
from redbag.domain.report_tables import Column, Definition, ReportPaper, Row, Table, Unit, text, whole

MOST_HOMES = 500
"""So many homes are listed; of a country's the others are counted."""
RULE = (
    "Stays that were brought in from a file, of the time before the home began with the red bag. They enter "
    "no figure of the time with the red bag. The comparison before and since the red bag uses them, by day "
    "of admission, and the charts over time show them before the first day."
)
DEFINITIONS = (
    Definition("Earlier stay", RULE),
    Definition(
        "First day",
        "The day from which on a home’s earlier stays are whole: of the first admission, or where the file "
        "also holds those who were in hospital already, of the first discharge. Of those admitted before it "
        "only the long stays are in such a file: the comparison leaves them out.",
    ),
    Definition(
        "Person reference",
        "Tells which stays are of one person. What the file says is never kept, only a hash of it under a "
        "key of this installation, by home: somebody who moved to another home counts as two people.",
    ),
    Definition(
        "Twice",
        "A row that says the same as a loaded one of its home is that one. Rows that say the same within one "
        "file are stays of their own.",
    ),
)


@dataclass(frozen=True)
class HomeLoaded:
    """How many earlier stays of one home are loaded, and of which days."""

    home: str
    stays: int
    first_day: date
    last_day: date


def paper(
    place: str,
    as_of: date,
    homes: Sequence[HomeLoaded],
    count: Callable[[int], str] = "{:,}".format,
    *,
    days: bool = True,
) -> ReportPaper:
    """The page of one reader. `count`: a count as they may see it; `days`: whether they see days, or since
    a day of one home can be that of one person, only months over all homes."""
    columns = [Column("Home"), Column("Earlier stays", Unit.WHOLE)]
    if days:
        columns += [Column("First day"), Column("Last day")]
    rows = tuple(_row(one, days=days) for one in homes[:MOST_HOMES])
    more = len(homes) - MOST_HOMES
    notes = (f"And {more:,} more homes.",) if more > 0 else ()
    table = Table("loaded", "Earlier stays by home", tuple(columns), rows, notes, rule=RULE)
    return ReportPaper(
        key="history",
        title="Earlier stays",
        place=place,
        as_of=as_of,
        sentences=(_sentence(homes, count, days=days),),
        tables=(table,) if homes else (),
        definitions=DEFINITIONS,
    )


def _row(one: HomeLoaded, *, days: bool) -> Row:
    when = (text(format_day(one.first_day)), text(format_day(one.last_day))) if days else ()
    return Row((text(one.home), whole(one.stays), *when))


def _sentence(homes: Sequence[HomeLoaded], count: Callable[[int], str], *, days: bool) -> str:
    if not homes:
        return "No stays from before the red bag are loaded yet."
    said = format_day if days else format_month
    first, last = min(one.first_day for one in homes), max(one.last_day for one in homes)
    of = "" if len(homes) == 1 else f" of {len(homes):,} homes"
    stays = count(sum(one.stays for one in homes))
    return f"Loaded: {stays} stays{of} from before the red bag, {said(first)} to {said(last)}."
