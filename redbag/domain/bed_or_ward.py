"""Whether the box for the bed holds a ward: a hand in a hurry types where it stands, and the board then shows
nobody on that ward."""

from __future__ import annotations

import re
from collections.abc import Iterable

from redbag.domain.medicine_text import plain

_A_WARD = re.compile(r"(?<!\w)(?:ward|unit|department|dept|a ?& ?e|ed)$")


def read_as_ward(bed: str, wards: Iterable[str], chosen: str = "") -> str:
    """The words that name a ward, as typed; "" for a bed. `wards`: the hospital’s list; `chosen`:
    the one that was chosen beside it, which may stand before the bed."""
    said = plain(bed).strip()
    others = [name for name in wards if plain(name) in said and name != chosen]
    alone = any(said == plain(name) for name in wards)
    return bed.strip() if others or alone or _A_WARD.search(said) else ""
