"""A pasted discharge list, read line by line into medicines; what cannot be read stays as written.

There is no guessing: a part is taken out of a line only where its words are known. Everything else
stays in the name (before the directions) or in how often it is given (after them), so that nothing that
was pasted is dropped. A line that can be no medicine (a heading, a page number) is given back as unread.
"""

import re
from dataclasses import dataclass, replace

from redbag.domain.medicine_line import Line
from redbag.domain.medicine_risk import HighRisk, high_risk_kind
from redbag.domain.medicine_status import INSTEAD, REPLACES, STATUS
from redbag.domain.medicine_text import form_spans, read, word_set

MOST_LINES = 60
LONGEST = 10_000
"""The longest list in characters."""
_LONGEST_LINE = 500  # a longer one is prose: kept whole, as the name


@dataclass(frozen=True)
class Pasted:
    """One line of the list. `written`: the whole of it; `line`: as far as it could be read.

    `under`: the heading that it stands under, where that says what became of it ("Stopped medicines").
    `note`: what was said beside the directions (what it is for, or "stopped"). `amount_alone`: the one
    amount may be a strength or a dose ("Furosemide 40 mg od"). `instead`: the medicine that the line says
    took its place ("Metformin stopped, replaced by gliclazide 40 mg"); `line` is then the one that left.
    """

    written: str
    line: Line
    under: str = ""
    note: str = ""
    amount_alone: bool = False
    instead: "Pasted | None" = None


@dataclass(frozen=True)
class Reading:
    """A list as read: its medicines, and the lines that can be none, both in the order of the list."""

    medicines: tuple[Pasted, ...]
    unread: tuple[str, ...]


_BULLET = re.compile(
    r"^(?:\[[ xX✓]?\]|[-–—*•·●○▪■□☐◦‣∙✓✔>\uf0b7]|\(?\d{1,2}[.)](?=\s|[A-Za-z])|\d{1,2}\t|o(?=\s))[\s]*"
)
_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_UNIT = (
    r"(?:nanograms?|micrograms?|mcgs?|[μµ]g|milligrams?|mgs?|grams?|gm|g|international units|units?|iu|u"
    r"|mmols?|%|millilitres?|mls?|litres?|l)"
)
_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+|(?<=\d))[½¼¾]?|[½¼¾]"
_PER = r"(?:hours?|hrs?|h|dose|actuation|puff|spray|blister|ml|mls|litre|g|mg)"
_JOIN = r"\s*(?:/|\bper\b|\bin\b|\+)\s*"
_AMOUNT = re.compile(
    rf"(?<![\w.])(?:(?:{_NUMBER})\s*{_UNIT}(?:{_JOIN}(?:(?:{_NUMBER})\s*(?:{_UNIT}|{_PER})|{_PER})(?!\w))*(?!\w)"
    rf"|(?:{_NUMBER})/(?:{_NUMBER})(?:/(?:{_NUMBER}))?(?![\w/]))",
    re.IGNORECASE,
)
_DAY_PARTS = r"(?:day|morning|night|evening|afternoon|lunchtime|teatime|bedtime|week|month|other day)"
_HOW_OFTEN = re.compile(
    r"(?<![\w/])(?:"
    r"(?:once|twice|(?:one|two|three|four|five|six|\d{1,2})(?:\s*(?:-|to)\s*\w+)?\s+times?)"
    r"(?:\s*(?:a|per|each|every|/)?\s*(?:day|daily|week|weekly|month|monthly|nightly))?"
    rf"|(?:every|each)\s+(?:\d+(?:\s*(?:-|to)\s*\d+)?\s*(?:hours?|hrs?|days?|weeks?)|{_DAY_PARTS})"
    rf"|(?:in\s+the|at)\s+{_DAY_PARTS}|before\s+bed|(?:a|per)\s+(?:day|week)"
    r"|\d+(?:\s*-\s*\d+)?\s*-?\s*(?:hourly|hrly)|q\d+h|alternate\s+days"
    r"|daily|nightly|weekly|monthly|mane|nocte|prn|p\.r\.n\.?|stat"
    r"|o\.?d\.?|b\.?d\.?|bid|t\.?d\.?s\.?|tid|q\.?d\.?s\.?|qid|o\.?m\.?"
    r"|(?:as|when|if)[ -](?:needed|required|necessary)|as directed"
    r"|on\s+(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
    r")(?!\w)",
    re.IGNORECASE,
)
_AT_NIGHT = re.compile(r"(?<!\w)ON(?=\s*(?:$|[,;.()]))")  # "ON" for every night; never "on the skin"
_ROUTE = re.compile(
    r"(?<![\w/])(?:by mouth|orally|oral(?!\s*(?:sol|susp|liq|powd|drop|gel|spray|rinse|syr|tab|cap))|po"
    r"|p\.o\.?|subcutaneous(?:ly)?|subcut|s/c|sc|intramuscular(?:ly)?|im|intravenous(?:ly)?|iv"
    r"|sublingual(?:ly)?(?!\s*(?:tab|spray))|s\.?l\.?|p\.?v\.?|td|top(?![- ]?up)"
    # "PR" before a strength or a form is a release; before how often it is a route.
    r"|pr(?=\s*(?:$|[,;()]|(?:prn|od|bd|tds|qds|once|twice|daily|nightly|mane|nocte|when|as|if|at|every)\b))"
    r"|under the (?:tongue|skin)|topical(?:ly)?"
    r"|transdermal(?:ly)?(?!\s*patch)|(?:by )?inhal(?:ed|ation)(?!\s*powder)|inh|nebulised"
    r"|rectally|per rectum|vaginally|(?:on|to) the skin|via (?:the )?peg|via (?:the )?ng"
    r"|(?:in|into|to) (?:the )?(?:left|right|both|affected) (?:eyes?|ears?|nostrils?)"
    r"|(?:left|right|both) (?:eyes?|ears?|nostrils?))(?!\w)",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?<![\w.:])(?:(?:[01]?\d|2[0-3]):[0-5]\d(?:\s?[ap]m)?|(?:[01]?\d|2[0-3])\.[0-5]\d\s?[ap]m"
    r"|\d{1,2}\s?[ap]m|(?:[01]\d|2[0-3])[0-5]\d\s?h(?:rs|ours)?)(?![\w:])",
    re.IGNORECASE,
)
_COUNT = r"(?:one|two|three|four|five|six|half|\d{1,2}(?:\.\d+)?[½¼¾]?|[½¼¾])"
_COUNTS = rf"{_COUNT}(?:\s*(?:-|to|or)\s*{_COUNT})?"
_THING = (
    r"(?:tablets?|tabs?|capsules?|caps?|puffs?|sprays?|drops?|patch(?:es)?|sachets?|(?:5\s?ml )?spoonfuls?"
    r"|applications?|suppositor(?:y|ies)|doses?|inhalations?|pessar(?:y|ies)|lozenges?)"
)
_WHEN = re.compile(r"(?:at|with|before|after|in the)\b", re.IGNORECASE)
_COUNTED = re.compile(rf"(?<![\w.])({_COUNTS})\s*(?:x\s*)?{_THING}(?!\w)", re.IGNORECASE)
_BARE_COUNT = re.compile(rf"(?<![\w./-])({_COUNTS})(?=\s+(?:to be (?:taken|used) )?(\S.*)$)", re.IGNORECASE)
_VERB = re.compile(
    r"(?<!\w)(?:to be (?:taken|given|used|applied)|take|give|use|inhale|inject|apply|instil|put|dissolve"
    r"|swallow|insert|dose)(?!\w):?",
    re.IGNORECASE,
)
_STATUS_WORD = re.compile(rf"(?<!\w){STATUS}(?!\w)", re.IGNORECASE)
_STATUS_FIRST = re.compile(rf"^{STATUS}\s*(?:[:\-–—]\s*|\s+(?=[A-Z]))", re.IGNORECASE)
_STATUS_LAST = re.compile(rf"[\s,;(\[|–—-](?<!then ){STATUS}(?!\w).*$", re.IGNORECASE)
# What the status says of a number: an old one may stand beside the line, a new one belongs in it.
_OLD_AMOUNT = re.compile(r"\b(?:from|was|previously)\b", re.IGNORECASE)
_DAY = re.compile(r"(?<![\d/])\d{1,2}/\d{1,2}(?:/\d{2,4})?(?![\d/])")
_BECAUSE = re.compile(
    r"[\s,;(]*(?<!\w)for\s+(?!\d|one\b|two\b|three\b|four\b|five\b|six\b|seven\b|ten\b|the next\b)[^\d]+$",
    re.IGNORECASE,
)
_HEADINGS = word_set(
    "medication medications medicine medicines drug drugs discharge discharged on at list current regular "
    "name dose doses dosage frequency route routes strength form formulation times time changes changed "
    "stopped started new continued continue continuing unchanged paused withheld prn as required when "
    "needed tto tta ttos to take away out home home's page of the and for during this admission hospital "
    "stay summary indication reason comments comment notes note status quantity supply supplied supplies "
    "gp action date duration days please see below above following prescribed prescription no known "
    "allergies end copy pharmacy suspended discontinued ceased held hold increased reduced"
)
_LABELS = re.compile(
    r"^(?:known )?(?:allerg(?:y|ies)(?: and [\w ]+)?|adverse reactions?|nhs (?:number|no\.?)"
    r"|hospital (?:number|no\.?)|mrn|patient(?: name)?|name|address|d\.?o\.?b\.?|date of birth|born|ward"
    r"|consultant|gp(?: practice)?|page|date(?: of (?:admission|discharge))?|admitted|discharged"
    r"|admission date|discharge date|printed|signed|prescriber|pharmacist|diagnosis|tel(?:ephone)?)\s*[:.]",
    re.IGNORECASE,
)
# What may follow "changed to" without naming a medicine.
_NO_NAMES = word_set(
    "evening morning night afternoon lunchtime teatime bedtime day days week weekly dose doses higher lower "
    "same generic brand new previous usual alternate another alternative other agent something different "
    "regular when required one two three four half reviewed review gp with food then after before the and "
    "liquid preparation formulation version strength treatment therapy medicine medication drug meal meals "
    "titrate uptitrate titrated aim target restart"
)
# A further amount in the directions is about this medicine; any other may belong to a second one.
_SAID_OF_DOSE = re.compile(
    r"\b(?:from|was|previously|max(?:imum)?|up to|total|then|reduc\w+|increas\w+)\b", re.IGNORECASE
)
_EDGES = " \t,;:|-–—()[]"


def read_list(text: str) -> Reading:
    """The list as medicines and unread lines; every line with a letter or a figure is in one of them."""
    medicines: list[Pasted] = []
    unread: list[str] = []
    under = ""
    for raw in re.split(r"\r\n|[\n\r\v\f\x85\u2028\u2029]", text):
        written = _without_bullet(raw)
        if not re.search(r"\w", written):
            continue
        if medicines and _goes_on(medicines[-1], written):
            before = medicines.pop()
            medicines.append(replace(read_line(f"{before.written} {written}"), under=before.under))
        elif _no_medicine(written):
            unread.append(written)
            if written.endswith(":") or _STATUS_WORD.search(written):
                under = written.rstrip(":") if _STATUS_WORD.search(written) else ""
        else:
            medicines.append(replace(read_line(written), under=under))
    return Reading(tuple(medicines), tuple(unread))


def read_line(written: str) -> Pasted:
    """One medicine as far as it can be read. What is not understood stays in its name, as written."""
    if len(written) > _LONGEST_LINE:
        return Pasted(written, Line(written))
    for between in INSTEAD.finditer(written):
        left, right = written[: between.start()].strip(_EDGES), written[between.end() :].strip()
        if _names_one(left) and _names_one(right):
            gone = read_line(left)
            note = ", ".join(part for part in (gone.note, written[between.start() :]) if part)
            return replace(gone, written=written, note=note, instead=read_line(right))
    for between in REPLACES.finditer(written):
        left, right = written[: between.start()].strip(_EDGES), written[between.end() :].strip(_EDGES)
        if _names_one(left) and _names_one(right):
            gone = read_line(right)
            return replace(gone, written=written, instead=read_line(left))
    return _read_one(written)


def _names_one(text: str) -> bool:
    """Whether a text has a name to go by, not only a new dose, form or time ("changed to 80 mg od")."""
    for pattern in (_AMOUNT, _HOW_OFTEN, _ROUTE, _CLOCK, _COUNTED, _VERB, _STATUS_WORD):
        text = pattern.sub(" ", text)
    return any(len(word) > 2 and word.isalpha() for word in read(text).words - _NO_NAMES)


def _read_one(written: str) -> Pasted:
    """A line of one medicine as far as it can be read."""
    text, note = _take_note(" ".join(written.split()))
    amounts = [match.span() for match in _AMOUNT.finditer(text)]
    start = _directions_start(text, amounts)
    head, tail = text[:start], text[start:]
    head_amounts = [span for span in amounts if span[1] <= start]
    tail_amounts = [(a - start, b - start) for a, b in amounts if a >= start]
    name, strength, form = _read_head(head, head_amounts)
    dose, route, times, often = _read_tail(tail, tail_amounts)
    if not re.search(r"[^\W\d]{2}", name) or (_AMOUNT.search(often) and not _SAID_OF_DOSE.search(often)):
        return Pasted(written, Line(" ".join(written.split())))
    line = Line(name, form, strength, dose, route, often, times)
    return Pasted(written, line, note=note, amount_alone=bool(strength) and not (dose or form))


def _without_bullet(raw: str) -> str:
    """The line without what only marks it as one of a list."""
    text = _UNSEEN.sub("", raw.replace("\u00a0", " ")).strip()
    for _ in range(2):  # "- 1. Amlodipine"
        text = _BULLET.sub("", text, count=1) if _BULLET.match(text) else text
    return " ".join(text.split())


def _no_medicine(written: str) -> bool:
    """Whether a line can truly be none: a heading, a page number, a label of the person's own data."""
    if _LABELS.match(written):
        return True
    words = re.findall(r"[^\W\d_]+", written.lower())
    if not re.search(r"[^\W\d_]", _AMOUNT.sub(" ", written)):
        return True
    if all(word in _HEADINGS or len(word) == 1 for word in words):
        return True
    return written.endswith(":") and not _AMOUNT.search(written) and any(w in _HEADINGS for w in words)


def _goes_on(before: Pasted, written: str) -> bool:
    """Whether a line is nothing but the directions of the medicine above it, which has none."""
    if before.line.frequency or before.line.dose or before.line.route or len(written) > _LONGEST_LINE:
        return False
    open_yet = not (before.line.strength and before.line.form) and not _AMOUNT.search(before.line.name)
    if open_yet and not read(written).words and re.search(r"[^\W\d_]", written):
        return True  # "5 mg" or "tablets", in a cell of its own
    masked = _masked(written, [match.span() for match in _AMOUNT.finditer(written)])
    counted = _dose_count(masked)
    often = _HOW_OFTEN.match(masked)
    return bool(_VERB.match(masked) or (counted and counted[0] == 0) or (often and written[:1].islower()))


def _take_note(text: str) -> tuple[str, str]:
    """The line without what is said beside the medicine: its status, and what it is for."""
    notes = []
    if first := _STATUS_FIRST.match(text):
        notes.append(_tidy(first[0]))
        text = text[first.end() :]
    last = _STATUS_LAST.search(text)
    if last and (_OLD_AMOUNT.search(last[0]) or not _AMOUNT.search(_DAY.sub(" ", last[0]))):
        notes.append(_tidy(last[0]))
        text = text[: last.start()]
    if why := _BECAUSE.search(text):
        notes.insert(0, _tidy(why[0]))
        text = text[: why.start()]
    return text.strip(), ", ".join(notes)


def _directions_start(text: str, amounts: list[tuple[int, int]]) -> int:
    """Where the directions begin: the first word of a dose, a route, how often or a time."""
    masked = _masked(text, amounts)
    places = [m.start() for p in (_HOW_OFTEN, _AT_NIGHT, _ROUTE, _CLOCK, _VERB) if (m := p.search(masked))]
    places = [place for place in places if text[:place].strip(_EDGES)]
    if counted := _dose_count(masked):
        places.append(counted[0])
    places += [a for a, _ in _dose_amounts(text, amounts)][:1]
    return min(places, default=len(text))


def _masked(text: str, spans: list[tuple[int, int]]) -> str:
    for a, b in spans:
        text = f"{text[:a]}{chr(0) * (b - a)}{text[b:]}"
    return text


def _dose_amounts(text: str, amounts: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Amounts that are a dose wherever they stand: millilitres, units of an insulin, and a second amount
    with nothing but the form between it and the first."""
    found = []
    for place, (a, b) in enumerate(amounts):
        written = text[a:b].lower()
        of_insulin = re.fullmatch(r"[\d.,]+\s*(?:units?|iu|u)", written) and (
            HighRisk.INSULIN in high_risk_kind(text[:a])
            or (place and "ml" in text[slice(*amounts[0])].lower())
        )
        second = place and not read(text[amounts[place - 1][1] : a]).words
        if text[:a].strip(_EDGES) and (
            re.fullmatch(r"[\d.,½¼¾]+\s*(?:mls?|millilitres?)", written) or of_insulin or second
        ):
            found.append((a, b))
    return found


def _dose_count(masked: str) -> tuple[int, int] | None:
    """Where a number of tablets, puffs or the like is written as a dose. More than ten are a supply."""
    found = []
    for match in _COUNTED.finditer(masked):
        number = re.match(r"\d+", match[1])
        if number is None or int(number[0]) <= 10:
            found.append(match.span())
            break
    for match in _BARE_COUNT.finditer(masked):
        if any(pattern.match(match[2]) for pattern in (_HOW_OFTEN, _AT_NIGHT, _ROUTE, _WHEN)):
            found.append(match.span(1))
            break
    return min(found) if found else None


def _read_head(head: str, amounts: list[tuple[int, int]]) -> tuple[str, str, str]:
    """Name, strength and form. Two strengths with words between them stay in the name."""
    strength = ""
    if len(amounts) == 1:
        a, b = amounts[0]
        strength, head = head[a:b], f"{head[:a]}{chr(0) * (b - a)}{head[b:]}"
    forms = form_spans(head)
    form = " ".join(head[a:b] for a, b in forms)
    name = _masked(head, forms)
    if not re.search(r"[^\W\d]{2}", name):  # "Gel", "Ear drops": the form is all the name there is
        name, form = head, ""
    return _tidy(name), strength.strip(), form


def _read_tail(tail: str, amounts: list[tuple[int, int]]) -> tuple[str, str, tuple[str, ...], str]:
    """Dose, route, times, and how often: all that is left, in the order in which it was written."""
    taken: list[tuple[int, int]] = []
    masked = _masked(tail, amounts)
    often = _HOW_OFTEN.search(masked) or _AT_NIGHT.search(masked)
    dose_at = _dose_count(masked) or _after_verb(masked)
    if amounts and (dose_at is None or amounts[0][0] < dose_at[0]):
        dose_at = amounts[0]
    if dose_at is not None and (
        often is None or dose_at[0] < often.start() or _VERB.search(masked[: dose_at[0]])
    ):
        taken.append(dose_at)
        said_again = re.compile(r"\s*\([^()]*\)").match(masked, dose_at[1])  # "1 tablet (5 mg)"
        if said_again and "\0" in said_again[0]:
            taken = [dose_at := (dose_at[0], said_again.end())]
    if route := _ROUTE.search(masked):
        taken.append(route.span())
    clocks = [match.span() for match in _CLOCK.finditer(masked)]
    dose = tail[slice(*taken[0])] if dose_at in taken else ""
    times = tuple(tail[a:b] for a, b in clocks)
    rest = _masked(tail, [*taken, *clocks])
    rest = _VERB.sub(" ", rest) if dose else rest
    return dose, route[0] if route else "", times, _tidy(rest)


def _after_verb(masked: str) -> tuple[int, int] | None:
    match = re.search(rf"{_VERB.pattern}\s*({_COUNTS})(?!\w)", masked, re.IGNORECASE)
    return match.span(1) if match else None


def _tidy(text: str) -> str:
    """What is left of a text whose parts were taken out, without the marks that held them together."""
    text = re.sub(r"\(\s*\0*\s*\)|\[\s*\0*\s*\]", " ", text)
    text = re.sub(r"\0+", " ", text)
    text = re.sub(r"\s*([,;|–—-]\s+)(?=[,;|–—-]|$)", " ", f"{text} ")
    text = re.sub(r"(?:\s*,)+\s*(?:,|(?=$))", ",", " ".join(text.split()))
    text = re.sub(r"^(?:(?:and\b|[,;–—|:-])\s*)+|(?:(?:\s+(?:and|at|@))|[\s,;|:–—-])+$", "", text.strip())
    if text.lower() in ("and", "at", "and at"):
        return ""
    return text.strip(" ,;|:") if text.count("(") == text.count(")") else text.strip(_EDGES)
