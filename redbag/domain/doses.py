"""Last doses, as the home answers them while packing (domain: medicines).

"All given as planned" in one tap covers ordinary medicines only. Time-critical medicines, insulin,
anticoagulants, opioids, patches, controlled drugs and as-needed medicines are each answered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from redbag.domain import next_due, typed_moment
from redbag.domain.london_time import format_day, format_moment, london_day
from redbag.domain.medicine_line import Line, answered_alone
from redbag.domain.medicine_risk import HighRisk
from redbag.domain.next_due import LastDose, is_patch, stands_first
from redbag.domain.record import Choices, Values
from redbag.domain.typed_moment import Said

GIVEN: Choices = (("given", "Given"), ("not_given", "Not given"), ("not_known", "Not known"))
ORDINARY: Choices = (
    ("all_given", "All given as planned"),
    ("some_missed", "Some were not given"),
    ("not_known", "Not known"),
)
NOBODY_ANSWERED = "Last dose not answered"
NO_WHY = "reason not recorded"
_JUST_ILL = timedelta(hours=12)


def warnings(line: Line) -> tuple[str, ...]:
    """What a nurse must notice about a medicine, in words, most pressing first."""
    found = ["Time-critical"] if line.time_critical else []
    found += [kind.label for kind in HighRisk if kind in line.kinds]
    if line.controlled:
        found.append("Controlled drug")
    if line.unchecked:
        kinds = ", ".join(f"{kind.label.lower()}?" for kind in HighRisk if kind in line.unchecked)
        found.append(f"Still to check: {kinds}{'' if line.time_critical else ' Time-critical?'}")
    return tuple(found)


def last_dose_words(
    line: Line, ref: str, doses: Values, as_of: datetime, started_on: date | None = None, paused: str = ""
) -> tuple[str, bool]:
    """The last dose in words, and whether anybody answered.

    `doses`: {"ordinary": answer, "ordinary_upto": time, "ordinary_missed": references, "ordinary_note":
    text, ref: {"answer", "when", "note"}} as kept with the transfer. `as_of` (UTC): when the pack is made,
    or the person left before. `paused`: until when, as written.
    """
    own = doses.get(ref) or {}
    if _was_missed(ref, doses):
        return f"Not given: {own.get('note') or NO_WHY}", True
    if own.get("answer"):
        words = _own_words(own, doses, as_of)
        if own["answer"] == "given" and is_patch(line) and not own.get("note"):
            words = f"{words}: where on the body not recorded"
        return words, True
    if answered_alone(line) or not doses.get("ordinary"):
        return NOBODY_ANSWERED, False
    match doses["ordinary"]:
        case "all_given":
            return _planned_words(line, doses, as_of, started_on, paused), True
        case "some_missed" if doses.get("ordinary_missed"):
            return _planned_words(line, doses, as_of, started_on, paused), True
        case "some_missed":
            note = doses.get("ordinary_note") or "ask the home which"
            typed = str(doses.get("ordinary_upto") or "")
            upto = f" up to {_when_words(typed, doses, as_of)}" if typed else ""
            return f"Some ordinary medicines were not given{upto}: {note}", True
        case _:
            return "Not known", True


def _was_missed(ref: str, doses: Values) -> bool:
    """Whether this ordinary medicine was ticked as not given; the others beside it were given as planned."""
    return doses.get("ordinary") == "some_missed" and ref in (doses.get("ordinary_missed") or ())


def _planned_words(line: Line, doses: Values, as_of: datetime, started_on: date | None, paused: str) -> str:
    """ "Given as planned" says which dose that was: the MAR's last before the time that the home named."""
    if paused:
        return f"Paused: {paused}; last dose not recorded"
    typed = str(doses.get("ordinary_upto") or "")
    if not typed:
        return "Given as planned, time not recorded"
    said = _said(typed, doses, as_of)
    if said is None:
        return f"Given as planned up to {typed}{_written(doses)}; {mar_words(line)}"
    if said.instant is None:
        return f"Given as planned up to {next_due.short_day(said.day)}, time not recorded; {mar_words(line)}"
    last = next_due.last_by(line, said.instant)
    if last is None:
        return f"Given as planned up to {next_due.short_moment(said.instant)}; {mar_words(line)}"
    if started_on and london_day(last) <= started_on:
        # On its first day nobody can say at which of the MAR's times it began.
        upto = next_due.short_moment(said.instant)
        return f"Given as planned up to {upto}; started {format_day(started_on)}"
    return f"Given as planned, last due {next_due.short_moment(last)}"


def offered_upto(lines: Iterable[Line], fell_ill: datetime | None, now: datetime) -> datetime | None:
    """Up to when the page offers "all given as planned": the MAR's last time before they fell ill, so that
    one tap says nothing of a dose that was not due yet, or came while they were ill. Instants in UTC.

    Before `now` where nobody wrote when they fell ill, or long ago: doses were given since. None where no
    medicine has a fixed time.
    """
    recent = fell_ill is not None and now - _JUST_ILL <= fell_ill <= now
    upto = fell_ill if recent and fell_ill is not None else now
    return max((last for line in lines if (last := next_due.last_by(line, upto))), default=None)


def mar_words(line: Line) -> str:
    """What the MAR says of how often and when, where a time in it cannot be named."""
    said = ", ".join(part for part in (line.frequency, *line.times) if part)
    return f"MAR: {said}" if line.times else "MAR times not recorded"


def _said(typed: str, doses: Values, as_of: datetime) -> Said | None:
    at = doses.get("saved_at")
    return typed_moment.read(typed, datetime.fromisoformat(at) if at else as_of)


def own_time_missing(line: Line, ref: str, doses: Values, as_of: datetime) -> bool:
    """Whether a medicine that is answered by itself was given, and nobody said at what time.

    A patch's day is enough.
    """
    own = doses.get(ref) or {}
    if own.get("answer") != "given":
        return False
    return _timeless(str(own.get("when") or ""), doses, as_of, day_is_enough=is_patch(line))


def planned_time_missing(line: Line, ref: str, doses: Values, as_of: datetime) -> bool:
    """Whether "given as planned" answers for this medicine, and nobody said up to what time."""
    own = doses.get(ref) or {}
    if own.get("answer") or answered_alone(line) or _was_missed(ref, doses):
        return False
    if doses.get("ordinary") != "all_given" and not doses.get("ordinary_missed"):
        return False
    return _timeless(str(doses.get("ordinary_upto") or ""), doses, as_of)


def _timeless(typed: str, doses: Values, as_of: datetime, *, day_is_enough: bool = False) -> bool:
    said = _said(typed, doses, as_of) if typed else None
    return not typed or (said is not None and said.instant is None and not day_is_enough)


def _written(doses: Values) -> str:
    """When the answers were written down: "yesterday" means nothing to whoever reads it next week."""
    at = doses.get("saved_at")
    return f" (written {format_moment(datetime.fromisoformat(at))})" if at else ""


def _own_words(own: Values, doses: Values, as_of: datetime) -> str:
    when, note = str(own.get("when") or ""), str(own.get("note") or "")
    words = dict(GIVEN)[own["answer"]]
    if own["answer"] == "given":
        words = f"{words} {_when_words(when, doses, as_of)}" if when else f"{words}, time not recorded"
    if own["answer"] == "not_given":
        note = note or NO_WHY
    return f"{words}: {note}" if note else words


def _when_words(typed: str, doses: Values, as_of: datetime) -> str:
    """With its day, which a clock time alone goes without; as typed where that says more, or is unclear."""
    said = _said(typed, doses, as_of)
    if said is None:
        return f"{typed}{_written(doses)}"
    if said.instant is None:
        found = f"{next_due.short_day(said.day)}, time not recorded"
    else:
        found = next_due.short_moment(said.instant)
    return f"{typed} ({found})" if typed_moment.says_more(typed) else found


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


def wrong_counters(title: str, text: str) -> str:
    """Why a text cannot be who counted a controlled drug, in a sentence; "" where it can: "14" is no name."""
    named = not text or any(letter.isalpha() for letter in text)
    return "" if named else f"{title}: write the names of the two people who counted it."


def counted_by_one(own: Values) -> bool:
    """Whether only one name stands where two people count: what was sent of a controlled drug."""
    names = [one for one in _BETWEEN_NAMES.split(str(own.get("counted") or "")) if one.strip()]
    return len(names) == 1


_BETWEEN_NAMES = re.compile(r"[,;/&+\n]|\band\b|\bwith\b", re.IGNORECASE)


def sent_words(own: Values) -> str:
    """How much of a medicine is in the bag; controlled drugs with the two names that counted it."""
    sent, counted = str(own.get("sent") or ""), str(own.get("counted") or "")
    return f"{sent} (counted by {counted})" if sent and counted else sent
