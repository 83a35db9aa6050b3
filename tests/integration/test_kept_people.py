"""Readmissions and resident-days of the whole country are kept as stays and residents change, exactly."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from flask import Flask
from sqlalchemy import select, true, update

from redbag.database import begin_write, db
from redbag.domain import kept_sources, readmissions, resident_counts, resident_days
from redbag.domain.london_time import london_day
from redbag.domain.readmission_counts import READMITTED, spell
from redbag.domain.readmissions import Readmissions
from redbag.domain.resident_days import Lived
from redbag.domain.stay_counts import ALL, COULD_RETURN, Cells
from redbag.domain.stay_periods import Period
from redbag.domain.stays_by_month import add_months, first_day
from redbag.models import FigureCount, Organisation, Resident, Stay
from redbag.queries import figures as reads
from redbag.queries import kept_beside, resident_facts, stay_facts
from redbag.services import figures, resident_figures, stay_figures
from tests.cast import Cast
from tests.integration.pathway import write
from tests.integration.test_figures import counted, kept

AS_OF = date(2026, 6, 20)
YEAR = Period(date(2025, 6, 1), date(2026, 5, 31))
BEFORE = Period(date(2024, 6, 1), date(2025, 5, 31))


@pytest.fixture
def people(app: Flask, cast: Cast) -> Iterator[list[int]]:
    """Three residents of one home that has been there from the beginning."""
    with app.app_context():
        begin_write()
        made = [a_resident(cast.places["home"].id, date(2023, 1, 1)) for _ in range(3)]
        db.session.add_all(made)
        db.session.get_one(Organisation, cast.places["home"].id).joined_on = None
        db.session.commit()
        yield [one.id for one in made]


def a_resident(home_id: int, moved_in: date | None) -> Resident:
    born, made = date(1940, 2, 1), datetime(2025, 3, 30, 23, 30, tzinfo=UTC)
    return Resident(
        home_id=home_id,
        given_name="Vera",
        family_name="Nowak",
        date_of_birth=born,
        moved_in_on=moved_in,
        created_at=made,
    )


def a_stay(dice: Random, home_id: int, people: list[int]) -> Stay:
    came = AS_OF - timedelta(days=dice.randrange(-2, 300))
    ended = came + timedelta(days=dice.randrange(-1, 30)) if dice.random() < 0.8 else None
    return Stay(
        home_id=home_id,
        resident_id=dice.choice([*people, None]),
        journey_type=dice.choice(["emergency", "emergency", "planned"]),
        admitted_on=came,
        discharged_on=ended,
        ended_as=dice.choice(["home", "died", "elsewhere"]) if ended else "",
    )


def kept_residents() -> Cells:
    found: Cells = Counter()
    for series, homes in reads.read_all(resident_figures.SERIES, resident_counts.FACET).items():
        for home, months in homes.items():
            for month, numbers in months.items():
                for number, n in numbers.items():
                    found[series, resident_counts.FACET, home, month, number] += n
    return found


def counted_residents() -> Cells:
    return resident_counts.cells(resident_facts.where(db.session.connection(), true()))


def rebuild() -> int:
    return figures.rebuild([stay_figures.SOURCE, resident_figures.SOURCE], lambda _records: None)


def a_change(dice: Random, cast: Cast, people: list[int]) -> None:
    """Any of the things that happen to stays, to residents, and to the day a home joined."""
    stays = db.session.scalars(select(Stay).order_by(Stay.id)).all()
    stay = dice.choice(stays) if stays else None
    home = cast.places[dice.choice(["home", "other_home"])].id
    what = dice.randrange(10)
    if what < 3 or stay is None:
        db.session.add_all([a_stay(dice, home, people) for _ in range(dice.randrange(2, 7))])
    elif what == 3:
        stay.discharged_on, stay.ended_as = stay.admitted_on + timedelta(days=dice.randrange(40)), "home"
    elif what == 4:
        stay.admitted_on += timedelta(days=dice.randrange(-9, 9))
        stay.ended_as, stay.journey_type = (
            dice.choice(["home", "died"]),
            dice.choice(["emergency", "planned"]),
        )
    elif what in (5, 6):
        stay.resident_id = dice.choice([*people, None])
    elif what == 7:
        db.session.delete(stay)
    elif what == 8:
        one = db.session.get_one(Resident, dice.choice(people))
        one.moved_in_on = dice.choice([None, AS_OF - timedelta(days=dice.randrange(900))])
        one.left_on = dice.choice([None, AS_OF - timedelta(days=dice.randrange(600))])
        one.home_id = home
    else:
        joined = dice.choice([None, AS_OF - timedelta(days=dice.randrange(100, 900))])
        db.session.get_one(Organisation, home).joined_on = joined


@pytest.mark.parametrize("seed", [1, 2])
def test_what_is_kept_of_people_follows_every_change(
    cast: Cast, people: list[int], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = Random(seed)  # noqa: S311 - a walk that comes out the same again
    monkeypatch.setattr(figures, "FOLD_AT", 150)
    readmitted = 0
    for _ in range(40):
        begin_write()
        for _ in range(dice.randrange(1, 4)):
            a_change(dice, cast, people)
            db.session.flush()
        if dice.random() < 0.2:
            db.session.rollback()
            continue
        if dice.random() < 0.2:
            figures.fold()
        db.session.commit()
        assert kept() == counted()
        assert kept_residents() == counted_residents()
        assert kept_beside.readmissions(YEAR, AS_OF) == from_rows()
        assert kept_beside.resident_days(BEFORE.start, YEAR, BEFORE) == (lived(YEAR), lived(BEFORE))
        readmitted += from_rows().readmitted
    assert readmitted > 20
    before = (kept(), kept_residents())
    write(rebuild)
    assert (kept(), kept_residents()) == before


def from_rows() -> Readmissions:
    stays = stay_facts.where(db.session.connection(), true())
    return readmissions.count(map(spell, stays), YEAR.start, YEAR.end, AS_OF)


def lived(period: Period) -> resident_days.ResidentDays:
    """Counted one by one, of the homes that are whole in both years."""
    rows = db.session.execute(
        select(Resident.moved_in_on, Resident.created_at, Resident.left_on, Organisation.joined_on).join(
            Organisation, Organisation.id == Resident.home_id
        )
    )
    found = [
        Lived(moved_in, london_day(created), left, joined)
        for moved_in, created, left, joined in rows
        if joined is None or joined <= add_months(BEFORE.start, -3)
    ]
    return resident_days.count(found, period.start, period.end)


def test_an_end_and_the_admission_that_follows_it_written_at_the_same_time(
    app: Flask, cast: Cast, people: list[int]
) -> None:
    """Neither of the two sees the other's stay before it is committed."""
    home, day = cast.places["home"].id, date(2026, 3, 1)
    failed: list[BaseException] = []

    def work(number: int) -> None:
        try:
            with app.app_context():
                for turn in range(8):
                    came = day + timedelta(days=20 * turn + 5 * number)
                    ended = came + timedelta(days=2)
                    stay = Stay(
                        home_id=home,
                        resident_id=people[turn % 2],
                        journey_type="emergency",
                        admitted_on=came,
                        discharged_on=ended,
                        ended_as="home",
                    )
                    write(lambda stay=stay: db.session.add(stay))  # type: ignore[misc]
        except BaseException as problem:
            failed.append(problem)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    db.session.rollback()
    assert len(counted()) > 20
    assert kept() == counted()
    followed = reads.read(READMITTED, ALL)[""]
    assert sum(days.total() for days in followed.values()) >= 8


def test_a_correction_changes_whether_the_stay_before_was_followed(cast: Cast, people: list[int]) -> None:
    home, day = cast.places["home"].id, date(2026, 3, 10)
    first = Stay(
        home_id=home,
        resident_id=people[0],
        admitted_on=day - timedelta(days=4),
        discharged_on=day,
        ended_as="home",
    )
    again = Stay(home_id=home, resident_id=people[0], admitted_on=day + timedelta(days=29))
    write(lambda: db.session.add_all([first, again]))
    assert reads.read(COULD_RETURN, ALL) == {"": {first_day(day): {10: 1}}}
    assert reads.read(READMITTED, ALL) == {"": {first_day(day): {10: 1}}}
    one_day_later = day + timedelta(days=30)
    write(lambda: setattr(db.session.get_one(Stay, again.id), "admitted_on", one_day_later))
    assert reads.read(READMITTED, ALL) == {}


def test_what_is_not_counted_in_this_version_is_not_there(app: Flask, people: list[int]) -> None:
    sources = (kept_sources.STAYS, kept_sources.RESIDENTS)
    assert not kept_beside.there(sources)
    write(rebuild)
    assert kept_beside.there(sources)
    older = FigureCount.facet_value == kept_sources.STAYS.name
    write(lambda: db.session.execute(update(FigureCount).where(older).values(value=1)))
    assert not kept_beside.there(sources)
    assert kept_beside.there([kept_sources.RESIDENTS])
    write(rebuild)
    assert kept_beside.there(sources)
