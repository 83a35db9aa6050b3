"""What invented residents live with, and the medicines that go with it, as a MAR writes them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Dose:
    """A medicine with the doses it comes in: the first is usual, the others are what hospitals change to."""

    name: str
    form: str
    strengths: tuple[str, ...]
    dose: str
    frequency: str
    times: str
    indication: str
    route: str = "by mouth"
    rules: str = ""
    controlled: bool = False
    time_critical: bool = False


def _tablets(
    name: str,
    strengths: str,
    frequency: str,
    times: str,
    indication: str,
    *,
    controlled: bool = False,
    time_critical: bool = False,
) -> Dose:
    return Dose(
        name,
        "tablets",
        tuple(strengths.split("/")),
        "1 tablet",
        frequency,
        times,
        indication,
        controlled=controlled,
        time_critical=time_critical,
    )


@dataclass(frozen=True)
class Condition:
    """One thing that a person lives with. `share`: how many residents do."""

    words: str
    share: float
    medicines: tuple[Dose, ...] = ()
    key: str = ""


_AM, _NIGHT, _BD = "08:00", "22:00", "08:00, 18:00"

CONDITIONS: tuple[Condition, ...] = (
    Condition(
        "Alzheimer’s disease",
        0.36,
        (_tablets("Memantine", "20 mg/10 mg", "once a day", _AM, "Alzheimer’s disease"),),
        "dementia",
    ),
    Condition("Vascular dementia", 0.26, (), "dementia"),
    Condition(
        "High blood pressure",
        0.52,
        (
            _tablets("Amlodipine", "5 mg/10 mg/2.5 mg", "once a day", _AM, "High blood pressure"),
            _tablets("Ramipril", "2.5 mg/1.25 mg/5 mg", "once a day", _AM, "High blood pressure"),
        ),
    ),
    Condition(
        "Atrial fibrillation",
        0.24,
        (
            _tablets(
                "Apixaban", "2.5 mg/5 mg", "twice a day", _BD, "Atrial fibrillation", time_critical=True
            ),
            _tablets("Bisoprolol", "2.5 mg/1.25 mg/5 mg", "once a day", _AM, "Atrial fibrillation"),
        ),
        "anticoagulant",
    ),
    Condition(
        "Heart failure",
        0.2,
        (
            _tablets("Furosemide", "40 mg/20 mg/80 mg", "once a day", _AM, "Heart failure"),
            _tablets("Spironolactone", "25 mg/12.5 mg", "once a day", _AM, "Heart failure"),
        ),
    ),
    Condition(
        "Type 2 diabetes",
        0.19,
        (_tablets("Metformin", "500 mg/850 mg", "twice a day with food", _BD, "Diabetes"),),
        "diabetes_tablets",
    ),
    Condition(
        "Type 2 diabetes on insulin",
        0.06,
        (
            Dose(
                "Lantus",
                "pre-filled pen",
                ("100 units/ml",),
                "16 units",
                "once a day",
                _AM,
                "Diabetes",
                "under the skin",
                time_critical=True,
            ),
        ),
        "diabetes_insulin",
    ),
    Condition(
        "Parkinson’s disease",
        0.09,
        (
            Dose(
                "Co-careldopa",
                "tablets",
                ("25 mg/100 mg", "12.5 mg/50 mg"),
                "1 tablet",
                "four times a day",
                "07:00, 11:00, 15:00, 19:00",
                "Parkinson’s disease",
                time_critical=True,
            ),
        ),
        "parkinsons",
    ),
    Condition(
        "COPD",
        0.14,
        (
            Dose(
                "Salbutamol",
                "inhaler",
                ("100 micrograms",),
                "2 puffs",
                "as needed",
                "",
                "Breathlessness",
                "inhaled",
                "When short of breath, at most 4 times in 24 hours",
            ),
            Dose(
                "Tiotropium", "inhaler", ("2.5 micrograms",), "2 puffs", "once a day", _AM, "COPD", "inhaled"
            ),
        ),
        "copd",
    ),
    Condition(
        "Epilepsy",
        0.06,
        (
            _tablets(
                "Levetiracetam", "500 mg/750 mg/250 mg", "twice a day", _BD, "Epilepsy", time_critical=True
            ),
        ),
        "epilepsy",
    ),
    Condition(
        "Osteoarthritis",
        0.45,
        (
            Dose(
                "Paracetamol",
                "tablets",
                ("500 mg",),
                "2 tablets",
                "four times a day",
                "08:00, 13:00, 18:00, 22:00",
                "Pain",
            ),
        ),
    ),
    Condition(
        "Long-standing pain",
        0.11,
        (
            Dose(
                "Butec",
                "patch",
                ("10 micrograms/hour", "5 micrograms/hour", "15 micrograms/hour"),
                "1 patch",
                "every 7 days",
                "Monday 10:00",
                "Pain",
                "on the skin",
                controlled=True,
            ),
        ),
        "opioid_patch",
    ),
    Condition(
        "Pain after fractures of the spine",
        0.05,
        (
            Dose(
                "Morphine sulfate (Zomorph)",
                "modified-release capsules",
                ("10 mg", "20 mg"),
                "1 capsule",
                "twice a day",
                "08:00, 20:00",
                "Pain",
                controlled=True,
                time_critical=True,
            ),
            Dose(
                "Oramorph",
                "oral solution",
                ("10 mg/5 ml",),
                "2.5 ml",
                "as needed",
                "",
                "Pain",
                "by mouth",
                "For pain in spite of regular doses, 4 hours apart, at most 4 in 24 hours",
                controlled=True,
            ),
        ),
        "opioid",
    ),
    Condition(
        "Osteoporosis",
        0.3,
        (
            Dose(
                "Adcal-D3",
                "chewable tablets",
                ("1500 mg/400 units",),
                "1 tablet",
                "twice a day",
                _BD,
                "Bone strength",
            ),
            _tablets("Alendronic acid", "70 mg", "once a week", "Sunday 07:00", "Osteoporosis"),
        ),
    ),
    Condition("Chronic kidney disease stage 3", 0.27),
    Condition(
        "Stroke",
        0.17,
        (
            _tablets("Clopidogrel", "75 mg", "once a day", _AM, "After a stroke"),
            _tablets("Atorvastatin", "40 mg/20 mg/80 mg", "every night", _NIGHT, "Cholesterol"),
        ),
        "stroke",
    ),
    Condition(
        "Depression",
        0.28,
        (_tablets("Sertraline", "50 mg/100 mg", "once a day", _AM, "Depression"),),
    ),
    Condition(
        "Underactive thyroid",
        0.14,
        (
            _tablets(
                "Levothyroxine",
                "75 micrograms/50 micrograms/100 micrograms",
                "once a day",
                "07:00",
                "Thyroid",
            ),
        ),
    ),
    Condition(
        "Constipation",
        0.4,
        (
            Dose("Laxido", "sachets", ("13.8 g",), "1 sachet", "once a day", _AM, "Constipation"),
            Dose(
                "Senna",
                "tablets",
                ("7.5 mg",),
                "2 tablets",
                "as needed",
                "",
                "Constipation",
                "by mouth",
                "At night when bowels not open for 2 days",
            ),
        ),
    ),
    Condition(
        "Acid reflux",
        0.28,
        (
            Dose(
                "Lansoprazole",
                "capsules",
                ("15 mg", "30 mg"),
                "1 capsule",
                "once a day",
                "07:00",
                "Acid reflux",
            ),
        ),
    ),
    Condition(
        "Polymyalgia rheumatica",
        0.05,
        (
            Dose(
                "Prednisolone",
                "tablets",
                ("5 mg", "7.5 mg", "10 mg"),
                "1 tablet",
                "once a day",
                _AM,
                "Polymyalgia rheumatica",
                time_critical=True,
            ),
        ),
        "steroid",
    ),
    Condition(
        "Glaucoma",
        0.1,
        (
            Dose(
                "Latanoprost",
                "eye drops",
                ("50 micrograms/ml",),
                "1 drop in each eye",
                "every night",
                _NIGHT,
                "Glaucoma",
                "into the eye",
            ),
        ),
    ),
    Condition(
        "Poor sleep",
        0.1,
        (_tablets("Zopiclone", "3.75 mg/7.5 mg", "every night", _NIGHT, "Sleep", controlled=True),),
    ),
    Condition("Hearing loss", 0.34, (), "hearing"),
    Condition("Macular degeneration", 0.15, (), "sight"),
)
