"""In which order the medicines of a pack that are named one by one are given next.

What is due soonest stands first, then what was missed, then the rest by their times: a screen that has room
for a few lines only shows those that cannot wait.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from redbag.domain.london_time import format_day, to_london

if TYPE_CHECKING:
    from redbag.domain.pack import PackMedicine

_MOMENT = re.compile(r"\b(\w{3} \d{1,2} \w{3}), (\d\d:\d\d)")
_AROUND = 16
"""Days before and after the pack within which a dose is ever computed (next_due.py)."""
_MISSED = "was due"
_UNCLEAR = (_AROUND + 1, "")


def in_order(medicines: Iterable[PackMedicine], made_at: datetime) -> tuple[PackMedicine, ...]:
    """Those of these medicines that page 1 and the first screen name, most pressing first.

    `made_at` (UTC): when the pack was made, since its words name days without a year.
    """
    named = [medicine for medicine in medicines if medicine.give_next]
    if len(named) < 2:
        return tuple(named)
    day = to_london(made_at).date()
    days = {
        format_day(day + timedelta(days=ahead)).rsplit(" ", 1)[0]: ahead
        for ahead in range(-_AROUND, _AROUND + 1)
    }
    soonest, *others = sorted(named, key=lambda medicine: _next_moment(medicine.due, days))
    return (soonest, *sorted(others, key=lambda medicine: _MISSED not in medicine.due))


def _next_moment(due: str, days: dict[str, int]) -> tuple[int, str]:
    """The moment of the next dose, which is the last that the words name; after all others where none is."""
    found = _MOMENT.findall(due)
    if not found or found[-1][0] not in days:
        return _UNCLEAR
    day, clock = found[-1]
    return days[day], clock
