"""The numbers of family and attorneys as they stand in a resident's record, for a telephone to dial."""

from __future__ import annotations

from dataclasses import dataclass

from redbag.domain.record import Values

_DIALLED = "+0123456789"
_FEWEST_FIGURES = 3


@dataclass(frozen=True)
class Telephone:
    """One person to ring. `number`: as written; `dial`: what a telephone dials, "" where it is no number."""

    name: str
    relation: str
    number: str
    note: str
    dial: str


def of_record(people: Values) -> list[Telephone]:
    """Contacts and attorneys of the record's section on people, in its order; those without a number too."""
    contacts = [_telephone(row, str(row.get("relation") or "")) for row in people.get("contacts") or []]
    attorneys = [_telephone(row, "attorney") for row in people.get("attorneys") or []]
    return contacts + attorneys


def _telephone(row: Values, relation: str) -> Telephone:
    number = str(row.get("phone") or "")
    dial = "".join(sign for sign in number if sign in _DIALLED)
    return Telephone(
        name=str(row.get("name") or ""),
        relation=relation,
        number=number,
        note=str(row.get("note") or ""),
        dial=dial if len(dial) >= _FEWEST_FIGURES else "",
    )
