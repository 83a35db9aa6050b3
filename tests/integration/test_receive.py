"""Back home through the pages: medicines first, belongings, needs, the bag, closed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from redbag.database import begin_write, db
from redbag.domain.custody import Status, Step
from redbag.models import Bag, Label, Medicine, MedicineOutcome, Stay, Transfer, TransferEvent, TransferItem
from redbag.queries import returning_medicines as lists
from redbag.services import belongings, stays
from redbag.services.stays import Leaving
from tests.cast import Cast
from tests.integration.pathway import Pathway
from tests.visitor import Visitor, moment

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]


@pytest.fixture
def way(app: Flask, cast: Cast) -> Pathway:
    with app.app_context():
        return Pathway(cast, datetime.now(UTC) - timedelta(days=3))


def in_hospital(way: Pathway) -> Pathway:
    return way.packed().left().after(minutes=30).admitted().after(days=2)


def received(carer: Visitor, way: Pathway) -> None:
    carer.open(f"/transfers/{way.ref}/receive")
    carer.press({"bag_came": "yes"})


def line_refs(way: Pathway) -> dict[str, str]:
    return {line.name: line.ref for line in lists.sent(way.transfer.id)}


def outcome_refs(way: Pathway) -> dict[str, str]:
    return {one.title.split()[0]: one.row.ref for one in lists.outcomes(way.transfer.id)}


def test_the_return_goes_from_medicines_to_belongings_to_the_bag(
    app: Flask, visit: Visit, way: Pathway
) -> None:
    with app.app_context():
        in_hospital(way).medicines_listed().going_home()
    carer = visit("carer")
    received(carer, way)
    page = carer.page
    assert page.heading == "What changed in the medicines"
    replaced = "Morphine sulfate MR 10 mg tablets stopped, replaced by Oxycodone MR 5 mg tablets"
    assert page.text.index(replaced) < page.text.index("Started: Senna")
    assert page.text.index("Started: Senna") < page.text.index("Not mentioned by the hospital")
    with app.app_context():
        refs = outcome_refs(way)
    page = carer.press({"witness": "Tom Price", "against": "summary"})
    assert page.status == 422
    assert "tick that you have read this change" in page.text
    assert "Ring, then say what is right" in page.text
    ticks = {f"line-{refs['Morphine']}": "read", f"line-{refs['Senna']}": "read"}
    settled = {f"line-{refs['Warfarin']}": "unchanged", f"why-{refs['Warfarin']}": "Pharmacist Lee"}
    page = carer.press({**ticks, **settled})
    assert page.heading == "Belongings: is everything here?"
    page = carer.press(button="all_here=yes")
    assert page.heading == "Needs, bag and close"
    page = carer.press({"bag_state": "in_stock"})
    assert page.path == "/transfers"
    with app.app_context():
        transfer = db.session.query(Transfer).one()
        assert (transfer.state, transfer.bag.state) == ("closed", "in_stock")
        assert db.session.query(Label).filter_by(revoked_at=None).count() == 0
        now_taken = {m.name for m in db.session.query(Medicine).filter_by(stopped_on=None)}
        assert now_taken == {"Ramipril", "Warfarin", "Oxycodone MR", "Senna"}


def test_a_second_name_must_be_somebody_else(app: Flask, visit: Visit, way: Pathway) -> None:
    with app.app_context():
        in_hospital(way).medicines_listed().going_home()
    carer = visit("carer")
    received(carer, way)
    page = carer.press({"witness": "joy adeyemi"})
    assert "The second name must be somebody else’s." in page.text


def test_the_home_records_the_list_where_the_hospital_did_not(app: Flask, visit: Visit, way: Pathway) -> None:
    with app.app_context():
        in_hospital(way).going_home()
        refs = line_refs(way)
    carer = visit("carer")
    received(carer, way)
    assert carer.page.heading == "Medicines they came home with"
    assert not [e for e in carer.page.tree.iter("input") if e.get("checked") is not None]
    page = carer.press({f"line-{refs['Ramipril']}-outcome": "unchanged"})
    assert page.status == 422
    for words in ("Say where the list comes from.", "Warfarin 3 mg tablets: say what became of it."):
        assert words in page.text
    morphine = f"line-{refs['Morphine sulfate MR']}"
    typed = {
        "source": "telephone",
        "informant": "Pharmacist Lee",
        f"line-{refs['Warfarin']}-outcome": "changed",
        f"line-{refs['Warfarin']}-reason": "INR too high",
        f"line-{refs['Warfarin']}-new-strength": "1 mg",
        f"line-{refs['Warfarin']}-new-dose": "1 tablet",
        f"{morphine}-outcome": "replaced_by",
        f"{morphine}-reason": "Drowsy",
        f"{morphine}-new-name": "Oxycodone MR",
        f"{morphine}-new-dose": "see the summary",
        "started-1-name": "Senna",
    }
    page = carer.press(typed)
    assert page.status == 422
    assert "Senna: write the reason." in page.text
    assert "Senna: write the dose, or “see the summary”." in page.text
    assert page.form().find(".//input[@id='started-1-name']").get("value") == "Senna"  # type: ignore[union-attr]
    page = carer.press({"started-1-reason": "Constipation", "started-1-dose": "As on the summary"})
    assert page.heading == "What changed in the medicines"
    assert "Strength: 3 mg → 1 mg" in page.text
    assert "Telephone, entered by Joy Adeyemi" in page.text
    with app.app_context():
        event = db.session.query(TransferEvent).filter_by(action="list_medicines").one()
        assert event.data["told_by"] == "Pharmacist Lee"


def test_a_list_recorded_again_must_be_read_again(app: Flask, visit: Visit, way: Pathway) -> None:
    with app.app_context():
        in_hospital(way).medicines_listed().going_home()
        refs = line_refs(way)
    carer = visit("carer")
    received(carer, way)
    colleague = visit("manager")
    colleague.open(f"/transfers/{way.ref}/return/list")
    said = {"source": "dispensed_label", "started-0-dose": "see the summary"}
    page = colleague.press({**said, f"line-{refs['Morphine sulfate MR']}-new-dose": "see the summary"})
    assert page.heading == "What changed in the medicines"
    page = carer.press({"witness": "Tom Price", "against": "summary"})
    assert page.status == 422
    assert "The list has changed since you opened this page." in page.text
    with app.app_context():
        assert db.session.query(MedicineOutcome).filter_by(superseded_at=None).count() == 4
        assert db.session.query(MedicineOutcome).count() == 8


def test_the_difference_is_no_mar_chart(app: Flask, visit: Visit, way: Pathway) -> None:
    with app.app_context():
        in_hospital(way).medicines_listed().going_home()
    page = visit("carer").open(f"/transfers/{way.ref}/return/difference")
    assert page.text.index("Not a MAR chart or a prescription") < page.text.index("Medicines: what changed")
    assert "Not accepted by the home yet." in page.text
    assert "Oxycodone MR" in page.text


def test_all_here_does_not_bring_back_what_was_missing(app: Flask, visit: Visit, way: Pathway) -> None:
    with app.app_context():
        in_hospital(way).checked("nurse", Step.DISCHARGE, dentures=Status.MISSING).going_home()
        way.after(hours=1).received()
        refs = {i.description: i.ref for i in _items(way)}
    carer = visit("carer")
    carer.open(f"/transfers/{way.ref}/return/belongings")
    assert "Lost between packing" in carer.page.text
    page = carer.press(button="all_here=yes")
    assert page.status == 422
    assert "Dentures, upper: It was missing before. Is it here?" in page.text
    page = carer.press(
        {f"item-{refs['Dentures, upper']}": "missing", "added": "Hospital gown\nCrutches"},
        button="all_here=yes",
    )
    assert "1 missing" in page.text
    with app.app_context():
        assert {i.description for i in _items(way)} >= {"Hospital gown", "Crutches"}


def _items(way: Pathway) -> list[TransferItem]:
    return belongings.list_for(way.transfer)


def test_a_journey_does_not_close_before_belongings_are_checked(
    app: Flask, visit: Visit, way: Pathway
) -> None:
    with app.app_context():
        in_hospital(way).going_home().after(hours=1).received()
    carer = visit("carer")
    page = carer.open(f"/transfers/{way.ref}/close")
    assert "have not been recorded" in page.text
    assert "The belongings have not been checked." in page.text
    assert "Go on with what is left" in page.links()


def test_what_the_ward_wrote_about_needs_is_an_alert_on_return(
    app: Flask, cast: Cast, visit: Visit, way: Pathway
) -> None:
    with app.app_context():
        in_hospital(way).medicines_listed()
        begin_write()
        handover = {
            "new_allergy": "yes",
            "new_allergy_detail": "Trimethoprim: rash",
            "catheter": "Put in, 14 Ch",
        }
        leaving = Leaving(method="1", home_word="yes", handover=handover)
        stays.go_home(cast.actor("nurse"), way.transfer, way.known, leaving)
        db.session.commit()
    carer = visit("carer")
    received(carer, way)
    assert "New allergy or reaction" in carer.page.text
    assert "Trimethoprim: rash" in carer.page.text
    assert any(href.endswith("/record/alerts") for href in carer.page.links().values())
    assert "Put in, 14 Ch" in carer.open(f"/transfers/{way.ref}/close").text


def test_a_person_at_the_door_comes_home_though_the_hospital_recorded_nothing(
    app: Flask, cast: Cast, visit: Visit, way: Pathway
) -> None:
    with app.app_context():
        way.packed().left()
        admitted = way.now + timedelta(hours=3)
    carer = visit("carer")
    carer.open(f"/transfers/{way.ref}/receive")
    page = carer.press()
    assert page.status == 422
    assert "Say whether the hospital kept them in." in page.text
    typed = {"admitted": "yes", "bag_came": "yes", "place": cast.places["hospital"].ref}
    page = carer.press(typed)
    assert page.status == 422
    assert "when they were admitted" in page.text
    when = moment("reached_at", admitted)
    page = carer.press({**when, "told_by": "The papers"})
    assert page.heading == "Medicines they came home with"
    with app.app_context():
        assert [e.action for e in db.session.query(TransferEvent).filter_by(source="phone")] == [
            "admit",
            "discharge",
        ]
        stay = db.session.query(Stay).one()
        assert (stay.admission_source, stay.discharge_source, stay.ended_as) == ("phone", "phone", "home")


def test_seen_and_sent_back_is_no_stay(app: Flask, cast: Cast, visit: Visit, way: Pathway) -> None:
    with app.app_context():
        way.packed().left()
        arrived = way.now + timedelta(hours=1)
    carer = visit("carer")
    carer.open(f"/transfers/{way.ref}/receive")
    when = moment("reached_at", arrived)
    carer.press({"admitted": "no", "bag_came": "no", "place": cast.places["hospital"].ref, **when})
    with app.app_context():
        assert db.session.query(Stay).count() == 0
        assert db.session.query(Bag).one().state == "out"  # it did not come
        assert db.session.query(Transfer).one().state == "back_home"


def test_the_signed_original_is_asked_for_where_one_may_have_travelled(
    app: Flask, visit: Visit, way: Pathway
) -> None:
    with app.app_context():
        in_hospital(way)
    carer = visit("carer")
    carer.open(f"/transfers/{way.ref}/papers")
    carer.press({"cpr": "original"})
    with app.app_context():
        way.going_home()
    page = carer.open(f"/transfers/{way.ref}/receive")
    assert "signed original" in page.text
    assert carer.press({"bag_came": "yes"}).status == 422
    carer.press({"original_came": "no"})
    assert "CPR original: missing" in carer.open(f"/transfers/{way.ref}").text


def test_all_that_is_missing_is_said_at_once(app: Flask, visit: Visit, way: Pathway) -> None:
    with app.app_context():
        way.packed().left()
    carer = visit("carer")
    carer.open(f"/transfers/{way.ref}/receive")
    page = carer.press({"admitted": "yes", "place": "", "occurred_at-time": "9999"})
    assert page.status == 422
    for sentence in (
        "Say whether the bag is here.",
        "Choose the hospital, and the ward if you know it.",
        "Give the day and time, about, when they were admitted.",
        "Write the time with four figures",
    ):
        assert sentence in page.text
