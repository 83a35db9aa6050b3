"""What usually goes along (domain: belongings, defaults to offer). Each home can edit its own list."""

from __future__ import annotations

from dataclasses import dataclass


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
