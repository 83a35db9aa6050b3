"""The clocks of the pathway that a site may set for itself (domain: steps and their clocks).

Defaults are the pathway's; where no source names a number, the default is a guess that a site can change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from redbag.domain.permissions import OrganisationKind
from redbag.domain.record import Field, Kind

_HOME, _HOSPITAL = OrganisationKind.CARE_HOME, OrganisationKind.HOSPITAL
_BOTH = (_HOME, _HOSPITAL)


@dataclass(frozen=True)
class Clock:
    """After how many `unit` (hours or days) something must be looked at. `sites`: who has this clock."""

    key: str
    label: str
    unit: str
    default: int
    most: int
    sites: tuple[OrganisationKind, ...] = (_HOME,)
    least: int = 1


CLOCKS: tuple[Clock, ...] = (
    Clock("packing_hours", "Still being packed", "hours", 4, 72),
    Clock("not_scanned_hours", "Handed to the crew and not scanned", "hours", 6, 72),
    Clock("ring_family_hours", "Gone, and nobody has written down that the family knows", "hours", 2, 72),
    Clock("home_contact_hours", "In hospital, and the home has not spoken to the ward", "hours", 48, 336),
    Clock("home_contact_overdue_hours", "The same, overdue", "hours", 72, 504),
    Clock("not_received_hours", "Left hospital and not back home", "hours", 24, 168),
    Clock("bag_not_back_days", "Bag not back after its journey ended", "days", 7, 90),
    Clock("bag_waiting_days", "Bag put aside, and neither cleaned nor destroyed", "days", 2, 90),
    Clock("coming_hours", "A bag on its way here, and not scanned", "hours", 6, 72, (_HOSPITAL,)),
    Clock("long_stay_first_days", "A long stay: first look", "days", 7, 120, _BOTH),
    Clock("long_stay_second_days", "A long stay: second look", "days", 14, 240, _BOTH),
    Clock("long_stay_third_days", "A long stay: third look", "days", 21, 366, _BOTH),
    Clock("bag_left_days", "The person has left, and their bag is still here", "days", 2, 90, (_HOSPITAL,)),
)
DEFAULTS: dict[str, int] = {clock.key: clock.default for clock in CLOCKS}
LONG_STAYS = ("long_stay_first_days", "long_stay_second_days", "long_stay_third_days")
# Each pair: the later clock may not run out before the earlier one.
_IN_ORDER = (
    ("home_contact_hours", "home_contact_overdue_hours"),
    *pairwise(LONG_STAYS),
)
_LABELS = {clock.key: clock.label for clock in CLOCKS}
_UNITS = {clock.key: clock.unit for clock in CLOCKS}


def of_site(kind: OrganisationKind) -> tuple[Clock, ...]:
    """The clocks of a home or of a hospital; none of any other organisation."""
    return tuple(clock for clock in CLOCKS if kind in clock.sites)


def limits(thresholds: Mapping[str, object] | None) -> dict[str, int]:
    """Every clock by its key: the site's own number where it has set one, else the default."""
    own = {key: value for key, value in (thresholds or {}).items() if key in DEFAULTS}
    return {**DEFAULTS, **{key: value for key, value in own.items() if isinstance(value, int)}}


def questions(kind: OrganisationKind) -> tuple[Field, ...]:
    """The form in which a site sets its clocks."""
    return tuple(
        Field(
            clock.key,
            clock.label,
            Kind.NUMBER,
            unit=clock.unit,
            hint=f"{clock.default} {clock.unit} unless you say otherwise",
            least=clock.least,
            most=clock.most,
            required=f"{clock.label}: write a number of {clock.unit}.",
            whole=True,
        )
        for clock in of_site(kind)
    )


def faults(values: Mapping[str, float | int | None]) -> dict[str, str]:
    """What is wrong with these clocks, by key: a half, or a later mark that comes before an earlier one."""
    found = {
        key: f"Write whole {_UNITS[key]}."
        for key, value in values.items()
        if key in _UNITS and value is not None and not isinstance(value, int)
    }
    for earlier, later in _IN_ORDER:
        first, second = values.get(earlier), values.get(later)
        if first is not None and second is not None and second <= first and later not in found:
            found[later] = f"This must come after “{_LABELS[earlier]}” ({first:g} {_UNITS[earlier]})."
    return found
