"""The columns of the two files that a home can bring in: residents, and their medicines.

The headings are the questions of the pages; `also` lists what the exports of care systems call them.
Order does not matter, and a column that is not known is left out and named in the preview.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from redbag.domain.errors import Invalid
from redbag.domain.identity import IDENTITY
from redbag.domain.import_cells import Line, Sheet
from redbag.domain.medicine_fields import MEDICINE
from redbag.domain.record import HISTORY, Choices, Field

HEADER_WITHIN = 15  # rows; exports begin with a title, a date, an address
EXPLANATION_SHEET = "How to fill it in"
REMARK = "#"  # a row that starts so is for people


class Holds(StrEnum):
    """How a cell of the column is read (import_cells)."""

    TEXT = "text"
    NUMBER = "number"
    BIRTH = "birth"
    DAY = "day"
    CHOICE = "choice"
    YES_NO = "yes_no"
    ALLERGIES = "allergies"
    KINDS = "kinds"


@dataclass(frozen=True)
class Column:
    """One column: the key it is kept under, its heading, and how its cells are read."""

    key: str
    heading: str
    holds: Holds = Holds.TEXT
    also: str = ""
    needed: bool = False
    longest: int = 500
    choices: Choices = ()
    words: dict[str, str] = field(default_factory=dict)
    explain: str = ""
    example: str = ""


_QUESTIONS: dict[str, Field] = {question.key: question for question in (*IDENTITY, *MEDICINE)}


def _column(key: str, also: str = "", holds: Holds = Holds.TEXT, **more: object) -> Column:
    """A column for a question of the pages, with its label, its limit and its choices."""
    question = _QUESTIONS[key]
    known = {"heading": question.label, "longest": question.longest, "choices": question.choices}
    return Column(key=key, holds=holds, also=also, **{**known, **more})  # type: ignore[arg-type]


_DAY_WORDS = "Day first: 3/4/1926. The year is best written with four figures."
_WHO = (
    _column(
        "given_name",
        "forename|given name|firstname|first names|forenames|christian name",
        example="Joan",
        explain="Empty for a person with one name only.",
    ),
    _column("family_name", "surname|last name|lastname", needed=True, example="Smith"),
    _column(
        "date_of_birth",
        "dob|birth date|born|birthday",
        Holds.BIRTH,
        needed=True,
        example="03/11/1938",
        explain=f"{_DAY_WORDS} A two-digit year is taken only where it can mean one adult’s age.",
    ),
    _column(
        "nhs_number",
        "nhs no|nhs|nhs num|nhsnumber",
        Holds.NUMBER,
        example="999 123 4519",
        explain="Ten digits, with or without spaces. Empty where it is not known.",
    ),
)
_YES_NO_WORDS = "yes or no. Empty says nothing."

RESIDENT_COLUMNS: tuple[Column, ...] = (
    *_WHO,
    _column("preferred_name", "preferred name|known as|likes to be called", example="Joanie"),
    _column(
        "gender",
        "sex",
        Holds.CHOICE,
        words={"f": "Female", "m": "Male", "woman": "Female", "man": "Male"},
        example="Female",
        explain="Female, Male or Another gender.",
    ),
    _column("room", "room number|room no|bedroom", example="12"),
    _column("gp_practice", "gp|surgery|gp surgery|doctor", example="Mill Lane Surgery"),
    _column("first_language", "language|preferred language", example="English"),
    _column(
        "interpreter",
        "interpreter needed|needs interpreter",
        Holds.CHOICE,
        words={"yes": "Needed", "no": "Not needed", "y": "Needed", "n": "Not needed"},
        example="Not needed",
        explain="Needed or Not needed.",
    ),
    _column(
        "moved_in_on",
        "admission date|date of admission|moved in|date moved in",
        Holds.DAY,
        example="14/02/2024",
        explain=_DAY_WORDS,
    ),
    Column(
        "allergies",
        "Allergies",
        Holds.ALLERGIES,
        also="allergies and reactions|allergy|known allergies|allergies and adverse reactions",
        example="Penicillin: rash; Latex",
        explain="Each as “what: reaction”, a semicolon between two. “No known allergies” and “Not known” "
        "are answers; an empty cell is “not recorded”. Nothing that Red Bag has is taken away.",
    ),
    Column(
        "conditions",
        "Conditions",
        also="medical history|past medical history|diagnoses|diagnosis|medical conditions",
        longest=HISTORY.field("conditions").longest,
        example="Parkinson’s disease, high blood pressure",
        explain="Goes to Past history. At most 10,000 characters.",
    ),
)

MEDICINE_COLUMNS: tuple[Column, ...] = (
    *_WHO,
    _column(
        "name",
        "medication|drug|medicine name|drug name|medication name|item|product",
        needed=True,
        example="Paracetamol",
        explain="As it is written on the MAR. One row for each medicine.",
    ),
    _column("strength", example="500 mg"),
    _column("form", "formulation", example="tablets"),
    _column("dose", "dosage|quantity per dose", example="2 tablets"),
    _column("route", example="by mouth"),
    _column("frequency", "how often|directions|instructions", example="four times a day"),
    _column("times", "time|time of day", example="08:00, 12:00, 18:00, 22:00"),
    _column("indication", "reason|what it is for|for", example="pain"),
    Column(
        "time_critical",
        "Time-critical",
        Holds.YES_NO,
        also="time critical|time sensitive",
        example="no",
        explain=_YES_NO_WORDS,
    ),
    Column(
        "controlled",
        "Controlled drug",
        Holds.YES_NO,
        also="controlled|cd",
        example="no",
        explain=_YES_NO_WORDS,
    ),
    Column(
        "as_needed", "As needed", Holds.YES_NO, also="prn|as required", example="no", explain=_YES_NO_WORDS
    ),
    _column("as_needed_rules", "prn protocol|prn instructions", heading="As-needed rules", example=""),
    _column(
        "high_risk",
        "high risk|high-risk kind",
        Holds.KINDS,
        heading="High-risk kind",
        example="",
        explain="Insulin, Opioid, Patch and the others of the medicine page, a comma between two.",
    ),
    _column("started_on", "start date|started|date started", Holds.DAY, example="03/02/2026"),
    _column("review_on", "review date|stop date|end date", Holds.DAY, example=""),
    _column(
        "code",
        "code|dm+d|dmd code|snomed code|dmd|vpid|apid",
        example="",
        explain="Only where the care system gives it. The text is kept as it was written.",
    ),
)


class What(StrEnum):
    """What a sheet holds."""

    RESIDENTS = "residents"
    MEDICINES = "medicines"


COLUMNS = {What.RESIDENTS: RESIDENT_COLUMNS, What.MEDICINES: MEDICINE_COLUMNS}


@dataclass(frozen=True)
class Table:
    """A sheet whose columns are known. `places`: position by column key; `left_out`: unknown headings."""

    what: What
    sheet: str
    places: dict[str, int]
    rows: tuple[Line, ...]
    left_out: tuple[str, ...]


def plain(heading: str) -> str:
    """A heading as it is compared: letters and digits only, without case."""
    return re.sub(r"[\W_]+", "", heading.casefold())


def names_of(columns: Iterable[Column]) -> dict[str, str]:
    """Column keys by every name that a heading may have, as plain() writes it."""
    return {
        plain(name): column.key
        for column in columns
        for name in (column.heading, *column.also.split("|"))
        if name
    }


_NAMES = {what: names_of(columns) for what, columns in COLUMNS.items()}
_ALL_NAMES = frozenset(name for names in _NAMES.values() for name in names)


def recognised(headings: Iterable[str]) -> int:
    """How many of these headings are known: tells which character divides the columns of a CSV file."""
    return known_among(_ALL_NAMES, headings)


def known_among(names: Collection[str], headings: Iterable[str]) -> int:
    """How many of these headings are among `names` (see names_of)."""
    return sum(plain(heading) in names for heading in headings if heading)


def find_tables(sheets: Iterable[Sheet]) -> tuple[list[Table], list[str]]:
    """The sheets that hold residents or medicines, and the names of those that hold neither.

    Raises Invalid where no sheet does, and where a column that is needed is missing.
    """
    tables: list[Table] = []
    others: list[str] = []
    missing = "The file is empty: it has no row with anything in it."
    for sheet in sheets:
        if sheet.name == EXPLANATION_SHEET or not sheet.lines:
            continue
        table, missing = _table(sheet)
        if table is not None:
            tables.append(table)
        else:
            others.append(sheet.name)
    if not tables:
        raise Invalid({"file": missing})
    for what in What:
        if sum(table.what is what for table in tables) > 1:
            raise Invalid({"file": f"Two sheets hold {what.value}. Put them together in one."})
    return tables, others


_KNOWS_IT = 2  # columns; a sheet with this many known headings is meant, and told what it lacks


def _table(sheet: Sheet) -> tuple[Table | None, str]:
    """The sheet with its columns; or None with what it lacks. Raises Invalid where it is clearly meant."""
    lines = [line for line in sheet.lines if not line.cells[0].text.startswith(REMARK)]
    if not lines:
        return None, "The file has no row of headings. Start from a template."
    header = max(lines[:HEADER_WITHIN], key=lambda line: recognised(cell.text for cell in line.cells))
    headings = [cell.text for cell in header.cells]
    medicines = _NAMES[What.MEDICINES]
    what = What.MEDICINES if "name" in {medicines.get(plain(h)) for h in headings} else What.RESIDENTS
    places = places_of(_NAMES[what], headings)
    missing = what_is_missing(COLUMNS[what], places, headings, sheet.name)
    if missing and len(places) >= _KNOWS_IT:
        raise Invalid({"file": missing})
    if missing:
        return None, missing
    rows = tuple(line for line in lines if line.number > header.number)
    known = set(places.values())
    unknown = [h for place, h in enumerate(headings) if h and place not in known]
    return Table(what, sheet.name, places, rows, tuple(unknown)), ""


def places_of(names: Mapping[str, str], headings: Sequence[str]) -> dict[str, int]:
    """Where each known column stands, by its key. Raises Invalid where two mean the same."""
    places: dict[str, int] = {}
    for place, heading in enumerate(headings):
        key = names.get(plain(heading)) if heading else None
        if key is None:
            continue
        if key in places:
            both = f"“{headings[places[key]]}” and “{heading}”"
            raise Invalid({"file": f"Two columns mean the same: {both}. Take one out."})
        places[key] = place
    return places


def what_is_missing(
    columns: Iterable[Column], places: Collection[str], headings: Sequence[str], sheet: str
) -> str:
    """The sentence about columns that are needed and not there; "" when all are."""
    missing = [column.heading for column in columns if column.needed and column.key not in places]
    if not missing:
        return ""
    where = f"Sheet “{sheet}”: " if sheet else ""
    wanted = " or ".join(f"“{heading}”" for heading in missing)
    stands = ", ".join(f"“{heading[:40]}”" for heading in headings[:12] if heading)
    return f"{where}no column is called {wanted}. The headings that were found are: {stands}."
