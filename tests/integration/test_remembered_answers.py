"""What a report page remembers is what it would count: after any change, whoever makes it and however."""

from __future__ import annotations

import importlib.util
import sqlite3
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask, g, request
from sqlalchemy import func, select, text

from redbag.database import begin_write, db
from redbag.domain import report_filter, stay_front, stay_paper
from redbag.domain.permissions import Actor
from redbag.models import JourneyFigures, Organisation, PlaceChange, Resident, Stay, Transfer, Ward
from redbag.models.place_changes import EVERY_PLACE
from redbag.queries import place_changes
from redbag.services import figures, history, residents, stay_figures
from redbag.web.home import overview
from redbag.web.reports import front, length_of_stay, remembered
from tests.applications import settings_for
from tests.cast import Cast
from tests.integration import test_figures, test_history
from tests.integration.pathway import Pathway, write
from tests.visitor import Visitor

NOW = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
READERS = ("manager", "hospital_manager")
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@contextmanager
def asking(app: Flask, actor: Actor, **args: str) -> Iterator[None]:
    """Inside a request of this reader, at one moment of the walk."""
    with app.test_request_context(f"/reports/length-of-stay?{urlencode(args)}"):
        g.actor, g.now, g.settings = actor, NOW, settings_for(str(app.config["SQLALCHEMY_DATABASE_URI"]))
        yield


def pages(actor: Actor) -> dict[str, Any]:
    """The pages that remember something for this reader: what makes their answer."""
    found: dict[str, Any] = {stay_paper.KEY: length_of_stay._found}
    return found | ({"front": front._found} if "hospital" in actor.role else {"overview": overview._stayed})


def told(page: str, make: Any) -> Any:
    made = make if page == stay_paper.KEY else lambda _homes: make()
    return remembered.answer(page, report_filter.asked(request.args), made, lambda _: 1)


def assert_right(app: Flask, actor: Actor, **args: str) -> None:
    """Whatever is remembered or not: the answer is what is counted now, and comes again as it was."""
    with asking(app, actor, **args):
        for page, make in pages(actor).items():
            assert told(page, make) == make(), page
            assert told(page, make) == make(), page
        db.session.rollback()


def narrowed(cast: Cast) -> list[dict[str, str]]:
    return [
        {},
        {"reason": "fall"},
        {"age": "85_94", "bag": "with"},
        {"home": cast.places["other_home"].ref},
        {"hospital": cast.places["hospital"].ref, "weekday": "mon"},
        {"from": "2026-03", "to": "2026-06"},
    ]


def a_journey(dice: Random, cast: Cast) -> Transfer:
    """A visit, or a journey that was an admission, of somebody of either home."""
    home = cast.places[dice.choice(["home", "other_home"])].id
    resident = Resident(
        home_id=home,
        given_name="Ada",
        family_name="Invented",
        date_of_birth=date(dice.randrange(1930, 1960), 5, 1),
        created_at=NOW - timedelta(days=900),
        moved_in_on=dice.choice([None, date(2025, 1, 1)]),
    )
    db.session.add(resident)
    db.session.flush()
    arrived = NOW - timedelta(days=dice.randrange(1, 700))
    return Transfer(
        resident_id=resident.id,
        home_id=home,
        hospital_id=cast.places["hospital"].id,
        state="closed",
        reason=dice.choice(["", "fall"]),
        with_bag=dice.choice([True, None]),
        opened_at=arrived,
        arrived_at=arrived,
        admitted_at=dice.choice([None, None, arrived]),
        ended_at=dice.choice([None, arrived + timedelta(days=1)]),
    )


def past_the_session(dice: Random, cast: Cast) -> None:
    """What a load, a hand at the database or an older program does: no listener of a session hears of it."""
    table, change = dice.choice(
        [
            ("stays", "age = 91"),
            ("stays", "discharged_on = admitted_on"),
            ("stays", "summary = 'given'"),
            ("transfers", "with_bag = NULL"),
            ("transfers", "admitted_at = NULL"),
            ("residents", "date_of_birth = '1931-02-03'"),
            ("residents", "moved_in_on = NULL"),
            ("organisations", "name = name || ' again'"),
            ("wards", "name = name || ' again'"),
            ("organisations", "joined_on = '2024-09-01'"),
        ]
    )
    some = f"SELECT id FROM {table} ORDER BY id LIMIT 3 OFFSET {dice.randrange(3)}"  # noqa: S608 - constants
    db.session.execute(text(f"UPDATE {table} SET {change} WHERE id IN ({some})"))  # noqa: S608 - constants


def a_change(dice: Random, cast: Cast) -> None:
    what = dice.randrange(6)
    if what < 3:
        test_figures.a_change(dice, cast)
    elif what == 3:
        made = a_journey(dice, cast)
        db.session.add(made)
        db.session.flush()
        if dice.random() < 0.5:
            row = {"home_id": made.home_id, "hospital_id": made.hospital_id, "last_on": date(2026, 6, 20)}
            db.session.add(
                JourneyFigures(transfer_id=made.id, contact_on=date(2026, 6, 20), home_contact=1, **row)
            )
    elif what == 4:
        past_the_session(dice, cast)
    else:
        figures.rebuild([stay_figures.SOURCE], lambda _done: None)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_remembered_answer_is_what_is_counted_now(app: Flask, cast: Cast, seed: int) -> None:
    dice = Random(seed)  # noqa: S311 - a walk that comes out the same again
    readers = [cast.actor(part) for part in READERS]
    with app.app_context():
        write(lambda: db.session.add_all([test_figures.a_stay(dice, *_places(cast)) for _ in range(25)]))
    for _ in range(25):
        with app.app_context():
            begin_write()
            for _ in range(dice.randrange(1, 3)):
                a_change(dice, cast)
                db.session.flush()
            if dice.random() < 0.2:
                db.session.rollback()
            else:
                db.session.commit()
        for reader in readers:
            assert_right(app, reader, **dice.choice(narrowed(cast)))
            assert_right(app, reader)


def _places(cast: Cast) -> tuple[int, int]:
    return cast.places["home"].id, cast.places["hospital"].id


def test_earlier_stays_that_come_in_and_go_out_are_seen(app: Flask, cast: Cast) -> None:
    manager = cast.actor("manager")
    assert_right(app, manager)
    with app.app_context():
        row = test_history.load(cast, test_history.HEAD + "".join(test_history.ROWS))
        ref = row.ref
    assert_right(app, manager)
    with app.app_context():
        write(lambda: history.take_out(cast.actor("administrator"), ref, NOW))
    assert_right(app, manager)


def test_a_corrected_date_of_birth_is_seen_by_the_hospital(app: Flask, way: Pathway) -> None:
    reader = replace(way.cast.actor("hospital_manager"))
    carer = way.cast.actor("carer")
    with app.app_context():
        way.packed().after(minutes=10).left().after(minutes=10).arrived().after(minutes=10).admitted()
    assert_right(app, reader, age="75_84")
    with app.app_context():
        resident = db.session.query(Resident).filter_by(ref=way.resident_ref).one()
        typed = {**residents.identity_of(resident), "date_of_birth": "1948-11-03"}
        version = resident.version
        write(lambda: residents.change(carer, way.resident_ref, typed, version=version, now=way.now))
    assert_right(app, reader, age="75_84")


def counting(app: Flask, actor: Actor) -> int:
    """How often the page is counted when it is asked for once."""
    times = 0

    def make(homes: Collection[int] | None) -> Any:
        nonlocal times
        times += 1
        return length_of_stay._found(homes)

    with asking(app, actor):
        told(stay_paper.KEY, make)
        db.session.rollback()
    return times


def test_a_page_is_counted_once_and_again_after_a_change_that_concerns_it(app: Flask, cast: Cast) -> None:
    dice = Random(4)  # noqa: S311 - the same again
    manager, hospital = (cast.actor(part) for part in READERS)
    home, elsewhere = cast.places["home"].id, cast.places["other_home"].id

    def stay(home_id: int, hospital_id: int | None) -> None:
        made = test_figures.a_stay(dice, home_id, 1)
        made.hospital_id = hospital_id
        write(lambda: db.session.add(made))

    with app.app_context():
        stay(home, hospital.organisation_id)
    assert [counting(app, one) for one in (manager, manager, hospital, hospital)] == [1, 0, 1, 0]
    with app.app_context():
        stay(elsewhere, None)
    assert [counting(app, one) for one in (manager, hospital)] == [0, 0], "it concerns neither"
    with app.app_context():
        stay(elsewhere, hospital.organisation_id)
    assert [counting(app, one) for one in (manager, hospital)] == [0, 1]
    with app.app_context():
        stay(elsewhere, None)
    assert counting(app, hospital) == 1, "its homes’ residents may have come back to another hospital"
    with app.app_context():
        write(lambda: db.session.add(Ward(organisation_id=hospital.organisation_id, name="Elm")))
    assert [counting(app, one) for one in (manager, hospital)] == [1, 1]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_change_that_is_not_committed_yet_is_seen_once_it_is(app: Flask, cast: Cast) -> None:
    manager = cast.actor("manager")
    dice = Random(5)  # noqa: S311 - the same again
    with db_session_apart(app) as apart:
        first, second = (test_figures.a_stay(dice, *_places(cast)) for _ in range(2))
        apart.add(first)
        apart.flush()
        with app.app_context():
            write(lambda: db.session.add(second))  # begun later, there earlier
        assert_right(app, manager)
        apart.commit()
    assert counting(app, manager) == 1
    assert_right(app, manager)


@contextmanager
def db_session_apart(app: Flask) -> Iterator[Any]:
    """A second session, as another process has one."""
    from sqlalchemy.orm import Session

    with app.app_context():
        engine = db.engine
    with Session(engine) as apart:
        yield apart


def test_changes_of_a_place_stay_few_rows_and_their_sum_grows(app: Flask, cast: Cast) -> None:
    dice = Random(6)  # noqa: S311 - the same again
    home = cast.places["home"].id
    of_home = PlaceChange.place_id == home
    with app.app_context():
        before = 0
        for _ in range(300):
            write(lambda: db.session.add(test_figures.a_stay(dice, *_places(cast))))
            now = db.session.scalar(select(func.sum(PlaceChange.n)).where(of_home)) or 0
            db.session.rollback()
            assert now > before
            before = now
        rows = db.session.scalar(select(func.count()).select_from(PlaceChange).where(of_home)) or 0
        assert rows < 300


def test_nothing_is_remembered_where_the_database_does_not_tell(app: Flask, cast: Cast) -> None:
    manager = cast.actor("manager")
    on_table = " ON stays" if _is_postgresql(app) else ""
    with app.app_context():
        assert place_changes.stamp(manager, ()) is not None
        said = _definition()
        write(lambda: db.session.execute(text(f"DROP TRIGGER place_changes_stays_update{on_table}")))
        assert place_changes.stamp(manager, ()) is None
    assert [counting(app, manager) for _ in range(2)] == [1, 1]
    with app.app_context():
        write(lambda: db.session.execute(text(said.replace(":", "\\:"))))
        assert place_changes.stamp(manager, ()) is not None


def _is_postgresql(app: Flask) -> bool:
    with app.app_context():
        return db.engine.dialect.name == "postgresql"


def _definition() -> str:
    """How the trigger was made, so that the database can be put right for the tests that follow."""
    name = "place_changes_stays_update"
    asked = (
        "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = :name"
        if db.engine.dialect.name == "postgresql"
        else "SELECT sql FROM sqlite_master WHERE name = :name"
    )
    return str(db.session.scalar(text(asked), {"name": name}))


def watched() -> dict[str, set[str]]:
    """The columns whose changes are told, by table, as the migration names them."""
    path = next(Path("migrations/versions").glob("*_changes_of_a_place.py"))
    spec = importlib.util.spec_from_file_location("changes_of_a_place", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {one.name: set(one.columns) for one in module._WATCHED}


@on_sqlite
def test_every_column_that_a_remembered_answer_is_made_from_is_watched(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite says itself which columns a statement reads."""
    monkeypatch.setattr(stay_front, "has_before", lambda _chart: True)  # before and after joining, too
    dice = Random(7)  # noqa: S311 - the same again
    told_columns = watched()
    read: set[tuple[str, str]] = set()

    def note(action: int, table: str | None, column: str | None, *_rest: object) -> int:
        # json_each is no table: the list of numbers that a statement brings along.
        known = not table or table == "json_each" or column in ("", "id", "ROWID")
        if action == sqlite3.SQLITE_READ and not known:
            read.add((table or "", column or ""))
        return sqlite3.SQLITE_OK

    with app.app_context():
        write(lambda: db.session.add_all([test_figures.a_stay(dice, *_places(cast)) for _ in range(40)]))
        test_history.load(cast, test_history.HEAD + "".join(test_history.ROWS))
    for part in READERS:
        for args in narrowed(cast):
            with asking(app, cast.actor(part), **args):
                raw: Any = db.session.connection().connection.dbapi_connection
                raw.set_authorizer(note)
                try:
                    for make in pages(cast.actor(part)).values():
                        make()
                finally:
                    raw.set_authorizer(None)
                db.session.rollback()
    assert read
    unwatched = {(table, column) for table, column in read if column not in told_columns.get(table, set())}
    assert unwatched == set()


def test_the_bound_holds() -> None:
    kept = remembered.Remembered(most=3, weight=10)
    answers = [remembered._Answer(n, frozenset(), place_changes.Stamp(n, 0), weight=4) for n in range(5)]
    keys: list[Any] = [("page", "role", n, "", date(2026, 1, 1), ()) for n in range(5)]
    for key, one in zip(keys, answers, strict=True):
        kept.put(key, one)
    assert (len(kept), kept.weight) == (2, 8)
    assert kept.get(keys[0]) is None
    assert kept.get(keys[4]) is answers[4]
    kept.put(keys[0], replace(answers[0], weight=11))
    assert kept.get(keys[0]) is None, "what is too large by itself is not kept"


def test_every_place_is_told_of_a_new_name(app: Flask, cast: Cast) -> None:
    def number() -> int:
        return (
            db.session.scalar(select(func.sum(PlaceChange.n)).where(PlaceChange.place_id == EVERY_PLACE)) or 0
        )

    with app.app_context():
        before = number()
        db.session.rollback()
        write(lambda: setattr(db.session.get_one(Organisation, cast.places["home"].id), "name", "New"))
        assert number() > before
        assert db.session.scalar(select(func.count()).select_from(Stay)) == 0


def test_no_person_is_remembered(app: Flask, way: Pathway, visit: Callable[[str], Visitor]) -> None:
    with app.app_context():
        way.packed().after(minutes=10).left().after(minutes=10).arrived().after(minutes=10).admitted()
        remembered.answers().forget()
        person = db.session.query(Resident).filter_by(ref=way.resident_ref).one()
        names = (person.given_name, person.family_name, person.nhs_number or "", way.resident_ref)
    shown = visit("manager").open("/overview")
    assert names[1] in shown.text, "the page names who is away"
    for page in ("/reports", "/reports/length-of-stay"):
        visit("hospital_manager").open(page)
    visit("manager").open("/reports/length-of-stay?reason=fall")
    with app.app_context():
        kept = repr([one.found for one in remembered.answers()._kept.values()])
    assert len(kept) > 10_000
    assert not [name for name in names if name and name in kept]
