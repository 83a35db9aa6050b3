"""Which lines of two medicine lists are the same medicine: proposals for a person to confirm.

Pairing goes by code, then by ingredient, form and strength however written. Modified and immediate
release are never proposed as one medicine, nor two insulins, nor products whose brand matters and
differs, nor two ways of giving (tablet and patch). What is not certain becomes a question. Nothing
here says what happened to a medicine: that is always an act of a person.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum

from redbag.domain.medicine_line import Difference, Line, differences, same_strength, way_given
from redbag.domain.medicine_risk import HighRisk, brand_is_named, brand_matters
from redbag.domain.medicine_text import Reading, ingredients, word_set


@dataclass(frozen=True)
class Proposal:
    """Two lines that look like one medicine: positions in the two lists, how found, what differs."""

    sent: int
    returned: int
    by: str  # "code" or "text"
    differs: tuple[Difference, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    """Lines that only a person can tell apart or put together, and why it is asked."""

    sent: tuple[int, ...]
    returned: tuple[int, ...]
    why: str


@dataclass(frozen=True)
class Pairing:
    """What pair() makes of two lists. Every line that is in no proposal is listed as left."""

    proposals: tuple[Proposal, ...]
    questions: tuple[Question, ...]
    sent_left: tuple[int, ...]
    returned_left: tuple[int, ...]


class Link(Enum):
    """How far two lines are the same medicine."""

    CODE = "the same code, and nothing against it"
    SAME = "ingredient, form and strength agree"
    INGREDIENT = "ingredient agrees; form or strength differs"
    ASK = "perhaps related; never proposed as one medicine"
    NONE = "nothing in common"


_SAME_MEDICINE = frozenset({Link.CODE, Link.SAME, Link.INGREDIENT})

SEVERAL = "More than one line could be this medicine. Which belong together?"
REPEATED = "One list has this medicine more often than the other. Is this line meant, or is it extra?"

# Too common in names to make two medicines look related.
WEAK_WORDS = word_set(
    "acid sodium potassium calcium magnesium vitamin vitamins oil chloride carbonate bicarbonate "
    "hydrochloride sulfate phosphate citrate acetate insulin plus forte extra strong max day 1 2 3 4 5 6 7"
)
# A change of strength or form here is too dangerous to propose: it is asked.
_STRICT = frozenset({HighRisk.INSULIN, HighRisk.OPIOID, HighRisk.PATCH})


@dataclass(frozen=True)
class _Known:
    line: Line
    reading: Reading
    kinds: frozenset[HighRisk]
    brand_matters: bool
    way: str

    @classmethod
    def of(cls, line: Line | str) -> "_Known":
        known = Line(line) if isinstance(line, str) else line
        matters = known.brand_specific or brand_matters(known.name, known.strength, known.form)
        return cls(known, known.reading(), known.kinds_or_suggested(), matters, way_given(known))


def pair(sent: Sequence[Line | str], returned: Sequence[Line | str]) -> Pairing:
    """Propose which lines of the sent and the returned list are the same medicine.

    A bare text counts as a line whose name it is. With two candidates no pair is proposed: it asks.
    """
    return _Pairer([_Known.of(line) for line in sent], [_Known.of(line) for line in returned]).run()


def never_same(one: Line, other: Line) -> str:
    """Why two lines may not count as one unchanged medicine, or "" when nothing in the texts forbids it.

    It compares release, way of giving, insulin, opioid and patch products, and brands that matter. It
    does not compare ingredients.
    """
    return _barred(_Known.of(one), _Known.of(other))


def link(one: Line, other: Line) -> tuple[Link, str]:
    """How far two lines are the same medicine, and for Link.ASK the reason to ask."""
    return _link(_Known.of(one), _Known.of(other))


def _barred(one: _Known, other: _Known) -> str:
    a, b = one.reading, other.reading
    kinds = one.kinds | other.kinds
    same_product = _same_product(one, other)
    codes = {code for code in (one.line.code, other.line.code) if code}
    brand = one.brand_matters or other.brand_matters
    reasons = (
        (a.release != b.release, "They are released differently (modified, gastro-resistant or immediate)."),
        (HighRisk.INSULIN in kinds and not same_product, "Two insulins are never the same."),
        (not _given_alike(one.way, other.way), "They are given in different ways."),
        (
            bool(kinds & _STRICT) and not same_product,
            "For this kind of medicine a different form or strength must be confirmed.",
        ),
        (brand and a.words != b.words, "The brand matters, and the names differ."),
        (brand and len(codes) > 1, "The brand matters, and the codes differ."),
    )
    return next((reason for applies, reason in reasons if applies), "")


def _same_product(one: _Known, other: _Known) -> bool:
    a, b = one.reading, other.reading
    return a.words == b.words and a.form == b.form and same_strength(a, b)


def _given_alike(way: str, other: str) -> bool:
    if "mixed" in (way, other):
        return False
    # An unwritten form is most often a tablet; it never stands for a patch, a cream or an injection.
    return way == other or {way, other} <= {"", "oral"}


def _link(one: _Known, other: _Known) -> tuple[Link, str]:
    barred = _barred(one, other)
    same_words = one.reading.words == other.reading.words
    if one.line.code and one.line.code == other.line.code:
        if not same_words:
            return Link.ASK, "The codes agree but the names do not."
        return (Link.ASK, barred) if barred else (Link.CODE, "")
    if same_words and one.reading.words:
        if barred:
            return Link.ASK, f"The same ingredient, but: {barred[0].lower()}{barred[1:]}"
        return (Link.SAME if _alike(one, other) else Link.INGREDIENT), ""
    return _looser_link(one, other)


def _alike(one: _Known, other: _Known) -> bool:
    return one.reading.form == other.reading.form and same_strength(one.reading, other.reading)


def _looser_link(one: _Known, other: _Known) -> tuple[Link, str]:
    """Lines that are not one medicine by name, but may be two that should not both be given."""
    if (ingredients(one.reading.words) & ingredients(other.reading.words)) - WEAK_WORDS:
        return Link.ASK, "The names agree in part only."
    shared = (one.kinds & other.kinds) - {HighRisk.PATCH}
    if shared:
        kind = next(k for k in HighRisk if k in shared)
        return Link.ASK, f"Both may be of one kind ({kind.label}). Was one replaced by the other?"
    return Link.NONE, ""


@dataclass
class _Pairer:
    """The state of one pairing: lines still free, and what was settled so far."""

    sent: list[_Known]
    returned: list[_Known]
    proposals: list[Proposal] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    links: dict[tuple[int, int], tuple[Link, str]] = field(default_factory=dict)

    def run(self) -> Pairing:
        self.links = {
            (s, r): _link(one, other)
            for s, one in enumerate(self.sent)
            for r, other in enumerate(self.returned)
        }
        self._settle("code", frozenset({Link.CODE}))
        self._settle("text", _SAME_MEDICINE)
        self._ask_of_the_rest()
        self._ask_about_repeats()
        sent, returned = self._paired()
        return Pairing(
            tuple(sorted(self.proposals, key=lambda p: p.sent)),
            tuple(sorted(self.questions, key=lambda q: (q.sent, q.returned))),
            tuple(i for i in range(len(self.sent)) if i not in sent),
            tuple(i for i in range(len(self.returned)) if i not in returned),
        )

    def _paired(self) -> tuple[set[int], set[int]]:
        return {p.sent for p in self.proposals}, {p.returned for p in self.proposals}

    def _free(self) -> tuple[set[int], set[int]]:
        """Lines neither proposed nor asked about."""
        sent, returned = self._paired()
        for question in self.questions:
            sent.update(question.sent)
            returned.update(question.returned)
        return (
            {i for i in range(len(self.sent)) if i not in sent},
            {i for i in range(len(self.returned)) if i not in returned},
        )

    def _settle(self, by: str, kinds: frozenset[Link]) -> None:
        free_sent, free_returned = self._free()
        edges = [
            (s, r)
            for (s, r), (found, _) in self.links.items()
            if found in kinds and s in free_sent and r in free_returned
        ]
        for group in _connected(edges):
            self._settle_group(by, group)

    def _settle_group(self, by: str, edges: list[tuple[int, int]]) -> None:
        sent, returned = {s for s, _ in edges}, {r for _, r in edges}
        identical = [e for e in edges if not self._differs(e)]
        alike = [(s, r) for s, r in edges if _alike(self.sent[s], self.returned[r])]
        if len(edges) == 1:
            chosen = edges
        elif len(list(_sole(identical))) == len(sent) == len(returned):
            chosen = list(_sole(identical))
        else:
            chosen = list(_sole(alike))
        for s, r in chosen:
            self.proposals.append(Proposal(s, r, by, self._differs((s, r)), self._notes(s, r)))
        left_sent = sent - {s for s, _ in chosen}
        left_returned = returned - {r for _, r in chosen}
        if left_sent and left_returned:
            self.questions.append(Question(tuple(sorted(left_sent)), tuple(sorted(left_returned)), SEVERAL))

    def _differs(self, edge: tuple[int, int]) -> tuple[Difference, ...]:
        return differences(self.sent[edge[0]].line, self.returned[edge[1]].line)

    def _notes(self, s: int, r: int) -> tuple[str, ...]:
        one, other = self.sent[s], self.returned[r]
        if not (one.brand_matters or other.brand_matters) or (one.line.code and other.line.code):
            return ()
        if brand_is_named(one.line.name, one.line.strength, one.line.form):
            return ()
        return ("The brand matters for this medicine and is not written. Check that it is the same one.",)

    def _ask_of_the_rest(self) -> None:
        free_sent, free_returned = self._free()
        edges = [
            (s, r)
            for (s, r), (found, _) in self.links.items()
            if found is Link.ASK and s in free_sent and r in free_returned
        ]
        for group in _connected(edges):
            why = " ".join(dict.fromkeys(self.links[edge][1] for edge in group))
            sent, returned = {s for s, _ in group}, {r for _, r in group}
            self.questions.append(Question(tuple(sorted(sent)), tuple(sorted(returned)), why))

    def _ask_about_repeats(self) -> None:
        """A line left over while the other list's line of the same medicine already has its partner."""
        free_sent, free_returned = self._free()
        same = {edge for edge, (found, _) in self.links.items() if found in _SAME_MEDICINE}
        for s in sorted(free_sent & {s for s, _ in same}):
            self.questions.append(Question((s,), (), REPEATED))
        for r in sorted(free_returned & {r for _, r in same}):
            self.questions.append(Question((), (r,), REPEATED))


def _sole(edges: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The edges whose both ends have no other edge."""
    edges = list(edges)
    for s, r in edges:
        if sum(1 for edge in edges if edge[0] == s) == 1 == sum(1 for edge in edges if edge[1] == r):
            yield s, r


def _connected(edges: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """The edges in groups that share no line, in the order of the sent list."""
    left = sorted(edges)
    while left:
        group = [left.pop(0)]
        grown = True
        while grown:
            touches = _touching(group)
            joined = [edge for edge in left if touches(edge)]
            left = [edge for edge in left if not touches(edge)]
            group += joined
            grown = bool(joined)
        yield sorted(group)


def _touching(group: list[tuple[int, int]]) -> Callable[[tuple[int, int]], bool]:
    sent, returned = {s for s, _ in group}, {r for _, r in group}
    return lambda edge: edge[0] in sent or edge[1] in returned
