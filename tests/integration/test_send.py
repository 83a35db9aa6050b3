"""Send to hospital through the pages: why, observations, doses, belongings, ready, handed to crew."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from pypdf import PdfReader

from redbag.database import begin_write, db
from redbag.domain.errors import Stale
from redbag.models import (
    AuditEntry,
    Bag,
    MedicineLine,
    PackVersion,
    RecordSection,
    Resident,
    Transfer,
    TransferEvent,
)
from redbag.queries import packs
from redbag.services import medicine_list, transfers
from tests.cast import Cast
from tests.integration import household
from tests.integration.pathway import Pathway
from tests.visitor import Visitor, filled

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]


@pytest.fixture
def way(app: Flask, cast: Cast) -> Pathway:
    """A resident with three medicines and a bag in stock, an hour ago."""
    with app.app_context():
        return Pathway(cast, datetime.now(UTC) - timedelta(hours=1))


def the_transfer() -> Transfer:
    return db.session.query(Transfer).one()


def begun(carer: Visitor, way: Pathway) -> str:
    """Sent for a fall; the path of the transfer."""
    carer.open(f"/residents/{way.resident_ref}/send")
    carer.press({"situation": "Found on the floor", "started": "02:50"}, button="reason=fall")
    return carer.page.path.removesuffix("/observations")


def test_one_tap_on_the_reason_opens_the_transfer(app: Flask, visit: Visit, way: Pathway) -> None:
    carer = visit("carer")
    path = begun(carer, way)
    assert carer.page.heading == "Observations"
    with app.app_context():
        sent = the_transfer()
        assert path == f"/transfers/{sent.ref}"
        assert (sent.reason, sent.journey_type, sent.state) == ("fall", "emergency", "packing")
        assert sent.facts["why_now"] == {"situation": "Found on the floor", "started": "02:50"}


def test_without_a_reason_nothing_is_opened_and_nothing_typed_is_lost(
    app: Flask, visit: Visit, way: Pathway
) -> None:
    carer = visit("carer")
    carer.open(f"/residents/{way.resident_ref}/send")
    page = carer.press({"situation": "Found on the floor", "journey_type": "planned"})
    assert page.status == 422
    assert "Choose why they are going." in page.text
    assert "Found on the floor" in page.text
    with app.app_context():
        assert db.session.query(Transfer).count() == 0


def test_a_person_on_a_journey_is_not_sent_twice(app: Flask, visit: Visit, way: Pathway) -> None:
    first, second = visit("carer"), visit("manager")
    second.open(f"/residents/{way.resident_ref}/send")
    begun(first, way)
    page = second.press({"situation": "Cannot be woken"}, button="reason=not_responding")
    assert "A colleague has already begun" in page.text
    assert "Cannot be woken" in page.text  # what was typed is not lost
    assert first.open(f"/residents/{way.resident_ref}/send").path.endswith("/ready")
    with app.app_context():
        assert db.session.query(Transfer).count() == 1


def test_similar_names_and_missing_alerts_are_said_before_sending(
    app: Flask, cast: Cast, visit: Visit, way: Pathway
) -> None:
    with app.app_context():
        other = household.add(cast, "Agnes", "Obie", room="7")
    page = visit("carer").open(f"/residents/{way.resident_ref}/send")
    assert "similar names" in page.text
    assert "Agnes Obie" in page.text
    assert "Allergies not recorded; CPR decision not recorded" not in page.text
    page = visit("carer").open(f"/residents/{other}/send")
    assert "Allergies not recorded; CPR decision not recorded" in page.text


def test_the_score_stands_beside_the_usual_one_after_saving(visit: Visit, way: Pathway) -> None:
    carer = visit("carer")
    begun(carer, way)
    page = carer.press({"respiratory_rate": "26", "pulse": "115"})
    assert page.heading == "Last doses"
    assert "NEWS2 at least 5, incomplete" in page.text
    assert "Usual score not recorded" in page.text
    assert "does not rule out serious illness" in page.text


def test_a_number_that_cannot_be_stops_nobody_when_the_crew_is_here(
    app: Flask, visit: Visit, way: Pathway
) -> None:
    carer = visit("carer")
    begun(carer, way)
    page = carer.press({"temperature": "99", "pulse": "88"}, button="crew=here")
    assert page.status == 422
    assert "must be between 25 and 45" in page.text
    page = carer.press(button="crew=anyway")
    assert page.heading.startswith("Pack ready")
    with app.app_context():
        assert the_transfer().facts["observations"] == {"pulse": 88}


def test_two_people_on_one_page_see_both_versions(app: Flask, visit: Visit, way: Pathway) -> None:
    carer, manager = visit("carer"), visit("manager")
    path = begun(carer, way)
    manager.open(f"{path}/observations")
    manager.press({"pulse": "70"})
    carer.open(f"{path}/observations")
    manager.open(f"{path}/observations")
    manager.press({"pulse": "75"})
    page = carer.press({"pulse": "80"})
    assert page.status == 409
    assert "75 a minute" in page.text
    assert "80 a minute" in page.text
    carer.press()
    with app.app_context():
        assert the_transfer().facts["observations"] == {"pulse": 80}


def test_a_colleague_on_another_page_disturbs_nobody(app: Flask, visit: Visit, way: Pathway) -> None:
    carer, manager = visit("carer"), visit("manager")
    path = begun(carer, way)
    carer.open(f"{path}/observations")
    manager.open(f"{path}/told")
    manager.press({"rows-0-who": "Daughter", "rows-0-when": "03:05"})
    assert carer.press({"pulse": "80"}).heading == "Last doses"
    with app.app_context():
        facts = the_transfer().facts
        assert facts["told"]["rows"][0]["who"] == "Daughter"
        assert facts["observations"] == {"pulse": 80}


def test_a_service_refuses_answers_that_were_changed_meanwhile(app: Flask, cast: Cast, way: Pathway) -> None:
    with app.app_context():
        way.packed()
        carer = cast.actor("carer")
        begin_write()
        seen = transfers.print_of(way.transfer, "today")
        transfers.save_facts(carer, way.ref, "today", {"bowels": "yesterday"}, seen, way.now)
        with pytest.raises(Stale) as clash:
            transfers.save_facts(carer, way.ref, "today", {"bowels": "today"}, seen, way.now)
        assert clash.value.theirs == {"bowels": "yesterday"}


def test_high_risk_medicines_are_answered_by_themselves(app: Flask, visit: Visit, way: Pathway) -> None:
    carer = visit("carer")
    path = begun(carer, way)
    page = carer.open(f"{path}/doses")
    assert "Ordinary medicines (1)" in page.text
    assert not [e for e in page.tree.iter("input") if e.get("type") == "radio" and e.get("checked")]
    carer.press({"ordinary": "all_given", "ordinary_upto": "22:00"})
    with app.app_context():
        pack = packs.source(the_transfer())
        gaps = transfers.packs.draft(the_transfer(), "Joy", way.now).gaps
        assert pack.facts["doses"] == {"ordinary": "all_given", "ordinary_upto": "22:00"}
        assert any("Warfarin" in gap and "Morphine" in gap for gap in gaps if gap.startswith("Last dose"))
        assert not any("Ramipril" in gap for gap in gaps)


def test_a_time_without_an_answer_is_asked_again(visit: Visit, app: Flask, way: Pathway) -> None:
    with app.app_context():
        warfarin = next(m for m in packs.current_medicines(_resident_id(way)) if m.name == "Warfarin").ref
    carer = visit("carer")
    path = begun(carer, way)
    carer.open(f"{path}/doses")
    page = carer.press({f"{warfarin}-when": "18:00"})
    assert page.status == 422
    assert "choose given, not given or not known" in page.text
    page = carer.press({f"{warfarin}-answer": "given"})
    assert page.heading == "Belongings and bag"
    with app.app_context():
        assert the_transfer().facts["doses"][warfarin] == {"answer": "given", "when": "18:00"}


def _resident_id(way: Pathway) -> int:
    return db.session.query(Resident).filter_by(ref=way.resident_ref).one().id


def test_belongings_are_never_ticked_before_and_the_bag_is_one_tap(
    app: Flask, visit: Visit, way: Pathway
) -> None:
    carer = visit("carer")
    path = begun(carer, way)
    page = carer.open(f"{path}/belongings")
    boxes = [e for e in page.tree.iter("input") if e.get("type") == "checkbox"]
    assert boxes
    assert not [box for box in boxes if box.get("checked") is not None]
    own = next(
        e.get("name", "").removesuffix("-own") for e in page.tree.iter("input") if "-own" in e.get("name", "")
    )
    typed = {"thing-0-on": "yes", "bag_choice": "012", f"{own}-name": "Red blanket", "valuables_told": "Son"}
    page = carer.press(typed)
    assert page.heading.startswith("Pack ready")
    assert "Glasses, Red blanket" in page.text
    with app.app_context():
        sent = the_transfer()
        assert [(i.description, i.carried) for i in packs.items_of(sent.id)] == [
            ("Glasses", "Worn"),
            ("Red blanket", "In the bag"),
        ]
        assert (sent.bag.number, sent.bag.state) == ("012", "out")
        assert sent.facts["valuables"] == {"told": "Son"}


def test_a_bag_number_is_read_however_it_is_typed(app: Flask, visit: Visit, way: Pathway) -> None:
    carer = visit("carer")
    path = begun(carer, way)
    carer.open(f"{path}/belongings")
    page = carer.press({"bag": "99", "thing-0-on": "yes"})
    assert page.status == 422
    assert "no bag 99" in page.text
    carer.press({"bag": "12"})
    with app.app_context():
        assert the_transfer().bag.number == "012"
        assert len(packs.items_of(the_transfer().id)) == 1


def test_no_bag_in_stock_is_said_and_blocks_nobody(app: Flask, visit: Visit, way: Pathway) -> None:
    with app.app_context():
        begin_write()
        db.session.query(Bag).update({"state": "to_clean"})
        db.session.commit()
    carer = visit("carer")
    path = begun(carer, way)
    page = carer.open(f"{path}/belongings")
    assert "No bag is in stock" in page.text
    page = carer.press(button="crew=here")
    assert "No bag is in stock" in page.text
    response = carer.client.get(_printed(carer, path))
    assert response.mimetype == "application/pdf"


def _printed(carer: Visitor, path: str) -> str:
    """Presses Print on the Ready page; where the paper is."""
    form = carer.open(f"{path}/ready").form()
    answer = carer.client.post(f"{path}/print", data=dict(filled(form, {})))
    assert answer.status_code == 303
    return answer.location


def test_two_lists_of_belongings_are_both_kept_for_settling(app: Flask, visit: Visit, way: Pathway) -> None:
    carer, manager = visit("carer"), visit("manager")
    path = begun(carer, way)
    carer.open(f"{path}/belongings")
    manager.open(f"{path}/belongings")
    manager.press({"thing-0-on": "yes"})
    page = carer.press({"thing-1-on": "yes"})
    assert page.status == 409
    assert "A colleague changed this list" in page.text
    names = {
        e.get("id", "")
        for e in page.tree.iter("input")
        if e.get("type") == "checkbox" and e.get("checked") is not None
    }
    assert names == {"thing-1"}
    carer.press({"thing-0-on": "yes"})
    with app.app_context():
        assert len(packs.items_of(the_transfer().id)) == 2


def test_what_went_last_time_is_offered_and_not_ticked(app: Flask, visit: Visit, way: Pathway) -> None:
    with app.app_context():
        way.packed()
        begin_write()
        transfers.stay_home(way.cast.actor("carer"), way.ref, why="Better", occurred_at=way.now, now=way.now)
        db.session.commit()
        way.closed()
    carer = visit("carer")
    path = begun(carer, way)
    page = carer.open(f"{path}/belongings")
    assert "Glasses went along last time" in page.text
    assert not [e for e in page.tree.iter("input") if e.get("type") == "checkbox" and e.get("checked")]


def test_ready_names_the_gaps_with_the_way_to_mend_each(visit: Visit, way: Pathway) -> None:
    carer = visit("carer")
    path = begun(carer, way)
    page = carer.press(button="crew=here")
    links = page.links()
    assert links["No observations taken"] == f"{path}/observations?then=ready"
    assert links["Usual needs: nothing recorded"].endswith("/record/needs")
    carer.open(links["No observations taken"])
    assert carer.press({"pulse": "80"}).heading.startswith("Pack ready")


def test_the_print_holds_pack_and_label_and_says_the_kept_version(
    app: Flask, visit: Visit, way: Pathway
) -> None:
    carer = visit("carer")
    path = begun(carer, way)
    address = _printed(carer, path)
    assert address == f"{path}/pack.pdf?version=1&label=a4"
    paper = carer.client.get(address)
    reader = PdfReader(io.BytesIO(paper.data))
    words = " ".join(page.extract_text() for page in reader.pages)
    assert "Agnes Obi" in words
    assert "Cut out the label" in reader.pages[-1].extract_text()
    assert "Agnes" not in reader.pages[-1].extract_text().split("Cut out")[1]
    assert "Agnes" not in paper.headers["Content-Disposition"]
    assert _printed(carer, path) == address  # nothing changed: the same version
    with app.app_context():
        kinds = [row.kind for row in db.session.query(AuditEntry)]
        assert kinds.count("pack.printed") == 1
        assert kinds.count("label.printed") == 1
        assert db.session.query(PackVersion).count() == 1


def test_labels_come_in_three_sizes_and_no_other(visit: Visit, way: Pathway) -> None:
    carer = visit("carer")
    path = begun(carer, way)
    assert carer.open(f"{path}/label-62mm.pdf").status == 404  # none issued yet
    _printed(carer, path)
    for size in ("62mm", "54x101", "a4"):
        assert carer.client.get(f"{path}/label-{size}.pdf").mimetype == "application/pdf"
    assert carer.open(f"{path}/label-poster.pdf").status == 404


def test_an_address_that_only_this_machine_opens_is_warned_of(visit: Visit, way: Pathway) -> None:
    carer = visit("carer")
    begun(carer, way)
    assert "works on this computer only" in carer.press(button="crew=here").text


def handed_over(carer: Visitor, path: str, **typed: str) -> None:
    carer.open(f"{path}/handover")
    carer.press(typed, button="identity=yes")


def test_handing_over_asks_who_it_is_and_names_the_crew(app: Flask, visit: Visit, way: Pathway) -> None:
    with app.app_context():
        household_alerts(way, {"infections": [{"kind": "mrsa", "date": "2026-03-03"}]})
    carer = visit("carer")
    path = begun(carer, way)
    page = carer.open(f"{path}/handover")
    assert "3 November 1938" in page.text
    assert "MRSA" in page.text
    page = carer.press({"crew": "B412"})
    assert page.status == 422  # neither "this is the person" nor "not this person"
    page = carer.press({"crew": "B412", "infection_told": "yes"}, button="identity=yes")
    assert page.heading == "Handed to crew"
    with app.app_context():
        event = db.session.query(TransferEvent).filter_by(action="hand_to_crew").one()
        assert event.data["crew"] == "B412"
        assert event.data["infection_told"] is True
        assert event.data["identity"] == "confirmed"
        assert the_transfer().custody == "crew"


def household_alerts(way: Pathway, answers: dict[str, object]) -> None:
    begin_write()
    section = db.session.query(RecordSection).filter_by(key="alerts").one()
    section.answers = {**section.answers, **answers}
    db.session.commit()


def test_not_this_person_hands_nothing_over_and_shows_the_other_packs(
    app: Flask, cast: Cast, visit: Visit, way: Pathway
) -> None:
    with app.app_context():
        other = household.add(cast, "Rosa", "Klein", room="7")
    carer = visit("carer")
    carer.open(f"/residents/{other}/send")
    carer.press(button="reason=fall")
    path = begun(carer, way)
    carer.open(f"{path}/handover")
    page = carer.press(button="identity=no")
    assert page.heading == "Not this person: check the bags"
    assert "Rosa Klein" in page.links()
    with app.app_context():
        states = {row.state for row in db.session.query(Transfer)}
        assert states == {"packing"}
        assert db.session.query(TransferEvent).filter_by(action="wrong_person").count() == 1
    handed_over(carer, path)
    assert carer.page.heading == "Handed to crew"


def test_a_handover_in_the_future_is_asked_again(visit: Visit, way: Pathway) -> None:
    carer = visit("carer")
    path = begun(carer, way)
    carer.open(f"{path}/handover")
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    late = {"occurred_at-date": tomorrow, "occurred_at-time": "10:00", "crew": "B412"}
    page = carer.press(late, button="identity=yes")
    assert page.status == 422
    assert "in the future" in page.text
    assert carer.page.form().find(".//input[@id='crew']").get("value") == "B412"  # type: ignore[union-attr]


def test_the_pack_is_finished_after_departure_and_the_hospital_sees_the_new_version(
    app: Flask, visit: Visit, way: Pathway
) -> None:
    carer = visit("carer")
    path = begun(carer, way)
    handed_over(carer, path)
    assert "Finish the pack" in carer.page.text
    carer.open(f"{path}/why")
    page = carer.press({"background": "Had a stroke in May"})
    assert page.heading == "Handed to crew"
    assert "The hospital sees version 2" in page.text
    carer.open(f"{path}/finish")
    page = carer.press()
    assert "Finish the pack" not in page.text.split("To do")[-1].split("Times")[0]


def test_what_is_added_after_departure_is_answered_on_the_way_back(
    app: Flask, cast: Cast, way: Pathway
) -> None:
    with app.app_context():
        way.packed().left()
        before = {line.ref for line in db.session.query(MedicineLine).filter_by(side="sent")}
        begin_write()
        medicine_list.add(cast.actor("carer"), way.resident_ref, {"name": "Digoxin"}, way.now)
        db.session.commit()
        after = db.session.query(MedicineLine).filter_by(side="sent").all()
        assert {line.name for line in after} == {"Ramipril", "Warfarin", "Morphine sulfate MR", "Digoxin"}
        assert before < {line.ref for line in after}  # a page that is open keeps its lines


def test_another_home_finds_none_of_it(visit: Visit, way: Pathway) -> None:
    carer = visit("carer")
    path = begun(carer, way)
    outsider = visit("outsider")
    pages = ("", "/why", "/observations", "/doses", "/belongings", "/ready", "/handover", "/today", "/papers")
    more = ("/told", "/finish", "/receive", "/tell", "/not-taken", "/opened-in-error", "/pack.pdf", "/close")
    for page in (*pages, *more):
        assert outsider.open(path + page).status == 404, page
    assert outsider.open(f"/residents/{way.resident_ref}/send").status == 404
    assert "Agnes" not in outsider.open("/transfers").text
