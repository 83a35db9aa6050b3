"""The columns of a file of earlier stays, and the row of headings among the first rows of a sheet.

Order does not matter. A column that is not known is left out and named in the preview.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

from redbag.domain.errors import Invalid
from redbag.domain.import_cells import Line
from redbag.domain.import_columns import (
    HEADER_WITHIN,
    REMARK,
    Column,
    known_among,
    names_of,
    places_of,
    what_is_missing,
)
from redbag.domain.record import Choices
from redbag.domain.todays_facts import JOURNEY_TYPES, REASONS

ENDED: Choices = (("home", "Left alive"), ("died", "Died"), ("elsewhere", "Moved elsewhere"))
UNKNOWN_END = "unknown"
"""What a closed stay of a file ended as, where the file does not say."""

_DAY_WORDS = "Day first: 3/4/2019. Best with four figures for the year; a time after it is left out."
COLUMNS: tuple[Column, ...] = (
    Column(
        "home",
        "Home",
        also="care home|home name|home ods code|ods code|site|location|provider|care home name",
        longest=200,
        explain="Name or ODS code, as Red Bag has it. Not needed where a manager loads their own home’s.",
        example="Rose Court",
    ),
    Column(
        "admitted",
        "Admission",
        also="admitted|admission date|date of admission|admitted on|date admitted|start|start date",
        needed=True,
        explain=f"The day a hospital decided to admit. {_DAY_WORDS}",
        example="03/04/2019",
    ),
    Column(
        "discharged",
        "Discharge",
        also="discharged|discharge date|date of discharge|discharged on|date discharged|end|end date",
        needed=True,
        explain="The day the stay ended. Empty: still in hospital on the day the file was made.",
        example="14/04/2019",
    ),
    Column(
        "reason",
        "Reason",
        also="reason for admission|admission reason|presenting complaint|cause",
        longest=200,
        explain=f"{', '.join(words for _, words in REASONS)}. Whatever is not on the list counts as "
        "Something else, and the preview names it.",
        example="Fall",
    ),
    Column(
        "age",
        "Age",
        also="age at admission|age on admission",
        explain="Whole years on the day of admission.",
        example="84",
    ),
    Column(
        "hospital",
        "Hospital",
        also="hospital name|hospital ods code|admitted to|trust",
        longest=120,
        explain="Name or ODS code. One that Red Bag does not know is kept in words.",
        example="St Agnes Hospital",
    ),
    Column(
        "bag",
        "With bag",
        also="bag|red bag|with red bag|bag sent|red bag sent",
        explain="yes or no: whether a red bag travelled along. Empty: not known.",
        example="no",
    ),
    Column(
        "ended",
        "How it ended",
        also="outcome|ended as|discharge outcome",
        explain=f"{', '.join(words for _, words in ENDED)}. Empty: not known.",
        example="Left alive",
    ),
    Column(
        "kind",
        "Kind of admission",
        also="admission type|type of admission|admission method|emergency or planned|kind of journey",
        explain="Emergency or Planned. Empty: not known.",
        example="Emergency",
    ),
    Column(
        "person",
        "Person reference",
        also="person|person ref|person id|resident|resident id|resident reference|resident ref|client id",
        longest=100,
        explain="A number or code of the system the file comes from, the same for all stays of one person. "
        "It is never kept as it is written. No names and no NHS numbers.",
        example="R-0042",
    ),
)
NAMES = names_of(COLUMNS)
HEADINGS = {column.key: column.heading for column in COLUMNS}
ADMISSION_KINDS: Choices = JOURNEY_TYPES[:2]


@dataclass(frozen=True)
class Headed:
    """A sheet whose columns are known, with its rows still to be read. `places`: position by column key;
    `left_out`: headings that are not known."""

    sheet: str
    places: dict[str, int]
    left_out: tuple[str, ...]
    rows: Iterator[Line]


def head(sheet: str, lines: Iterable[Line]) -> Headed | None:
    """Finds the headings among the first rows; None for a sheet without any known one.

    Raises Invalid where a column that is needed is missing, or two mean the same.
    """
    told = (line for line in lines if not line.cells[0].text.startswith(REMARK))
    first = list(islice(told, HEADER_WITHIN))
    if not first:
        return None
    header = max(first, key=lambda line: known_among(NAMES, (cell.text for cell in line.cells)))
    headings = [cell.text for cell in header.cells]
    if not known_among(NAMES, headings):
        return None
    places = places_of(NAMES, headings)
    missing = what_is_missing(COLUMNS, places, headings, sheet)
    if missing:
        raise Invalid({"file": missing})
    known = set(places.values())
    unknown = tuple(text for place, text in enumerate(headings) if text and place not in known)
    below = (line for line in chain(first, told) if line.number > header.number)
    return Headed(sheet, places, unknown, below)
