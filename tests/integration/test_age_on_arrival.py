"""Visits of an age band: counted by years where those tell the age, and by birthdays where they do not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import event

from redbag.database import begin_write, db
from redbag.domain.report_filter import AGE_BANDS, NOT_RECORDED, ReportFilter
from redbag.domain.stay_periods import periods
from redbag.models import Resident, Transfer
from redbag.queries import kept_stays, stay_rows
from redbag.queries.stay_rows import NamedPlaces
from tests.cast import Cast

AS_OF = date(2026, 6, 30)
LONDON = ZoneInfo("Europe/London")
BANDS = {"under_65": (0, 65), "65_74": (65, 75), "75_84": (75, 85), "85_94": (85, 95), "95_over": (95, 200)}


def age(born: date, day: date) -> int | None:
    """By counting birthdays; somebody born on 29 February has theirs on 1 March of other years."""
    if born > day:
        return None
    return sum(1 for year in range(born.year + 1, day.year + 1) if _birthday(born, year) <= day)


def _birthday(born: date, year: int) -> date:
    try:
        return born.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def a_visit(dice: Random, cast: Cast) -> tuple[date, date]:
    """Somebody who came, mostly about a birthday, a new year or a midnight: when born, and when (London)."""
    arrived = datetime(2024, 6, 1, tzinfo=UTC) + timedelta(hours=dice.randrange(24 * 800))
    if dice.random() < 0.4:
        arrived = arrived.replace(month=1, day=1, hour=0, minute=dice.choice([0, 1, 30]))
    if dice.random() < 0.4:
        arrived = arrived.replace(hour=23, minute=dice.choice([0, 30, 59]))
    day = arrived.astimezone(LONDON).date()
    years = dice.choice([0, 1, 40, 64, 65, 66, 74, 75, 84, 85, 86, 94, 95, 96, 103, -1])
    try:
        born = day.replace(year=day.year - years) + timedelta(days=dice.choice([-1, 0, 1, 40, -40]))
    except ValueError:
        born = date(day.year - years, 2, 28)
    if dice.random() < 0.1:
        born = date(1940, 2, 29)
    person = Resident(
        home_id=cast.places["home"].id,
        given_name="Ada",
        family_name="Invented",
        date_of_birth=born,
        created_at=arrived,
    )
    db.session.add(person)
    db.session.flush()
    db.session.add(
        Transfer(
            resident_id=person.id,
            home_id=cast.places["home"].id,
            hospital_id=cast.places["hospital"].id,
            state="closed",
            opened_at=arrived,
            arrived_at=arrived,
            ended_at=arrived + timedelta(hours=5),
        )
    )
    return born, day


def test_visits_of_each_age_band_are_those_of_whoever_was_so_old(app: Flask, cast: Cast) -> None:
    dice = Random(20261123)  # noqa: S311 - invented visits
    with app.app_context():
        begin_write()
        visits = [a_visit(dice, cast) for _ in range(400)]
        db.session.commit()
        chosen = ReportFilter.usual(AS_OF)
        now, then = periods(chosen)
        told = 0
        for band, _ in AGE_BANDS:
            narrowed = ReportFilter(chosen.first, chosen.last, age_band=band)
            found = stay_rows.attendances(cast.actor("manager"), now, then, narrowed, NamedPlaces())
            for period, n in (
                (now, sum(one.n for one in found if one.now)),
                (then, sum(one.n for one in found if one.then)),
            ):
                of_band = [
                    day
                    for born, day in visits
                    if period.start <= day <= period.end and _band(age(born, day)) == band
                ]
                assert n == len(of_band), (band, period)
                told += n
        everyone = stay_rows.attendances(cast.actor("manager"), now, then, chosen, NamedPlaces())
        assert told == sum(one.n * (one.now + one.then) for one in everyone) > 200


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_visits_are_counted_from_an_index_alone(app: Flask, cast: Cast) -> None:
    """SQLite reads no row of a journey for them: at the size of a country that is thousands."""
    dice = Random(7)  # noqa: S311 - invented visits
    plans: list[str] = []

    def explain(_c: object, cursor: Any, statement: str, parameters: Any, *_rest: object) -> None:
        if "transfers.arrived_at >=" in statement:
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.extend(row[3] for row in cursor.fetchall() if "transfers" in row[3])

    with app.app_context():
        begin_write()
        for _ in range(20):
            a_visit(dice, cast)
        db.session.commit()
        chosen = ReportFilter.usual(AS_OF)
        now, then = periods(chosen)
        event.listen(db.engine, "before_cursor_execute", explain)
        filters: tuple[dict[str, Any], ...] = ({}, {"age_band": "85_94"}, {"reason": "fall"}, {"bag": "with"})
        for part in ("manager", "hospital_manager"):
            for more in filters:
                narrowed = replace(chosen, **more)
                stay_rows.attendances(cast.actor(part), now, then, narrowed, NamedPlaces())
        stay_rows.attendances(cast.actor("oversight"), now, then, chosen, NamedPlaces())
        kept_stays.KeptStays(chosen, AS_OF, {}).beside()
        event.remove(db.engine, "before_cursor_execute", explain)
    assert len(plans) == 11
    assert [plan for plan in plans if "COVERING INDEX" not in plan] == []


def _band(years: int | None) -> str:
    if years is None:
        return NOT_RECORDED
    return next(band for band, (first, after) in BANDS.items() if first <= years < after)
