"""With a field key nothing about a person can be read in the database, and every page says what it said."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from redbag.config import ConfigurationError, Settings
from redbag.database import db
from redbag.domain.custody import Status, Step
from redbag.domain.errors import Invalid, Unsealable
from redbag.models import KeptFile, Resident
from redbag.queries import residents
from redbag.security.sealing import key_id
from redbag.services import emergency, field_keys
from redbag.services.emergency import Asked
from tests.cast import Cast, assemble
from tests.integration import household
from tests.integration.attaching import add_photo, stored
from tests.integration.sealing import FIRST, SECOND, as_a_thief_reads, raw_rows, run
from tests.integration.walk import Walk
from tests.visitor import Visitor, day

Visit = Callable[[str], Visitor]
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

NUMBER = "9990000026"
CANARIES = {
    "Zebulina": "name",
    "Quackenbush": "name",
    "Zebbiekins": "name",
    "zebulina": "words of the name",
    NUMBER: "NHS number",
    "9990000018": "NHS number of who is sent",
    "Canarywing 7": "room",
    "Dr Canarius": "general practice",
    "Canary seeds make her wheeze": "record",
    "Canaryprofen": "medicine",
    "Warfarin": "medicine that travels",
    "Drowsy on morphine": "what became of a medicine",
    "Glasses": "belonging",
    "canary on the bag": "note of a bag",
    "a canary was told": "note of a check",
}


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app(field_key=FIRST, field_keys_old=())


def write_everything(walk: Walk, visit: Visit) -> str:
    """A resident by the form, a record, medicines, a photo and a whole journey. The resident's reference."""
    carer = visit("carer")
    carer.open("/residents/new")
    carer.press(
        {
            "given_name": "Zebulina",
            "family_name": "Quackenbush",
            "preferred_name": "Zebbiekins",
            "nhs_number": NUMBER,
            "room": "Canarywing 7",
            "gp_practice": "Dr Canarius",
            **day("date_of_birth", date(1938, 11, 3)),
        }
    )
    ref = walk.look(lambda: db.session.scalars(select(Resident).order_by(Resident.id.desc())).first()).ref
    told = {"allergy_status": "known", "allergies": [{"substance": "Canary seeds make her wheeze"}]}
    walk.look(lambda: household.record(walk.cast, ref, "alerts", told))
    walk.look(lambda: household.medicine(walk.cast, ref, "Canaryprofen"))
    add_photo(carer, walk)
    walk.to("packed", "left", "arrived", "admitted", "medicines_listed", "going_home", "received")
    walk.look(lambda: walk.way.checked("carer", Step.RETURN, dentures=Status.MISSING))
    item = walk.look(lambda: walk.way.transfer)
    walk.write(lambda: setattr(db.session.merge(item).bag, "note", "canary on the bag"))
    return str(ref)


def test_nothing_of_a_person_stands_in_the_database_and_the_pages_say_it(
    app: Flask, cast: Cast, visit: Visit, settings: Settings
) -> None:
    walk = Walk(app, cast)
    ref = write_everything(walk, visit)
    photo = walk.look(lambda: [row.content for row in db.session.scalars(select(KeptFile))])
    assert photo and all(content.startswith(b"\xff\xd8") for content in photo)
    raw = as_a_thief_reads(settings.database_url)
    stands = [word for word in CANARIES if word.encode() in raw]
    assert stands == []
    assert not any(content[20:60] in raw or content[-60:-20] in raw for content in photo)
    assert b"\xff\xd8\xff" not in raw, "the beginning of a JPEG"
    assert raw.count(f"rb1:{key_id(FIRST)}:".encode()) > 50

    carer = visit("carer")
    page = carer.open(f"/residents/{ref}")
    for said in ("Zebulina Quackenbush", "Zebbiekins", "999 000 0026", "Canarywing 7", "Canaryprofen"):
        assert said in page.text
    assert "Canary seeds make her wheeze" in page.text
    pack = visit("nurse").open(f"/B/{walk.token}").text
    assert "Agnes Obi" in pack
    assert "Warfarin" in pack
    picture = carer.client.get(f"/papers/{stored(walk)['photo']}/small.jpg")
    assert picture.data in photo


def test_without_a_key_it_stands_there_as_it_always_did(
    make_app: Callable[..., Flask], settings: Settings
) -> None:
    """The same acts: what the test above looks for is found where nothing is sealed."""
    app = make_app(field_key=None)
    with app.app_context():
        cast = assemble()
    walk = Walk(app, cast)
    write_everything(walk, lambda part: Visitor(cast.browser(app, part)))
    raw = as_a_thief_reads(settings.database_url)
    assert b"rb1:" not in raw
    missing = [word for word in CANARIES if word.encode() not in raw and word != "a canary was told"]
    assert missing == []
    assert {row["nhs_number_index"] for row in raw_rows(settings.database_url, "residents")} == {None}


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("zeb", True),
        ("QUACK", True),
        ("bush", False),
        ("quack zebb", True),
        ("quack agnes", False),
        ("canarywing 7", True),
        ("ébulina", False),
        ("zébulina", True),
    ],
)
@on_sqlite
def test_the_start_of_any_word_of_a_name_finds_the_person(
    app: Flask, cast: Cast, visit: Visit, words: str, found: bool
) -> None:
    with app.app_context():
        household.add(cast, "Zebulina", "Quackenbush", preferred_name="Zebbiekins", room="Canarywing 7")
        household.add(cast, "Agnes", "Obi")
    page = visit("carer").open(f"/residents?q={words}")
    assert ("Zebulina Quackenbush" in page.text) is found
    assert "Agnes Obi" not in page.text


def test_an_nhs_number_is_found_exactly_sealed_or_not(
    make_app: Callable[..., Flask], cast: Cast, app: Flask
) -> None:
    home = cast.places["home"].id
    with make_app(field_key=None).app_context():
        plain = household.add(cast, "Early", "Bird", nhs_number="9990000034")
    with make_app(field_key=FIRST).app_context():
        first = household.add(cast, "Zebulina", "Quackenbush", nhs_number=NUMBER)
    with make_app(field_key=SECOND, field_keys_old=(FIRST,)).app_context():
        second = household.add(cast, "Agnes", "Obi", nhs_number="9990000018")
        for number, ref in (("9990000034", plain), (NUMBER, first), ("9990000018", second)):
            found = residents.with_nhs_number(home, number)
            assert found is not None
            assert found.ref == ref
            assert found.nhs_number == number
        assert residents.with_nhs_number(home, "9990000042") is None
        index = db.session.scalars(select(Resident.nhs_number_index).order_by(Resident.id)).all()
        assert [one and one[:8] for one in index] == [None, key_id(FIRST), key_id(SECOND)]


@on_sqlite
def test_a_number_that_the_home_has_is_refused_and_one_that_was_taken_away_is_free(
    app: Flask, cast: Cast, visit: Visit
) -> None:
    with app.app_context():
        ref = household.add(cast, "Zebulina", "Quackenbush", nhs_number=NUMBER)
    carer = visit("carer")
    carer.open("/residents/new")
    typed = {"given_name": "Agnes", "family_name": "Obi", "nhs_number": NUMBER, "date_of_birth-day": "3"}
    typed |= {"date_of_birth-month": "11", "date_of_birth-year": "1938"}
    assert "Zebulina Quackenbush (room not recorded) already has 999 000 0026" in carer.press(typed).text
    carer.open(f"/residents/{ref}/edit")
    carer.press({"nhs_number": "", "nhs_not_known": "yes"})
    with app.app_context():
        assert db.session.scalars(select(Resident)).one().nhs_number_index is None
    carer.open("/residents/new")
    assert "999 000 0026" in carer.press(typed).text
    with app.app_context():
        assert residents.with_nhs_number(cast.places["home"].id, NUMBER) is not None


def test_the_pack_is_found_without_the_bag_by_number_and_date_of_birth(app: Flask, cast: Cast) -> None:
    walk, nurse = Walk(app, cast).to("packed", "left"), cast.actor("nurse")
    limits, now = app.config["LIMITS"], datetime.now(UTC)
    asked = Asked("999 000 0018", date(1938, 11, 3), "Arrived without the bag, unconscious")
    found = walk.write(lambda: emergency.open_(nurse, asked, limits, now).transfer.ref)
    assert found == walk.ref
    for number, born in (("9990000026", asked.born), (asked.nhs_number, date(1939, 11, 3))):
        with app.app_context(), pytest.raises(Invalid):
            emergency.open_(nurse, Asked(number, born, asked.reason), limits, now)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE residents SET given_name = family_name",  # moved to another column
        "UPDATE residents SET given_name = substr(given_name, 1, 20) || 'x' || substr(given_name, 22)",
        "UPDATE residents SET given_name = substr(given_name, 1, 30)",  # cut short
        "UPDATE residents SET given_name = replace(given_name, 'rb1:', 'rb1:0')",  # another key's id
    ],
)
def test_what_was_changed_or_moved_is_refused_and_never_shown(
    app: Flask, cast: Cast, visit: Visit, settings: Settings, change: str, caplog: pytest.LogCaptureFixture
) -> None:
    with app.app_context():
        ref = household.add(cast, "Zebulina", "Quackenbush")
    carer = visit("carer")
    run(settings.database_url, change)
    with caplog.at_level(logging.ERROR, logger="redbag"):
        page = carer.open(f"/residents/{ref}")
    assert page.status == 500
    assert "was changed in the database, or its key is missing" in page.text
    assert "Quackenbush" not in page.text
    assert "residents.given_name" in caplog.text
    with (
        app.app_context(),
        pytest.raises(Unsealable, match=r"A value of residents\.given_name does not"),
    ):
        db.session.scalars(select(Resident.given_name)).all()


@on_sqlite
def test_a_picture_that_was_changed_is_refused(
    app: Flask, cast: Cast, visit: Visit, settings: Settings
) -> None:
    walk, carer = Walk(app, cast), visit("carer")
    add_photo(carer, walk)
    run(
        settings.database_url,
        "UPDATE kept_files SET content = CAST(substr(content, 1, length(content) - 1) || 'x' AS BLOB)",
    )
    assert carer.client.get(f"/papers/{stored(walk)['photo']}/small.jpg").status_code == 500


@on_sqlite
def test_a_pack_that_was_moved_to_another_journey_is_refused(
    app: Flask, cast: Cast, visit: Visit, settings: Settings
) -> None:
    walk = Walk(app, cast).to("packed", "left")
    nurse = visit("nurse")
    address = f"/B/{walk.token}"
    assert "Agnes Obi" in nurse.open(address).text
    run(settings.database_url, "UPDATE transfers SET ref = 'another0journey0'")
    page = nurse.open(address)
    assert page.status == 500
    assert "It is not shown" in page.text


@on_sqlite
def test_a_text_that_begins_like_a_sealed_one_stays_what_it_is(
    make_app: Callable[..., Flask], cast: Cast
) -> None:
    said = f"rb1:{key_id(FIRST)}:AAAA"
    for key in (None, FIRST):
        with make_app(field_key=key).app_context():
            household.add(cast, said, "Obi")
    with make_app(field_key=FIRST).app_context():
        assert list(db.session.scalars(select(Resident.given_name))) == [said, said]


@on_sqlite
def test_the_database_is_never_asked_to_compare_what_may_be_sealed(make_app: Callable[..., Flask]) -> None:
    with make_app(field_key=None).app_context():
        for wanted in (
            select(Resident).filter_by(family_name="Obi"),
            select(Resident).where(Resident.family_name.ilike("o%")),
        ):
            with pytest.raises(Exception, match=r"residents\.family_name may be sealed"):
                db.session.scalars(wanted).all()


def test_nothing_starts_without_the_key_that_records_are_sealed_under(
    app: Flask, cast: Cast, settings: Settings
) -> None:
    url, now = settings.database_url, datetime.now(UTC)
    assert field_keys.fit(url, FIRST, (), now)
    for newest, older, held in ((None, (), "none is set"), (SECOND, (), key_id(SECOND))):
        with pytest.raises(ConfigurationError, match=f"sealed under the key {key_id(FIRST)}.*{held}"):
            field_keys.fit(url, newest, older, now)
    assert field_keys.fit(url, None, (FIRST,), now)
    assert field_keys.fit(url, SECOND, (FIRST,), now)
    with pytest.raises(ConfigurationError, match=key_id(SECOND)):
        field_keys.fit(url, FIRST, (), now)
