"""Last doses, as the home answers them while packing (domain: medicines).

"All given as planned" in one tap covers ordinary medicines only. Time-critical medicines, insulin,
anticoagulants, opioids, patches, controlled drugs and as-needed medicines are each answered.
"""

from __future__ import annotations

from datetime import date, datetime

from redbag.domain import next_due
from redbag.domain.london_time import format_moment
from redbag.domain.medicine_line import Line, answered_alone
from redbag.domain.medicine_risk import HighRisk
from redbag.domain.next_due import LastDose, is_patch, stands_first
from redbag.domain.record import Choices, Values

GIVEN: Choices = (("given", "Given"), ("not_given", "Not given"), ("not_known", "Not known"))
ORDINARY: Choices = (
    ("all_given", "All given as planned"),
    ("some_missed", "Some were not given"),
    ("not_known", "Not known"),
)
NOBODY_ANSWERED = "Last dose not answered"


def warnings(line: Line) -> tuple[str, ...]:
    """What a nurse must notice about a medicine, in words, most pressing first."""
    found = ["Time-critical"] if line.time_critical else []
    found += [kind.label for kind in HighRisk if kind in line.kinds]
    if line.controlled:
        found.append("Controlled drug")
    return tuple(found)


def last_dose_words(line: Line, ref: str, doses: Values) -> tuple[str, bool]:
    """The last dose in words, and whether anybody answered.

    `doses`: {"ordinary": answer, "ordinary_upto": time, "ordinary_note": text, ref: {"answer", "when",
    "note"}} as kept with the transfer.
    """
    own = doses.get(ref) or {}
    if own.get("answer"):
        words = _own_words(own, _written(doses))
        if own["answer"] == "given" and is_patch(line) and not own.get("note"):
            words = f"{words}: where on the body not recorded"
        return words, True
    if answered_alone(line) or not doses.get("ordinary"):
        return NOBODY_ANSWERED, False
    upto = f" up to {doses['ordinary_upto']}{_written(doses)}" if doses.get("ordinary_upto") else ""
    match doses["ordinary"]:
        case "all_given":
            return f"Given as planned{upto}", True
        case "some_missed":
            note = doses.get("ordinary_note") or "ask the home which"
            return f"Some ordinary medicines were not given: {note}", True
        case _:
            return "Not known", True


def _written(doses: Values) -> str:
    """When the answers were written down: "yesterday" means nothing to whoever reads it next week."""
    at = doses.get("saved_at")
    return f" (written {format_moment(datetime.fromisoformat(at))})" if at else ""


def _own_words(own: Values, written: str) -> str:
    when, note = str(own.get("when") or ""), str(own.get("note") or "")
    words = dict(GIVEN)[own["answer"]]
    if own["answer"] == "given":
        words = f"{words} {when}{written}" if when else f"{words}, time not recorded"
    return f"{words}: {note}" if note else words


def next_due_words(line: Line) -> str:
    """The MAR's own times. Never a countdown: the hospital's chart decides."""
    if not line.times:
        return ""
    return f"times by the home’s MAR: {', '.join(line.times)}; check the hospital chart"


def due_words(
    line: Line, ref: str, doses: Values, as_of: datetime, started_on: date | None, paused: str
) -> str:
    """When the next dose is due, for the medicines that page 1 names; "" where the MAR cannot tell.

    `as_of` (UTC): when the pack is made, or when the person left if that was earlier. `paused`: until
    when, as written.
    """
    if not stands_first(line):
        return ""
    if paused:
        return f"paused: {paused}"
    own = doses.get(ref) or {}
    at = doses.get("saved_at")
    written_at = datetime.fromisoformat(at) if at else as_of
    last = LastDose(str(own.get("answer") or ""), str(own.get("when") or ""), written_at)
    return next_due.due_words(line, last, as_of, started_on)


def sent_words(own: Values) -> str:
    """How much of a medicine is in the bag; controlled drugs with the two names that counted it."""
    sent, counted = str(own.get("sent") or ""), str(own.get("counted") or "")
    return f"{sent} (counted by {counted})" if sent and counted else sent
