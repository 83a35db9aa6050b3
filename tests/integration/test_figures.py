"""Kept counts say exactly what the records say: after any change, any fold, and writers at the same time."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from flask import Flask
from sqlalchemy import func, select, true, union

from redbag.database import begin_write, db
from redbag.domain.custody import Step
from redbag.domain.stay_counts import ALL, CLOSED, Cells, StayCounts
from redbag.models import FigureCount, FigureDelta, Organisation, Resident, Stay
from redbag.queries import figures as reads
from redbag.queries import stay_facts
from redbag.services import figures, organisations, residents, stay_figures
from tests.cast import Cast
from tests.integration.counting import counted as asked
from tests.integration.pathway import Pathway, write

AS_OF = date(2026, 6, 30)


def kept() -> Cells:
    """Everything that is kept of stays, whatever is folded of it."""
    found: Cells = Counter()
    facets = union(select(FigureCount.facet), select(FigureDelta.facet))
    for facet in db.session.scalars(facets).all():
        for series, values in reads.read_all(stay_figures.SERIES, facet).items():
            for value, months in values.items():
                for month, lengths in months.items():
                    for number, n in lengths.items():
                        found[series, facet, value, month, number] += n
    return found


def counted() -> Cells:
    """The same from the stays themselves."""
    return stay_figures.cells(stay_facts.where(db.session.connection(), true()))


def rebuild() -> int:
    return figures.rebuild([stay_figures.SOURCE], lambda _records: None)


def a_stay(dice: Random, home_id: int, hospital_id: int) -> Stay:
    admitted = AS_OF - timedelta(days=dice.randrange(-3, 900))
    ended = admitted + timedelta(days=dice.randrange(-1, 60)) if dice.random() < 0.7 else None
    return Stay(
        home_id=home_id,
        hospital_id=dice.choice([None, hospital_id]),
        reason=dice.choice(["", "fall"]),
        age=dice.choice([None, 70, 90]),
        admitted_on=admitted,
        discharged_on=ended,
        discharge_ready_on=dice.choice([None, ended]),
        ended_as=dice.choice(["home", "died", "elsewhere"]) if ended else "",
        with_bag=dice.choice([True, False, None]),
    )


def a_change(dice: Random, cast: Cast) -> None:
    """Any of the things that happen to stays, and to the day a home joined."""
    place = cast.places[dice.choice(["home", "other_home"])].id
    stay = db.session.scalars(select(Stay).order_by(Stay.id).offset(dice.randrange(30)).limit(1)).first()
    what = dice.randrange(6)
    if what == 0 or stay is None:
        for _ in range(dice.randrange(1, 6)):
            db.session.add(a_stay(dice, place, cast.places["hospital"].id))
    elif what == 1:
        stay.discharged_on = stay.admitted_on + timedelta(days=dice.randrange(-1, 40))
        stay.ended_as = "home"
    elif what == 2:
        stay.discharged_on, stay.ended_as, stay.admitted_on = None, "", stay.admitted_on - timedelta(days=1)
    elif what == 3:
        stay.reason, stay.with_bag, stay.home_id = "infection", True, place
    elif what == 4:
        db.session.delete(stay)
    else:
        home = db.session.get_one(Organisation, place)
        home.joined_on = dice.choice([None, AS_OF - timedelta(days=dice.randrange(900))])


@pytest.mark.parametrize("seed", [1, 2])
def test_kept_counts_follow_every_change(
    app: Flask, cast: Cast, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = Random(seed)  # noqa: S311 - a walk that comes out the same again
    monkeypatch.setattr(figures, "FOLD_AT", 150)
    with app.app_context():
        for _ in range(30):
            begin_write()
            for _ in range(dice.randrange(1, 4)):
                a_change(dice, cast)
                db.session.flush()
            if dice.random() < 0.2:
                db.session.rollback()
                continue
            if dice.random() < 0.2:
                figures.fold()
            db.session.commit()
            assert kept() == counted()
        facts = stay_facts.where(db.session.connection(), true())
        series = {name: found[""] for name, found in reads.read_all(stay_figures.SERIES, ALL).items()}
        whole = StayCounts.kept(series, stay_facts.unsettled(AS_OF), AS_OF)
        rows = StayCounts.of(facts, AS_OF)
        assert whole.life() == rows.life()
        assert +whole.bed_days == +rows.bed_days
        assert (whole.contradictory, whole.admitted_after) == (rows.contradictory, rows.admitted_after)
        before = kept()
        assert write(rebuild) == len(before)
        assert kept() == before
        assert db.session.scalar(select(func.count()).select_from(FigureDelta)) == 0


def test_what_is_counted_anew_replaces_what_went_wrong(app: Flask, cast: Cast) -> None:
    with app.app_context():
        dice = Random(3)  # noqa: S311 - the same again
        write(lambda: db.session.add_all([a_stay(dice, cast.places["home"].id, 1) for _ in range(9)]))
        wrong = (CLOSED, ALL, "", date(2026, 1, 1), 5)
        write(lambda: figures.changed({}, {wrong: 7}))
        write(lambda: figures.added({wrong: 7}))
        assert kept() != counted()
        write(rebuild)
        assert kept() == counted()


def test_writers_at_the_same_time_lose_nothing(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "FOLD_AT", 60)
    failed: list[BaseException] = []

    def work(number: int) -> None:
        dice = Random(number)  # noqa: S311 - the same again
        try:
            with app.app_context():
                for turn in range(6):
                    write(lambda: db.session.add(a_stay(dice, cast.places["home"].id, 1)))
                    if number == 0 and turn in (2, 4):
                        write(rebuild)
        except BaseException as problem:
            failed.append(problem)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Stay)) == 24
        assert kept() == counted()


def lengths() -> Counter[tuple[str, int]]:
    """How many closed stays there are by age band and days, as kept."""
    found: Counter[tuple[str, int]] = Counter()
    for value, months in reads.read(CLOSED, "age").items():
        for days in months.values():
            found.update({(value, number): n for number, n in days.items()})
    return found


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_journey_is_counted_once_it_has_ended_and_its_correction_too(app: Flask, way: Pathway) -> None:
    with app.app_context():
        way.packed().after(minutes=10).left().after(minutes=10).arrived().after(minutes=10).admitted()
        assert lengths() == {}
        way.after(minutes=10).checked("nurse", Step.ADMISSION).after(minutes=1).going_home()
        stay = db.session.scalars(select(Stay)).one()
        days = (stay.discharged_on - stay.admitted_on).days if stay.discharged_on else -1
        assert stay.age == (88 if stay.admitted_on >= date(2026, 11, 3) else 87)
        assert lengths() == {("85_94", days): 1}
        _born_later(way)
        assert lengths() == {("75_84", days): 1}


def _born_later(way: Pathway) -> None:
    """The home finds that the date of birth was wrong."""
    carer = way.cast.actor("carer")
    resident = db.session.query(Resident).filter_by(ref=way.resident_ref).one()
    typed = {**residents.identity_of(resident), "date_of_birth": "1948-11-03"}
    write(lambda: residents.change(carer, way.resident_ref, typed, version=resident.version, now=way.now))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_home_that_joined_later_has_earlier_stays_taken_out(app: Flask, cast: Cast) -> None:
    home = cast.places["home"]
    with app.app_context():
        day = date(2026, 3, 10)
        write(
            lambda: db.session.add(
                Stay(home_id=home.id, admitted_on=day, discharged_on=day + timedelta(days=4), ended_as="home")
            )
        )
        assert reads.read(CLOSED, ALL) == {"": {date(2026, 3, 1): {4: 1}}}
        administrator = cast.actor("administrator")
        row = db.session.get_one(Organisation, home.id)
        typed = organisations.as_typed(row) | {"joined_on": "2026-03-11"}
        write(lambda: organisations.change(administrator, home.ref, row.version, typed, datetime.now(UTC)))
        assert reads.read(CLOSED, ALL) == {}
        assert kept() == counted()


def test_a_change_of_one_stay_finds_what_it_needs_by_key(app: Flask, cast: Cast) -> None:
    """Beside a query, PostgreSQL uses neither key: it would read every stay of a country for a discharge."""
    dice = Random(3)  # noqa: S311 - the same again
    with app.app_context():
        begin_write()
        stay = a_stay(dice, cast.places["home"].id, cast.places["hospital"].id)
        db.session.add(stay)
        db.session.flush()
        with asked(app) as statements:
            stay.reason = "infection"
            db.session.flush()
        db.session.rollback()
    read = [one for one in statements if "FROM stays" in one]
    assert read
    assert not [one for one in read if one.count("FROM stays") > 1]
