"""The board of a hospital: searched, by ward, in an order that says what to do, and short for a phone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from redbag.database import db
from redbag.domain import name_words
from redbag.domain.london_time import london_day, start_of_day
from redbag.models import Resident, Transfer, Ward
from redbag.queries import ward_board
from tests.cast import Cast
from tests.integration.counting import counted
from tests.integration.walk import Walk
from tests.visitor import Visitor

Visit = Callable[[str], Visitor]
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def way(app: Flask, cast: Cast) -> Walk:
    """Agnes Obi, on Willow."""
    return Walk(app, cast).to("packed", "left", "admitted")


def joined(way: Walk, *names: str, ward: str = "Willow", bed: str = "") -> None:
    """More people from the same home, here since the same time."""

    def add() -> None:
        one = way.way.transfer
        place = db.session.query(Ward).filter_by(organisation_id=one.hospital_id, name=ward).one()
        for name in names:
            given, family = name.split(" ", 1)
            person = Resident(
                home_id=one.home_id,
                given_name=given,
                family_name=family,
                date_of_birth=one.resident.date_of_birth,
                name_words=name_words.index(given, family),
                created_at=one.opened_at,
            )
            db.session.add(person)
            db.session.flush()
            same = ("home_id", "state", "hospital_id", "opened_at", "departed_at", "admitted_at", "custody")
            facts = {field: getattr(one, field) for field in same}
            db.session.add(Transfer(resident_id=person.id, ward_id=place.id, bed=bed, **facts))

    way.write(add)


def test_a_search_finds_the_start_of_any_word_of_the_name_and_the_bed(way: Walk, visit: Visit) -> None:
    joined(way, "Seán O’Brien-Hall", bed="Bay 3 bed 12")
    nurse = visit("nurse")
    for words in ("sean", "SEÁN", "obri", "brien", "hall", "o'brien sean", "12", "bay 3 hall"):
        text = nurse.open(f"/ward?q={words}").text
        assert "Seán O’Brien-Hall" in text, words
        assert "1 found" in text, words
        assert "Agnes" not in text, words
    page = nurse.open("/ward?q=ean")
    assert "Nobody here is called “ean”, and no bed or home is." in page.text
    assert "Agnes Obi" in nurse.open(page.links()["Show everybody"]).text
    assert nurse.open("/ward?q=%25_").status == 200


@on_sqlite
def test_a_search_looks_on_every_ward_the_own_one_first(way: Walk, visit: Visit) -> None:
    joined(way, "Agnes Moor", ward="Poplar", bed="2")
    nurse = visit("nurse")
    assert "Moor" not in nurse.open("/ward").text
    text = nurse.open("/ward?q=agn").text
    assert "2 found" in text
    assert text.index("Agnes Obi") < text.index("Elsewhere in St Brannock’s") < text.index("Agnes Moor")
    assert "Poplar, bed 2" in text


@on_sqlite
def test_the_ward_is_chosen_from_those_that_have_somebody(way: Walk, visit: Visit) -> None:
    joined(way, "Ben Moor", "Cara Lund", ward="Poplar")
    nurse = visit("nurse")
    page = nurse.open("/ward")
    assert "Willow (1)" in page.text
    assert "All wards (3)" in page.text
    assert "Poplar (2)" in page.text
    poplar = way.cast.places["hospital"].wards["Poplar"]
    text = nurse.open(f"/ward?ward={poplar}").text
    assert "2 people on Poplar" in text
    assert "Agnes" not in text
    assert "3 people. What needs doing first" in nurse.open("/ward?ward=all").text
    assert "Nobody from a care home is on this ward now" in nurse.open("/ward?ward=nonsense").text


@on_sqlite
def test_what_needs_doing_stands_first_then_the_longest_here(way: Walk, visit: Visit) -> None:
    joined(way, "Ben Moor", "Cara Lund")

    def change() -> None:
        by_name = {t.resident.given_name: t for t in db.session.query(Transfer)}
        by_name["Ben"].admitted_at -= timedelta(days=3)
        by_name["Cara"].decision_to_admit_at = by_name["Cara"].admitted_at - timedelta(days=8)

    way.write(change)
    text = visit("nurse").open("/ward").text
    assert text.index("Cara Lund") < text.index("Ben Moor") < text.index("Agnes Obi")


@on_sqlite
def test_similar_names_are_marked_across_the_wards(way: Walk, visit: Visit) -> None:
    joined(way, "Agnes Obie", ward="Poplar")
    joined(way, "Kurt Weiss")
    nurse = visit("nurse")
    text = nurse.open("/ward").text
    # The other one is on another ward, and not on this page of the board.
    assert "Same first name, and a surname with the same first letter: Agnes Obie, born" in text
    assert "Rowan House" in text.split("Agnes Obie, born", 1)[1][:60]
    assert text.count("Kurt Weiss") == 1


@on_sqlite
def test_a_long_board_has_pages_and_keeps_what_was_asked(
    way: Walk, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ward_board, "PAGE_SIZE", 3)
    joined(way, *(f"Zed Person{number}" for number in range(7)))
    nurse = visit("nurse")
    page = nurse.open("/ward?q=zed&ward=all")
    assert "7 found" in page.text
    assert page.text.count("Zed Person") - page.text.count(": Zed Person") == 3
    [onward] = [at for at in page.links().values() if "page=2" in at]
    page = nurse.open(onward)
    assert "q=zed" in onward
    assert "Agnes" not in page.text
    page = nurse.open("/ward?q=zed&ward=all&page=99")
    assert page.text.count("Zed Person") - page.text.count(": Zed Person") == 1
    assert nurse.open("/ward?page=x").status == 200


def test_the_board_asks_no_more_for_more_people(app: Flask, way: Walk, visit: Visit) -> None:
    nurse = visit("nurse")
    nurse.open("/ward")
    with counted(app) as alone:
        nurse.open("/ward")
    joined(way, *(f"Other Person{number}" for number in range(7)))
    with counted(app) as many:
        page = nurse.open("/ward")
    assert page.text.count("Other Person") - page.text.count(": Other Person") == 7
    assert len(many) == len(alone)
    with counted(app) as found:
        nurse.open("/ward?q=other&ward=all")
    assert len(found) == len(alone)


@on_sqlite
def test_who_left_lately_is_found_too(way: Walk, visit: Visit) -> None:
    way.to("medicines_listed", "going_home")
    nurse = visit("nurse")
    assert "Left in the last days" in nurse.open("/ward?q=obi").text
    assert "Left in the last days" not in nurse.open("/ward?q=moor").text


@pytest.fixture
def team(way: Walk, visit: Visit) -> Visitor:
    """The discharge team, over Ann (ready 2 days), Bea (here 22 days), Cara (8 days, ready tomorrow)."""
    joined(way, "Ann Ready", "Bea Long", "Cara Soon", "Dora New")

    def change() -> None:
        today = london_day(datetime.now(UTC))
        noon = start_of_day(today) + timedelta(hours=12)
        by_name = {t.resident.given_name: t for t in db.session.query(Transfer)}
        for name, days in (("Ann", 3), ("Bea", 22), ("Cara", 8), ("Agnes", 0), ("Dora", 1)):
            by_name[name].decision_to_admit_at = noon - timedelta(days=days)
        by_name["Ann"].discharge_ready_on = today - timedelta(days=2)
        by_name["Cara"].discharge_ready_on = today + timedelta(days=1)

    way.write(change)
    return visit("hospital_manager")


@on_sqlite
def test_the_discharge_team_sees_who_is_ready_first_then_the_longest_here(team: Visitor) -> None:
    text = team.open("/ward").text
    assert (
        "Ready to go home first, the longest ready at the top; then who has been in hospital longest." in text
    )
    order = (
        "Ready to go home Ann Ready 3 days",
        "In hospital Bea Long 22 days",
        "Cara Soon 8 days",
        "Agnes Obi",
    )
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    assert "(2 days)" in text
    assert "Dora New 1 day " in text
    assert ". Ready since" in text


@on_sqlite
def test_the_bands_count_and_show_who_is_in_them(team: Visitor) -> None:
    page = team.open("/ward")
    counts = "Everybody Ready to go home (1) 7 days or more (2) 14 days or more (1) 21 days or more (1)"
    assert counts in page.text
    text = team.open(page.links()["7 days or more (2)"]).text
    assert "2 people" in text
    assert "Cara Soon" in text
    assert "Ann Ready" not in text
    ready = team.open("/ward?show=ready").text
    assert "Ann Ready" in ready
    assert "Cara Soon" not in ready
    assert "Bea Long" in team.open("/ward?show=nonsense").text


@on_sqlite
def test_a_search_finds_everybody_from_a_home(team: Visitor, visit: Visit) -> None:
    assert "5 found" in team.open("/ward?q=rowan").text
    assert "1 found" in team.open("/ward?q=rowan bea").text
    assert "Ready to go home (" not in visit("nurse").open("/ward").text
