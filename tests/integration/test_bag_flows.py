"""Bags that are not where they should be: alone, with another home, swapped, contaminated, forgotten."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from redbag.database import begin_write, db
from redbag.domain.bag_states import BagAct
from redbag.domain.custody import Status, Step
from redbag.domain.errors import IllegalTransition, Invalid
from redbag.models import Bag, BagReport, Resident, Transfer
from redbag.queries import attention, custody, custody_record
from redbag.services import bag_reports, bags, belongings, corrections, labels, stays, swaps, transfers
from redbag.services.stays import Leaving
from tests.cast import Cast
from tests.integration.pathway import Pathway
from tests.visitor import Visitor

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]
NOW = datetime.now(UTC)


def kinds(cast: Cast, part: str) -> list[str]:
    return [line.trouble.kind for line in attention.standing(attention.place_of(cast.actor(part)), NOW)]


def address(transfer: Transfer) -> str:
    label = labels.current(transfer)
    assert label is not None
    return f"/b/{labels.token_of(label)}"


def test_a_bag_that_comes_back_alone_is_told_to_both_places_and_its_label_dies(
    app: Flask, cast: Cast, visit: Visit
) -> None:
    with app.app_context():
        way = Pathway(cast, NOW - timedelta(days=1)).packed().left().after(hours=1).admitted()
        bag_ref, old = way.bag_ref, address(way.transfer)
    carer, nurse = visit("carer"), visit("nurse")
    assert "Agnes Obi" in nurse.open(old).text
    page = carer.open(f"/bags/{bag_ref}")
    assert "The ward has given no day of return yet." in page.text
    carer.open(page.links()["It is here, without the person"])
    page = carer.press({"note": "The driver brought it"})
    assert "Bag 012: to be cleaned." in page.text
    assert "Agnes Obi" not in nurse.open(old).text
    assert "Their bag is back here and they are not: ring the ward" in carer.open("/attention").text
    assert "Their bag is back at the home" in nurse.open("/attention").text
    # Cleaned and gone with somebody else: the first journey asks for it no more, and does not move it.
    with app.app_context():
        begin_write()
        carer_, bag = cast.actor("carer"), bags_of(cast)[0]
        bags.say(carer_, bag_ref, BagAct.CLEANED, note="", version=bag.version, now=NOW)
        _leave_with(cast, "Ada", "Moore", bag_ref)
        nurse_ = cast.actor("nurse")
        stays.go_home(nurse_, way.transfer, way.known, Leaving(home_word="yes", method="1"))
        db.session.commit()
        ref = way.ref
    assert "Is the red bag here?" not in carer.open(f"/transfers/{ref}/receive").text
    with app.app_context():
        begin_write()
        transfers.receive(carer_, ref, occurred_at=NOW, bag_came=True, original_came="none", now=NOW)
        assert db.session.query(Bag).filter_by(ref=bag_ref).one().state == "out"
        db.session.rollback()


def bags_of(cast: Cast) -> list[Bag]:
    return db.session.query(Bag).filter_by(home_id=cast.places["home"].id).order_by(Bag.number).all()


def _leave_with(cast: Cast, given: str, family: str, bag_ref: str) -> Transfer:
    """Somebody else of the home leaves with this bag, in the open write transaction."""
    carer, at = cast.actor("carer"), NOW - timedelta(hours=5)
    row = Resident(
        home_id=cast.places["home"].id,
        given_name=given,
        family_name=family,
        date_of_birth=date(1940, 2, 1),
        name_words=f" {given} {family}".lower(),
        created_at=at,
    )
    db.session.add(row)
    db.session.flush()
    made = transfers.open_(carer, row.ref, reason="fall", journey_type="emergency", why_now={}, now=at)
    transfers.take_bag(carer, made, bag_ref, at)
    transfers.hand_to_crew(carer, made.ref, crew="B1", infection_told=False, occurred_at=at, now=at)
    return made


def test_whoever_holds_another_homes_bag_tells_that_home_and_can_take_it_back(
    app: Flask, cast: Cast, visit: Visit
) -> None:
    with app.app_context():
        way = Pathway(cast, NOW - timedelta(days=1)).packed().left()
        bag_ref, label = way.bag_ref, address(way.transfer)
        home = cast.places["home"].ref
    outsider, carer, nurse = visit("outsider"), visit("carer"), visit("nurse")
    outsider.open("/found-bag")
    page = outsider.press({"home": home, "number": "77", "note": ""})
    assert page.status == 422
    assert "Rowan House has no bag with this number" in page.text
    page = outsider.press({"home": home, "number": "12", "note": "In our hall"})
    assert page.heading == "Rowan House is told that bag 012 is here"
    assert "020 7946 0199" in page.text
    assert "Obi" not in page.text
    page = carer.open("/attention")
    assert "Bag 012 is at Larch Lodge: ring 020 7946 0199. “In our hall”" in page.text
    assert page.links()[
        "Say that it is back: Bag 012 is at Larch Lodge: ring 020 7946 0199. “In our hall”"
    ] == (f"/bags/{bag_ref}")
    assert "It is at Larch Lodge" in carer.open("/bags").text
    outsider.press()
    assert "Larch Lodge" not in carer.open("/attention").text
    # By its label, and the home says that it is back: both are settled.
    outsider.open(label)
    page = outsider.press(action=f"{label}/is-here")
    assert page.heading == "Rowan House is told that bag 012 is here"
    told = page.path
    carer.open(f"/bags/{bag_ref}/say/back_alone")
    carer.press({"note": "Fetched"})
    assert "settled" in outsider.open(told).heading
    # Nobody can say it of their own bag, nor read another place's message.
    assert carer.open("/found-bag").status == 200
    assert carer.press({"home": home, "number": "12"}).path == f"/bags/{bag_ref}"
    assert nurse.open(told).status == 404
    with app.app_context():
        begin_write()
        with pytest.raises(Invalid):
            bag_reports.say(cast.actor("carer"), bags_of(cast)[0], "here", note="", now=NOW)
        db.session.rollback()


def test_a_person_back_without_the_bag_is_asked_of_the_hospital(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        way = Pathway(cast, NOW - timedelta(days=2)).packed().left().after(hours=1).admitted().after(hours=9)
        begin_write()
        leaving = Leaving(home_word="yes", method="1", bag="kept")
        stays.go_home(cast.actor("nurse"), way.transfer, way.known, leaving)
        way.after(hours=1)
        transfers.receive(
            cast.actor("carer"),
            way.ref,
            occurred_at=way.now,
            bag_came=False,
            original_came="none",
            now=way.now,
        )
        db.session.commit()
        assert "back_without_bag" in kinds(cast, "carer")
        assert kinds(cast, "nurse") == ["bag_left_here"]
        ref, bag_ref = way.ref, way.bag_ref
    nurse, carer = visit("nurse"), visit("carer")
    nurse.open(nurse.open("/attention").links()["Say where the bag is: Agnes Obi"])
    page = nurse.press({"note": "In the cupboard"}, button="where=here")
    assert "The home sees that the bag is here." in page.text
    assert "Nothing needs anybody here now." in page.text
    assert "Bag 012 is at St Brannock’s Hospital, Willow: ring 020 7946 0150. “In the cupboard”" in (
        carer.open("/attention").text
    )
    # The home noted it, and the bag is asked for again after the site's days.
    carer.open(f"/bags/{bag_ref}")
    with app.app_context():
        report = db.session.query(BagReport.ref).scalar()
    page = carer.press(action=f"/bags/{bag_ref}/reports/{report}/noted")
    assert "Noted: off the list." in page.text
    assert "It is here" in page.text
    page = carer.press(action=f"/bags/{bag_ref}", button="act=back_alone")
    assert "Bag 012: to be cleaned." in page.text
    with app.app_context():
        assert "back_without_bag" not in kinds(cast, "carer")
        assert kinds(cast, "nurse") == []
    assert nurse.open(f"/ward/transfers/{ref}/where-bag").status == 200


@pytest.fixture
def pair(app: Flask, cast: Cast) -> tuple[str, str]:
    """Agnes with bag 012 and Ada with bag 013, both on the ward; the ward doubts Agnes."""
    with app.app_context():
        way = Pathway(cast, NOW - timedelta(hours=6)).packed().left().after(minutes=30).admitted()
        begin_write()
        other = bags.add(cast.actor("manager"), cast.places["home"].id, "013", NOW)
        second = _leave_with(cast, "Ada", "Moore", other.ref)
        place = stays.ward_place(cast.actor("nurse"), cast.places["hospital"].wards["Willow"])
        way.after(hours=3)
        stays.admit(cast.actor("nurse"), second, place, way.known, decided_at=None, bed="5", with_bag=True)
        corrections.wrong_person(cast.actor("nurse"), way.transfer, note="", label_id=None, now=NOW)
        db.session.commit()
        return way.ref, second.ref


def test_swapped_bags_are_put_right_in_one_step_for_both(
    app: Flask, cast: Cast, visit: Visit, pair: tuple[str, str]
) -> None:
    carer, nurse = visit("carer"), visit("nurse")
    page = carer.open(f"/transfers/{pair[0]}")
    page = carer.open(page.links()["Two bags were swapped"])
    assert "Ada Moore, born 1 February 1940, bag 013" in page.text
    page = carer.press({"other": pair[1], "how": "people", "told": ""})
    assert page.status == 422
    assert "Write who at the hospital you told." in page.text
    page = carer.press({"other": pair[1], "how": "people", "told": "Priya, Willow"})
    assert "Put right. Agnes Obi: bag 012. Ada Moore: bag 013." in page.text
    with app.app_context():
        assert kinds(cast, "nurse")[:2] == ["swap_bags", "swap_bags"]
        assert "task" not in kinds(cast, "carer")
    page = nurse.open("/attention")
    words = "Swap two bags: Agnes Obi’s is bag 012, Ada Moore’s is bag 013"
    assert words in page.text
    # The ward can record again, and says so when the bags are swapped.
    assert nurse.open(f"/ward/transfers/{pair[0]}").heading == "Agnes Obi"
    keys = [
        line.get("value", "")
        for line in nurse.open("/attention").tree.iter("button")
        if line.get("name") == "key"
    ]
    for key in keys:
        nurse.open("/attention")
        nurse.press(action="/attention/seen", button=f"key={key}")
    with app.app_context():
        assert "swap_bags" not in kinds(cast, "nurse")
    assert "Bags swapped" in carer.open(f"/transfers/{pair[1]}").text
    with app.app_context():
        one, other = (custody_record.of(_of(ref)) for ref in pair)
    # While each was with the other's person both are named, as far as anybody knows.
    assert [p.bag for p in one.handovers] == ["012 (it had changed places with 013)"] * 2
    assert [p.bag for p in other.handovers] == ["013 (it had changed places with 012)"] * 2


def test_a_loss_while_bags_had_changed_places_names_who_had_the_other(
    app: Flask, cast: Cast, pair: tuple[str, str]
) -> None:
    nurse, carer = cast.actor("nurse"), cast.actor("carer")
    with app.app_context():
        begin_write()
        swaps.swap(carer, pair[0], pair[1], "people", "Priya, Willow", NOW)
        items = belongings.list_for(_of(pair[0]))
        gone = {item.ref: Status.MISSING for item in items}
        belongings.check(nurse, _of(pair[0]), Step.ADMISSION, gone, valuables="none", now=NOW)
        db.session.commit()
        in_bag = {item.ref for item in items if item.carried == "in_bag"}
        for lost in custody.picture(_of(pair[0])).lost:
            told = "bag 012 may then have been with: Rowan House, crew B1, St Brannock’s Hospital, Willow."
            assert (told in lost.sentence) is (lost.item in in_bag)
        assert told in " ".join(one.claim for one in custody_record.of(_of(pair[0])).lost)
        assert in_bag
        begin_write()
        swaps.swap(carer, pair[0], pair[1], "back", "Priya, Willow", NOW)
        db.session.commit()
        assert not [one for one in custody.picture(_of(pair[0])).lost if one.exchanged]
        assert [p.bag for p in custody_record.of(_of(pair[1])).handovers] == ["013"] * 2


def test_numbers_that_were_written_down_wrongly_change_places(
    app: Flask, cast: Cast, visit: Visit, pair: tuple[str, str]
) -> None:
    with app.app_context():
        carer = cast.actor("carer")
        tokens = {ref: address(_of(ref)) for ref in pair}
        begin_write()
        with pytest.raises(Invalid):
            swaps.swap(carer, pair[0], pair[0], "numbers", "", NOW)
        swaps.swap(carer, pair[0], pair[1], "numbers", "", NOW)
        db.session.commit()
        assert [_of(ref).bag.number for ref in pair] == ["013", "012"]  # type: ignore[union-attr]
        # The labels in the windows go on opening the packs that were printed with them.
        assert {ref: address(_of(ref)) for ref in pair} == tokens
        assert [labels.current(_of(ref)).bag.number for ref in pair] == ["013", "012"]  # type: ignore[union-attr]
        assert all(bag.state == "out" for bag in bags_of(cast))
        told = [{p.bag for p in custody_record.of(_of(ref)).handovers} for ref in pair]
        assert told == [{"013 (012 had been written down)"}, {"012 (013 had been written down)"}]
        assert [custody_record.of(_of(ref)).bag for ref in pair] == ["013", "012"]
    assert "Agnes Obi" in visit("nurse").open(tokens[pair[0]]).text


def _of(ref: str) -> Transfer:
    return db.session.query(Transfer).filter_by(ref=ref).one()


def test_the_latest_word_on_a_bag_can_be_taken_back(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        way = Pathway(cast, NOW - timedelta(hours=6)).packed().left()
        bag_ref, old = way.bag_ref, address(way.transfer)
    carer = visit("carer")
    carer.open(f"/bags/{bag_ref}/say/lose")
    carer.press({"note": "Not in the ambulance"})
    carer.open(f"/bags/{bag_ref}")
    page = carer.press(action=f"/bags/{bag_ref}/undo")
    assert "Taken back. Bag 012: out." in page.text
    assert "Taken back: lost" in page.text
    # A label that was replaced stays replaced.
    assert "has been replaced" in visit("nurse").open(old).text
    with app.app_context():
        begin_write()
        bag = bags_of(cast)[0]
        with pytest.raises(IllegalTransition):
            bags.undo(cast.actor("carer"), bag_ref, version=bag.version, now=NOW)
        db.session.rollback()


def test_a_bag_that_is_being_packed_does_not_come_back_alone(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        bag_ref = Pathway(cast, NOW - timedelta(hours=1)).packed().bag_ref
    carer = visit("carer")
    assert "without the person" not in carer.open(f"/bags/{bag_ref}").text
    with app.app_context():
        begin_write()
        with pytest.raises(IllegalTransition, match="being packed"):
            bags.say(
                cast.actor("carer"),
                bag_ref,
                BagAct.BACK_ALONE,
                note="",
                version=bags_of(cast)[0].version,
                now=NOW,
            )
        db.session.rollback()
