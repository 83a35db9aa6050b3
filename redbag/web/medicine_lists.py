"""The page on which every medicine of the journey is answered: the ward's when it lists them for going
home, the home's when the hospital recorded nothing.

Field names: `line-<ref>-outcome`, `-reason`, `-restart`, `-decides` and `-new-<part>` for each line that
the home sent; `started-<n>-<part>` and `started-<n>-reason` for each medicine that the hospital began;
those of a pasted list stand in pasted_list.py. Nothing is chosen beforehand: "unchanged" is an act like
the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request

from redbag.domain.errors import Invalid
from redbag.domain.medicine_line import Line, plain_frequency
from redbag.domain.medicine_match import Asked
from redbag.domain.medicine_risk import high_risk_kind
from redbag.domain.medicine_text import plain
from redbag.domain.medicines import Caution, ListSource, Outcome
from redbag.domain.record import Choices, Field, Kind
from redbag.queries import returning_medicines as lists
from redbag.queries.medicine_lines import travelling
from redbag.queries.returning_medicines import Settled
from redbag.services.returning_medicines import Said, Started, ToConfirm
from redbag.web.forms import Form
from redbag.web.pasted_list import PastedList

OUTCOME_CHOICES: Choices = (
    ("unchanged", "Unchanged"),
    ("changed", "Changed"),
    ("replaced_by", "Replaced by another"),
    ("stopped", "Stopped"),
    ("paused", "Paused"),
    ("not_mentioned", "Not mentioned"),
)
PARTS: Choices = (
    ("name", "Medicine"),
    ("form", "Form"),
    ("strength", "Strength"),
    ("dose", "Dose"),
    ("route", "Route"),
    ("frequency", "How often"),
    ("times", "Times"),
)
# A department's own word is no list.
SOURCES: Choices = tuple(
    (source.value, source.label) for source in ListSource if source is not ListSource.STAFF
)
_REASONED = frozenset(outcome.value for outcome in Outcome if outcome.needs_reason)
_DIRECTIONS = {
    "dose": "write the dose, or “see the summary”",
    "frequency": "write how often, or “see the summary”",
}
# Said instead of a dose or of how often: as needed, or as the label directs.
_OPEN_DIRECTIONS = ("summary", "as needed", "when needed", "when required", "prn", "as directed")
_NEEDED = {
    "dose": "Dose needed: the list gives none",
    "frequency": "How often is needed: the list does not say",
}
SPARE_STARTED = 2
MOST_STARTED = 60
_LONGEST = {"name": 300, "form": 120, "strength": 120, "route": 80}


@dataclass(frozen=True)
class Shown:
    """A sent line for the page; `texts`: its parts as written; `line`: what the rules compare."""

    ref: str
    title: str
    directions: str
    warnings: tuple[str, ...]
    texts: Mapping[str, str]
    line: Line


def sent_lines(transfer_id: int) -> list[Shown]:
    """The lines that went with the bag, those that are time-critical first."""
    marked = lists.time_critical(transfer_id)
    rows = sorted(lists.sent(transfer_id), key=lambda row: row.id not in marked)
    return [_shown(row, time_critical=row.id in marked) for row in rows]


def _shown(row: Any, *, time_critical: bool) -> Shown:
    """In words, with the kinds that its name suggests: a warning too many, never too few."""
    line = travelling(row)
    directions = (line.dose, line.route, line.frequency, ", ".join(line.times))
    marks = ("Time-critical",) if time_critical else ()
    kinds = (*marks, *(kind.label for kind in sorted(line.kinds_or_suggested())))
    texts = {part: str(getattr(row, part)) for part, _ in PARTS}
    return Shown(row.ref, line.title, ", ".join(part for part in directions if part), kinds, texts, line)


def as_typed(standing: Sequence[Settled]) -> dict[str, str]:
    """The answers that stand, as the fields of the page: for recording a list again."""
    typed: dict[str, str] = {}
    started = 0
    for one in standing:
        if one.sent is None:
            start = f"started-{started}-"
            typed |= {f"{start}{part}": str(getattr(one.returned, part)) for part, _ in PARTS}
            typed[f"{start}reason"] = one.row.reason
            started += 1
            continue
        start = f"line-{one.sent.ref}-"
        own = {"outcome": one.row.outcome, "reason": one.row.reason}
        own |= {"restart": one.row.restart, "decides": one.row.decides}
        if one.returned is not None and one.outcome is not Outcome.UNCHANGED:
            own |= {f"new-{part}": str(getattr(one.returned, part)) for part, _ in PARTS}
        typed |= {f"{start}{key}": value for key, value in own.items()}
    return typed


class MedicineListForm(Form):
    """The form of the page. `lines`: what was sent; `more`: the page's own questions beside them."""

    def __init__(
        self, lines: Sequence[Shown], more: Iterable[Field] = (), start: Mapping[str, Any] | None = None
    ) -> None:
        self.lines = tuple(lines)
        self.more = tuple(more)
        self.choices = OUTCOME_CHOICES
        self.parts = PARTS
        self._filled_in: dict[str, str] = {}
        self._sent_rows: list[int] = []
        self.to_confirm: Sequence[Caution] = ()
        super().__init__((*self.more, *_line_questions(self.lines), *_started_questions()), start)
        self.pasted = self._pasted()

    def text(self, name: str) -> str:
        """As every form; over it stands what a pasted list has just filled in."""
        return self._filled_in[name] if name in self._filled_in else super().text(name)

    def _pasted(self) -> PastedList:
        return PastedList({line.ref: line.line for line in self.lines}, self.text)

    @property
    def wants_match(self) -> bool:
        """Whether "Match these lines" was pressed instead of the main button."""
        return "match" in request.form

    def match_pasted(self) -> None:
        """Lays the pasted list beside the sent lines. No answer is chosen; what was typed stays."""
        try:
            self.pasted.refuse_unreadable()
            filled = self.pasted.filled(MOST_STARTED)
        except Invalid as problem:
            self.fail(problem)
            return
        self._filled_in = {**filled, "pasted_matched": self.pasted.print}
        self.pasted = self._pasted()

    def places(self, asked: Asked) -> Choices:
        """The answers to "which medicine is this?"."""
        return self.pasted.places(asked, [line.title for line in self.lines])

    @property
    def started_rows(self) -> tuple[int, ...]:
        """The rows of started medicines that are filled."""
        return tuple(self._used_rows())

    @property
    def spare_rows(self) -> tuple[int, ...]:
        """Empty rows for one more: folded away until somebody opens them."""
        used = set(self._used_rows())
        return tuple(number for number in range(MOST_STARTED) if number not in used)[:SPARE_STARTED]

    def read_lists(self) -> tuple[dict[str, object], list[Said], list[Started]]:
        """The page's own answers, what was said of each sent line, and what was started.

        Raises Invalid with everything that is wrong at once, lines without an answer included.
        """
        unseen = self._put_in_place()
        left_out = {number for number in range(MOST_STARTED) if self._left_out(number)}
        self.questions = tuple(q for q in self.questions if _row_of(q.key) not in left_out)
        errors = {**self.pasted.unplaced, **self._line_errors()}
        for number in self._filled_rows():
            errors |= self._started_errors(number)
        if not errors and unseen:
            errors["pasted"] = "Your answers were put in place. Look at the lines below, then save again."
        try:
            typed = self.read()
        except Invalid as problem:
            raise Invalid({**problem.errors, **errors}) from None
        if errors:
            raise Invalid(errors)
        own = {question.key: typed.get(question.key) for question in self.more}
        said = [_said(line, typed) for line in self.lines if typed.get(f"line-{line.ref}-outcome")]
        self._sent_rows = list(self._filled_rows())
        started = [_started(number, typed) for number in self._sent_rows]
        return own, said, started

    def _put_in_place(self) -> bool:
        """Puts the answers to "which is this?" in their places before the list is checked.

        True where that wrote something that would be kept and that nobody has seen: it is shown first.
        """
        if not self.pasted.is_matched or not self.pasted.pending:
            return False
        before = {name: self.text(name) for name in self.pasted.filled(MOST_STARTED)}
        self.match_pasted()
        written = {name for name, text in before.items() if self.text(name) != text}
        used = (Outcome.CHANGED.value, Outcome.REPLACED_BY.value)
        silent = [line.ref for line in self.lines if self.text(f"line-{line.ref}-outcome") not in used]
        return any(not name.startswith(tuple(f"line-{ref}-" for ref in silent)) for name in written)

    def _line_errors(self) -> dict[str, str]:
        errors = {}
        for line in self.lines:
            outcome = self.text(f"line-{line.ref}-outcome")
            problem = self._against_pasted(line, outcome)
            if not outcome:
                problem = f"{line.title}: say what became of it."
            if outcome == Outcome.CHANGED.value:
                problem = self._half_changed(line)
            elif outcome == Outcome.REPLACED_BY.value and not self.text(f"line-{line.ref}-new-name").strip():
                problem = f"{line.title}, replaced: write the new medicine’s name."
            elif outcome == Outcome.REPLACED_BY.value and self._no_directions(f"line-{line.ref}-new-"):
                missing = self._no_directions(f"line-{line.ref}-new-")
                errors[f"line-{line.ref}-new-{missing}"] = f"{line.title}, replaced: {_DIRECTIONS[missing]}."
            if outcome in _REASONED and not self.text(f"line-{line.ref}-reason").strip():
                problem = f"{problem} Write the reason." if problem else f"{line.title}: write the reason."
            if problem:
                errors[f"line-{line.ref}"] = problem
        return errors

    def _started_errors(self, number: int) -> dict[str, str]:
        errors, start = {}, f"started-{number}-"
        name = self.text(f"{start}name").strip() or f"New medicine {number + 1}"
        if not self.text(f"{start}name").strip():
            errors[f"{start}name"] = f"{name}: write the medicine’s name."
        if not self.text(f"{start}reason").strip():
            errors[f"{start}reason"] = f"{name}: write the reason."
        if missing := self._no_directions(start):
            errors[f"{start}{missing}"] = f"{name}: {_DIRECTIONS[missing]}."
        return errors

    def _no_directions(self, start: str) -> str:
        """The field of a new medicine, dose or how often, neither answered nor left to the summary."""

        def said(part: str) -> str:
            return self.text(f"{start}{part}").strip()

        written = f" {plain(said('dose'))} {plain(said('frequency'))} "
        open_ended = any(f" {words} " in written for words in _OPEN_DIRECTIONS)
        if not said("dose") and not open_ended:
            return "dose"
        return "" if open_ended or said("frequency") or said("times") else "frequency"

    def kinds(self, start: str) -> str:
        """What kind of medicine the name of a new one suggests, in words; "" where the rules cannot tell."""
        name, form = self.text(f"{start}name").strip(), self.text(f"{start}form")
        return ", ".join(kind.label for kind in high_risk_kind(name, form)) if name else ""

    def needed(self, ref: str) -> str:
        """What the pasted line beside a sent one leaves open, and saving would ask for; "" for nothing."""
        beside = self.pasted.beside(ref)
        if beside is None:
            return ""
        if beside.instead:
            return _NEEDED.get(self._no_directions(f"line-{ref}-new-"), "")
        line = next(one for one in self.lines if one.ref == ref)
        return _NEEDED["dose"] if self._dose_unsaid(line) else ""

    def needed_in_row(self, number: int) -> str:
        """The same of a row that the list filled."""
        start = f"started-{number}-"
        return _NEEDED.get(self._no_directions(start), "") if self.text(f"{start}pasted") else ""

    def _against_pasted(self, line: Shown, outcome: str) -> str:
        """Why an answer cannot stand beside the pasted line unless it is explained."""
        written = self.text(f"line-{line.ref}-pasted")
        said = self.text(f"line-{line.ref}-reason").strip()
        if not written or (said and said != self.pasted.own_reason(line.ref)):
            return ""
        if outcome == Outcome.NOT_MENTIONED.value:
            return f"{line.title}: the pasted list has “{written}”. Answer again, or write why it is another."
        why = self.pasted.contradiction(line.ref) if outcome == Outcome.UNCHANGED.value else ""
        return (
            f"{line.title}: unchanged, yet the pasted list differs ({why}). Write how you know."
            if why
            else ""
        )

    def _half_changed(self, line: Shown) -> str:
        """What would be wrong if the empty fields of a change stayed as they were sent.

        A new strength with the old number of tablets is another dose; new times stand beside how often.
        """

        def new(part: str) -> str:
            return self.text(f"line-{line.ref}-new-{part}").strip()

        texts = line.texts
        often = plain_frequency(new("frequency"))
        if self._dose_unsaid(line):
            asks = "the strength or form is new. Write the dose too, even if it is still"
            return f"{line.title}: {asks} {texts['dose']}."
        if texts["times"] and not new("times") and often and often != plain_frequency(texts["frequency"]):
            asks = "how often is new. Write the times too, even if they are still"
            return f"{line.title}: {asks} {texts['times']}."
        return ""

    def _dose_unsaid(self, line: Shown) -> bool:
        """Whether another strength or form stands there, and no dose: the old number is another dose then."""
        new = {
            part: self.text(f"line-{line.ref}-new-{part}").strip() for part in ("strength", "form", "dose")
        }
        other = any(new[p] and not _reads_alike(new[p], line.texts[p]) for p in ("strength", "form"))
        return other and bool(line.texts["dose"]) and not new["dose"]

    @property
    def confirmed(self) -> frozenset[str]:
        """The cautions that were ticked, by their messages."""
        return frozenset(self.all("confirmed"))

    def fail(self, problem: Invalid) -> None:
        """As every form; the service counts started medicines without the empty rows of the page."""
        if isinstance(problem, ToConfirm):
            self.to_confirm = problem.cautions
        self.errors.update({_on_page(name, self._sent_rows): text for name, text in problem.errors.items()})

    def _filled_rows(self) -> Iterator[int]:
        """The rows that count: filled, and not marked as no new medicine."""
        return (number for number in self._used_rows() if not self._left_out(number))

    def _used_rows(self) -> Iterator[int]:
        parts = [key for key, _ in PARTS] + ["reason", "pasted"]
        for number in range(MOST_STARTED):
            if any(self.text(f"started-{number}-{part}").strip() for part in parts):
                yield number

    def _left_out(self, number: int) -> bool:
        return bool(self.text(f"started-{number}-out"))


def _reads_alike(one: str, other: str) -> bool:
    return plain(one).replace(" ", "") == plain(other).replace(" ", "")


def _row_of(name: str) -> int | None:
    pieces = name.split("-")
    return int(pieces[1]) if pieces[0] == "started" and len(pieces) > 1 and pieces[1].isdigit() else None


def _on_page(name: str, rows: Sequence[int]) -> str:
    pieces = name.split("-")
    if pieces[0] == "started" and len(pieces) > 1 and pieces[1].isdigit() and int(pieces[1]) < len(rows):
        return "-".join(["started", str(rows[int(pieces[1])]), *pieces[2:]])
    return name


def _line_questions(lines: Iterable[Shown]) -> Iterator[Field]:
    for line in lines:
        yield Field(f"line-{line.ref}-outcome", line.title, Kind.CHOICE, OUTCOME_CHOICES)
        yield Field(f"line-{line.ref}-reason", f"{line.title}: reason")
        yield Field(f"line-{line.ref}-restart", f"{line.title}: starts again", longest=200)
        yield Field(f"line-{line.ref}-decides", f"{line.title}: who decides", longest=200)
        for part, label in PARTS:
            yield Field(
                f"line-{line.ref}-new-{part}",
                f"{line.title}: {label.lower()}",
                longest=_LONGEST.get(part, 200),
            )


def _started_questions() -> Iterator[Field]:
    for number in range(MOST_STARTED):
        for part, label in PARTS:
            yield Field(
                f"started-{number}-{part}", f"Started: {label.lower()}", longest=_LONGEST.get(part, 200)
            )
        yield Field(f"started-{number}-reason", "Started: reason")


def _said(line: Shown, typed: Mapping[str, object]) -> Said:
    def text(part: str) -> str:
        return str(typed.get(f"line-{line.ref}-{part}") or "")

    outcome = Outcome(text("outcome"))
    new = {part: text(f"new-{part}") for part, _ in PARTS}
    if outcome is Outcome.CHANGED:
        # Only what is different was written: the rest stays as it was sent.
        new = {part: text or line.texts[part] for part, text in new.items()}
    return Said(line.ref, outcome, text("reason"), text("restart"), text("decides"), new)


def _started(number: int, typed: Mapping[str, object]) -> Started:
    new = {part: str(typed.get(f"started-{number}-{part}") or "") for part, _ in PARTS}
    return Started(new, str(typed.get(f"started-{number}-reason") or ""))
