"""Which medicines meet a recorded allergy."""

from __future__ import annotations

import pytest

from redbag.domain.medicine_allergies import met, substances
from redbag.domain.medicine_line import Line
from redbag.domain.medicines import Answer, Outcome, cautions
from redbag.domain.pack_alerts import allergy_alert


@pytest.mark.parametrize(
    ("substance", "medicine"),
    [
        ("Codeine", "Codeine phosphate 30 mg tablets"),
        ("codeine", "Co-codamol 30/500"),
        ("Codeine", "Zapain"),
        ("Penicillin", "Amoxicillin 500 mg capsules"),
        ("penicillins (all)", "Co-amoxiclav 625 mg"),
        ("PENICILLIN", "Flucloxacillin"),
        ("Penicillin V", "Augmentin"),
        ("Amoxicillin", "Flucloxacillin 500 mg"),
        ("Aspirin", "Ibuprofen 400 mg"),
        ("NSAIDs", "Naproxen"),
        ("Sulpha drugs", "Co-trimoxazole"),
        ("Trimethoprim", "Co-trimoxazole 480 mg"),
        ("Opiates", "Oramorph"),
        ("Morphine", "MST Continus 10 mg"),
        ("Statins", "Atorvastatin"),
    ],
)
def test_a_medicine_meets_the_allergy(substance: str, medicine: str) -> None:
    assert met(Line(medicine), [substance]) == (substance,)


@pytest.mark.parametrize(
    ("substance", "medicine"),
    [
        ("Penicillin", "Paracetamol"),
        ("Codeine", "Morphine sulfate"),
        ("Latex", "Amoxicillin"),
        ("Sodium valproate", "Docusate sodium"),
        ("Elastoplast plasters", "Fentanyl patch"),
        ("", "Senna"),
        ("Clarithromycin", "Erythromycin"),
    ],
)
def test_another_medicine_does_not(substance: str, medicine: str) -> None:
    assert met(Line(medicine), [substance]) == ()


def test_the_substances_are_read_back_from_the_words_of_a_frozen_pack() -> None:
    rows = [{"substance": "Penicillin (all)", "reaction": "rash; swelling"}, {"substance": "Codeine"}]
    found = substances(allergy_alert({"allergies": rows}))
    assert "Codeine" in found
    assert any("Penicillin" in one for one in found)
    for nothing in ({"allergy_status": "allergies"}, {"allergy_status": "none_known"}, {}):
        assert substances(allergy_alert(nothing)) == ()


def test_an_allergy_is_named_before_anything_else_and_only_for_what_is_given() -> None:
    sent = [Line("Co-codamol 30/500"), Line("Codeine", strength="30 mg")]
    returned = [Line("Codeine phosphate", strength="15 mg")]
    outcomes = [
        Answer(Outcome.UNCHANGED, 0, None),
        Answer(Outcome.STOPPED, 1, None),
        Answer(Outcome.STARTED, None, 0),
    ]
    found = cautions(sent, returned, outcomes, ["Codeine"])
    assert [caution.allergy for caution in found] == [True, True, False]
    assert found[1].message == (
        "Codeine phosphate 15 mg will be given, and an allergy or reaction is recorded: Codeine."
    )
    assert cautions(sent, returned, outcomes, ["Latex"]) == cautions(sent, returned, outcomes)
