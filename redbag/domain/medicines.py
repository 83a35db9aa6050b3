"""Medicines on the way home: every line of the sent and of the returned list ends as one outcome.

This is where medicines kill (a replaced opioid recorded as an extra one, and both given), so there is
no default: "unchanged" is an act like the others. Pairing only proposes; see medicine_pairing.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from redbag.domain.medicine_allergies import met
from redbag.domain.medicine_line import Difference, Line, answered_alone, differences, is_as_needed
from redbag.domain.medicine_pairing import (
    WEAK_WORDS,
    Link,
    Pairing,
    Proposal,
    Question,
    link,
    never_same,
    pair,
)
from redbag.domain.medicine_risk import HighRisk, brand_matters, high_risk_kind
from redbag.domain.medicine_text import ingredients, word_set

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
    OTHER = "other"

    @property
    def label(self) -> str:
        return {
            "summary": "Discharge summary",
            "dispensed_label": "Dispensed labels",
            "telephone": "Telephone",
            "staff": "The department’s own word",
            "other": "Pasted or typed, source not known",
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
    """Something to be sure of before accepting; it does not block.

    `old`: both were given before, nothing new comes of it. `allergy`: a recorded allergy is met. `unsaid`: a
    time-critical medicine of which the hospital says nothing.
    """

    message: str
    sent: tuple[int, ...]
    returned: tuple[int, ...]
    old: bool = False
    allergy: bool = False
    unsaid: bool = False

    @property
    def title(self) -> str:
        if self.unsaid:
            return "Time-critical, and not mentioned"
        return "Recorded allergy" if self.allergy else "Both will be given?"


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
# Two of these are named even where neither is new: both were given before, and nobody may have asked.
_NEVER_TWO = frozenset({HighRisk.OPIOID, HighRisk.ANTICOAGULANT})
# Words of directions that a hurried hand leaves in the name.
_NO_INGREDIENTS = word_set(
    "take taken give given use apply daily day days week once twice times every each morning night evening "
    "tablet tablets dose doses when needed required then until before after food for from bottle pack"
)
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


@dataclass(frozen=True)
class _Given:
    """A medicine that the person takes from now on, by the answer that says so."""

    line: Line
    answer: Answer

    @property
    def is_new(self) -> bool:
        return self.answer.outcome in (Outcome.STARTED, Outcome.REPLACED_BY)

    @property
    def went_on(self) -> bool:
        return not self.is_new and self.answer.outcome is not Outcome.CHANGED


def cautions(
    sent: Sequence[Line],
    returned: Sequence[Line],
    outcomes: Sequence[Answer],
    allergies: Sequence[str] = (),
) -> list[Caution]:
    """Medicines that meet a recorded allergy, and medicines that will be given side by side and perhaps
    should not be; what is new comes first.

    Everything that is given from now on is compared with everything else: what a replacement brings,
    what was started, changed or unchanged, and what the hospital did not mention. Named are two of one
    ingredient, two opioids and two anticoagulants; of the other high-risk kinds only where one of the
    two is new, because two of them together are usual. The fault this is for: a replaced opioid recorded
    as an extra one, and both given. A paused medicine is not given now. Never a refusal.

    `allergies`: what the person is recorded as reacting to, as written; see medicine_allergies.
    """
    given = list(_given(sent, returned, outcomes))
    against = [_allergy(one, known) for one in given if (known := met(one.line, allergies))]
    found = []
    for place, one in enumerate(given):
        for other in given[place + 1 :]:
            shared = _shared(one, other)
            if shared:
                found.append(_caution(one, other, shared))
    return [*against, *sorted(found, key=lambda caution: caution.old)]


def _allergy(one: _Given, known: Sequence[str]) -> Caution:
    goes_on = "goes on being given" if one.went_on else "will be given"
    substances = " and ".join(known)
    message = f"{one.line.title} {goes_on}, and an allergy or reaction is recorded: {substances}."
    side = ((), (one.answer.returned,)) if one.is_new else ((one.answer.sent,), ())
    by_sent, by_returned = (tuple(p for p in places if p is not None) for places in side)
    return Caution(message, by_sent, by_returned, allergy=True)


def _given(sent: Sequence[Line], returned: Sequence[Line], outcomes: Sequence[Answer]) -> Iterator[_Given]:
    replacing: set[int] = set()
    for answer in outcomes:
        outcome = answer.settled_as or answer.outcome
        if outcome in (Outcome.STOPPED, Outcome.PAUSED):
            continue
        if outcome in (Outcome.UNCHANGED, Outcome.NOT_MENTIONED):
            if answer.sent is not None:
                yield _Given(sent[answer.sent], answer)
        elif answer.returned is not None and answer.returned not in replacing:
            # Two lines may be replaced by one: it is given once.
            replacing.add(answer.returned)
            yield _Given(returned[answer.returned], answer)


def _shared(one: _Given, other: _Given) -> str:
    """What the two have in common, in words; "" when nothing speaks against giving both."""
    names = [ingredients(given.line.reading().words) - WEAK_WORDS - _NO_INGREDIENTS for given in (one, other)]
    same = sorted(word for word in names[0] & names[1] if len(word) > 2 and not word[0].isdigit())
    kinds = (one.line.kinds_or_suggested() & other.line.kinds_or_suggested()) - {HighRisk.PATCH}
    if not (one.is_new or other.is_new):
        kinds &= _NEVER_TWO
    kind = next((kind.label for kind in HighRisk if kind in kinds), "")
    if same:
        return f"the same ingredient, {' and '.join(same)}"
    return kind


def _caution(one: _Given, other: _Given, shared: str) -> Caution:
    """The older of the two is named first."""
    first, second = (other, one) if one.is_new and not other.is_new else (one, other)
    titles = [first.line.title, second.line.title]
    if titles[0] == titles[1]:
        titles[1] += " (a second time)"
    both = f"{titles[0]} and {titles[1]}"
    if first.went_on and second.went_on:
        message = f"{both} both go on being given, as before ({shared}). Is that right?"
    else:
        message = f"{both} will both be given ({shared}). Was one replaced by the other?"
    by_sent = [g.answer.sent for g in (first, second) if not g.is_new and g.answer.sent is not None]
    by_returned = [g.answer.returned for g in (first, second) if g.is_new and g.answer.returned is not None]
    return Caution(message, tuple(by_sent), tuple(by_returned), old=first.went_on and second.went_on)


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
    if answer.outcome is Outcome.CHANGED and _another_of_its_kind(one, other):
        message = (
            f"Changed, yet {one.title} and {other.title} are two medicines. "
            "Answer “Replaced by another”: then the first one stops."
        )
        yield Problem("changed_to_another", message, **at)
    if answer.outcome is Outcome.CHANGED and alike and not differences(one, other):
        yield Problem("changed_but_same", "Changed, yet both lines read the same. Enter what changed.", **at)
    if answer.outcome is Outcome.REPLACED_BY and alike:
        yield Problem("replaced_by_itself", "Replaced by: both lines are the same medicine.", **at)


def _another_of_its_kind(one: Line, other: Line) -> bool:
    """Whether two lines of one high-risk kind share no word of their names: two opioids, not one changed.

    A brand beside its ingredient looks the same; it is then answered as a replacement, which stops the
    first line and does no harm.
    """
    if one.code and one.code == other.code:
        return False
    names = ingredients(one.reading().words), ingredients(other.reading().words)
    shared = (one.kinds_or_suggested() & other.kinds_or_suggested()) - {HighRisk.PATCH}
    return bool(shared) and names[0] != names[1] and not (names[0] & names[1]) - WEAK_WORDS


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
