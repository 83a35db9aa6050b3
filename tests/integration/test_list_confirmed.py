"""A list that meets a recorded allergy, or gives one ingredient twice, is saved when somebody confirms it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from redbag.database import db
from redbag.models import Medicine, MedicineOutcome, RecordSection, Ward
from redbag.queries import returning_medicines as lists
from tests.cast import Cast
from tests.integration.found import the
from tests.integration.walk import Walk
from tests.visitor import Page, Visitor, filled

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]
CODEINE = "Codeine 30 mg tablets will be given, and an allergy or reaction is recorded: Codeine."
TWICE = "Ramipril 5 mg tablets and Ramipril 2.5 mg will both be given"


def walk(app: Flask, cast: Cast, alerts: dict[str, object]) -> Walk:
    """A person with these alerts, admitted to Willow."""
    way = Walk(app, cast)

    def change() -> None:
        section = db.session.query(RecordSection).filter_by(key="alerts").one()
        section.answers = {"cpr_decision": "attempt", **alerts}

    way.write(change)
    return way.to("packed", "left", "arrived", "admitted")


def typed(way: Walk) -> dict[str, str]:
    """Ramipril unchanged and a second one started; codeine started."""
    refs = way.look(lambda: [row.ref for row in lists.sent(way.way.transfer.id)])
    return {
        "source": "summary",
        **{f"line-{ref}-outcome": "unchanged" for ref in refs},
        "started-0-name": "Codeine",
        "started-0-strength": "30 mg",
        "started-0-form": "tablets",
        "started-0-dose": "1 tablet",
        "started-0-frequency": "four times a day",
        "started-0-reason": "Pain",
        "started-1-name": "Ramipril",
        "started-1-strength": "2.5 mg",
        "started-1-dose": "1 capsule",
        "started-1-frequency": "at night",
        "started-1-reason": "Blood pressure",
    }


def boxes(page: Page) -> list[str]:
    return [box.get("value", "") for box in page.tree.iter("input") if box.get("name") == "confirmed"]


def test_an_allergy_and_one_ingredient_twice_are_confirmed_once_and_seen_by_everybody(
    app: Flask, cast: Cast, visit: Visit
) -> None:
    way = walk(app, cast, {"allergies": [{"substance": "Codeine", "reaction": "confusion"}]})
    nurse = visit("nurse")
    page = nurse.open(f"/ward/transfers/{way.ref}/medicines")
    assert "Allergies and reactions Codeine (confusion)" in page.text
    page = nurse.press(typed(way))
    assert page.status == 422
    assert "Saved only when you confirm" in page.text
    asked = boxes(page)
    assert CODEINE in asked
    assert any(message.startswith(TWICE) for message in asked)
    page = nurse.press({"confirmed": [CODEINE]})
    assert page.status == 422
    assert way.look(lambda: db.session.query(MedicineOutcome).count()) == 0
    page = nurse.press({"confirmed": asked})
    assert page.status == 200
    assert CODEINE in page.text
    sheet = nurse.open(f"/ward/transfers/{way.ref}/packing-sheet").text
    for words in (CODEINE, TWICE, "Codeine 30 mg tablets: 1 tablet, four times a day new"):
        assert words in sheet
    way.look(way.way.going_home)
    carer = visit("carer")
    carer.open(f"/transfers/{way.ref}/receive")
    assert CODEINE in carer.press({"bag_came": "yes"}).text
    assert CODEINE in carer.open(f"/transfers/{way.ref}/return/difference").text


def test_a_time_critical_medicine_that_nobody_mentions_is_asked_about_and_stands_first_at_the_home(
    app: Flask, cast: Cast, visit: Visit
) -> None:
    way = walk(app, cast, {"allergy_status": "none_known"})

    def mark() -> None:
        medicine = the(Medicine, name="Warfarin")
        medicine.time_critical = True
        db.session.query(Ward).filter_by(name="Willow").update({"phone": "020 7946 0555"})

    way.write(mark)
    refs = way.look(lambda: {row.name: row.ref for row in lists.sent(way.way.transfer.id)})
    nurse = visit("nurse")
    nurse.open(f"/ward/transfers/{way.ref}/medicines")
    said = {f"line-{ref}-outcome": "unchanged" for ref in refs.values()}
    said |= {"source": "other", f"line-{refs['Warfarin']}-outcome": "not_mentioned"}
    morphine = f"line-{next(ref for name, ref in refs.items() if name.startswith('Morphine'))}"
    page = nurse.press({**said, f"{morphine}-outcome": "stopped", f"{morphine}-reason": "Drowsy"})
    assert page.status == 422
    assert "is time-critical in the home’s record" in page.text
    assert way.look(lambda: db.session.query(MedicineOutcome).count()) == 0
    page = nurse.press({"confirmed": boxes(page)})
    assert page.status == 200
    way.look(way.way.going_home)
    carer = visit("carer")
    ring = "Ring Willow on 020 7946 0555 before the next dose"
    assert ring in carer.open(f"/transfers/{way.ref}").text
    carer.open(f"/transfers/{way.ref}/receive")
    page = carer.press({"bag_came": "yes"})
    first = page.text.index("Time-critical, and not mentioned by the hospital: 1")
    assert page.text.index(ring) < first < page.text.index("Different from before: 1")
    assert "Pasted or typed, source not known" in page.text
    assert ring in carer.open(f"/transfers/{way.ref}/return/difference").text


def test_a_reason_of_a_pasted_list_is_filled_in_and_never_counts_for_unchanged(
    app: Flask, cast: Cast, visit: Visit
) -> None:
    way = walk(app, cast, {"allergy_status": "none_known"})
    ramipril, warfarin, morphine = way.look(lambda: [row.ref for row in lists.sent(way.way.transfer.id)])
    nurse = visit("nurse")
    nurse.open(f"/ward/transfers/{way.ref}/medicines")
    text = (
        "Ramipril 10 mg tablets once a day\r\n"
        "Warfarin 3 mg tablets STOPPED (fall on the ward)\r\n"
        "Morphine sulfate MR 10 mg tablets -> Oxycodone MR 5 mg tablets twice a day\r\n"
    )
    page = nurse.press({"pasted": text}, button="match=lines")
    assert "3. 2 beside a medicine below, 1 new in place of one below, 0 more new." in page.text
    assert page.text.count("Dose needed: the list gives none") == 2
    fields = dict(filled(page.form(), {}))
    assert fields[f"line-{warfarin}-reason"] == "fall on the ward"
    assert fields[f"line-{morphine}-new-name"] == "Oxycodone"
    same = {f"line-{ref}-outcome": "unchanged" for ref in (ramipril, warfarin, morphine)}
    page = nurse.press({"source": "other", **same})
    assert "unchanged, yet the pasted list differs (it says “STOPPED”). Write how you know." in page.text
    assert "it names another in its place: Oxycodone MR 5 mg tablets twice a day" in page.text
    assert way.look(lambda: db.session.query(MedicineOutcome).count()) == 0


@pytest.mark.parametrize(
    ("alerts", "words"),
    [
        ({"allergy_status": "not_known"}, "Allergies not known"),
        ({"allergy_status": "none_known"}, "No known allergies"),
        ({}, "Allergies not recorded"),
    ],
)
def test_what_is_not_known_of_allergies_is_said(
    app: Flask, cast: Cast, visit: Visit, alerts: dict[str, object], words: str
) -> None:
    way = walk(app, cast, alerts)
    assert words in visit("nurse").open(f"/ward/transfers/{way.ref}/medicines").text


def test_a_new_medicine_says_how_it_is_given_and_the_sheet_says_what_changed(
    app: Flask, cast: Cast, visit: Visit
) -> None:
    way = walk(app, cast, {"allergy_status": "none_known"})
    ramipril, warfarin, morphine = way.look(lambda: [r.ref for r in lists.sent(way.way.transfer.id)])
    nurse = visit("nurse")
    nurse.open(f"/ward/transfers/{way.ref}/medicines")
    page = nurse.press(
        {
            "source": "summary",
            **{f"line-{ref}-outcome": "unchanged" for ref in (ramipril, morphine)},
            f"line-{warfarin}-outcome": "changed",
            f"line-{warfarin}-new-dose": "2 tablets",
            f"line-{warfarin}-reason": "INR too low",
            "started-0-name": "Senna",
            "started-0-reason": "Constipation",
        }
    )
    assert page.status == 422
    assert "Senna: write the dose, or “see the summary”." in page.text
    page = nurse.press({"started-0-dose": "2 tablets", "started-0-frequency": "at night"})
    assert page.status == 200
    sheet = nurse.open(f"/ward/transfers/{way.ref}/packing-sheet").text
    assert "Warfarin 3 mg tablets: 2 tablets, once a day, 08:00 changed (Dose: 1 tablet → 2 tablets)" in sheet
    assert "Senna: 2 tablets, at night new" in sheet
