"""When words that a pack froze about a due dose have gone stale on a page.

A pack and its paper keep what was true when they were made. A page read weeks later must not tell anybody
to give next what was due then: from a day after, the times of the home's MAR stand in its place.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from redbag.domain.london_time import format_day

_A_DAY = re.compile(r"\b[A-Z][a-z]{2} \d{1,2} [A-Z][a-z]{2}\b")
_AHEAD = 16
"""Days: no dose or change of a patch is computed further ahead of the pack (next_due.py)."""


def still_helps(due: str, today: date) -> bool:
    """Whether the words name a day that is yesterday at the earliest; True where they name none.

    `due`: as next_due.due_words wrote it. `today`: the London day.
    """
    named = set(_A_DAY.findall(due))
    days = (today + timedelta(days=ahead) for ahead in range(-1, _AHEAD + 1))
    return not named or any(format_day(day).rsplit(" ", 1)[0] in named for day in days)
