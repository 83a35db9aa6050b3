"""Medicines whose last dose or next dose cannot be left to chance: kinds, and what a name suggests.

A name only ever suggests a kind to the person who records the medicine; nobody's record is flagged by
it. The kinds are those of the pathway's own list of time-critical medicines; the names are those in
use in the United Kingdom (BNF, general knowledge).
"""

import re
from enum import StrEnum
from functools import lru_cache

from redbag.domain.medicine_text import plain, read, word_set


class HighRisk(StrEnum):
    """A kind of medicine that is time-critical, or answered by itself at each handover."""

    INSULIN = "insulin"
    ANTICOAGULANT = "anticoagulant"
    OPIOID = "opioid"
    PARKINSONS = "parkinsons"
    ANTI_EPILEPTIC = "anti_epileptic"
    STEROID = "steroid"
    CLOZAPINE = "clozapine"
    PYRIDOSTIGMINE = "pyridostigmine"
    ANTIRETROVIRAL = "antiretroviral"
    TRANSPLANT = "transplant"
    PATCH = "patch"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    HighRisk.INSULIN: "Insulin",
    HighRisk.ANTICOAGULANT: "Anticoagulant (blood thinner)",
    HighRisk.OPIOID: "Opioid",
    HighRisk.PARKINSONS: "Parkinson’s medicine",
    HighRisk.ANTI_EPILEPTIC: "Anti-epileptic",
    HighRisk.STEROID: "Long-term steroid",
    HighRisk.CLOZAPINE: "Clozapine",
    HighRisk.PYRIDOSTIGMINE: "Pyridostigmine",
    HighRisk.ANTIRETROVIRAL: "Antiretroviral (HIV)",
    HighRisk.TRANSPLANT: "Transplant medicine",
    HighRisk.PATCH: "Patch",
}

TIME_CRITICAL = frozenset(HighRisk) - {HighRisk.PATCH}
"""The kinds of which a late or missed dose does harm (domain §3, alerts)."""

_NAMES: dict[HighRisk, str] = {
    HighRisk.INSULIN: """insulin insulins actrapid humulin insuman hypurin novorapid fiasp trurapi humalog
        admelog lyumjev apidra novomix lantus toujeo abasaglar semglee levemir tresiba xultophy suliqua
        insulatard mixtard awiqli""",
    HighRisk.ANTICOAGULANT: """warfarin marevan apixaban eliquis rivaroxaban xarelto edoxaban lixiana
        dabigatran pradaxa acenocoumarol sinthrome phenindione heparin enoxaparin clexane inhixa arovi
        dalteparin fragmin tinzaparin innohep fondaparinux arixtra""",
    HighRisk.OPIOID: """morphine mst mxl zomorph oramorph sevredol actimorph morphgesic oxycodone oxycontin
        oxynorm longtec shortec oxypro oxyact oxylan reltebon lynlor targinact fentanyl durogesic matrifen
        mezolar fencino abstral effentora actiq pecfent buprenorphine butrans butec sevodyne bupeaze
        transtec hapoctasin reletrans panitaz bunov temgesic subutex espranor buvidal suboxone methadone
        physeptone tramadol zydol tramacet tramulief marol zamadol maxitram tapentadol palexia codeine
        dihydrocodeine dhc co-codamol co-dydramol solpadol kapake zapain tylex remedeine hydromorphone
        palladone diamorphine alfentanil pethidine meptazinol meptid dipipanone pentazocine""",
    HighRisk.PARKINSONS: """co-careldopa co-beneldopa levodopa carbidopa foslevodopa benserazide sinemet
        madopar stalevo sastravi stanek caramet lecado duodopa produodopa entacapone comtess opicapone
        ongentys tolcapone tasmar ropinirole requip ralnea spiroco pramipexole mirapexin rotigotine neupro
        apomorphine apogo dacepton rasagiline azilect selegiline eldepryl zelapar safinamide xadago
        amantadine trihexyphenidyl procyclidine kemadrin orphenadrine""",
    HighRisk.ANTI_EPILEPTIC: """phenytoin epanutin carbamazepine tegretol carbagen valproate valproic epilim
        episenta epival depakote convulex dyzantil lamotrigine lamictal levetiracetam keppra desitrend
        brivaracetam briviact topiramate topamax gabapentin neurontin pregabalin lyrica alzain axalid
        lacosamide vimpat zonisamide zonegran oxcarbazepine trileptal eslicarbazepine zebinix perampanel
        fycompa clobazam frisium clonazepam rivotril phenobarbital primidone mysoline ethosuximide zarontin
        vigabatrin sabril tiagabine rufinamide cenobamate ontozry stiripentol buccolam epistatus""",
    HighRisk.STEROID: """prednisolone prednisone deltacortril pevanti dilacort hydrocortisone plenadren
        alkindi dexamethasone methylprednisolone medrone fludrocortisone deflazacort""",
    HighRisk.CLOZAPINE: "clozapine clozaril denzapine zaponex",
    HighRisk.PYRIDOSTIGMINE: "pyridostigmine mestinon",
    HighRisk.ANTIRETROVIRAL: """abacavir lamivudine zidovudine emtricitabine tenofovir efavirenz nevirapine
        rilpivirine etravirine doravirine maraviroc cobicistat atazanavir darunavir ritonavir lopinavir
        dolutegravir raltegravir bictegravir cabotegravir elvitegravir biktarvy triumeq dovato genvoya
        symtuza juluca descovy truvada kivexa odefsey eviplera atripla stribild tivicay isentress prezista
        rezolsta evotaz delstrigo combivir trizivir kaletra norvir edurant celsentri""",
    HighRisk.TRANSPLANT: """tacrolimus prograf adoport advagraf envarsus dailiport ciclosporin neoral
        sandimmun capimune capsorin deximune mycophenolate mycophenolic cellcept myfortic sirolimus rapamune
        everolimus certican azathioprine imuran""",
    HighRisk.PATCH: """durogesic matrifen mezolar fencino butrans butec sevodyne bupeaze transtec hapoctasin
        reletrans panitaz neupro versatis""",
}
_KINDS_OF = {
    word: tuple(kind for kind, names in _NAMES.items() if word in names.split())
    for names in _NAMES.values()
    for word in names.split()
}
# On the skin, or in an eye, ear or nose, these are not the medicine whose missed dose does harm.
_NOT_WHEN_LOCAL = frozenset({HighRisk.STEROID, HighRisk.TRANSPLANT})
_LOCAL = frozenset({"skin", "eye", "ear", "nose", "rectum"})

# Where one maker's product may not stand in for another's (MHRA on anti-epileptics; BNF and Specialist
# Pharmacy Service on prescribing by brand; general knowledge).
_BRAND_MATTERS = word_set(
    "phenytoin carbamazepine phenobarbital primidone valproate lamotrigine perampanel rufinamide clobazam "
    "clonazepam oxcarbazepine eslicarbazepine zonisamide topiramate lithium ciclosporin tacrolimus "
    "theophylline aminophylline mesalazine beclometasone methylphenidate apomorphine mycophenolate "
    "enoxaparin"
)
_BRAND_MATTERS_WHEN_MODIFIED = word_set(
    "nifedipine diltiazem verapamil morphine oxycodone tramadol galantamine"
)
_BRAND_MATTERS_AS_PATCH = word_set("fentanyl buprenorphine rotigotine")

_BRANDS_THAT_MATTER = word_set(
    "tegretol carbagen epanutin epilim episenta epival depakote convulex dyzantil lamictal topamax zonegran "
    "trileptal zebinix fycompa frisium rivotril mysoline priadel camcolit liskonum prograf adoport advagraf "
    "envarsus dailiport neoral sandimmun capimune capsorin deximune cellcept myfortic adizem tildiem slozem "
    "viazem coracten adalat securon mst mxl zomorph morphgesic oxycontin longtec oxypro reltebon durogesic "
    "matrifen mezolar fencino butrans butec sevodyne bupeaze transtec hapoctasin reletrans neupro clenil "
    "qvar fostair nuelin uniphyllin asacol octasa pentasa salofalk mezavant concerta delmosart xaggitin "
    "clexane inhixa arovi"
)


@lru_cache(maxsize=4096)
def high_risk_kind(name: str, form: str = "") -> tuple[HighRisk, ...]:
    """The kinds that this name and form suggest, in the order of HighRisk; empty when none.

    A suggestion to put before the person who records the medicine, never a flag to set silently: it
    knows names, not reasons (a short course of prednisolone is suggested as long-term).
    """
    reading = read(name, form=form)
    kinds = {kind for word in _name_words(name, reading.words) for kind in _KINDS_OF.get(word, ())}
    if reading.way == "patch":
        kinds.add(HighRisk.PATCH)
    if reading.way in _LOCAL:
        kinds -= _NOT_WHEN_LOCAL
    return tuple(kind for kind in HighRisk if kind in kinds)


def names_of(kind: HighRisk) -> frozenset[str]:
    """The names, ingredients and brands, that suggest this kind."""
    return word_set(_NAMES[kind])


def brand_matters(name: str, strength: str = "", form: str = "") -> bool:
    """Whether the product is one whose brand is kept from one supply to the next."""
    reading = read(name, strength, form)
    if HighRisk.INSULIN in high_risk_kind(name, form):
        return True
    if reading.words & (_BRAND_MATTERS | _BRANDS_THAT_MATTER):
        return True
    if reading.release and reading.words & _BRAND_MATTERS_WHEN_MODIFIED:
        return True
    return reading.way == "patch" and bool(reading.words & _BRAND_MATTERS_AS_PATCH)


def brand_is_named(name: str, strength: str = "", form: str = "") -> bool:
    """Whether the name holds anything beside an ingredient whose brand matters: its brand, most likely."""
    words = read(name, strength, form).words
    ingredients = _BRAND_MATTERS | _BRAND_MATTERS_WHEN_MODIFIED | _BRAND_MATTERS_AS_PATCH
    return bool(words - ingredients - {"sodium", "carbonate", "citrate", "mofetil", "insulin"})


def _name_words(name: str, read_words: frozenset[str]) -> frozenset[str]:
    """The words as written beside those as read, so that a brand made of form words is still known."""
    return read_words | frozenset(re.findall(r"[\w-]+", plain(name)))
