"""Medicines on the way home: every line of the sent and of the returned list ends as one outcome.

This is where medicines kill (a replaced opioid recorded as an extra one, and both given), so there is
no default: "unchanged" is an act like the others. Pairing only proposes; see medicine_pairing.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from redbag.domain.medicine_line import (
    Difference,
    Line,
    answered_alone,
    differences,
    is_as_needed,
)
from redbag.domain.medicine_pairing import (
    Link,
    Pairing,
    Proposal,
    Question,
    link,
    never_same,
    pair,
)
from redbag.domain.medicine_risk import HighRisk, brand_matters, high_risk_kind

__all__ = [
    "Answer",
    "Caution",
    "Difference",
    "HighRisk",
    "Line",
    "ListSource",
    "Outcome",
    "Pairing",
    "Problem",
    "Proposal",
    "Question",
    "answered_alone",
    "brand_matters",
    "cautions",
    "differences",
    "high_risk_kind",
    "is_as_needed",
    "pair",
    "validate_outcomes",
]


class Outcome(StrEnum):
    """What became of a medicine in hospital."""

    UNCHANGED = "unchanged"
    CHANGED = "changed"
    REPLACED_BY = "replaced_by"
    STARTED = "started"
    STOPPED = "stopped"
    PAUSED = "paused"
    NOT_MENTIONED = "not_mentioned"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()

    @property
    def needs_reason(self) -> bool:
        """Each change has its reason."""
        return self not in (Outcome.UNCHANGED, Outcome.NOT_MENTIONED)

    @property
    def needs_restart(self) -> bool:
        """A pause says when the medicine starts again, and who decides."""
        return self is Outcome.PAUSED

    @property
    def given_after(self) -> bool:
        """Whether the person goes on taking the medicine on the sent line (or starts the returned one)."""
        return self in (Outcome.UNCHANGED, Outcome.CHANGED, Outcome.STARTED)


class ListSource(StrEnum):
    """Where the hospital's list was read from. STAFF: nothing written, "nothing was changed" was said."""

    SUMMARY = "summary"
    DISPENSED_LABEL = "dispensed_label"
    TELEPHONE = "telephone"
    STAFF = "staff"

    @property
    def label(self) -> str:
        return {
            "summary": "Discharge summary",
            "dispensed_label": "Dispensed labels",
            "telephone": "Telephone",
            "staff": "The department’s own word",
        }[self]


@dataclass(frozen=True)
class Answer:
    """What one person said of one medicine. `sent` and `returned` are positions in the two lists.

    `settled_as` and `settled_by` settle a line that the hospital did not mention; the answer goes on
    saying that it was not mentioned, because that is reported.
    """

    outcome: Outcome
    sent: int | None = None
    returned: int | None = None
    reason: str = ""
    restart: str = ""
    decided_by: str = ""
    settled_as: Outcome | None = None
    settled_by: str = ""


@dataclass(frozen=True)
class Problem:
    """Why the answers cannot be accepted yet. `kind` is for code, `message` for the person."""

    kind: str
    message: str
    sent: int | None = None
    returned: int | None = None


@dataclass(frozen=True)
class Caution:
    """Something to be sure of before accepting; it does not block."""

    message: str
    sent: tuple[int, ...]
    returned: tuple[int, ...]


# Which lines an outcome is about: (the sent line, the returned line); None leaves it open, since a
# hospital's list may name a medicine in order to say that it was stopped or paused.
_SIDES: dict[Outcome, tuple[bool, bool | None]] = {
    Outcome.UNCHANGED: (True, True),
    Outcome.CHANGED: (True, True),
    Outcome.REPLACED_BY: (True, True),
    Outcome.STARTED: (False, True),
    Outcome.STOPPED: (True, None),
    Outcome.PAUSED: (True, None),
    Outcome.NOT_MENTIONED: (True, False),
}
_SETTLED = frozenset({Outcome.UNCHANGED, Outcome.STOPPED, Outcome.PAUSED})


def validate_outcomes(
    sent: Sequence[Line], returned: Sequence[Line], outcomes: Sequence[Answer], *, closing: bool = False
) -> list[Problem]:
    """What still stands in the way of accepting the answers; empty when nothing does.

    With `closing`, "not mentioned" must have been settled by a person: that is asked before the transfer
    closes, not before the discharge is saved. Raises ValueError for an answer about no line of the lists.
    """
    problems: list[Problem] = []
    for answer in outcomes:
        _check_positions(sent, returned, answer)
        problems += _side_problems(answer)
        problems += _detail_problems(answer, closing)
        if not _side_problems(answer):
            problems += _content_problems(sent, returned, answer)
    problems += _unanswered("sent", sent, [a.sent for a in outcomes], outcomes)
    problems += _unanswered("returned", returned, [a.returned for a in outcomes], outcomes)
    problems += _still_given(sent, returned, outcomes)
    return problems


def cautions(sent: Sequence[Line], returned: Sequence[Line], outcomes: Sequence[Answer]) -> list[Caution]:
    """Started medicines of a high-risk kind beside a sent one of that kind that goes on being given.

    The fault this is for: a replaced opioid recorded as an extra one, and both given.
    """
    found = []
    for answer in outcomes:
        if answer.outcome is not Outcome.STARTED or answer.returned is None:
            continue
        started = returned[answer.returned]
        for other in outcomes:
            if other.sent is None or not (
                other.outcome.given_after or other.outcome is Outcome.NOT_MENTIONED
            ):
                continue
            kept = sent[other.sent]
            shared = (started.kinds_or_suggested() & kept.kinds_or_suggested()) - {HighRisk.PATCH}
            if shared:
                kind = next(k for k in HighRisk if k in shared)
                message = (
                    f"{kept.title} and {started.title} will both be given ({kind.label}). "
                    "Was one replaced by the other?"
                )
                found.append(Caution(message, (other.sent,), (answer.returned,)))
    return found


def _check_positions(sent: Sequence[Line], returned: Sequence[Line], answer: Answer) -> None:
    for position, lines in ((answer.sent, sent), (answer.returned, returned)):
        if position is not None and not 0 <= position < len(lines):
            raise ValueError("An answer names a line that is not on the list.")


def _side_problems(answer: Answer) -> list[Problem]:
    needs_sent, needs_returned = _SIDES[answer.outcome]
    label = answer.outcome.label
    at = {"sent": answer.sent, "returned": answer.returned}
    problems = []
    if needs_sent and answer.sent is None:
        problems.append(Problem("no_sent_line", f"{label}: choose the line the home sent.", **at))
    if needs_sent is False and answer.sent is not None:
        problems.append(Problem("extra_sent_line", f"{label}: this line was on the home’s list.", **at))
    if needs_returned and answer.returned is None:
        problems.append(Problem("no_returned_line", f"{label}: choose the line the hospital gave.", **at))
    if needs_returned is False and answer.returned is not None:
        problems.append(
            Problem("extra_returned_line", f"{label}: this line is on the hospital’s list.", **at)
        )
    return problems


def _detail_problems(answer: Answer, closing: bool) -> list[Problem]:
    at = {"sent": answer.sent, "returned": answer.returned}
    problems = []
    if answer.outcome.needs_reason and not answer.reason.strip():
        problems.append(Problem("no_reason", f"{answer.outcome.label}: write the reason.", **at))
    if answer.outcome.needs_restart and not answer.restart.strip():
        problems.append(Problem("no_restart", "Paused: write when it starts again, or “not known”.", **at))
    if answer.outcome.needs_restart and not answer.decided_by.strip():
        problems.append(Problem("no_decider", "Paused: write who decides when it starts again.", **at))
    if answer.outcome is Outcome.NOT_MENTIONED and (closing or answer.settled_as is not None):
        if answer.settled_as not in _SETTLED:
            problems.append(Problem("not_settled", "Not mentioned: ask, then record the answer.", **at))
        elif not answer.settled_by.strip():
            problems.append(Problem("no_settler", "Not mentioned: write who settled it.", **at))
    return problems


def _content_problems(sent: Sequence[Line], returned: Sequence[Line], answer: Answer) -> Iterator[Problem]:
    """Answers that the two lines themselves contradict."""
    if answer.sent is None or answer.returned is None:
        return
    one, other = sent[answer.sent], returned[answer.returned]
    at = {"sent": answer.sent, "returned": answer.returned}
    differ = [d for d in differences(one, other) if d.stated_on_both]
    barred = never_same(one, other)
    if answer.outcome is Outcome.UNCHANGED and (differ or barred) and not answer.reason.strip():
        why = "; ".join(d.sentence for d in differ) or barred
        message = f"Unchanged, yet the lines differ ({why}). Say how you know, or answer “changed”."
        yield Problem("unchanged_but_differs", message, **at)
    alike = link(one, other)[0] in (Link.CODE, Link.SAME)
    if answer.outcome is Outcome.CHANGED and alike and not differences(one, other):
        yield Problem("changed_but_same", "Changed, yet both lines read the same. Enter what changed.", **at)
    if answer.outcome is Outcome.REPLACED_BY and alike:
        yield Problem("replaced_by_itself", "Replaced by: both lines are the same medicine.", **at)


def _unanswered(
    side: str, lines: Sequence[Line], positions: Sequence[int | None], outcomes: Sequence[Answer]
) -> Iterator[Problem]:
    """Every line ends as one: none without an answer, none with two, save several lines replaced together."""
    counts = Counter(p for p in positions if p is not None)
    for position, line in enumerate(lines):
        at = {side: position}
        if not counts[position]:
            yield Problem("unanswered", f"{line.title}: say what became of it.", **at)
        elif counts[position] > 1:
            answers = {a.outcome for a, p in zip(outcomes, positions, strict=True) if p == position}
            if answers != {Outcome.REPLACED_BY}:
                yield Problem("answered_twice", f"{line.title}: it has more than one answer.", **at)


def _still_given(
    sent: Sequence[Line], returned: Sequence[Line], outcomes: Sequence[Answer]
) -> Iterator[Problem]:
    """The old line of a replacement stops: it may not come back on the hospital's list as a started one."""
    started = [a.returned for a in outcomes if a.outcome is Outcome.STARTED and a.returned is not None]
    for answer in outcomes:
        if answer.sent is None or answer.outcome not in (Outcome.REPLACED_BY, Outcome.STOPPED):
            continue
        for position in started:
            if link(sent[answer.sent], returned[position])[0] in (Link.CODE, Link.SAME):
                title = sent[answer.sent].title
                yield Problem(
                    "stopped_but_given",
                    f"{title} was stopped, yet the hospital’s list still gives it as started.",
                    sent=answer.sent,
                    returned=position,
                )
