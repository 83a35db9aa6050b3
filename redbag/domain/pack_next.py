"""What comes next for a person in a pack: the next round of medicines, and whom to ring beside the home."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from redbag.domain import next_due
from redbag.domain.medicine_line import is_as_needed
from redbag.domain.pack_source import SourceMedicine
from redbag.domain.record import Values


def next_by_mar(medicines: Sequence[SourceMedicine], as_of: datetime) -> str:
    """When the medicines that are not named one by one are due next, and how many; "" where there are none.

    Time-critical medicines and patches have lines of their own; as-needed and paused ones have no next
    time. `as_of` (UTC): when the pack is made, or when the person left if that was earlier: the words are
    the home's, and the hospital's chart decides.
    """
    regular = [m for m in medicines if not is_as_needed(m.line) and not m.paused]
    others = [m for m in regular if not next_due.stands_first(m.line)]
    if not others:
        return ""
    moments = [next_due.next_after(m.line, as_of, m.started_on) for m in others]
    lead = "Next" if len(others) == len(regular) else "Other medicines next"
    unclear = moments.count(None)
    known = [moment for moment in moments if moment is not None]
    if not known:
        return (
            f"{lead} by the home’s MAR: no clear times for {_medicines(unclear)}. Check the hospital chart."
        )
    first = min(known)
    words = f"{lead} by the home’s MAR: {next_due.short_moment(first)} ({_medicines(known.count(first))})"
    more = f"; no clear times for {unclear} more" if unclear else ""
    return f"{words}{more}. Check the hospital chart."


def _medicines(count: int) -> str:
    return f"{count} medicine{'' if count == 1 else 's'}"


_NEXT_OF_KIN = re.compile(r"\(?\s*\b(?:next of kin|nok)\b\s*\)?[,:]?\s*", re.IGNORECASE)


def next_of_kin(people: Values) -> str:
    """The contact who is said to be next of kin, else the first on the list, with relation and number.

    "" where the home recorded nobody.
    """
    contacts = [row for row in people.get("contacts") or [] if row.get("name") or row.get("phone")]
    named = [row for row in contacts if _NEXT_OF_KIN.search(str(row.get("relation") or ""))]
    if not contacts:
        return ""
    row = (named or contacts)[0]
    relation = _NEXT_OF_KIN.sub("", str(row.get("relation") or "")).strip(" ,;")
    phone = row.get("phone") or "number not recorded"
    parts = [str(row.get("name") or "name not recorded"), relation, str(phone)]
    words = ", ".join(part for part in parts if part)
    note = f" ({row['note']})" if row.get("note") else ""
    return f"{'Next of kin' if named else 'First contact'}: {words}{note}"
