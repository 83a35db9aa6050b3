"""What a pack says is missing: no blank alert, and no dose without its time, passes as complete."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from redbag.domain.medicine_line import Line
from redbag.domain.pack import HomeCard, TransferPack, from_json, to_json
from redbag.domain.pack_build import build, item
from redbag.domain.pack_source import PackSource, SourceMedicine, SourcePerson, SourceSection
from redbag.domain.record import ALERTS, SECTIONS

NIGHT = datetime(2026, 11, 22, 3, 10, tzinfo=UTC)
ANSWERED = {
    "allergy_status": "none_known",
    "cpr_decision": "not_recommended",
    "cpr_form": "respect",
    "cpr_date": "2026-01-02",
    "cpr_review_date": "2027-01-02",
    "cpr_clinician": "Dr Shah",
    "cpr_original": "In the red bag",
    "infection": "no",
    "diabetes": "no",
    **dict.fromkeys(
        (
            "adrt",
            "choking",
            "anticoagulant",
            "falls",
            "wandering",
            "oxygen",
            "implant",
            "refuses_blood",
            "dols",
        ),
        "no",
    ),
}
ORDINARY = SourceMedicine("o", Line("Ramipril", frequency="once a day", times=("08:00",)))
INHALER = SourceMedicine("i", Line("Salbutamol", form="inhaler", as_needed=True))
MEASURED = {
    "respiratory_rate": 18,
    "spo2": 88,
    "on_oxygen": "no",
    "systolic_bp": 120,
    "pulse": 80,
    "consciousness": "A",
    "temperature": 36.8,
}
DOSES = {"ordinary": "all_given", "ordinary_upto": "22:00", "i": {"answer": "given", "when": "21:00"}}


def made(alerts: dict[str, Any] = ANSWERED, doses: dict[str, Any] = DOSES, **more: Any) -> TransferPack:
    rest = {
        s.key: SourceSection({s.fields[0].key: "x"}) for s in SECTIONS if s.key not in ("alerts", "people")
    }
    people = SourceSection({"contacts": [{"name": "Ann Carter", "relation": "daughter", "phone": "0770"}]})
    facts = {
        "doses": doses,
        "observations": MEASURED,
        "papers": {"cpr": "original"},
        "today": {"companion": "Ann follows by car"},
        **more.pop("facts", {}),
    }
    return build(
        PackSource(
            transfer_ref="t1",
            journey_type="emergency",
            reason="fall",
            home=HomeCard("Maple House", "01632 960100", "01632 960101", "1 Elm Road", "VN101"),
            hospital="",
            bag_number="012",
            person=SourcePerson(
                "Agnes Obi", "", date(1938, 11, 3), "9990000018", "", "", "", "", "", None, None
            ),
            sections={"alerts": SourceSection(alerts), "people": people, **rest},
            medicines=more.pop("medicines", (ORDINARY, INHALER)),
            facts=facts,
            items=more.pop("items", (item("g", "Glasses", 1, False, "worn"),)),
            **more,
        ),
        version=1,
        made_at=NIGHT,
        made_by="Joy",
    )


def test_a_pack_in_which_everything_is_answered_has_no_gap() -> None:
    assert made().gaps == ()


# Of a safeguarding concern nobody is asked; the lists and the details have their own tests.
@pytest.mark.parametrize("key", [f.key for f in ALERTS.fields if f.key in ANSWERED])
def test_every_alert_question_that_is_blank_is_a_gap(key: str) -> None:
    blank = {name: value for name, value in ANSWERED.items() if name != key}
    if key == "cpr_decision":
        blank = {name: value for name, value in blank.items() if not name.startswith("cpr_")}
    (gap,) = made(blank).gaps
    assert gap.startswith(("Not recorded: ", "CPR d", "Allergies not", "Infection risk not"))


def test_the_questions_asked_are_every_alert_but_the_safeguarding_one() -> None:
    assert {f.key for f in ALERTS.fields} - ANSWERED.keys() == {"allergies", "infections", "ring_first"}


def test_a_list_that_was_announced_and_is_empty_is_a_gap() -> None:
    assert made({**ANSWERED, "infection": "yes"}).gaps == ("Infection: not recorded which",)
    assert made({**ANSWERED, "allergy_status": "allergies"}).gaps == ("Allergies: not recorded to what",)
    listed = {**ANSWERED, "infections": [{"kind": "mrsa"}]}
    del listed["infection"]
    assert made(listed).gaps == ()


def test_the_details_of_a_cpr_decision_are_named_on_one_line() -> None:
    blank = {k: v for k, v in ANSWERED.items() if k not in ("cpr_review_date", "cpr_clinician")}
    assert made(blank).gaps == ("CPR details not recorded: review date, who signed",)


@pytest.mark.parametrize(
    ("doses", "gaps"),
    [
        ({**DOSES, "ordinary_upto": ""}, ("Time of last dose not recorded: ordinary medicines",)),
        ({**DOSES, "ordinary_upto": "yesterday"}, ("Time of last dose not recorded: ordinary medicines",)),
        ({**DOSES, "i": {"answer": "given"}}, ("Time of last dose not recorded: Salbutamol",)),
        ({**DOSES, "i": {"answer": "not_given"}}, ()),
        ({**DOSES, "i": {"answer": "given", "when": "after her tea"}}, ()),
        (
            {"ordinary": "all_given", "i": {"answer": "given", "when": "yesterday"}},
            ("Time of last dose not recorded: Salbutamol, ordinary medicines",),
        ),
    ],
)
def test_a_dose_without_its_time_is_a_gap(doses: dict[str, Any], gaps: tuple[str, ...]) -> None:
    assert made(doses=doses).gaps == gaps


def test_an_infection_that_the_crew_was_told_of_reaches_the_pack() -> None:
    blank = {k: v for k, v in ANSWERED.items() if k != "infection"}
    pack = made(blank, infection_told=True)
    assert "Infection: the crew was told of one" in [alert.title for alert in pack.alerts]


def test_the_score_says_its_scale() -> None:
    assert made().observations.scale_words == "SpO2 scale not recorded: scored on scale 1"
    on_two = made(facts={"observations": {**MEASURED, "spo2_scale": "2"}}).observations
    assert on_two.scale_words == "SpO2 scale 2 (a clinician’s decision)"
    no_saturation = {key: value for key, value in MEASURED.items() if key != "spo2"}
    assert made(facts={"observations": no_saturation}).observations.scale_words == ""


def test_who_comes_along_and_whom_to_ring_stand_in_the_pack() -> None:
    pack = made()
    assert pack.companion == "Ann follows by car"
    assert pack.next_of_kin == "First contact: Ann Carter, daughter, 0770"


def test_a_pack_frozen_before_these_words_is_still_read() -> None:
    content = to_json(made())
    for name in ("next_by_mar", "next_of_kin", "companion"):
        del content[name]
    del content["resuscitation"]["limits"]
    del content["observations"]["scale_words"]
    old = from_json(content)
    assert (old.next_by_mar, old.next_of_kin, old.companion) == ("", "", "")
    assert (old.resuscitation.limits, old.observations.scale_words) == ("", "")
    assert old.resuscitation.only == "This is about CPR only: other treatment continues"


def test_money_of_which_nobody_was_told_is_a_gap() -> None:
    purse, ring = item("p", "Purse, GBP 20", 1, False, "in_bag"), item("r", "Ring", 1, True, "worn")
    (gap,) = made(items=(purse, ring)).gaps
    assert gap == "Belongings: nobody named who was told of money and valuables (Purse, GBP 20, Ring)"
    assert made(items=(purse,), facts={"valuables": {"told": "Sister May"}}).gaps == ()
