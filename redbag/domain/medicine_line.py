"""One line of a medicine list, and what differs between two lines of one medicine."""

import re
from dataclasses import dataclass
from functools import lru_cache

from redbag.domain.medicine_risk import TIME_CRITICAL, HighRisk, high_risk_kind
from redbag.domain.medicine_text import Reading, Strength, plain, read, take_strengths

NOT_STATED = "not stated"


@dataclass(frozen=True)
class Line:
    """A medicine on a list, every text as written. `times` are clock times ("08:00").

    `kinds`, `time_critical`, `controlled` and `brand_specific` are what a person recorded, not what the
    name suggests; `unchecked` are kinds that it suggests and that nobody has answered yet. `code` is a dm+d
    code where there is one; it is never needed.
    """

    name: str
    form: str = ""
    strength: str = ""
    dose: str = ""
    route: str = ""
    frequency: str = ""
    times: tuple[str, ...] = ()
    code: str | None = None
    as_needed: bool = False
    time_critical: bool = False
    controlled: bool = False
    kinds: frozenset[HighRisk] = frozenset()
    brand_specific: bool = False
    unchecked: frozenset[HighRisk] = frozenset()

    @property
    def title(self) -> str:
        """Name, strength and form as written, each once."""
        said = self.name.strip()
        for more in (self.strength.strip(), self.form.strip()):
            if more and plain(more) not in plain(said):
                said = f"{said} {more}"
        return said

    def reading(self) -> Reading:
        """The line's text as read; see medicine_text.read."""
        return read(self.name, self.strength, self.form)

    def time_critical_kinds(self) -> tuple[HighRisk, ...]:
        """The kinds, recorded or suggested by the name, of which a late or missed dose does harm."""
        found = self.kinds_or_suggested() & TIME_CRITICAL
        return tuple(kind for kind in HighRisk if kind in found)

    def kinds_or_suggested(self) -> frozenset[HighRisk]:
        """Kinds recorded, with those the name suggests: for asking one question too many, never too few."""
        return self.kinds | frozenset(high_risk_kind(self.name, self.form))


@dataclass(frozen=True)
class Difference:
    """What differs between two lines: "dose", "strength", "form", "route" or "times", before and after.

    A side that says nothing reads "not stated".
    """

    what: str
    before: str
    after: str

    @property
    def stated_on_both(self) -> bool:
        return NOT_STATED not in (self.before, self.after)

    @property
    def sentence(self) -> str:
        return f"{self.what.capitalize()}: {self.before} → {self.after}"


def answered_alone(medicine: Line) -> bool:
    """Whether the last dose of this medicine must be answered by itself, never by "all given as planned".

    Time-critical medicines, insulin, anticoagulants, opioids, patches, as-needed medicines and controlled
    drugs. A name that suggests such a kind is enough: it costs a question, not a dose.
    """
    alone = medicine.time_critical or medicine.controlled or is_as_needed(medicine)
    return alone or bool(medicine.kinds_or_suggested())


def is_as_needed(line: Line) -> bool:
    """Whether the medicine is given only when needed, by its mark or by the wording of its frequency."""
    return line.as_needed or _read_frequency(line.frequency)[1]


def differences(before: Line, after: Line) -> tuple[Difference, ...]:
    """Which of dose, strength, form, route and times differ, for two lines of one medicine.

    Wording is forgiven ("po" and "by mouth", 0.5 g and 500 mg, "bd" and "twice a day"); meaning never
    is: 2 tablets of 500 mg and 1 g are listed as different, for a person to compare.
    """
    one, other = before.reading(), after.reading()
    found = []
    if _plain_dose(before.dose) != _plain_dose(after.dose):
        found.append(_difference("dose", before.dose, after.dose))
    if not same_strength(one, other):
        found.append(_difference("strength", _strength_words(before, one), _strength_words(after, other)))
    if (one.form, one.release) != (other.form, other.release):
        found.append(_difference("form", _form_words(one), _form_words(other)))
    if _plain_route(before.route) != _plain_route(after.route):
        found.append(_difference("route", before.route, after.route))
    if _times_differ(before, after):
        found.append(_difference("times", _times_words(before), _times_words(after)))
    return tuple(found)


def same_strength(one: Reading, other: Reading) -> bool:
    """Whether both lines state the same strengths, however written; both stating none counts as same."""
    if len(one.strengths) != len(other.strengths):
        return False
    by_concentration = "injection" not in (one.way, other.way)
    left: list[Strength] = list(other.strengths)
    for strength in one.strengths:
        match = next((s for s in left if strength.same_as(s, by_concentration=by_concentration)), None)
        if match is None:
            return False
        left.remove(match)
    return True


def _difference(what: str, before: str, after: str) -> Difference:
    return Difference(what, before.strip() or NOT_STATED, after.strip() or NOT_STATED)


def _strength_words(line: Line, reading: Reading) -> str:
    return line.strength or ", ".join(s.written for s in reading.strengths)


def _form_words(reading: Reading) -> str:
    return " ".join([*sorted(reading.release), reading.form])


def _times_words(line: Line) -> str:
    words = [line.frequency.strip(), ", ".join(line.times)]
    if is_as_needed(line) and not _read_frequency(line.frequency)[1]:
        words.append("as needed")
    return ", ".join(word for word in words if word)


_NUMBER_WORDS = {"half": ".5", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6"}
_DOSE_WORDS = {
    "tab": "tablet",
    "tabs": "tablet",
    "tablets": "tablet",
    "cap": "capsule",
    "caps": "capsule",
    "capsules": "capsule",
    "puffs": "puff",
    "drops": "drop",
    "patches": "patch",
    "sachets": "sachet",
    "sprays": "spray",
}
_DOSE_NOISE = frozenset({"take", "give", "inhale", "apply", "a", "of", "to", "be", "taken", "given"})


def _plain_dose(text: str) -> tuple[object, ...]:
    """A dose as something to compare: its amounts in one unit, then its words in order."""
    words = " ".join(_NUMBER_WORDS.get(word, word) for word in plain(text).split())
    strengths, rest = take_strengths(words)
    amounts = tuple((sorted(s.in_base()), s.per) for s in strengths)
    numbers = re.findall(r"\d*\.?\d+|[^\W\d_]+|-", rest)
    spelled = (_DOSE_WORDS.get(word, word) for word in numbers if word not in _DOSE_NOISE)
    return (amounts, tuple(float(w) if re.fullmatch(r"\d*\.?\d+", w) else w for w in spelled))


_ROUTES = {
    "po": "oral",
    "o": "oral",
    "orally": "oral",
    "by mouth": "oral",
    "mouth": "oral",
    "sc": "subcutaneous",
    "subcut": "subcutaneous",
    "under the skin": "subcutaneous",
    "im": "intramuscular",
    "iv": "intravenous",
    "sl": "sublingual",
    "under the tongue": "sublingual",
    "td": "transdermal",
    "inh": "inhaled",
    "inhalation": "inhaled",
    "by inhalation": "inhaled",
    "inhaler": "inhaled",
    "by inhaler": "inhaled",
    "inhale": "inhaled",
    "puffs": "inhaled",
    "neb": "nebulised",
    "nebs": "nebulised",
    "by nebuliser": "nebulised",
    "top": "topical",
    "topically": "topical",
    "on the skin": "topical",
    "to the skin": "topical",
    "subcutaneously": "subcutaneous",
    "intramuscularly": "intramuscular",
    "intravenously": "intravenous",
    "sublingually": "sublingual",
    "transdermally": "transdermal",
    "pr": "rectal",
    "per rectum": "rectal",
    "rectally": "rectal",
    "pv": "vaginal",
    "vaginally": "vaginal",
}


_WAYS = {
    "inhaled": "inhaler",
    "nebulised": "nebuliser",
    "oral": "oral",
    "subcutaneous": "injection",
    "intramuscular": "injection",
    "intravenous": "injection",
    "sublingual": "mouth",
    "transdermal": "patch",
    "topical": "skin",
    "rectal": "rectum",
    "vaginal": "vagina",
}
_PUFFS = re.compile(r"\bpuffs?\b|\binhalations?\b")


def way_given(line: Line) -> str:
    """How a line is given, as medicine_text says it: by its form, else by its route, else by "2 puffs".

    A stated route overrules a form that is most often swallowed: a capsule may be inhaled, a tablet may
    belong under the tongue. "" where nothing says it.
    """
    way = line.reading().way
    if way not in ("", "oral"):
        return way
    by_route = _WAYS.get(_plain_route(line.route), "")
    if not way and not by_route and _PUFFS.search(plain(line.dose)):
        return "inhaler"
    return by_route if by_route not in ("", "oral") else way or by_route


def _plain_route(text: str) -> str:
    route = plain(text).replace(".", "").replace("/", "")
    return _ROUTES.get(route, route)


_AS_NEEDED = re.compile(r"\bp\.?r\.?n\b\.?|\b(?:only )?(?:as|when|if)[ -](?:needed|required|necessary)\b")
_FREQUENCIES = {
    "od": "once a day",
    "daily": "once a day",
    "once daily": "once a day",
    "every day": "once a day",
    "each day": "once a day",
    "1 time a day": "once a day",
    "om": "every morning",
    "mane": "every morning",
    "morning": "every morning",
    "in the morning": "every morning",
    "each morning": "every morning",
    "on": "every night",
    "nocte": "every night",
    "night": "every night",
    "at night": "every night",
    "each night": "every night",
    "bd": "twice a day",
    "bid": "twice a day",
    "twice daily": "twice a day",
    "2 times a day": "twice a day",
    "2 times daily": "twice a day",
    "tds": "3 times a day",
    "tid": "3 times a day",
    "3 times daily": "3 times a day",
    "qds": "4 times a day",
    "qid": "4 times a day",
    "4 times daily": "4 times a day",
    "weekly": "once a week",
    "once weekly": "once a week",
    "every week": "once a week",
    "each week": "once a week",
}


def plain_frequency(text: str) -> str:
    """How often, in one wording without "as needed": "bd" and "two times daily" are "twice a day"."""
    return _read_frequency(text)[0]


@lru_cache(maxsize=4096)
def _read_frequency(text: str) -> tuple[str, bool]:
    """The frequency in one wording, and whether it says "as needed"."""
    words = plain(text)
    as_needed = bool(_AS_NEEDED.search(words))
    words = _AS_NEEDED.sub(" ", words).replace(".", "")
    words = " ".join(_NUMBER_WORDS.get(word, word) for word in words.split() if word not in ("take", "a"))
    words = re.sub(r"^(?:q|every )?(\d+) ?-?(?:h|hourly|hours|hrly)$", r"every \1 hours", words)
    words = re.sub(r"\b(twice|times|once|time) (day|week)\b", r"\1 a \2", words)
    return _FREQUENCIES.get(words, words), as_needed


def _clock(text: str) -> str:
    """A clock time as minutes past midnight; any other text as it stands."""
    words = plain(text).replace(" ", "")
    match = re.fullmatch(r"(\d{1,2})(?:[:.]?(\d{2}))?(am|pm)?", words)
    if match is None or not (match[2] or match[3]):
        return words
    hour, minute = int(match[1]), int(match[2] or 0)
    if match[3]:
        hour = hour % 12 + (12 if match[3] == "pm" else 0)
    return str(hour * 60 + minute)


def _times_differ(before: Line, after: Line) -> bool:
    if is_as_needed(before) != is_as_needed(after):
        return True
    one, other = _read_frequency(before.frequency)[0], _read_frequency(after.frequency)[0]
    if one != other:
        return True
    clocks, other_clocks = {_clock(t) for t in before.times}, {_clock(t) for t in after.times}
    if clocks == other_clocks:
        return False
    if clocks and other_clocks:
        return True
    # One list gives clock times and the other only the same frequency: they agree, unless the hour matters.
    hour_matters = any(line.time_critical or line.kinds_or_suggested() for line in (before, after))
    return hour_matters or not one
