"""Invented packs to draw: the fullest, the emptiest, and one for measuring. NHS numbers from 999."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from redbag.documents.label import LabelCard
from redbag.domain.pack import (
    Alert,
    Entry,
    HomeCard,
    ObservationSet,
    PackMedicine,
    Person,
    Resuscitation,
    TransferPack,
)
from tests.unit.example_record import ITEMS, about_me, needs, other_sections

MADE_AT = datetime(2026, 11, 22, 3, 41, tzinfo=UTC)

HOME = HomeCard(
    name="Maple House",
    phone="020 7946 0101",
    night_phone="020 7946 0999",
    address="12 Station Road, Sutton, SM1 4ZZ",
    ods_code="VZ012",
)
CARD = LabelCard(
    url="https://redbag.example.nhs.uk/b/0123456789ABCDEFGHJKMNPQRS",
    bag_number="012",
    code="7K2M-9QX4-P",
    home_name="Maple House",
    return_lines=("12 Station Road", "Sutton", "SM1 4ZZ"),
    phone="020 7946 0999",
)


def medicine(ref: str, name: str, **facts: object) -> PackMedicine:
    """A line of the list with plain answers, changed by `facts`."""
    plain = PackMedicine(
        ref=ref,
        name=name,
        form="tablet",
        strength="5 mg",
        dose="1 tablet",
        route="by mouth",
        frequency="once a day",
        times="08:00",
        indication="high blood pressure",
        as_needed=False,
        as_needed_rules="",
        warnings=(),
        time_critical=False,
        last_dose="Given Sat 21 Nov, 08:00",
        answered=True,
        next_due="times by the home’s MAR: 08:00; check the hospital chart",
        started="3 Mar 2024",
        review="1 Feb 2027",
        allergy_conflict="",
        sent="14 tablets, in the bag",
    )
    return replace(plain, **facts)  # type: ignore[arg-type]


_CO_CARELDOPA = medicine(
    "m1",
    "Co-careldopa",
    strength="25 mg/100 mg",
    frequency="five times a day",
    times="07:00, 10:00, 13:00, 16:00, 19:00",
    indication="Parkinson’s disease",
    warnings=("Time-critical", "Parkinson’s medicine"),
    time_critical=True,
    last_dose="Given Sat 21 Nov, 19:00 by J. Adeyemi",
    next_due="times by the home’s MAR: 07:00, 10:00, 13:00, 16:00, 19:00; check the hospital chart",
    due="due Sun 22 Nov, 07:00",
)
_INSULIN = medicine(
    "m2",
    "Insulin glargine (Lantus)",
    form="pen",
    strength="100 units/ml",
    dose="18 units",
    route="under the skin",
    frequency="once a day",
    times="22:00",
    indication="type 2 diabetes",
    warnings=("Insulin", "Fridge"),
    time_critical=True,
    last_dose="Not given: refused, glucose 5.1",
    next_due="times by the home’s MAR: 22:00; check the hospital chart",
    due="was due Sat 21 Nov, 22:00: not given; next due Sun 22 Nov, 22:00",
    sent="1 pen, in the bag",
)
_APIXABAN = medicine(
    "m3",
    "Apixaban",
    strength="2.5 mg",
    frequency="twice a day",
    times="08:00, 20:00",
    indication="atrial fibrillation",
    warnings=("Anticoagulant",),
    time_critical=True,
    last_dose="Not known",
    next_due="times by the home’s MAR: 08:00, 20:00; check the hospital chart",
    due="was due Sat 21 Nov, 20:00: not known whether given; next due Sun 22 Nov, 08:00",
)
_BUPRENORPHINE = medicine(
    "m4",
    "Buprenorphine",
    form="7-day patch",
    strength="10 micrograms/hour",
    dose="1 patch",
    route="on the skin",
    frequency="every 7 days",
    times="Thursday 10:00",
    indication="pain in the hip",
    warnings=("Opioid", "Patch", "Controlled drug"),
    last_dose="Given Thu 19 Nov, 10:00: left upper arm",
    next_due="times by the home’s MAR: Thursday 10:00; check the hospital chart",
    stands_first=True,
    due="change due Thu 26 Nov, 10:00",
    sent="None sent",
)
_PARACETAMOL = medicine(
    "m5",
    "Paracetamol",
    strength="500 mg",
    dose="1 to 2 tablets",
    frequency="up to four times a day",
    times="",
    indication="pain",
    as_needed=True,
    as_needed_rules="at least 4 hours apart, at most 8 tablets in 24 hours; 1 tablet if under 50 kg",
    last_dose="",
    answered=False,
    next_due="",
    code="322236009",
    allergy_conflict="",
)
_CO_AMOXICLAV = medicine(
    "m6",
    "Co-amoxiclav",
    strength="500 mg/125 mg",
    frequency="three times a day",
    times="08:00, 14:00, 22:00",
    indication="chest infection",
    allergy_conflict="holds penicillin; the person reacted to penicillin",
    started="20 Nov 2026",
    review="27 Nov 2026",
)
ORDINARY = (
    "Amlodipine",
    "Atorvastatin",
    "Bisoprolol",
    "Colecalciferol",
    "Donepezil",
    "Furosemide",
    "Lansoprazole",
    "Senna",
    "Sertraline",
    "Levothyroxine",
)
MEDICINES = (
    _CO_CARELDOPA,
    _INSULIN,
    _APIXABAN,
    _BUPRENORPHINE,
    _PARACETAMOL,
    _CO_AMOXICLAV,
    *(medicine(f"o{index}", name) for index, name in enumerate(ORDINARY[:8])),
)
TIME_CRITICAL = tuple(
    f"{one.title} {one.dose}, {one.next_due}, last dose: {one.last_dose.lower()}"
    for one in MEDICINES
    if one.time_critical
)

ALERTS = (
    Alert(
        "allergies",
        "danger",
        "Allergies and reactions",
        "Penicillin (could not breathe, 2019); sticking plaster (rash)",
    ),
    Alert(
        "adrt",
        "danger",
        "Advance decision to refuse treatment",
        "No feeding tube. Signed 4 May 2024; the paper is in the bag",
    ),
    Alert("time_critical", "danger", "Time-critical medicine", "; ".join(TIME_CRITICAL)),
    Alert(
        "infection",
        "danger",
        "Infection risk",
        "C. difficile (2 Oct 2026): treated, no symptoms since 20 Oct",
    ),
    Alert("diabetes", "danger", "Diabetes: takes insulin"),
    Alert(
        "choking",
        "danger",
        "Choking or swallowing risk",
        "Level 2 drinks, upright at 90 degrees, small sips, stay with her",
    ),
    Alert("anticoagulant", "danger", "Takes an anticoagulant", "Apixaban 2.5 mg twice a day"),
    Alert("ring_first", "danger", "Ring the home before sharing or discharge"),
    Alert("refuses_blood", "missing", "Blood products: not recorded", "Nobody has asked"),
    Alert("oxygen", "caution", "Oxygen at home", "1 litre a minute at night"),
    Alert(
        "implant", "caution", "Pacemaker or implant", "Pacemaker, checked June 2026; left hip replaced 2018"
    ),
    Alert("falls", "caution", "Falls risk", "Last fall 9 Nov 2026; walking frame, sensor mat at night"),
    Alert(
        "wandering",
        "caution",
        "Walks off or becomes distressed",
        "Looks for her sister; a walk and a song help",
    ),
    Alert(
        "dols",
        "caution",
        "Deprivation of liberty authorisation at the home",
        "Until 4 Mar 2027. Does not cover the hospital",
    ),
)
CPR = Resuscitation(
    decision="not_recommended",
    words="CPR not recommended",
    details="ReSPECT form, 12 June 2026, signed by Dr A. Okafor, review 12 June 2027",
    original="In the clear pocket of the bag, in the red folder",
    limits="Not for intensive care; antibiotics by drip if they help",
)
OBSERVATIONS = ObservationSet(
    entries=(
        Entry("Breaths a minute", "22"),
        Entry("SpO2", "94 %, scale 1"),
        Entry("Breathing", "Air"),
        Entry("Blood pressure", "98/61 mmHg"),
        Entry("Pulse", "104"),
        Entry("Awake and alert?", "New confusion"),
        Entry("Temperature", "38.4 °C"),
        Entry("Blood glucose", "6.2 mmol/L"),
        Entry("What else is different", "Sleepier than usual, eating or drinking less"),
    ),
    news2=10,
    news2_complete=True,
    news2_words="NEWS2 10: high",
    usual_words="Usual NEWS2: 1 (2 Nov 2026)",
    taken="taken 03:05",
    scale_words="SpO2 scale 1",
)
WHY_NOW = (
    Entry(
        "What happened",
        "Found on the floor beside her bed, hot and shivering, did not know the carer.",
        key="situation",
    ),
    Entry("When it started", "Found at 02:50", key="started"),
    Entry("Last seen well", "23:30 by J. Adeyemi, asleep", key="last_seen_well"),
    Entry("Who was called", "999 at 02:58, family", key="called"),
    Entry(
        "Background that matters now",
        "Chest infection, third day of antibiotics. Hit her head? Not seen.",
        key="background",
    ),
    Entry("What you think is going on", "Chest infection getting worse, maybe sepsis", key="assessment"),
    Entry(
        "What you ask the hospital to do",
        "Check for sepsis and for a head injury: she takes apixaban",
        key="request",
    ),
    Entry(
        "What the person and the family want",
        "Treat what can be treated, home as soon as possible",
        key="wishes_today",
    ),
)
PERSON = Person(
    name="Margaret Rose Whitcombe",
    preferred_name="Peggy",
    date_of_birth="3 March 1934",
    age=92,
    nhs_number="9990000018",
    gender="Female",
    room="14",
    gp_practice="Station Road Surgery, 020 7946 0222",
    first_language="English",
    interpreter="Not needed",
)


def fullest() -> TransferPack:
    """Every field filled, a second version."""
    return TransferPack(
        transfer_ref="T7K2M9QX4",
        version=3,
        made_at=MADE_AT,
        made_by="Joy Adeyemi",
        journey_type="emergency",
        reason="fall",
        home=HOME,
        hospital="St Elsewhere Hospital, emergency department",
        bag_number="012",
        person=PERSON,
        resuscitation=CPR,
        observations=OBSERVATIONS,
        alerts=ALERTS,
        why_now=WHY_NOW,
        time_critical=TIME_CRITICAL,
        medicines=MEDICINES,
        sections=(needs(), about_me(), *other_sections()),
        papers=(
            Entry("MAR chart", "Copy"),
            Entry("ReSPECT or DNACPR form", "Original"),
            Entry("LPA", "Copy"),
            Entry("Care plan summary", "Copy"),
        ),
        belongings=ITEMS,
        told=(
            Entry("Ann Carter, daughter", "Told by telephone, 03:10, by J. Adeyemi"),
            Entry("GP", "Not told", known=False),
        ),
        next_by_mar="Other medicines next by the home’s MAR: Sun 22 Nov, 08:00 (9 medicines). "
        "Check the hospital chart.",
        next_of_kin="Next of kin: Ann Carter, daughter, 07700 900123 (not after 22:00)",
        companion="Ann follows by car",
        gaps=(
            "Last dose of apixaban is not known",
            "Last dose of paracetamol not answered",
            "Sleep not recorded",
        ),
        changes=(
            "Alert: Infection risk added: C. difficile (2 Oct 2026): treated, no symptoms since 20 Oct",
            "Co-careldopa: last dose now “Given Sat 21 Nov, 19:00 by J. Adeyemi”",
        ),
    )


def emptiest() -> TransferPack:
    """The ambulance is here now, and nothing is known but who the person is."""
    return TransferPack(
        transfer_ref="T0000001",
        version=1,
        made_at=MADE_AT,
        made_by="",
        journey_type="emergency",
        reason="",
        home=HomeCard("Maple House", "", "", "", ""),
        hospital="",
        bag_number="",
        person=Person("Ivy Poole", "", "", None, "", "", "", "", "", ""),
        resuscitation=Resuscitation("", "CPR decision not recorded", "Ring the home if it matters now", ""),
        observations=ObservationSet((), None, False, "", "", ""),
        alerts=(
            Alert(
                "allergies", "missing", "Allergies not recorded", "Not the same as none: ask before you give"
            ),
        ),
        gaps=(
            "Allergies",
            "CPR decision",
            "Medicines and last doses",
            "Observations",
            "Why now",
            "Next of kin",
        ),
    )


def typical() -> TransferPack:
    """A pack for measuring: 12 medicines, 15 belongings."""
    return replace(
        fullest(),
        version=1,
        changes=(),
        alerts=(ALERTS[0], ALERTS[2], ALERTS[6], ALERTS[11]),
        medicines=(*MEDICINES[:3], *(medicine(f"o{index}", name) for index, name in enumerate(ORDINARY[:9]))),
        sections=(needs(), *other_sections()[1:2]),
        told=(),
        gaps=("Sleep not recorded",),
    )
