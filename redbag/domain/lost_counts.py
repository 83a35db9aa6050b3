"""Lost things counted: between which two looks each was lost, and what kind of thing it was.

A thing is lost between the look at which it was last seen and the first at which it was missing
(domain/custody.py): that names a stretch of the way, and nobody. A thing that turned up again is not counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from redbag.domain.belongings import DEFAULT_BELONGINGS
from redbag.domain.custody import Lost, Step
from redbag.domain.london_time import london_day

OTHER_KIND = "Something else"
OTHER_SPAN = "other"
SPAN_WORDS = {
    "packing-admission": "From packing to the check at admission",
    "packing-discharge": "From packing to the check at discharge (none at admission)",
    "packing-return": "From packing to the check at the return (none in hospital)",
    "admission-discharge": "In hospital: from the check at admission to the one at discharge",
    "admission-return": "From the check at admission to the return (none at discharge)",
    "discharge-return": "From the check at discharge to the return",
    OTHER_SPAN: "Between other looks, for example when the bag was opened",
}
"""The stretches of the way, in its order, as pages name them."""
HANDOVERS_IN = {
    "packing-admission": "home to crew, crew to the emergency department, department to ward",
    "packing-discharge": "home to crew, crew to hospital, every move in hospital",
    "packing-return": "every handover",
    "admission-discharge": "ward to ward",
    "admission-return": "ward to ward, ward to transport, transport to home",
    "discharge-return": "ward to transport, transport to home",
    OTHER_SPAN: "",
}
"""The handovers that lie in each of them."""
_KINDS = {usual.name.casefold(): usual.name for usual in DEFAULT_BELONGINGS}


@dataclass(frozen=True)
class LostThing:
    """One thing that is lost: the London day it was first missing, the stretch of the way, its kind."""

    day: date
    span: str
    kind: str


def kind_of(description: str) -> str:
    """The kind of a thing by the usual list, since nothing else may be counted where no person is seen."""
    words = " ".join(description.casefold().split())
    return _KINDS.get(words) or next(
        (name for folded, name in _KINDS.items() if words.startswith(folded)), OTHER_KIND
    )


def span_of(seen: Step, missing: Step) -> str:
    """The stretch between two looks, as SPAN_WORDS names it."""
    key = f"{seen.value}-{missing.value}"
    return key if key in SPAN_WORDS else OTHER_SPAN


def counted(lost: Iterable[Lost], descriptions: Mapping[str, str]) -> tuple[LostThing, ...]:
    """The lost things of a journey. `descriptions`: what each item is called, by its key."""
    return tuple(
        sorted(
            (
                LostThing(
                    london_day(one.first_missing.at),
                    span_of(one.last_seen.step, one.first_missing.step),
                    kind_of(descriptions.get(one.item, "")),
                )
                for one in lost
            ),
            key=lambda one: (one.day, one.span, one.kind),
        )
    )
