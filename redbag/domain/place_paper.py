"""Stays by hospital or by home of a whole country as a table: what its page and its files show.

Whoever reads it sees no people. So every row is made before anything is chosen to be looked at: looking for a
name, or turning a page, shows other rows of the one fixed table and changes no number in it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from hashlib import blake2b

import numpy as np

from redbag.domain import place_cover
from redbag.domain.data_quality import DataQuality
from redbag.domain.data_quality import table as quality_table
from redbag.domain.import_columns import plain
from redbag.domain.report_filter import ReportFilter
from redbag.domain.report_tables import (
    Cell,
    Column,
    Definition,
    ReportPaper,
    Row,
    Table,
    figure,
    none,
    text,
    whole,
)
from redbag.domain.stay_group_tables import FIGURES, TOO_FEW
from redbag.domain.stays_by_month import Figures
from redbag.domain.stays_by_place import NOWHERE, By, PlaceStays

KEY = "places"
ON_A_PAGE = 50
_FEWEST_FOR_P90 = 18
"""Beyond the 90th percentile of fewer lie one or two people's stays. As rounded to 5 these are 20, so that
the missing figure says no more of the count than the count itself."""
_WORDS = {By.HOSPITAL: "hospital", By.HOME: "home"}
RULE = (
    "Closed stays by month of discharge, the last twelve complete months; days are midnights crossed. A "
    "home’s stays count from its first day with the red bag, without its first three months, which read too "
    "short."
)
NOT_A_RANKING = (
    "Places differ in whom they send and admit, in age, in illness and in season: a longer stay here is no "
    "verdict on a place, and a place with few stays moves by chance. Of a hundred places a few stand out by "
    "chance alone."
)


@dataclass(frozen=True)
class Found:
    """The stays of all places, what the places are called, and how sure the records are."""

    stays: PlaceStays
    names: Mapping[int, str]
    chosen: ReportFilter
    as_of: date
    place: str
    quality: DataQuality

    @property
    def fingerprint(self) -> bytes:
        """Names all of this: what is made from two with the same one is the same."""
        made = blake2b()
        for column in (self.stays.home, self.stays.hospital, self.stays.days):
            made.update(len(column).to_bytes(8) + column.astype(np.int32).tobytes())
        rest = (self.names, self.chosen, self.as_of, self.place, self.quality)
        made.update(repr(rest).encode())
        return made.digest()


def paper(found: Found, by: By, count: Callable[[int], str]) -> ReportPaper:
    """The whole table by one kind of place. `count`: a number in a sentence as this reader may see it."""
    both = {one: found.stays.figures(one) for one in By}
    hidden = place_cover.covered(
        found.stays.knots(),
        *({place: figures.n for place, figures in both[one].items()} for one in (By.HOME, By.HOSPITAL)),
    )
    return ReportPaper(
        key=KEY,
        title=f"Length of stay by {_WORDS[by]}",
        place=found.place,
        as_of=found.as_of,
        sentences=(_sentence(found, by, len(both[by]), count), NOT_A_RANKING),
        tables=(_table(found, by, both[by], hidden[by]),),
        definitions=_DEFINITIONS,
        quality=quality_table(found.quality),
    )


def _sentence(found: Found, by: By, places: int, count: Callable[[int], str]) -> str:
    stays = count(found.stays.everything.n)
    return (
        f"{stays} stays ended in {found.chosen.period_words}, by {_WORDS[by]}: {places:,} "
        f"{_WORDS[by]}{'' if places == 1 else 's'}, in the order of their names."
    )


def _table(found: Found, by: By, figures: Mapping[int, Figures], hidden: Collection[int]) -> Table:
    named = sorted((_name(found, place), place) for place in figures)
    rows = [Row((text(name), *_cells(figures[place])), covers=place in hidden) for name, place in named]
    everything = found.stays.everything
    return Table(
        f"by-{by}",
        f"By {_WORDS[by]}, {found.chosen.period_words}",
        (Column(_WORDS[by].capitalize()), *FIGURES),
        (*rows, Row((text("All"), *_cells(everything)), total=True)),
        notes=(f"{TOO_FEW.capitalize()}: nine in ten are told from about twenty stays on.",),
        rule=RULE,
        n=everything.n,
    )


def _name(found: Found, place: int) -> str:
    return "Not recorded" if place == NOWHERE else found.names.get(place, "Not recorded")


def _cells(figures: Figures) -> tuple[Cell, ...]:
    n = figures.n
    p90 = figure(figures.p90, n) if n >= _FEWEST_FOR_P90 else none(TOO_FEW if n else "none")
    return whole(n), figure(figures.median, n), figure(figures.mean, n), p90


@dataclass(frozen=True)
class Sight:
    """The rows of a table that are looked at: those whose name holds the words `find`, so many a page."""

    find: str = ""
    page: int = 1

    def of(self, table: Table) -> Seen:
        """Which rows those are; a page that is not there is the last one."""
        rows = [row for row in table.rows if not row.total]
        wanted = plain(self.find)
        matching = [row for row in rows if not wanted or wanted in plain(str(row.cells[0].value))]
        pages = max(1, -(-len(matching) // ON_A_PAGE))
        page = min(max(1, self.page), pages)
        start = (page - 1) * ON_A_PAGE
        in_sight = tuple(matching[start : start + ON_A_PAGE])
        totals = tuple(row for row in table.rows if row.total)
        return Seen(
            replace(table, rows=(*in_sight, *totals)),
            page,
            pages,
            len(matching),
            start,
            can_be_looked_through=len(rows) > ON_A_PAGE,
        )


@dataclass(frozen=True)
class Seen:
    """A table cut to the rows that are looked at, with its totals. `start`: how many rows stand before."""

    table: Table
    page: int
    pages: int
    matching: int
    start: int
    can_be_looked_through: bool

    @property
    def words(self) -> str:
        """Which of the rows are in sight."""
        rows = len(self.table.rows) - sum(row.total for row in self.table.rows)
        if not rows:
            return "No name holds these words."
        return f"Rows {self.start + 1:,} to {self.start + rows:,} of {self.matching:,}"


_DEFINITIONS = tuple(
    Definition(term, rule)
    for term, rule in (
        (
            "Length of stay",
            "The discharge date minus the admission date in London days (midnights crossed); 0 when both are "
            "the same day. A stay starts when a hospital decides to admit.",
        ),
        ("The months", RULE),
        ("Hospital", "Where the stay ended: a move to another hospital goes on with the same stay."),
        ("Median", "Half of the stays were shorter."),
        ("Nine in ten by", "The 90th percentile, by linear interpolation."),
    )
)
