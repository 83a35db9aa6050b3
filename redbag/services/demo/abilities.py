"""How well an invented resident manages, and the words that go with each level."""

from __future__ import annotations

from redbag.domain.record import NEED_LEVELS
from redbag.services.demo.dice import Dice

LEVELS = tuple(level for level, _ in NEED_LEVELS)
INDEPENDENT, SLIGHT, MODERATE, MODERATELY_SEVERE, SEVERE = LEVELS
Words = dict[str, tuple[str, ...]]

WALKING: Words = {
    INDEPENDENT: ("Walks alone", "Walks alone with a stick"),
    SLIGHT: ("Walks alone with a frame",),
    MODERATE: ("Frame and one person",),
    MODERATELY_SEVERE: ("Wheelchair, one person", "A few steps with two people"),
    SEVERE: ("In bed most of the day",),
}
TRANSFERS: Words = {
    INDEPENDENT: ("Alone",),
    SLIGHT: ("Alone, somebody near",),
    MODERATE: ("One person",),
    MODERATELY_SEVERE: ("Two people and stand aid",),
    SEVERE: ("Full hoist, medium sling",),
}
TOILET: Words = {
    INDEPENDENT: ("Alone",),
    SLIGHT: ("Reminded every two hours",),
    MODERATE: ("Pads at night",),
    MODERATELY_SEVERE: ("Pads day and night",),
    SEVERE: ("Pads day and night, two people",),
}
EATING: Words = {
    INDEPENDENT: ("Eats alone",),
    SLIGHT: ("Eats alone, cut up small",),
    MODERATE: ("Needs prompting", "Cup with two handles, needs prompting"),
    MODERATELY_SEVERE: ("Fed",),
}
MEMORY: Words = {
    SLIGHT: ("Usually chatty, forgets within the hour",),
    MODERATE: ("Usually chatty, forgets within minutes", "Knows the family, not the day"),
    MODERATELY_SEVERE: ("Knows the family, not the day; asks for mother when tired",),
    SEVERE: ("Does not know the place; calm when told",),
}
EQUIPMENT: Words = {
    INDEPENDENT: ("",),
    SLIGHT: ("Frame, raised seat",),
    MODERATE: ("Frame, raised seat", "Profiling bed"),
    MODERATELY_SEVERE: ("Stand aid, wheelchair, pressure cushion",),
    SEVERE: ("Hoist, pressure mattress, profiling bed",),
}
# The Clinical Frailty Scale follows how much help is needed with moving.
FRAILTY: Words = {
    INDEPENDENT: ("4", "5"),
    SLIGHT: ("5", "6"),
    MODERATE: ("6",),
    MODERATELY_SEVERE: ("7",),
    SEVERE: ("7", "8"),
}
FALLS = ("Sensor mat at night", "Low bed", "Night light and non-slip socks")
OWN_STEPS = frozenset({INDEPENDENT, SLIGHT, MODERATE})
"""Levels of walking at which somebody walks, and may walk off."""


def level(dice: Dice, among: Words) -> str:
    """Any level that there are words for."""
    return dice.pick(tuple(among))


def worse(level_now: str) -> str:
    """The next level of difficulty, which an illness brings; severe stays severe."""
    return LEVELS[min(LEVELS.index(level_now) + 1, len(LEVELS) - 1)]
