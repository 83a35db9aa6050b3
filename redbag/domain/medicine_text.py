"""Reading a medicine as people write it: ingredient, strength, form, release.

"Paracetamol 500mg tabs" and "paracetamol tablets 500 mg" read alike. There is no guessing: a misspelt
or unknown word stays part of the name, so two lines are alike only when every word is accounted for.
Carbimazole is never taken for carbamazepine, and a brand never for another one.

Spellings, salts and forms: dm+d editorial policy and BNF usage (general knowledge).
"""

import re
import unicodedata
from dataclasses import dataclass, field
from fractions import Fraction


def word_set(text: str) -> frozenset[str]:
    """The words of a text as a set: how this module and its neighbours write their lists."""
    return frozenset(text.split())


_NUMBER = r"(?:\d+(?:\.\d+)?|\.\d+)"
_MASS = {"nanogram": Fraction(1, 1000), "microgram": Fraction(1), "mg": Fraction(1000), "g": Fraction(10**6)}
_UNITS = {
    "nanogram": "nanograms?|ng",
    "microgram": "micrograms?|mcgs?|μg|ug",
    "mg": "milligrams?|mgs?",
    "g": "grams?|gm|g",
    "unit": "international units|units?|iu|u",
    "mmol": "mmols?",
    "%": "%|percent",
    "ml": "millilitres?|mls?",
    "litre": "litres?|l",
}
_PER = {
    "ml": _UNITS["ml"],
    "litre": _UNITS["litre"],
    "hour": "hours?|hrs?|h",
    "dose": "doses?|actuations?|puffs?|sprays?|blisters?|applications?|inhalations?",
    "g": _UNITS["g"],
}
_UNIT = "|".join(_UNITS.values())
_AMOUNT = re.compile(rf"(?<![\w.])({_NUMBER})\s*({_UNIT})?(?!\w)")
_JOINED = re.compile(r"\s*(?:/|\+|\bper\b|\bin\b)\s*")
_BARE_PER = re.compile(rf"({'|'.join(_PER.values())})(?!\w)")
# After a number, grams are a second ingredient (500mg/1g), not a weight of ointment.
_COUNTED_PER = re.compile(rf"({_NUMBER})\s*({'|'.join(v for k, v in _PER.items() if k != 'g')})(?!\w)")

_RELEASES = (
    ("gastro-resistant", r"gastro[- ]?resistant|enteric[- ]coated|e/c|ec"),
    ("immediate", r"immediate[- ]release|standard[- ]release|normal[- ]release|i/r|ir"),
    (
        "modified",
        r"(?:modified|prolonged|sustained|extended|slow|controlled)[- ]release|long[- ]acting|m/r|mr",
    ),
    ("sr", r"s/r|sr"),
    ("xl", r"x/l|xl"),
    ("la", r"l/a|la"),
    ("er", r"er|xr"),
    ("cr", r"c/r|cr"),
    ("retard", r"retard"),
    ("chrono", r"chrono|chronosphere"),
    ("continus", r"continus"),
    ("depot", r"depot"),
    ("12 hour", r"(?:12|twelve)[- ]?(?:hourly|hours?|hr|h)"),
    ("24 hour", r"(?:24|twenty[- ]four)[- ]?(?:hourly|hours?|hr|h)"),
)
_RELEASE_PATTERNS = tuple((tag, re.compile(rf"(?<!\w)(?:{p})(?!\w)")) for tag, p in _RELEASES)

_TABLET = r"(?:tablets?|tabs?|caplets?)"
# Each: the form's name, how it is given (lines of two ways are never one medicine), how it is written.
_FORMS = (
    ("eye drops", "eye", r"eye drops?|eye[- /]*ear drops?|eye gels?"),
    ("eye ointment", "eye", r"eye ointments?"),
    ("ear drops", "ear", r"ear drops?|ear sprays?"),
    ("nasal spray", "nose", r"nasal sprays?|nasal drops?|nose drops?"),
    ("patch", "patch", r"transdermal patch(?:es)?|patch(?:es)?|plasters?"),
    ("pen", "injection", r"(?:pre-?filled )?(?:disposable )?pens?|pre-?filled (?:disposable )?devices?"),
    ("cartridge", "injection", r"cartridges?"),
    ("vial", "injection", r"vials?"),
    ("syringe", "injection", r"(?:pre-?filled )?syringes?"),
    (
        "injection",
        "injection",
        r"(?:solution|suspension|powder)(?: and solvent)? for (?:solution for )?(?:injection|infusion)"
        r"|injections?|inj|infusions?|ampoules?|amps?",
    ),
    ("nebuliser liquid", "nebuliser", r"nebuliser (?:liquids?|solutions?)|nebules?|nebs?"),
    ("inhaler", "inhaler", r"(?:dry powder |breath actuated )?inhalers?|inhalation powder"),
    ("mouthwash", "mouth", r"mouthwash(?:es)?"),
    ("spray", "mouth", r"(?:sublingual |oromucosal )?sprays?"),
    ("suppository", "rectum", r"suppositor(?:y|ies)|supps?"),
    ("enema", "rectum", r"enemas?|rectal (?:solution|foam)"),
    ("pessary", "vagina", rf"pessar(?:y|ies)|vaginal (?:{_TABLET}|capsules?|cream|gel)"),
    ("dispersible tablet", "oral", rf"(?:dispersible|disp) {_TABLET}|{_TABLET} (?:dispersible|disp)"),
    ("soluble tablet", "oral", rf"(?:soluble|sol) {_TABLET}|{_TABLET} soluble"),
    ("effervescent tablet", "oral", rf"(?:effervescent|eff) {_TABLET}|{_TABLET} effervescent"),
    ("orodispersible tablet", "oral", rf"orodispersible(?: {_TABLET}| films?)?|oro-?dispersible {_TABLET}"),
    ("chewable tablet", "oral", rf"chewable {_TABLET}|{_TABLET} chewable"),
    ("sublingual tablet", "mouth", rf"sublingual {_TABLET}"),
    ("buccal tablet", "mouth", rf"buccal {_TABLET}"),
    ("tablet", "oral", rf"(?:film[- ]?coated |coated |f/c |fc )?{_TABLET}"),
    ("capsule", "oral", r"(?:hard |soft )?(?:capsules?|caps?)"),
    ("oral suspension", "oral", r"oral suspensions?|suspensions?|susp"),
    ("oral solution", "oral", r"oral (?:solutions?|liquids?|drops)|solutions?|liquids?|syrups?|elixirs?"),
    ("granules", "oral", r"granules|sachets?|oral powders?"),
    ("cream", "skin", r"creams?"),
    ("ointment", "skin", r"ointments?|oint"),
    ("gel", "skin", r"gels?"),
    ("lotion", "skin", r"lotions?|emollients?|shampoos?|scalp applications?"),
)
_FORM_PATTERNS = tuple((name, way, re.compile(rf"(?<!\w)(?:{p})(?!\w)")) for name, way, p in _FORMS)

_SPELLINGS = {
    "frusemide": "furosemide",
    "bendrofluazide": "bendroflumethiazide",
    "lignocaine": "lidocaine",
    "thyroxine": "levothyroxine",
    "amoxycillin": "amoxicillin",
    "beclomethasone": "beclometasone",
    "cyclosporin": "ciclosporin",
    "cyclosporine": "ciclosporin",
    "cephalexin": "cefalexin",
    "phenobarbitone": "phenobarbital",
    "oestradiol": "estradiol",
    "sulphasalazine": "sulfasalazine",
    "indomethacin": "indometacin",
    "dothiepin": "dosulepin",
    "chlorpheniramine": "chlorphenamine",
    "cholecalciferol": "colecalciferol",
    "acetaminophen": "paracetamol",
    "sulphate": "sulfate",
    "besylate": "besilate",
    "mesylate": "mesilate",
    "hcl": "hydrochloride",
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
}
_NOISE = word_set("of the and with for bp film coated hard soft sugar free sf oral")
_COMPOUND = re.compile(
    r"\bco[- ]?(amilofruse|amoxiclav|beneldopa|careldopa|codamol|cyprindiol|danthramer|danthrusate|"
    r"dydramol|fluampicil|flumactone|magaldrox|phenotrope|simalcite|tenidone|trimoxazole)\b"
)
_WRITTEN_OUT = {
    frozenset({"codeine", "paracetamol"}): "co-codamol",
    frozenset({"dihydrocodeine", "paracetamol"}): "co-dydramol",
    frozenset({"carbidopa", "levodopa"}): "co-careldopa",
    frozenset({"benserazide", "levodopa"}): "co-beneldopa",
    frozenset({"amoxicillin", "clavulanic", "acid"}): "co-amoxiclav",
}
# A salt is left out of the name where the dose does not depend on it.
_SALTS = word_set(
    "hydrochloride hydrobromide sulfate maleate besilate mesilate fumarate hemifumarate tartrate phosphate "
    "hydrogen"
)
_SALT_MATTERS = word_set(
    "ferrous ferric iron magnesium zinc copper sodium potassium calcium lithium aluminium quinine "
    "chloroquine metoprolol zuclopenthixol flupentixol haloperidol betamethasone dexamethasone "
    "hydrocortisone prednisolone dimethyl"
)
_SODIUM_SALTS = word_set(
    "warfarin levothyroxine liothyronine enoxaparin dalteparin tinzaparin heparin montelukast pantoprazole "
    "rabeprazole flucloxacillin docusate picosulfate risedronate pravastatin naproxen"
)


@dataclass(frozen=True)
class Strength:
    """One written strength: parts as (number, unit), and what they are per (5 ml, an hour, a dose)."""

    parts: tuple[tuple[Fraction, str], ...]
    per: tuple[Fraction, str] | None = None
    written: str = field(default="", compare=False)

    def same_as(self, other: "Strength", *, by_concentration: bool) -> bool:
        """Whether both say the same amount: 0.5 g and 500 mg do; 30/500 and 30mg/500mg do.

        `by_concentration` also lets 10mg/5ml equal 2mg/ml. It is not for injections, where two syringes
        of one concentration are two strengths.
        """
        mine, theirs = self, other
        if by_concentration:
            mine, theirs = mine._per_ml(), theirs._per_ml()
        if mine._per_more_than_a_dose() != theirs._per_more_than_a_dose() or len(mine.parts) != len(
            theirs.parts
        ):
            return False
        wordless = len(mine.parts) > 1 and not all(unit for _, unit in (*mine.parts, *theirs.parts))
        if wordless:  # "30/500": the numbers are all there is to compare
            return sorted(n for n, _ in mine.parts) == sorted(n for n, _ in theirs.parts)
        return mine.in_base() == theirs.in_base()

    def in_base(self) -> list[tuple[str, Fraction]]:
        """The parts in one unit each kind (mass in micrograms), sorted: for comparing."""
        return sorted(("mass", n * _MASS[unit]) if unit in _MASS else (unit, n) for n, unit in self.parts)

    def _per_more_than_a_dose(self) -> tuple[Fraction, str] | None:
        """What it is per; "100 micrograms a dose" of an inhaler says no more than "100 micrograms"."""
        return None if self.per == (Fraction(1), "dose") else self.per

    def _per_ml(self) -> "Strength":
        if self.per != (Fraction(5), "ml"):
            return self
        return Strength(tuple((n / 5, unit) for n, unit in self.parts), (Fraction(1), "ml"), self.written)


@dataclass(frozen=True)
class Reading:
    """A medicine line as read. `words` is the name without strength, form, release and salt."""

    words: frozenset[str]
    strengths: tuple[Strength, ...]
    form: str  # "" where none is written
    way: (
        str  # how it is given, by its form: oral, patch, injection; "mixed" in a line that contradicts itself
    )
    release: frozenset[str]  # empty: none written, or immediate


def read(name: str, strength: str = "", form: str = "") -> Reading:
    """The reading of a line whose strength and form may stand in the name or in their own fields."""
    text = plain(f"{name} ; {strength} ; {form}")
    text = _COMPOUND.sub(r"co_\1", text)
    strengths, text = take_strengths(text)
    release, text = _take_release(text)
    form_name, way, text = _take_forms(text)
    return Reading(_words(text), strengths, form_name, way, release)


_LONGEST_READ = 4000


def plain(text: str) -> str:
    """Lower case, one kind of space, hyphen, micro sign and fraction."""
    text = text[:_LONGEST_READ]  # normalising takes the square of the length
    for sign, number in (("½", ".5"), ("¼", ".25"), ("¾", ".75")):
        text = re.sub(rf"(\d)\s?{sign}", rf"\g<1>{number}", text).replace(sign, f"0{number}")
    text = unicodedata.normalize("NFKC", text).casefold()
    text = re.sub(r"[‐‑‒–—−]", "-", text)
    text = re.sub(r"(?<=\d),(?=\d{3}\b)", "", text)
    return re.sub(r"\s+", " ", text).strip()


def take_strengths(text: str) -> tuple[tuple[Strength, ...], str]:
    """The strengths in a plain text, and the text without them. A number alone is no strength."""
    found: list[Strength] = []
    rest: list[str] = []
    place = 0
    while start := _AMOUNT.search(text, place):
        strength, end = _strength_at(text, start)
        if strength is None:
            rest.append(text[place : start.end()])
        else:
            rest.append(f"{text[place : start.start()]} ")
            if not any(strength.same_as(known, by_concentration=False) for known in found):
                found.append(strength)
        place = end
    return _combined(found), "".join(rest) + text[place:]


def _combined(found: list[Strength]) -> tuple[Strength, ...]:
    """ "Codeine 30mg, paracetamol 500mg" says 30mg/500mg."""
    single = [s for s in found if len(s.parts) == 1 and s.per is None and s.parts[0][1] != "ml"]
    if len(single) < 2:
        return tuple(found)
    together = Strength(tuple(s.parts[0] for s in single), None, " / ".join(s.written for s in single))
    return (together, *(s for s in found if s not in single))


def _strength_at(text: str, start: re.Match[str]) -> tuple[Strength | None, int]:
    parts = [(Fraction(start[1]), _unit(start[2]))]
    per: tuple[Fraction, str] | None = None
    end = start.end()
    while per is None and (joined := _JOINED.match(text, end)):
        if counted := _COUNTED_PER.match(text, joined.end()):
            per, end = (Fraction(counted[1]), _unit(counted[2], _PER)), counted.end()
        elif part := _AMOUNT.match(text, joined.end()):
            parts.append((Fraction(part[1]), _unit(part[2])))
            end = part.end()
        elif bare := _BARE_PER.match(text, joined.end()):
            per, end = (Fraction(1), _unit(bare[1], _PER)), bare.end()
        else:
            break
    if len(parts) == 1 and not parts[0][1] and per is None:
        return None, start.end()
    return Strength(tuple(parts), per, text[start.start() : end].strip()), end


def _unit(written: str | None, table: dict[str, str] | None = None) -> str:
    if not written:
        return ""
    return next(name for name, pattern in (table or _UNITS).items() if re.fullmatch(pattern, written))


def _take_release(text: str) -> tuple[frozenset[str], str]:
    tags = set()
    for tag, pattern in _RELEASE_PATTERNS:
        if pattern.search(text):
            tags.add(tag)
            text = pattern.sub(" ", text)
    tags.discard("immediate")
    if tags - {"modified", "gastro-resistant", "depot"}:
        tags.discard("modified")  # "SR modified-release tablets" says no more than "SR"
    return frozenset(tags), text


def _take_forms(text: str) -> tuple[str, str, str]:
    forms: dict[str, str] = {}
    for form, way, pattern in _FORM_PATTERNS:
        if pattern.search(text):
            forms[form] = way
            text = pattern.sub(" ", text)
    if "injection" in forms.values():  # "oral" forms beside it are "solution", "suspension"
        forms = {f: w for f, w in forms.items() if w != "oral"}
        if len(forms) > 1:  # a cartridge says more than "solution for injection"
            forms.pop("injection", None)
    ways = set(forms.values())
    return " and ".join(forms), ways.pop() if len(ways) == 1 else ("mixed" if ways else ""), text


def form_spans(text: str) -> list[tuple[int, int]]:
    """Where forms and releases ("modified-release tablets", "MR") stand in a text as written.

    Empty for a text whose places would move by making it lower case.
    """
    lower = text.lower()
    if len(lower) != len(text):
        return []
    taken = [False] * len(text)
    patterns = [pattern for _, _, pattern in _FORM_PATTERNS] + [pattern for _, pattern in _RELEASE_PATTERNS]
    spans: list[tuple[int, int]] = []
    for pattern in patterns:
        for match in pattern.finditer(lower):
            if not any(taken[match.start() : match.end()]):
                taken[match.start() : match.end()] = [True] * (match.end() - match.start())
                spans.append(match.span())
    return sorted(spans)


def ingredients(words: frozenset[str]) -> frozenset[str]:
    """The words of a name with those of its compounds: co-codamol holds paracetamol and codeine."""
    return words.union(*(parts for parts, compound in _WRITTEN_OUT.items() if compound in words))


def _words(text: str) -> frozenset[str]:
    found = (w.replace("_", "-") for w in re.findall(r"\w+", text))
    words = {_SPELLINGS.get(word, word) for word in found} - _NOISE
    if not words & _SALT_MATTERS and words - _SALTS:
        words -= _SALTS
    if "sodium" in words and words & _SODIUM_SALTS:
        words -= {"sodium"}
    kept = frozenset(words)
    return frozenset({_WRITTEN_OUT[kept]}) if kept in _WRITTEN_OUT else kept
