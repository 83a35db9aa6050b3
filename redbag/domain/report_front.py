"""The front page of reports: who is in hospital, who could go home, which homes answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from redbag.domain.london_time import format_day
from redbag.domain.report_tables import (
    Column,
    Definition,
    Plot,
    ReportPaper,
    Row,
    Table,
    Unit,
    share,
    text,
    whole,
)
from redbag.domain.stay_answer import days

Count = Callable[[int], str]
"""A count in a sentence, as the reader may see it."""


@dataclass(frozen=True)
class InHospital:
    """Stays open at the end of a day: how many, for how long, and how many could have ended.

    `at_least`: (days, how many) for 7, 14 and 21 days. `ready`: with a date from which they were ready to go
    home; `ready_since`: the earliest of them.
    """

    number: int
    at_least: tuple[tuple[int, int], ...]
    ready: int
    ready_since: date | None


@dataclass(frozen=True)
class Answered:
    """How many stays of one home that reached 48 hours had home and ward spoken by then: `within` of `n`."""

    home: str
    within: int
    n: int


DEFINITIONS = (
    Definition(
        "In hospital",
        "Residents of care homes whose stay was open at the end of the day: admitted, and without a recorded "
        "discharge. Days are London midnights crossed since the hospital decided to admit.",
    ),
    Definition(
        "7, 14 and 21 days or more",
        "Open for at least so many days. Published sources disagree between “over 20”, “21 or more” and "
        "“more than 21”; here it is 21 or more.",
    ),
    Definition(
        "Ready to go home",
        "The hospital recorded a date from which nothing but arrangements kept the person, and they are "
        "still in hospital.",
    ),
    Definition(
        "Home and ward spoke within 48 hours",
        "Of the stays that reached 48 hours, by the day on which the 48 hours were over: of how many the "
        "home had recorded by then that it had spoken with the ward.",
    ),
)


def paper(
    place: str,
    as_of: date,
    *,
    sentences: tuple[str, ...],
    tables: tuple[Table, ...],
    definitions: tuple[Definition, ...],
    plots: tuple[Plot, ...],
) -> ReportPaper:
    """A front page of this place for a board, whoever's it is."""
    return ReportPaper(
        key="front",
        title="Overview",
        place=place,
        as_of=as_of,
        sentences=sentences,
        tables=tables,
        definitions=definitions,
        plots=plots,
    )


def here_sentence(found: InHospital, as_of: date, who: str, count: Count) -> str:
    """Who is in hospital, and for how long. `who`: "from care homes in our beds", for example."""
    said = count(found.number)
    long = ", ".join(f"{count(number)} for {days} days or more" for days, number in found.at_least if number)
    people = "person" if said == "1" else "people"
    return f"{said} {people} {who} at the end of {format_day(as_of)}{': ' + long if long else ''}."


def ready_sentence(found: InHospital, as_of: date, count: Count, *, sees_people: bool) -> str:
    """Who is ready to go home, and for whoever sees people how long the first of them has waited."""
    if not found.ready:
        return "Nobody is recorded as ready to go home."
    ready = count(found.ready)
    said = f"{ready} of them {'is' if ready == '1' else 'are'} ready to go home"
    if not sees_people or found.ready_since is None:
        return f"{said}."
    waited = (as_of - found.ready_since).days
    return f"{said}, the longest since {format_day(found.ready_since)} ({days(waited)})."


def same_homes(in_both: int, this_year: int) -> str:
    """Of which homes the stays are that two years are compared by, where that is not all of them."""
    if this_year == in_both or this_year < 2:
        return ""
    return f" Only stays of the {in_both} homes whose records are whole in both years, of {this_year} homes."


def here_table(found: InHospital, as_of: date) -> Table:
    """The same as a table of counts."""
    rows = [("In hospital", found.number)]
    rows += [(f"{days} days or more", number) for days, number in found.at_least]
    rows.append(("Ready to go home", found.ready))
    return Table(
        "here",
        f"In hospital at the end of {format_day(as_of)}",
        (Column("Who"), Column("People", Unit.WHOLE)),
        tuple(Row((text(name), whole(number))) for name, number in rows),
        rule="Who was there for 21 days or more is among those of 14 and of 7 days or more as well.",
    )


@dataclass(frozen=True)
class Waiting:
    """What waits at a home this morning, in numbers: people away, those with something late and those with
    something to do, lost things to settle, and records to review."""

    away: int
    late: int
    to_do: int
    lost: int
    records: int

    @property
    def table(self) -> Table:
        """The same as a table."""
        rows = (
            ("In hospital or on the way", self.away),
            ("People with something late", self.late),
            ("People with something to do, not late", self.to_do),
            ("Lost things to settle", self.lost),
            ("Records to review", self.records),
        )
        return Table(
            "waiting",
            "What waits now",
            (Column("What"), Column("How many", Unit.WHOLE)),
            tuple(Row((text(name), whole(number))) for name, number in rows),
            rule="At the moment of printing; the other figures are of the end of the day before.",
        )


ANSWER_DAYS = 365
FEWEST_ANSWERS = 10
"""Stays below which the share of one home moves by chance alone."""


def answers_by_home(homes: Sequence[Answered]) -> tuple[Table, ...]:
    """Each home by name, for a hospital: those that spoke with the ward least often first. Homes with too few
    stays for a share have a table of their own, where there are any."""
    many = [one for one in homes if one.n >= FEWEST_ANSWERS]
    few = [one for one in homes if one.n < FEWEST_ANSWERS]
    found = _shares_by_home(
        many, f"Homes with fewer than {FEWEST_ANSWERS} stays are not in it." if few else ""
    )
    return (found, _few_by_home(few)) if few else (found,)


def _shares_by_home(homes: Sequence[Answered], note: str) -> Table:
    rows = tuple(
        Row((text(one.home), whole(one.n), whole(one.within), share(one.within, one.n))) for one in homes
    )
    return Table(
        "answers",
        "Which homes spoke with the ward within 48 hours",
        (
            Column("Home"),
            Column("Stays", Unit.WHOLE),
            Column("Spoke in time", Unit.WHOLE),
            Column("Share", Unit.SHARE),
        ),
        rows,
        rule=f"{_OF_WHICH_STAYS} Homes that spoke in time least often stand first.",
        notes=(note,) if note else (),
        n=sum(one.n for one in homes),
    )


def _few_by_home(homes: Sequence[Answered]) -> Table:
    """By name: by a share that moves by chance alone nobody should be ranked."""
    in_order = sorted(homes, key=lambda one: one.home)
    return Table(
        "answers-few",
        f"Fewer than {FEWEST_ANSWERS} stays: too few to say",
        (Column("Home"), Column("Stays", Unit.WHOLE), Column("Spoke in time", Unit.WHOLE)),
        tuple(Row((text(one.home), whole(one.n), whole(one.within))) for one in in_order),
        rule=_OF_WHICH_STAYS,
        n=sum(one.n for one in homes),
    )


_OF_WHICH_STAYS = (
    "Stays that reached 48 hours in the last 365 days, of every home; the page on the pathway counts whole "
    "months."
)


def answers_of_all(years: Sequence[tuple[str, Mapping[int, int]]]) -> Table:
    """The same of all homes together, for whoever sees no home by itself: for each span of time how many
    stays have the answer 1 (spoke in time) and 0; answers below 0 are left out (domain/pathway.py)."""
    rows = tuple(
        Row(
            (
                text(name),
                whole(answers.get(1, 0) + answers.get(0, 0)),
                whole(answers.get(1, 0)),
                share(answers.get(1, 0), answers.get(1, 0) + answers.get(0, 0)),
            )
        )
        for name, answers in years
    )
    return Table(
        "answers",
        "How often homes spoke with the ward within 48 hours",
        (
            Column("Months"),
            Column("Stays", Unit.WHOLE),
            Column("Spoke in time", Unit.WHOLE),
            Column("Share", Unit.SHARE),
        ),
        rows,
        rule="Stays that reached 48 hours, by the month in which they did.",
    )
