"""The numbers of family and attorneys as they stand in a resident's record, for a telephone to dial."""

from __future__ import annotations

from dataclasses import dataclass, replace

from redbag.domain.record import Values

_DIALLED = "+0123456789"
_FEWEST_FIGURES = 3
_POWERS = {
    "health": " for health",
    "property": " for property",
    "both": " for health and property",
}


@dataclass(frozen=True)
class Telephone:
    """One person to ring. `number`: as written; `dial`: what a telephone dials, "" where it is no number."""

    name: str
    relation: str
    number: str
    note: str
    dial: str


def of_record(people: Values) -> list[Telephone]:
    """Contacts and attorneys of the record's section on people, in its order; those without a number too.
    Whoever is both stands there once, with both roles."""
    contacts = [_telephone(row, str(row.get("relation") or "")) for row in people.get("contacts") or []]
    attorneys = [_telephone(row, _attorney(row)) for row in people.get("attorneys") or []]
    found: list[Telephone] = []
    for one in contacts + attorneys:
        place = next((index for index, known in enumerate(found) if _same(known, one)), None)
        if place is None:
            found.append(one)
        else:
            found[place] = _together(found[place], one)
    return found


def _same(one: Telephone, other: Telephone) -> bool:
    """By the name, unless their numbers differ."""
    same_name = bool(one.name) and one.name.casefold() == other.name.casefold()
    return same_name and (one.dial == other.dial or not (one.dial and other.dial))


def _together(one: Telephone, other: Telephone) -> Telephone:
    numbered = one if one.dial else other
    return replace(numbered, relation=_both(one.relation, other.relation), note=_both(one.note, other.note))


def _both(one: str, other: str) -> str:
    return ", ".join(dict.fromkeys(part for part in (one, other) if part))


def _attorney(row: Values) -> str:
    return "attorney" + _POWERS.get(str(row.get("kind") or ""), "")


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
