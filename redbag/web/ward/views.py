"""Every page of this area: importing a module registers its views."""

from redbag.web.ward import (
    access,
    admission,
    belongings,
    blueprint,
    board,
    card,
    correcting,
    endings,
    find,
    leaving,
    medicines,
    moves,
    papers,
    patient,
    scan,
    where_bag,
)

__all__ = [
    "access",
    "admission",
    "belongings",
    "blueprint",
    "board",
    "card",
    "correcting",
    "endings",
    "find",
    "leaving",
    "medicines",
    "moves",
    "papers",
    "patient",
    "scan",
    "where_bag",
]
