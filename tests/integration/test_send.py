"""Send to hospital through the pages: why, observations, last doses, belongings and the bag."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask

from redbag.database import begin_write, db
from redbag.domain.errors import Stale
from redbag.models import (
    Bag,
    Resident,
    Transfer,
    TransferItem,
)
from redbag.queries import packs
from redbag.queries import transfers as reads
from redbag.services import stays, transfers
from tests.cast import Cast
from tests.integration import household
from tests.integration.pathway import Pathway
from tests.integration.sending import begun, printed, the_transfer
from tests.visitor import Visitor, filled

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]


def test_one_tap_on_the_reason_opens_the_transfer(app: Flask, visit: Visit, way: Pathway) -> None:
    carer = visit("carer")
    path = begun(carer, way)
    assert carer.page.heading == "Observations"
    with app.app_context():
        sent = the_transfer()
        assert path == f"/transfers/{sent.ref}"
        assert (sent.reason, sent.journey_type, sent.state) == ("fall", "emergency", "packing")
        why = sent.facts["why_now"]
        assert why["situation"] == "Found on the floor"
        assert re.fullmatch(
            r"\w{3} \d+ \w{3}, \d\d:\d\d", why["started"]
        )  # with its day, which a clock time alone goes without


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
    path = begun(carer, way)
    page = carer.press({"respiratory_rate": "26", "pulse": "115"})
    assert page.heading == "Last doses"
    assert "NEWS2 at least 5, incomplete" in page.text
    assert "Usual NEWS2 score not recorded" in page.text
    # A grave score is a warning, and no "low score" is spoken of beside it.
    assert any("rb-done--warning" in e.get("class", "") for e in page.tree.iter("div"))
    assert "low score" not in page.text
    assert "low score" not in carer.open(f"{path}/observations").text
    assert "Going because of: Fall: Found on the floor" in carer.open(f"{path}/handover").text
    assert "NEWS2 at least 5, incomplete" in carer.page.text
    assert "No known allergies" in carer.page.text


def test_a_low_score_says_that_it_rules_nothing_out(visit: Visit, way: Pathway) -> None:
    carer = visit("carer")
    path = begun(carer, way)
    page = carer.press({"respiratory_rate": "16", "pulse": "80"})
    assert "does not rule out serious illness" in page.text
    assert not any("rb-done--warning" in e.get("class", "") for e in page.tree.iter("div"))
    assert "NEWS2" not in carer.open(f"{path}/handover").text


def test_a_single_three_is_a_warning(visit: Visit, way: Pathway) -> None:
    carer = visit("carer")
    path = begun(carer, way)
    page = carer.press({"respiratory_rate": "26"})
    assert any("rb-done--warning" in e.get("class", "") for e in page.tree.iter("div"))
    assert "Respiratory rate scores 3 by itself" in carer.open(f"{path}/handover").text


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
    carer.press({"ordinary": "all_given", "ordinary_upto": "22:00 yesterday"})
    with app.app_context():
        pack = packs.source(the_transfer())
        gaps = transfers.packs.draft(the_transfer(), "Joy", way.now).gaps
        assert pack.facts["doses"]["ordinary"] == "all_given"
        assert pack.facts["doses"]["ordinary_upto"].endswith(", 22:00")
        assert any("Warfarin" in gap and "Morphine" in gap for gap in gaps if gap.startswith("Last dose"))
        assert not any("Ramipril" in gap for gap in gaps)


def test_a_time_without_an_answer_is_asked_again(visit: Visit, app: Flask, way: Pathway) -> None:
    with app.app_context():
        warfarin = next(m for m in packs.current_medicines(_resident_id(way)) if m.name == "Warfarin").ref
    carer = visit("carer")
    path = begun(carer, way)
    carer.open(f"{path}/doses")
    page = carer.press({f"{warfarin}-when": "18:00 yesterday"})
    assert page.status == 422
    assert "choose given, not given or not known" in page.text
    page = carer.press({f"{warfarin}-answer": "given"})
    assert page.heading == "Belongings and bag"
    with app.app_context():
        kept = the_transfer().facts["doses"][warfarin]
        assert (kept["answer"], kept["when"][-7:]) == ("given", ", 18:00")


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
            ("Glasses", "In the bag"),
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
    response = carer.client.get(printed(carer, path, bag=""))
    assert response.mimetype == "application/pdf"


def test_printing_without_a_bag_asks_once(app: Flask, visit: Visit, way: Pathway) -> None:
    carer = visit("carer")
    path = begun(carer, way)
    page = carer.open(f"{path}/ready")
    assert page.text.index("To: ") < page.text.index("Which red bag?")
    asked = carer.client.post(f"{path}/print", data=dict(filled(page.form(), {})))
    assert asked.status_code == 422
    assert "Choose the bag, or tap “No bag goes along”." in asked.text
    assert 'name="bag_asked"' in asked.text
    with app.app_context():
        assert packs.latest(the_transfer().id) is None
    again = {**dict(filled(page.form(), {})), "bag_asked": "yes"}
    answer = carer.client.post(f"{path}/print", data=again)
    assert answer.status_code == 303  # asked once, never insisted on
    with app.app_context():
        assert the_transfer().bag is None
    # A later print asks again: what was once printed without a bag may now go in one.
    assert carer.client.post(f"{path}/print", data=dict(filled(page.form(), {}))).status_code == 422


def test_a_wrong_bag_number_is_not_the_question_for_the_bag(visit: Visit, way: Pathway) -> None:
    carer = visit("carer")
    path = begun(carer, way)
    page = carer.open(f"{path}/ready")
    wrong = carer.client.post(f"{path}/print", data={**dict(filled(page.form(), {})), "bag": "999"})
    assert wrong.status_code == 422
    assert 'name="bag_asked"' not in wrong.text


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


def test_the_home_is_offered_where_it_sends_people_not_where_one_was_moved_to(
    app: Flask, cast: Cast, way: Pathway
) -> None:
    with app.app_context():
        assert reads.usual_hospital(cast.places["home"].id) is None  # two hospitals, nobody sent yet
        way.packed().left().after(minutes=20).arrived().after(minutes=5).admitted().after(minutes=5)
        elsewhere = stays.told_place(cast.places["other_hospital"].ref)
        begin_write()
        stays.move_hospital(cast.actor("nurse"), way.transfer, elsewhere, way.known)
        db.session.commit()
        assert way.transfer.hospital_id == cast.places["other_hospital"].id
        usual = reads.usual_hospital(cast.places["home"].id)
        assert usual is not None
        assert usual.id == cast.places["hospital"].id


def test_money_is_asked_no_quantity_and_what_is_written_by_hand_neither(
    app: Flask, visit: Visit, way: Pathway
) -> None:
    carer = visit("carer")
    path = begun(carer, way)
    page = carer.open(f"{path}/belongings")
    names = dict(filled(page.form(), {}))
    (money,) = [name.removesuffix("-name") for name, value in names.items() if value == "Money"]
    assert f"{money}-quantity" not in names
    (own,) = [name.removesuffix("-own") for name in names if name.endswith("-own")][:1]
    assert f"{own}-quantity" not in names
    carer.press({f"{own}-name": "£20 in a purse"})
    with app.app_context():
        (item,) = db.session.query(TransferItem).all()
        assert (item.description, item.quantity) == ("£20 in a purse", 1)
    again = dict(filled(carer.open(f"{path}/belongings").form(), {}))
    (listed,) = [name.removesuffix("-name") for name, value in again.items() if value == "£20 in a purse"]
    assert f"{listed}-quantity" not in again
