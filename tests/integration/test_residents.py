"""The list of residents, one resident, and who they are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from redbag.database import db
from redbag.domain.errors import Stale
from redbag.domain.record import CPR_ONLY
from redbag.models import Resident, Transfer
from redbag.queries import residents
from redbag.services import residents as services
from tests.cast import Cast
from tests.integration import household
from tests.integration.counting import counted
from tests.integration.household import QUIET_MORNING, typed
from tests.integration.pathway import Pathway
from tests.visitor import Visitor

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", ["Siân Évans", "Winifred O’Brien", "Joan Smith"]),
        ("jo", ["Joan Smith"]),
        ("SMI", ["Joan Smith"]),
        ("smith jo", ["Joan Smith"]),
        ("dolly", ["Winifred O’Brien"]),
        ("obri", ["Winifred O’Brien"]),
        ("o'b", ["Winifred O’Brien"]),
        ("brien", ["Winifred O’Brien"]),
        ("evans", ["Siân Évans"]),
        ("sian", ["Siân Évans"]),
        ("14b", ["Joan Smith"]),
        ("oan", []),
        ("smith winifred", []),
        ("%", []),
        ("_", []),
        ("'", []),
    ],
)
def test_people_are_found_by_the_start_of_any_word(
    app: Flask, cast: Cast, words: str, found: list[str]
) -> None:
    with app.app_context():
        household.add(cast, "Joan", "Smith", room="14B")
        household.add(cast, "Winifred", "O’Brien", preferred_name="Dolly", room="7")
        household.add(cast, "Siân", "Évans")
        household.add(cast, "Joan", "Elsewhere", part="outsider")
        assert [r.full_name for r in residents.matching(residents.find(cast.actor("carer")), words)] == found


@on_sqlite
def test_the_list_names_what_can_harm_and_what_is_not_known(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        joan = household.add(cast, "Joan", "Smith", preferred_name="Joanie", room="12")
        household.add(cast, "Albert", "Jones", room="1")
        household.record(cast, joan, "alerts", {"allergy_status": "none_known", "choking": "yes"})
        household.medicine(cast, joan, "Apixaban", marks=["time_critical"])
    page = visit("carer").open("/residents")
    assert page.heading == "Residents"
    assert "Joan Smith (“Joanie”) Room 12. Born 3 November 1938" in page.text
    assert "2 red alerts" in page.text
    assert page.text.count("Allergies not recorded") == 1


@on_sqlite
def test_an_empty_list_says_what_to_do_first(visit: Visit) -> None:
    page = visit("carer").open("/residents")
    assert "Add the first resident" in page.text
    assert page.links()["Add a resident"] == "/residents/new"
    assert "Find" not in page.text


@on_sqlite
def test_a_search_that_finds_nobody_says_so(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        household.add(cast, "Joan", "Smith")
    page = visit("carer").open("/residents?q=zebra")
    assert "Nobody here is called “zebra”" in page.text
    assert "Add the first resident" not in page.text


@on_sqlite
def test_similar_names_are_warned_of(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        joan = household.add(cast, "Joan", "Smith", room="12")
        household.add(cast, "John", "Smyth", room="3", date_of_birth="1941-02-14")
        household.add(cast, "Joan", "Smith", part="outsider", room="99")
    visitor = visit("carer")
    warning = "Surname sounds alike: John Smyth, room 3, born 14 February 1941"
    assert warning in visitor.open("/residents?q=joan").text
    page = visitor.open(f"/residents/{joan}")
    assert warning in page.text
    assert "room 99" not in page.text


@on_sqlite
def test_who_is_away_is_said_with_the_way_to_their_transfer(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        ref = household.add(cast, "Joan", "Smith")
        row = db.session.query(Resident).filter_by(ref=ref).one()
        transfer = Transfer(
            home_id=row.home_id,
            resident_id=row.id,
            state="admitted",
            opened_at=QUIET_MORNING,
            admitted_at=QUIET_MORNING,
            hospital_id=cast.places["hospital"].id,
        )
        db.session.add(transfer)
        db.session.commit()
        transfer_ref = transfer.ref
    visitor = visit("carer")
    assert "Admitted, St Brannock’s Hospital, since Mon 2 Mar 2026, 09:00" in visitor.open("/residents").text
    page = visitor.open(f"/residents/{ref}")
    assert page.links()["Open their transfer"] == f"/transfers/{transfer_ref}"
    assert "Send to hospital" not in page.links()


@on_sqlite
def test_the_number_of_reads_does_not_grow_with_the_list(app: Flask, cast: Cast, visit: Visit) -> None:
    visitor = visit("carer")
    with app.app_context():
        first = household.add(cast, "Joan", "Smith")
        household.record(cast, first, "alerts", {"choking": "yes"})
        household.medicine(cast, first, "Apixaban", marks=["time_critical"])
    with counted(app) as few:
        visitor.open("/residents")
    with app.app_context():
        for number in range(12):
            ref = household.add(cast, f"Person{number}", f"Family{number}")
            household.record(cast, ref, "alerts", {"choking": "yes"})
            household.medicine(cast, ref, "Apixaban", marks=["time_critical"])
    with counted(app) as many:
        visitor.open("/residents")
    assert len(many) == len(few)
    assert len(many) < 15


@on_sqlite
def test_one_resident_shows_alerts_record_and_medicines(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        ref = household.add(cast, "Joan", "Smith", nhs_number="9991234500", room="12")
        household.record(
            cast,
            ref,
            "alerts",
            {
                "allergies": [{"substance": "Penicillin", "reaction": "rash"}],
                "cpr_decision": "not_recommended",
            },
        )
        household.medicine(
            cast, ref, "Co-careldopa", strength="25/100", times="07:00", marks=["time_critical"]
        )
    page = visit("carer").open(f"/residents/{ref}")
    assert page.heading == "Joan Smith"
    assert "NHS number 999 123 4500" in page.text
    assert "Allergies and reactions Penicillin (rash)" in page.text
    assert "Co-careldopa 25/100: due 07:00 by the home’s MAR" in page.text
    assert "CPR not recommended" in page.text
    assert CPR_ONLY in page.text
    # Reviewed in March, due 30 days later; the tests run later than that.
    assert "Reviewed Mon 2 Mar 2026 by Joy Adeyemi" in page.text
    assert "Review was due Wed 1 Apr 2026" in page.text
    assert "Not recorded Never reviewed." in page.text
    assert page.links()["Send to hospital"] == f"/residents/{ref}/send"


@on_sqlite
def test_a_new_resident_needs_a_name_a_birthday_and_a_word_on_the_number(visit: Visit) -> None:
    visitor = visit("carer")
    visitor.open("/residents/new")
    page = visitor.press({"given_name": "Joan", "room": "12", "date_of_birth-day": "31"})
    assert page.status == 422
    for sentence in (
        "Write the family name.",
        "Write the date as day, month and year",
    ):
        assert sentence in page.text
    assert 'value="Joan"' in page.response.text
    assert 'value="12"' in page.response.text
    page = visitor.press({"nhs_number": "999 123 4501"})
    assert "Write the family name." in page.text
    assert "fails its own check" in page.text
    page = visitor.press(
        {
            "family_name": "Smith",
            "date_of_birth-day": "31",
            "date_of_birth-month": "1",
            "date_of_birth-year": "1938",
        }
    )
    assert "fails its own check" in page.text
    page = visitor.press({"nhs_number": "999 123 4500", "nhs_not_known": ["yes"]})
    assert "There is a number and a tick" in page.text
    page = visitor.press({"nhs_number": "999 123 4500", "nhs_not_known": []})
    assert page.status == 200
    assert page.heading == "Joan Smith"
    assert "Joan Smith is on the list" in page.text


@on_sqlite
def test_a_name_and_a_date_of_birth_are_enough_and_the_number_is_said_to_be_missing(visit: Visit) -> None:
    manager = visit("manager")
    manager.open("/overview")
    page = manager.open(manager.page.links()["Add the first"])
    assert page.heading == "Add a resident"
    assert "Left blank, it is kept and shown as “not known”" in page.text
    page = manager.press(
        {
            "family_name": "Smith",
            "date_of_birth-day": "31",
            "date_of_birth-month": "1",
            "date_of_birth-year": "1938",
        }
    )
    assert "Smith is on the list. NHS number: not known." in page.text
    # A number that is known is not lost by emptying a box.
    manager.open(f"{page.path}/edit")
    assert manager.press({"nhs_not_known": []}).status == 422


@on_sqlite
def test_who_is_away_leaves_by_the_journey(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        way = Pathway(cast, datetime.now(UTC) - timedelta(days=1)).packed().left().admitted()
        leave, journey = f"/residents/{way.resident_ref}/leave", f"/transfers/{way.ref}"
    carer = visit("carer")
    page = carer.open(leave)
    assert "There is an open journey to hospital" in page.text
    assert "admitted, St Brannock’s Hospital" in page.text
    assert page.links()["Open the journey"] == journey
    assert "Take off the list" not in page.text


@on_sqlite
def test_a_form_sent_twice_adds_one_resident(app: Flask, visit: Visit) -> None:
    visitor = visit("carer")
    visitor.open("/residents/new")
    new = {
        "family_name": "Smith",
        "nhs_not_known": ["yes"],
        "date_of_birth-day": "1",
        "date_of_birth-month": "1",
        "date_of_birth-year": "1938",
    }
    opened = visitor.page
    first = visitor.press(new).path
    visitor.page = opened
    assert visitor.press(new).path == first
    with app.app_context():
        assert db.session.query(Resident).count() == 1


@on_sqlite
def test_the_same_nhs_number_twice_in_a_home_names_the_other(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        joan = household.add(cast, "Joan", "Smith", nhs_number="9991234500", room="12")
        household.add(cast, "Ann", "Other", part="outsider", nhs_number="9991234519")
        ivy = household.add(cast, "Ivy", "Lee")
    visitor = visit("carer")
    visitor.open(f"/residents/{ivy}/edit")
    page = visitor.press({"nhs_number": "9991234500", "nhs_not_known": []})
    assert page.status == 422
    assert "Joan Smith (room 12) already has 999 123 4500." in page.text
    # Another home's number is nobody's business here.
    assert visitor.press({"nhs_number": "9991234519"}).heading == "Ivy Lee"
    # One's own number is no duplicate.
    visitor.open(f"/residents/{joan}/edit")
    assert visitor.press({"room": "13"}).status == 200


def test_a_second_change_is_told_of_the_first(app: Flask, cast: Cast) -> None:
    carer = cast.actor("carer")
    with app.app_context():
        ref = household.add(cast, "Joan", "Smith", room="12")
        opened = residents.get(carer, ref).version
        services.change(carer, ref, typed("Joan", "Smith", room="14"), version=opened, now=QUIET_MORNING)
        db.session.commit()
        with pytest.raises(Stale) as clash:
            services.change(carer, ref, typed("Joan", "Smith", room="15"), version=opened, now=QUIET_MORNING)
        assert clash.value.theirs["room"] == "14"
        db.session.rollback()
        assert residents.get(carer, ref).room == "14"


@on_sqlite
def test_a_clash_shows_both_versions_and_keeps_what_was_typed(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        ref = household.add(cast, "Joan", "Smith", room="12")
    one, other = visit("carer"), visit("manager")
    one.open(f"/residents/{ref}/edit")
    other.open(f"/residents/{ref}/edit")
    other.press({"room": "14"})
    page = one.press({"room": "15", "gp_practice": "The Surgery"})
    assert page.status == 409
    assert "Somebody else saved this after you opened it" in page.text
    assert "Room 14 15" in page.text
    assert "GP practice Not recorded The Surgery" in page.text
    page = one.press()
    assert page.status == 200
    assert "Room 15" in page.text


@on_sqlite
def test_somebody_who_left_is_off_the_list_and_can_come_back(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        ref = household.add(cast, "Joan", "Smith")
        household.add(cast, "Ivy", "Lee")
    visitor = visit("manager")
    visitor.open(f"/residents/{ref}/leave")
    page = visitor.press({"left_on-year": "2099"})
    assert page.status == 422
    assert "Say what happened." in page.text
    page = visitor.press({"left_why": "moved"})
    assert "This day is in the future" in page.text
    page = visitor.press({"left_why": "moved", "left_on-year": "2026", "left_on-month": "1"})
    assert "Moved away" in page.text
    assert "Send to hospital" not in page.links()
    assert "Joan Smith" not in visitor.open("/residents").links()
    assert "Joan Smith" in visitor.open("/residents/left").links()
    visitor.open(f"/residents/{ref}")
    visitor.press(action=f"/residents/{ref}/come-back")
    assert "Joan Smith" in visitor.open("/residents").links()


@on_sqlite
def test_nobody_is_taken_off_the_list_while_they_are_away(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        ref = household.add(cast, "Joan", "Smith")
    visitor = visit("manager")
    visitor.open(f"/residents/{ref}/leave")
    with app.app_context():  # meanwhile somebody sends her to hospital
        row = db.session.query(Resident).filter_by(ref=ref).one()
        journey = Transfer(home_id=row.home_id, resident_id=row.id, state="arrived", opened_at=QUIET_MORNING)
        db.session.add(journey)
        db.session.commit()
    page = visitor.press({"left_why": "died"})
    assert page.status == 422
    assert "There is an open journey to hospital" in page.text
