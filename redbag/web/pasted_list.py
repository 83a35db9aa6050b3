"""A pasted discharge list on the page of medicines: read, laid beside the sent lines, never answered.

Field names: `pasted` (the text), `pasted_matched` (stands for the text that was matched last), `asked-<n>`
(where a person puts the n-th pasted line), `line-<ref>-pasted` and `started-<n>-pasted` (the pasted line
that a sent line or a new row was filled from), `started-<n>-out` (it is no new medicine).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256

from redbag.domain.errors import Invalid
from redbag.domain.medicine_line import Line
from redbag.domain.medicine_match import (
    LEFT_OUT,
    NEW,
    Asked,
    Matched,
    as_texts,
    contradiction,
    differing,
    match,
    says,
    states_a_dose,
    to_write,
)
from redbag.domain.medicine_paste import (
    LONGEST,
    MOST_LINES,
    Pasted,
    Reading,
    read_line,
    read_list,
)
from redbag.domain.medicine_status import reason_said, says_stopped, status_said
from redbag.domain.record import Choices

Text = Callable[[str], str]
_PLACES = {"new": NEW, "out": LEFT_OUT}


@dataclass(frozen=True)
class Beside:
    """A pasted line as it stands beside a sent one.

    `says`: its own words that speak against "unchanged"; `instead`: the medicine that it says took the
    place; `dosed`: whether it states a dose or a strength at all.
    """

    written: str
    under: str
    differs: tuple[str, ...]
    says: str
    instead: str
    dosed: bool


class PastedList:
    """What was pasted, against the sent lines (by reference, in their order). `text` reads a field."""

    def __init__(self, lines: Mapping[str, Line], text: Text) -> None:
        self._refs = list(lines)
        self._lines = list(lines.values())
        self._text = text

    @property
    def typed(self) -> str:
        return self._text("pasted").replace("\r\n", "\n")

    @property
    def print(self) -> str:
        """Stands for the text as it is now; "" for none."""
        words = " ".join(self.typed.split())
        return sha256("\n".join(self.typed.split("\n")).strip().encode()).hexdigest()[:16] if words else ""

    @property
    def is_matched(self) -> bool:
        return bool(self.print) and self._text("pasted_matched") == self.print

    @cached_property
    def reading(self) -> Reading:
        return read_list(self.typed)

    @cached_property
    def found(self) -> Matched:
        """Where each pasted line belongs, with what was said of those that were asked about."""
        return match(self._lines, self.reading.medicines, self._chosen() if self.is_matched else {})

    def _chosen(self) -> dict[int, int]:
        chosen = {}
        for n in range(len(self.reading.medicines)):
            said = self._text(f"asked-{n}")
            if said in _PLACES:
                chosen[n] = _PLACES[said]
            elif said in self._refs:
                chosen[n] = self._refs.index(said)
        return chosen

    def refuse_unreadable(self) -> None:
        """Raises Invalid for a text that cannot be matched; nothing of it is lost."""
        length, many = len(self.typed), len(self.reading.medicines) if len(self.typed) <= LONGEST else 0
        problem = ""
        if not self.print:
            problem = "Paste or type the list first, one medicine a line."
        elif length > LONGEST:
            problem = f"Use at most {LONGEST:,} characters (now {length:,}). Nothing was matched."
        elif many > MOST_LINES:
            problem = f"Match at most {MOST_LINES} medicines at a time (now {many}). Nothing was matched."
        elif not many:
            problem = "None of these lines can be read as a medicine. Nothing was matched."
        if problem:
            raise Invalid({"pasted": problem})

    @property
    def unread(self) -> tuple[str, ...]:
        return self.reading.unread if self.is_matched else ()

    @property
    def asked(self) -> tuple[Asked, ...]:
        """The lines that only a person can place; those that were placed stay, to be placed otherwise."""
        if not self.is_matched:
            return ()
        still = {one.pasted: one for one in self.found.asked}
        first = match(self._lines, self.reading.medicines, {}).asked
        return tuple(still.pop(one.pasted, one) for one in first) + tuple(still.values())

    @property
    def unplaced(self) -> dict[str, str]:
        """What must be said before the list can be saved, by field."""
        if not self.print:
            return {}
        if not self.is_matched:
            return {"pasted": "This list is not matched yet: press “Match these lines”, or empty the box."}
        return {
            f"asked-{one.pasted}": f"Say which medicine this is: {self.written(one.pasted)}"
            for one in self.found.asked
        }

    @property
    def words(self) -> str:
        """How the lines were placed, in one sentence."""
        found = self.found
        left_out = len(self.reading.medicines) - len(found.beside) - len(found.asked) - len(found.new)
        instead = [n for n in found.beside.values() if self.reading.medicines[n].instead]
        parts = [f"{len(found.beside) - len(instead)} beside a medicine below"]
        parts += [f"{len(instead)} new in place of one below"] if instead else []
        parts += [f"{len(found.new)} {'more ' if instead else ''}new"]
        parts += [f"{len(found.asked)} to be placed by you"] if found.asked else []
        parts += [f"{left_out} left out"] if left_out else []
        return f"Medicines read: {len(self.reading.medicines)}. {', '.join(parts)}."

    def written(self, n: int) -> str:
        return self.reading.medicines[n].written

    def places(self, asked: Asked, titles: Sequence[str]) -> Choices:
        """The answers to "which is this?"; the sent lines by their titles."""
        lines = tuple((self._refs[n], titles[n]) for n in asked.sent)
        return (
            *lines,
            ("new", "A new medicine, beside the others"),
            ("out", "None of these: leave this line out"),
        )

    def beside(self, ref: str) -> Beside | None:
        """What stands beside a sent line."""
        written = self._text(f"line-{ref}-pasted")
        if not written:
            return None
        pasted = self._placed(written)
        return Beside(
            written,
            pasted.under,
            differing(self._line(ref), pasted),
            says(pasted),
            pasted.instead.written if pasted.instead else "",
            states_a_dose(pasted),
        )

    def perhaps(self, ref: str) -> list[str]:
        """The pasted lines that may be this sent one and are not placed."""
        place = self._refs.index(ref)
        open_lines = self.found.asked if self.is_matched else ()
        return [self.written(one.pasted) for one in open_lines if place in one.sent]

    def own_reason(self, ref: str) -> str:
        """The reason that the pasted line gives: it is filled in, and never counts for "unchanged"."""
        return reason_said(self._text(f"line-{ref}-pasted"))

    def contradiction(self, ref: str) -> str:
        """Why "unchanged" or "not mentioned" cannot stand without a reason beside the pasted line."""
        written = self._text(f"line-{ref}-pasted")
        return contradiction(self._line(ref), self._placed(written)) if written else ""

    def row(self, number: int) -> tuple[str, bool]:
        """The pasted line that a new row was filled from, with its heading; whether it says "stopped"."""
        written = self._text(f"started-{number}-pasted")
        under = self._under(written)
        said = f"{written} (under “{under}”)" if under else written
        return said, bool(written) and says_stopped(said) and read_line(written).instead is None

    def _placed(self, written: str) -> Pasted:
        return replace(read_line(written), under=self._under(written))

    def _under(self, written: str) -> str:
        lines = self.reading.medicines if self.is_matched else ()
        return next((one.under for one in lines if one.written == written), "")

    def _line(self, ref: str) -> Line:
        return self._lines[self._refs.index(ref)]

    @property
    def pending(self) -> bool:
        """Whether an answer to "which is this?" has not been put in place yet."""
        return self.is_matched and any(self.filled(MOST_LINES).values())

    def filled(self, most_rows: int) -> dict[str, str]:
        """The fields that the list fills: what a person typed stays, what an earlier match wrote may go."""
        fields: dict[str, str] = {}
        for place, ref in enumerate(self._refs):
            n = self.found.beside.get(place)
            fields |= self._beside_fields(ref, self.reading.medicines[n] if n is not None else None)
        return fields | self._row_fields([self.reading.medicines[n] for n in self.found.new], most_rows)

    def _beside_fields(self, ref: str, pasted: Pasted | None) -> dict[str, str]:
        start, line = f"line-{ref}-", self._line(ref)
        before, after = self._text(f"{start}pasted"), pasted.written if pasted else ""
        if before == after:
            return {}
        old = to_write(line, read_line(before)) if before else {}
        new = to_write(line, pasted) if pasted else {}
        fields = {f"{start}pasted": after}
        if self._text(f"{start}reason") in ("", reason_said(before)):
            fields[f"{start}reason"] = reason_said(after)
        for part in as_texts(line):
            name = f"{start}new-{part}"
            if self._text(name) in ("", old.get(part)):
                fields[name] = new.get(part, "")
        return fields

    def _row_fields(self, wanted: Sequence[Pasted], most_rows: int) -> dict[str, str]:
        left = Counter(one.written for one in wanted)
        fields: dict[str, str] = {}
        free = []
        for number in range(most_rows):
            start = f"started-{number}-"
            tag = self._text(f"{start}pasted")
            if left[tag] > 0:
                left[tag] -= 1
            elif tag:
                gone = self._untouched(start, tag)
                fields |= {f"{start}{key}": "" for key in ("pasted", "out", *(gone or ()))}
                free += [number] if gone else []
            elif not any(self._text(f"{start}{part}").strip() for part in (*as_texts(Line("")), "reason")):
                free.append(number)
        return fields | self._new_rows(wanted, left, iter(free))

    def _untouched(self, start: str, tag: str) -> tuple[str, ...]:
        """The parts of a row that still reads as the list filled it; none where a person wrote in it."""
        own = _row_texts(read_line(tag))
        as_filled = all(self._text(f"{start}{part}") == text for part, text in own.items())
        return tuple(own) if as_filled and not self._text(f"{start}reason").strip() else ()

    def _new_rows(self, wanted: Sequence[Pasted], left: Counter[str], free: Iterator[int]) -> dict[str, str]:
        fields: dict[str, str] = {}
        for one in wanted:
            if left[one.written] <= 0:
                continue
            left[one.written] -= 1
            number = next(free, None)
            if number is None:
                raise Invalid({"pasted": "There are too many new medicines. Nothing was matched."})
            start = f"started-{number}-"
            fields |= {f"{start}{part}": text for part, text in _row_texts(one).items()}
            fields[f"{start}pasted"] = one.written
        return fields


def _row_texts(pasted: Pasted) -> dict[str, str]:
    """The fields of a new row. A name that still holds words like "switched to" is none: it stays empty,
    and the whole line stands above it."""
    new = pasted.instead or pasted
    texts = as_texts(new.line, new.note)
    return {**texts, "name": ""} if status_said(new.line.name) else texts
