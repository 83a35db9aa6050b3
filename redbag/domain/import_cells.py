"""What stands in one cell of a spreadsheet, read as the answer that its column asks for.

Every reader returns the answer, or raises ValueError with a sentence for the table of errors. A blank
cell is no answer ("not recorded"); it is never turned into "no" or "none".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from redbag.domain import answers
from redbag.domain.answers import UNSEEN
from redbag.domain.identity import OLDEST
from redbag.domain.london_time import age_on, format_day

# Homes for adults: the rule that tells 1926 from 2026 in "3/4/26". Ours.
YOUNGEST = 18


class CellKind(StrEnum):
    """What the spreadsheet says that a cell is. CSV has only text."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    FORMULA = "formula"
    FAULT = "fault"


@dataclass(frozen=True)
class Cell:
    """A cell as written. The text of a date is ISO, that of a whole number has no decimal point."""

    text: str = ""
    kind: CellKind = CellKind.TEXT

    @property
    def blank(self) -> bool:
        return not self.text


@dataclass(frozen=True)
class Line:
    """A row of a sheet, with the number that the spreadsheet shows beside it."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook, or a whole CSV file (whose name is ""), without its empty rows."""

    name: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Read:
    """A day that was read, and whether the reading has to be said: two-digit years, Excel's numbers."""

    day: date
    said: bool = False


_QUOTED_FORMULA = re.compile(r'="([^"]*)"')
_MIDNIGHT = re.compile(r"[T ]0{1,2}:00(:00(\.0+)?)?(Z|\+00:00)?$")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[\s\-/.]*([A-Za-z]{3,9})[\s\-/.,]*(\d{4}|\d{2})")
_SHORT_YEAR = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{2})")
_EXCEL_DAY_ZERO = date(1899, 12, 30)
_YEARS_ALONE = range(1880, 2101)


def clean(text: str) -> str:
    """The text without what nobody can see, with plain line ends, trimmed."""
    tidy = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ")
    return UNSEEN.sub("", tidy).strip()


def csv_cell(text: str) -> Cell:
    """A cell of a CSV file. ="0123" is how some systems keep Excel from changing a text: it is 0123."""
    plain = clean(text)
    quoted = _QUOTED_FORMULA.fullmatch(plain)
    if quoted:
        return Cell(clean(quoted[1]))
    return Cell(plain, CellKind.FORMULA if plain.startswith("=") else CellKind.TEXT)


def refuse_what_is_no_text(cell: Cell) -> None:
    """Raises ValueError for a formula and for a spreadsheet's own error (#N/A)."""
    if cell.kind is CellKind.FORMULA:
        raise ValueError("This cell holds a formula. Copy the column and paste it as values.")
    if cell.kind is CellKind.FAULT:
        raise ValueError("The spreadsheet has an error in this cell. Write what belongs there.")


def text(cell: Cell, longest: int) -> str:
    """A text of at most `longest` characters."""
    refuse_what_is_no_text(cell)
    if cell.kind is CellKind.DATE:
        raise ValueError(
            f"The spreadsheet has turned this into the date {format_day(date.fromisoformat(cell.text))}. "
            "Format the column as text, and write it again."
        )
    if len(cell.text) > longest:
        raise ValueError(f"Use at most {longest:,} characters (now {len(cell.text):,}).")
    return cell.text


def choice(cell: Cell, choices: tuple[tuple[str, str], ...], also: dict[str, str]) -> str:
    """One of the choices, by its value or its words in any case; `also` names other ways of saying it."""
    refuse_what_is_no_text(cell)
    wanted = cell.text.casefold()
    known = {words.casefold(): value for value, words in choices} | {v.casefold(): v for v, _ in choices}
    found = (known | also).get(wanted)
    if found is None:
        raise ValueError(f"Write one of: {', '.join(words for _, words in choices)}.")
    return found


_YES = frozenset({"yes", "y", "true", "1", "x", "✓"})
_NO = frozenset({"no", "n", "false", "0"})


def yes_no(cell: Cell) -> bool:
    """Yes or no."""
    refuse_what_is_no_text(cell)
    word = cell.text.casefold()
    if word in _YES | _NO:
        return word in _YES
    raise ValueError("Write yes or no, or leave it empty.")


def day(cell: Cell) -> Read:
    """A day, day first. A two-digit year below 50 is 20xx."""
    return _day(cell, None)


def birth(cell: Cell, today: date) -> Read:
    """A date of birth: never in the future, and nobody older than 120.

    A two-digit year is the one that makes an adult of at most 120 years. Raises ValueError where both
    centuries do, or neither.
    """
    read = _day(cell, today)
    if read.day > today:
        raise ValueError("This day is in the future. Check the year.")
    if age_on(read.day, today) > OLDEST:
        raise ValueError(f"This makes them {age_on(read.day, today)} years old. Check the year.")
    return read


def _day(cell: Cell, birth_by: date | None) -> Read:
    refuse_what_is_no_text(cell)
    if cell.kind is CellKind.DATE:
        return Read(date.fromisoformat(cell.text))
    plain = _MIDNIGHT.sub("", cell.text)
    if re.fullmatch(r"\d{1,5}", plain):
        return Read(_excel_day(int(plain)), said=True)
    plain = _with_month_as_number(plain)
    short = _SHORT_YEAR.fullmatch(plain)
    if short is None:
        return Read(_checked_day(plain))
    if birth_by is None:
        return Read(_checked_day(plain), said=True)
    return Read(_century(plain, birth_by), said=True)


def _century(plain: str, today: date) -> date:
    """The only year of birth that two digits can mean for an adult."""
    start, year = plain[:-2], plain[-2:]
    possible = [_checked_day(f"{start}{century}{year}") for century in ("19", "20")]
    fitting = [born for born in possible if born <= today and YOUNGEST <= age_on(born, today) <= OLDEST]
    if len(fitting) == 1:
        return fitting[0]
    years = " or ".join(str(born.year) for born in possible)
    raise ValueError(f"Is this {years}? Write the year with four figures.")


def _checked_day(plain: str) -> date:
    parts = re.fullmatch(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ]\d+", plain)
    if parts and int(parts[2]) > 12 >= int(parts[1]):
        raise ValueError("The day comes first: there is no such month. Write it as 31/12/1938.")
    return answers.parse_date(plain)


def _with_month_as_number(plain: str) -> str:
    named = _NAMED_MONTH.fullmatch(plain)
    if named is None or named[2][:3].casefold() not in _MONTHS:
        return plain
    return f"{named[1]}/{_MONTHS.index(named[2][:3].casefold()) + 1}/{named[3]}"


def _excel_day(number: int) -> date:
    if number in _YEARS_ALONE:
        raise ValueError("This looks like a year alone. Write the date as day, month and year.")
    if not 61 <= number <= 73_050:  # 1 March 1900, after Excel's day that never was, to the end of 2099
        raise ValueError("Write the date as day, month and year, for example 3/11/1938.")
    return _EXCEL_DAY_ZERO + timedelta(days=number)


# Words that say that there is nothing, without saying that anybody asked.
_SAYS_TOO_LITTLE = frozenset(
    {"none", "nil", "no", "n/a", "na", "-", "--", "0", "none recorded", "none listed"}
)
_NONE_KNOWN = frozenset({"no known allergies", "nka", "none known", "no allergies known"})
_NOT_KNOWN = frozenset({"not known", "unknown", "don't know", "don’t know"})
_DRUGS_ONLY = frozenset({"nkda", "no known drug allergies", "no known drug allergy"})
_LONGEST_SUBSTANCE = 120
_LONGEST_REACTION = 500

Allergies = dict[str, object]


def allergies(cell: Cell) -> Allergies:
    """`{"status": …, "rows": [{"substance": …, "reaction": …}]}` from "Penicillin: rash; Latex".

    "No known allergies" is a statement of its own, and only these words make it.
    """
    said = text(cell, 10_000)
    words = said.casefold().rstrip(".")
    if words in _NONE_KNOWN:
        return {"status": "none_known", "rows": []}
    if words in _NOT_KNOWN:
        return {"status": "not_known", "rows": []}
    if words in _SAYS_TOO_LITTLE:
        raise ValueError(
            "This does not say whether anybody asked. Write “No known allergies”, or leave it empty: "
            "then it is “not recorded”."
        )
    if words in _DRUGS_ONLY:
        raise ValueError(
            "This speaks of drugs only. Write “No known allergies” if it is meant for everything, "
            "or leave it empty."
        )
    parts = [part.strip() for part in re.split(r"[;\n]", said) if part.strip()]
    return {"status": "allergies", "rows": [_allergy(part) for part in parts]}


def _allergy(part: str) -> dict[str, str]:
    substance, _, reaction = (side.strip() for side in part.partition(":"))
    if not substance:
        raise ValueError(f"Write what they react to before the colon: “{part[:60]}”.")
    if substance.casefold().rstrip(".") in _NONE_KNOWN | _NOT_KNOWN | _SAYS_TOO_LITTLE | _DRUGS_ONLY:
        raise ValueError(f"“{substance}” stands beside other allergies. Which is right?")
    if len(substance) > _LONGEST_SUBSTANCE or len(reaction) > _LONGEST_REACTION:
        raise ValueError("Too long. Write each as “what: reaction”, with a semicolon between two.")
    row = {"substance": substance}
    return row | {"reaction": reaction} if reaction else row
