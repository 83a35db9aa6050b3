"""Medicines that meet a recorded allergy (domain: medicines, allergy conflict noted).

A match is a question, never a refusal: people are given medicines in spite of a recorded reaction, and
somebody must have decided so. The classes are those of the BNF (penicillins: who reacts to one must be
taken to react to all; NSAIDs: contra-indicated after a reaction to aspirin or another of them; class
names of the others), the brand names general knowledge. That some people who react to penicillins react
to cephalosporins too is left to the prescriber.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from redbag.domain.medicine_line import Line
from redbag.domain.medicine_risk import HighRisk, names_of
from redbag.domain.medicine_text import ingredients, read, word_set
from redbag.domain.pack import Alert


@dataclass(frozen=True)
class _Group:
    """A class of medicines. `said`: the words that name the class; `one_is_all`: a reaction to one of
    them counts as one to all."""

    said: frozenset[str]
    members: frozenset[str]
    one_is_all: bool = False


_GROUPS = (
    _Group(
        word_set("penicillin penicillins penicilin beta-lactam beta-lactams"),
        word_set(
            "penicillin amoxicillin ampicillin flucloxacillin phenoxymethylpenicillin benzylpenicillin "
            "pivmecillinam temocillin piperacillin ticarcillin co-amoxiclav co-fluampicil co-flumactone "
            "augmentin amoxil tazocin floxapen selexid negaban"
        ),
        one_is_all=True,
    ),
    _Group(
        word_set("nsaid nsaids anti-inflammatory anti-inflammatories"),
        word_set(
            "aspirin ibuprofen naproxen diclofenac indometacin mefenamic meloxicam celecoxib etoricoxib "
            "ketoprofen ketorolac piroxicam etodolac nabumetone brufen nurofen voltarol naprosyn arthrotec "
            "arcoxia celebrex vimovo"
        ),
        one_is_all=True,
    ),
    _Group(
        word_set("cephalosporin cephalosporins beta-lactam beta-lactams"),
        word_set(
            "cefalexin cefuroxime ceftriaxone cefotaxime cefaclor cefradine cefixime ceftazidime cefadroxil "
            "keflex zinnat"
        ),
    ),
    _Group(
        word_set("sulfa sulpha sulfonamide sulfonamides sulphonamide sulphonamides sulfas sulphas"),
        word_set("co-trimoxazole septrin sulfamethoxazole sulfadiazine sulfasalazine salazopyrin"),
    ),
    _Group(
        word_set("macrolide macrolides"),
        word_set("erythromycin clarithromycin azithromycin klaricid erythroped zithromax"),
    ),
    _Group(
        word_set("tetracycline tetracyclines"),
        word_set("tetracycline doxycycline lymecycline minocycline oxytetracycline vibramycin tetralysal"),
    ),
    _Group(
        word_set("quinolone quinolones fluoroquinolone fluoroquinolones"),
        word_set("ciprofloxacin levofloxacin moxifloxacin ofloxacin ciproxin"),
    ),
    _Group(
        word_set("statin statins"),
        word_set("atorvastatin simvastatin rosuvastatin pravastatin fluvastatin lipitor crestor"),
    ),
    _Group(
        word_set("ace ace-inhibitor ace-inhibitors"),
        word_set("ramipril lisinopril enalapril perindopril captopril fosinopril quinapril trandolapril"),
    ),
    _Group(word_set("opioid opioids opiate opiates"), names_of(HighRisk.OPIOID)),
    _Group(word_set("heparin heparins"), word_set("enoxaparin dalteparin tinzaparin clexane inhixa fragmin")),
)
# What a brand or a compound is made of, where a reaction is recorded to the ingredient.
_MADE_OF = {
    word: word_set(parts)
    for names, parts in (
        ("augmentin amoxil", "amoxicillin"),
        ("tylex zapain solpadol kapake", "codeine paracetamol"),
        ("mst mxl zomorph oramorph sevredol actimorph morphgesic", "morphine"),
        ("oxycontin oxynorm longtec shortec", "oxycodone"),
        ("durogesic matrifen mezolar fencino abstral", "fentanyl"),
        ("butrans butec sevodyne temgesic", "buprenorphine"),
        ("zydol zamadol tramacet", "tramadol"),
        ("septrin co-trimoxazole", "trimethoprim sulfamethoxazole"),
        ("co-fluampicil", "flucloxacillin ampicillin"),
        ("tazocin", "piperacillin"),
        ("brufen nurofen", "ibuprofen"),
        ("voltarol arthrotec", "diclofenac"),
        ("naprosyn vimovo", "naproxen"),
        ("coumadin marevan", "warfarin"),
        ("klaricid", "clarithromycin"),
        ("calpol panadol", "paracetamol"),
    )
    for word in names.split()
}
# Words that stand beside what a person reacts to, and say nothing of it.
_NOT_NAMES = word_set(
    "allergy allergic reaction severe mild known all any other antibiotics antibiotic medicines tablets "
    "tablet sodium potassium calcium acid hydrochloride based containing possibly inhibitor inhibitors"
)


def substances(alert: Alert) -> tuple[str, ...]:
    """What the person reacts to, read back from the words of a frozen pack's allergy alert."""
    if alert.level != "danger" or not alert.text or alert.title == "Has allergies":
        return ()
    return tuple(re.sub(r" \([^()]*\)$", "", part).strip() for part in alert.text.split("; ") if part)


def met(line: Line, recorded: Iterable[str]) -> tuple[str, ...]:
    """Which of the recorded substances this medicine meets, as written."""
    words = _words(line.name, line.strength, line.form)
    return tuple(substance for substance in recorded if words & _answers_to(substance))


def _words(name: str, strength: str = "", form: str = "") -> frozenset[str]:
    found = ingredients(read(name, strength, form).words)
    found |= frozenset(re.findall(r"[^\W\d_][\w-]+", name.casefold()))
    return found.union(*(_MADE_OF.get(word, frozenset()) for word in found)) - _NOT_NAMES


def _answers_to(substance: str) -> frozenset[str]:
    """Every name that a reaction to this counts for."""
    words = _words(substance)
    # "Codeines", "penicillins": a plural is no other substance.
    words |= frozenset(word.removesuffix("s") for word in words if len(word) > 5)
    for group in _GROUPS:
        if words & group.said or (group.one_is_all and words & group.members):
            words |= group.members
    return frozenset(word for word in words if len(word) > 2)


def conflict_words(recorded: Iterable[str]) -> str:
    """A match in words, for the mark beside a medicine: "recorded allergy: codeine"."""
    return f"recorded allergy: {', '.join(recorded)}"
