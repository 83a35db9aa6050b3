"""Going home step by step, and the other ways in which a stay ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask

from redbag.database import db
from redbag.domain.errors import Invalid
from redbag.models import MedicineOutcome, Stay, TransferEvent
from redbag.queries import returning_medicines as lists
from redbag.services import stays
from redbag.services.stays import Leaving
from tests.cast import Cast
from tests.integration.walk import Walk
from tests.visitor import Visitor, day

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]

LEAVING = {
    "home_word": "yes",
    "home_word_by": "Tom Price",
    "medicines": "to_follow",
    "method": "1",
    "summary": "in_bag",
    "transport": "Crew 7",
    "bag": "with_person",
}


@pytest.fixture
def way(app: Flask, cast: Cast) -> Walk:
    """Admitted to Willow."""
    return Walk(app, cast).to("packed", "left", "arrived", "admitted")


def last_event(way: Walk) -> TransferEvent:
    return way.look(lambda: db.session.query(TransferEvent).order_by(TransferEvent.id.desc()).first())


def sent_lines(way: Walk) -> dict[str, str]:
    """The reference of each sent line by the medicine's name."""
    return way.look(lambda: {row.name: row.ref for row in lists.sent(way.way.transfer.id)})


def answers(way: Walk) -> dict[str, Any]:
    """Ramipril unchanged, warfarin changed in its dose only, morphine replaced; senna started."""
    line = sent_lines(way)
    ramipril, warfarin, morphine = (
        f"line-{line[name]}" for name in ("Ramipril", "Warfarin", "Morphine sulfate MR")
    )
    return {
        "source": "summary",
        f"{ramipril}-outcome": "unchanged",
        f"{warfarin}-outcome": "changed",
        f"{warfarin}-new-dose": "2 tablets",
        f"{warfarin}-reason": "INR too low",
        f"{morphine}-outcome": "replaced_by",
        f"{morphine}-new-name": "Oxycodone MR",
        f"{morphine}-new-strength": "5 mg",
        f"{morphine}-new-form": "tablets",
        f"{morphine}-new-dose": "1 tablet",
        f"{morphine}-new-frequency": "twice a day",
        f"{morphine}-reason": "Drowsy on morphine",
        "started-0-name": "Senna",
        "started-0-strength": "7.5 mg",
        "started-0-dose": "2 tablets",
        "started-0-frequency": "at night",
        "started-0-reason": "Constipation",
    }


def test_home_in_three_steps(way: Walk, visit: Visit) -> None:
    """On both databases: medicines, belongings, leave."""
    nurse = visit("nurse")
    page = nurse.open(f"/ward/transfers/{way.ref}/discharge")
    assert "Ring Rowan House on 020 7946 0199 before transport is called" in page.text
    assert page.text.index("1. The home’s word") < page.text.index("2. Medicines")
    leave = page.links()["They leave now"]
    assert "2 things not checked out" in nurse.open(leave).text  # said, and nobody is kept from leaving
    nurse.open(page.links()["List the medicines"])
    nurse.press(answers(way))
    assert "Done: 4 lines answered." in nurse.page.text
    assert "replaced by Oxycodone MR 5 mg (Drowsy on morphine)" in nurse.page.text
    nurse.open(nurse.page.links()["Check belongings out"])
    nurse.press(button="all=1")
    nurse.open(leave)
    assert "not checked out" not in nurse.page.text
    assert "The medicines are not listed yet" not in nurse.page.text
    typed = {key: value for key, value in LEAVING.items() if key != "medicines"}
    nurse.press(typed)
    assert nurse.page.links()[
        "Write the last doses in hospital and when the next are due, or “not known”."
    ] == ("#last_doses")
    typed["last_doses"] = "Oxycodone 08:00, next 20:00; warfarin 18:00"
    nurse.press(
        {
            **typed,
            "skin": "Sacrum healed",
            "new_allergy": "yes",
            "new_allergy_detail": "Codeine: rash",
            "signature": "[[[10,10],[90,60],[140,20]]]",
        }
    )
    assert "Rowan House was told on its board" in nurse.page.text
    assert "Signed by whoever took or brought the bag" in nurse.open(f"/ward/transfers/{way.ref}").text
    assert way.fact("state") == "going_home"
    data = last_event(way).data
    assert (data["destination_code"], data["method"], data["home_word_by"]) == ("55", "1", "Tom Price")
    assert data["medicines"] == "listed"
    assert data["handover"] == {
        "last_doses": "Oxycodone 08:00, next 20:00; warfarin 18:00",
        "skin": "Sacrum healed",
        "new_allergy": "yes",
        "new_allergy_detail": "Codeine: rash",
    }
    assert way.look(lambda: db.session.query(Stay).one().ended_as) == "home"
    warfarin = way.look(
        lambda: next(
            o.returned for o in lists.outcomes(way.way.transfer.id) if o.sent and o.sent.name == "Warfarin"
        )
    )
    assert (warfarin.dose, warfarin.strength, warfarin.times) == ("2 tablets", "3 mg", "08:00")
    board = visit("carer").open("/transfers")
    assert "Going home" in board.text
    carer = visit("carer")
    carer.open(f"/transfers/{way.ref}/receive")
    carer.press({"bag_came": "yes", "not_signed": "yes", "signature": ""})
    record = carer.open(f"/transfers/{way.ref}/custody")
    assert record.response.text.count("rb-sign__shown") == 1
    assert "Would not sign, or could not." in record.text


@on_sqlite
def test_nothing_is_answered_beforehand_and_every_line_is_asked_for(way: Walk, visit: Visit) -> None:
    nurse = visit("nurse")
    page = nurse.open(f"/ward/transfers/{way.ref}/medicines")
    assert not [
        r for r in page.tree.iter("input") if r.get("type") == "radio" and r.get("checked") is not None
    ]
    nurse.press({"started-0-name": "Senna"})
    assert nurse.page.status == 422
    for sentence in ("Say where the list is from.", "Warfarin 3 mg tablets: say what became of it."):
        assert sentence in nurse.page.text
    assert 'value="Senna"' in nurse.page.response.text
    assert way.look(lambda: db.session.query(MedicineOutcome).count()) == 0


@on_sqlite
def test_two_nurses_list_the_medicines_and_the_second_sees_the_first(way: Walk, visit: Visit) -> None:
    nurse, colleague = visit("nurse"), visit("hospital_manager")
    for person in (nurse, colleague):
        person.open(f"/ward/transfers/{way.ref}/medicines")
    colleague.press({**answers(way), "started-0-name": "Lactulose"})
    nurse.press(answers(way))
    assert nurse.page.status == 409
    assert "A colleague saved a list after you opened this page." in nurse.page.text
    assert "Lactulose" in nurse.page.text
    assert 'value="Senna"' in nurse.page.response.text
    nurse.press()
    assert nurse.page.status == 200
    assert "Senna" in nurse.page.text


@on_sqlite
def test_a_change_needs_its_reason(way: Walk, visit: Visit) -> None:
    nurse = visit("nurse")
    nurse.open(f"/ward/transfers/{way.ref}/medicines")
    typed = answers(way)
    typed[f"line-{sent_lines(way)['Warfarin']}-reason"] = ""
    nurse.press(typed)
    assert nurse.page.status == 422
    assert "write the reason" in nurse.page.text
    assert 'value="2 tablets"' in nurse.page.response.text


@on_sqlite
def test_more_rows_for_new_medicines_keep_what_was_typed(way: Walk, visit: Visit) -> None:
    nurse = visit("nurse")
    nurse.open(f"/ward/transfers/{way.ref}/medicines")
    nurse.press(answers(way), button="more_rows=started")
    assert nurse.page.status == 200
    assert 'value="Oxycodone MR"' in nurse.page.response.text
    assert 'name="started-2-name"' in nurse.page.response.text
    assert way.look(lambda: db.session.query(MedicineOutcome).count()) == 0


@on_sqlite
def test_the_list_can_follow_and_the_board_says_so(way: Walk, visit: Visit) -> None:
    nurse = visit("nurse")
    nurse.open(f"/ward/transfers/{way.ref}/leave")
    nurse.press(LEAVING)
    assert last_event(way).data["medicines"] == "to_follow"
    assert "Medicines list still to come" in nurse.open("/ward").text
    nurse.open(f"/ward/transfers/{way.ref}")
    nurse.open(nurse.page.links()["List the medicines"])
    nurse.press(answers(way))
    assert nurse.page.status == 200
    assert "Medicines list still to come" not in nurse.open("/ward").text


@on_sqlite
def test_the_homes_word_is_written_the_day_before_and_the_leaving_starts_from_it(
    way: Walk, visit: Visit
) -> None:
    nurse = visit("nurse")
    nurse.open(f"/ward/transfers/{way.ref}/discharge")
    nurse.open(nurse.page.links()["Write down what the home says"])
    nurse.press({"home_word": "conditions", "home_word_by": ""})
    assert nurse.page.status == 422
    assert "Write who at the home said so." in nurse.page.text
    assert "Write the conditions, or why not." in nurse.page.text
    nurse.press({"conditions": "Hospital bed first", "home_word_by": "Tom Price, manager"})
    assert (nurse.page.status, way.fact("state")) == (200, "admitted")
    assert "Tom Price, manager said: yes, with conditions (Hospital bed first)" in nurse.page.text
    assert "Hospital bed first (Tom Price, manager" in visit("carer").open(f"/transfers/{way.ref}").text
    nurse.open(f"/ward/transfers/{way.ref}/leave")
    nurse.press({key: text for key, text in LEAVING.items() if not key.startswith("home_word")})
    assert way.fact("state") == "going_home"
    assert last_event(way).data["home_word"] == "conditions"


@on_sqlite
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"home_word": ""}, None),
        ({"home_word": "no"}, "The home says that it cannot meet the needs"),
        ({"home_word_by": ""}, "Write who at the home said so."),
        ({"home_word": "conditions"}, "Write the conditions."),
        ({"at-year": "2031"}, "This time is in the future."),
        ({"at-year": "2024"}, "The discharge is before the admission ("),
        ({"at-month": "foo"}, "Write the date as day, month and year"),
    ],
)
def test_leaving_is_refused_with_everything_kept(
    way: Walk, visit: Visit, change: dict[str, str], sentence: str | None
) -> None:
    nurse = visit("nurse")
    nurse.open(f"/ward/transfers/{way.ref}/leave")
    nurse.press({**LEAVING, "follow_up": "Fracture clinic <3 Dec>", **change})
    assert nurse.page.status == 422
    assert (sentence or "Say what the home said, or that nobody asked.") in nurse.page.text
    assert "Fracture clinic &lt;3 Dec&gt;" in nurse.page.response.text
    assert way.fact("state") == "admitted"


@on_sqlite
def test_without_a_list_the_ward_says_that_it_follows(way: Walk, visit: Visit) -> None:
    nurse = visit("nurse")
    nurse.open(f"/ward/transfers/{way.ref}/leave")
    nurse.press({key: value for key, value in LEAVING.items() if key != "medicines"})
    assert nurse.page.status == 422
    assert "List the medicines first, or say that the list will follow." in nurse.page.text


@on_sqlite
def test_what_the_home_said_already_stands_there(way: Walk, visit: Visit) -> None:
    home = way.cast.actor("carer")
    way.write(
        lambda: stays.say_home_can(
            home, way.way.transfer, "conditions", "Tom Price", "Hospital bed first", way.way.known
        )
    )
    nurse = visit("nurse")
    assert "Tom Price said: yes, with conditions (Hospital bed first)" in (
        nurse.open(f"/ward/transfers/{way.ref}/discharge").text
    )
    page = nurse.open(f"/ward/transfers/{way.ref}/leave")
    assert "Tom Price said “Yes, with conditions”: Hospital bed first." in page.text
    assert 'value="Hospital bed first"' in page.response.text


@on_sqlite
def test_conditions_and_the_summary_stand_with_the_stay(way: Walk, visit: Visit) -> None:
    nurse = visit("nurse")
    nurse.open(f"/ward/transfers/{way.ref}/leave")
    nurse.press(
        {**LEAVING, "home_word": "conditions", "conditions": "Hospital bed first", "summary": "to_follow"}
    )
    text = nurse.open(f"/ward/transfers/{way.ref}").text
    assert "Yes, with conditions: Hospital bed first (Tom Price)" in text
    assert "To follow" in text.split("Discharge summary")[-1][:12], text


@on_sqlite
def test_every_wrong_answer_stands_on_the_page_at_once(way: Walk, visit: Visit) -> None:
    nurse = visit("nurse")
    nurse.open(f"/ward/transfers/{way.ref}/died")
    page = nurse.press({"at-day": "1", "at-month": "1", "at-year": "2090", "at-time": "10.00"})
    for sentence in (
        "This time is in the future.",
        "Write who told the next of kin, or why not yet.",
        "Ring the home, then write who you spoke to, or why not yet.",
    ):
        assert sentence in page.text
    nurse.open(f"/ward/transfers/{way.ref}/elsewhere")
    page = nurse.press({"destination": "another_home", "at-year": "2090"})
    for sentence in (
        "Write the name of the care home.",
        "This time is in the future.",
        "Choose how they leave.",
        "Say where the discharge summary is.",
        "Say where the bag goes.",
    ):
        assert sentence in page.text
    nurse.open(f"/ward/transfers/{way.ref}/dates")
    past = day("estimated", date(2020, 1, 1)) | day("ready", date(2090, 1, 1))
    page = nurse.press(past)
    assert "They were admitted on" in page.text
    assert "This day is in the future." in page.text
    assert way.fact("state") == "admitted"
    assert way.fact("discharge_ready_on") is None


@on_sqlite
def test_the_packing_sheet_is_one_sheet_for_the_bag(way: Walk, visit: Visit) -> None:
    nurse = visit("nurse")
    page = nurse.open(f"/ward/transfers/{way.ref}/packing-sheet")
    assert "The medicines are not listed yet. Write what goes into the bag:" in page.text
    way.to("medicines_listed")
    page = nurse.open(f"/ward/transfers/{way.ref}/packing-sheet")
    for words in (
        "Packing the red bag 012",
        "Goes back to Rowan House",
        "Glasses",
        "Not a MAR chart or a prescription.",
        "Oxycodone MR 5 mg tablets: 1 tablet instead of Morphine sulfate MR",
        "Senna 7.5 mg: 2 tablets new",
        "Warfarin 3 mg tablets (not mentioned)",
    ):
        assert words in page.text


@on_sqlite
def test_gone_to_another_home(way: Walk, visit: Visit) -> None:
    nurse = visit("nurse")
    nurse.open(f"/ward/transfers/{way.ref}/elsewhere")
    nurse.press({"destination": "another_home"})
    assert nurse.page.status == 422
    nurse.press({"method": "1", "summary": "sent", "bag": "sent_back"})
    assert nurse.page.links()["Write the name of the care home."] == "#place"
    nurse.press({"place": "Larch Lodge"})
    assert nurse.page.heading == "Belongings out: Agnes Obi"
    data = last_event(way).data
    assert (data["destination"], data["to"], data["destination_code"]) == (
        "another_home",
        "Larch Lodge",
        "99",
    )
    nurse.press(button="all=1")
    assert nurse.page.status == 200
    assert "2 of 2 things here" in nurse.page.text
    assert (way.fact("state"), way.look(lambda: db.session.query(Stay).one().ended_as)) == (
        "went_elsewhere",
        "elsewhere",
    )


@on_sqlite
def test_a_new_allergy_says_to_what(way: Walk, visit: Visit) -> None:
    nurse = visit("nurse")
    nurse.open(f"/ward/transfers/{way.ref}/leave")
    page = nurse.press({**LEAVING, "new_allergy": "yes", "new_cpr": "yes"})
    assert page.status == 422
    assert (
        page.links()["Write to what, and what happened. “Not known” is an answer."] == "#new_allergy_detail"
    )
    assert page.links()["Write what was decided. “Not known” is an answer."] == "#new_cpr_detail"
    leaving = Leaving(summary="in_bag", home_word="yes", handover={"new_allergy": "yes"})
    actor = way.cast.actor("nurse")
    with pytest.raises(Invalid):
        way.write(lambda: stays.go_home(actor, way.way.transfer, way.way.known, leaving))
    nurse.press({"new_allergy_detail": "Codeine: rash", "new_cpr_detail": "not known"})
    assert way.fact("state") == "going_home"
