"""What usually goes along (domain: belongings, defaults to offer). Each home can edit its own list."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from redbag.domain.errors import Invalid
from redbag.domain.record import Field, Kind, Values


@dataclass(frozen=True)
class UsualItem:
    """One line offered for ticking. `ref` is "" for a default that the home has not made its own."""

    name: str
    valuable: bool = False
    ref: str = ""


DEFAULT_BELONGINGS: tuple[UsualItem, ...] = (
    UsualItem("Glasses"),
    UsualItem("Dentures, upper"),
    UsualItem("Dentures, lower"),
    UsualItem("Hearing aid, left"),
    UsualItem("Hearing aid, right"),
    UsualItem("Hearing-aid batteries"),
    UsualItem("Walking aid"),
    UsualItem("Change of clothes for coming home"),
    UsualItem("Slippers or shoes"),
    UsualItem("Nightwear"),
    UsualItem("Dressing gown"),
    UsualItem("Toiletries"),
    UsualItem("Toothbrush"),
    UsualItem("Phone", valuable=True),
    UsualItem("Charger"),
    UsualItem("Book"),
    UsualItem("Family photo or comfort item"),
    UsualItem("Jewellery", valuable=True),
    UsualItem("Watch", valuable=True),
    UsualItem("Money", valuable=True),
    UsualItem("Keys", valuable=True),
    UsualItem("Continence products"),
)


LIST_QUESTION = Field(
    "items",
    "What usually goes along",
    Kind.ROWS,
    columns=(
        Field("ref", "", longest=16),
        Field("place", "Place", Kind.NUMBER, least=0, most=99, whole=True),
        Field("name", "Belonging", longest=120),
        Field("valuable", "Valuable", Kind.CHOICES, (("yes", "Valuable"),)),
    ),
)


_SUMS = re.compile(r"\b(money|cash|coins?|pounds?|gbp)\b|£", re.IGNORECASE)


def counted(name: str) -> bool:
    """Whether "how many" makes sense of a thing: twenty pounds is not twenty things."""
    return not _SUMS.search(name)


def as_rows(items: Sequence[UsualItem]) -> list[Values]:
    """A list as its form shows it, placed 1, 2, 3."""
    return [
        {"ref": item.ref, "place": place, "name": item.name, "valuable": ["yes"] if item.valuable else []}
        for place, item in enumerate(items, start=1)
    ]


def checked(rows: Sequence[Values]) -> list[UsualItem]:
    """The list that these rows ask for, in the order of their places; a row without a name is removed.

    Raises Invalid for a name that stands twice, or an empty list.
    """
    named = [row for row in rows if row.get("name")]
    if not named:
        raise Invalid({"items-0-name": "Keep at least one belonging on the list."})
    seen: set[str] = set()
    errors = {}
    for index, row in enumerate(rows):
        folded = " ".join((row.get("name") or "").casefold().split())
        if folded in seen:
            errors[f"items-{index}-name"] = f"“{row['name']}” stands on the list twice. Take one out."
        if folded:
            seen.add(folded)
    if errors:
        raise Invalid(errors)
    # A row that was given no place goes last, in the order of the page.
    placed = sorted(named, key=lambda row: row["place"] if row.get("place") is not None else 100)
    return [UsualItem(row["name"], bool(row.get("valuable")), row.get("ref") or "") for row in placed]
