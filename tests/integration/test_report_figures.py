"""The report's figures beside an independent count of the same rows, over a whole invented borough."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import fmean, median
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, text
from sqlalchemy.engine import Engine

from redbag.config import Mode
from redbag.database import db
from redbag.domain.permissions import Actor, OrganisationKind, Role
from redbag.domain.report_filter import ReportFilter
from redbag.domain.stay_counts import together
from redbag.domain.stay_difference import Difference, Interval
from redbag.domain.stay_report import left_out
from redbag.models import Organisation, Stay
from redbag.queries import kept_stays, stay_rows, stays
from redbag.services import figures, stay_figures
from redbag.services.demo import load as demo
from tests.applications import Applications, lay, settings_for
from tests.databases import sqlite_url

# The last complete London day is 24 October: the clocks go back in the night that follows.
NOW = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
AS_OF = date(2026, 10, 24)
THIS_YEAR = (date(2025, 10, 1), date(2026, 9, 30))
YEAR_BEFORE = (date(2024, 10, 1), date(2025, 9, 30))


@pytest.fixture(scope="module")
def borough(
    applications: Applications, migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """Twelve homes with many journeys; only what reports read is loaded in full."""
    path = tmp_path_factory.mktemp("figures") / "demo.sqlite3"
    lay(migrated_sqlite, path)
    app = applications.get(settings_for(sqlite_url(path), mode=Mode.DEMO))
    with app.app_context(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "FULL_JOURNEYS", 30)
        demo.load(12, 900, 5, NOW, lambda _done: None, mode=Mode.DEMO)
        _contradict()
        figures.rebuild([stay_figures.SOURCE], lambda _done: None)
        db.session.commit()
        yield app


def _contradict() -> None:
    """One record of Maple House that says it ended before it began."""
    maple = db.session.query(Organisation).filter_by(name="Maple House").one()
    days = {"admitted_on": date(2026, 5, 9), "discharged_on": date(2026, 5, 2)}
    db.session.add(Stay(home_id=maple.id, hospital_id=1, ended_as="home", admission_source="page", **days))


def _actor(role: Role, place: str, kind: OrganisationKind) -> Actor:
    row = db.session.execute(text("SELECT id, ref FROM organisations WHERE name = :n"), {"n": place}).one()
    return Actor(1, "x", "A reader", role, row.id, row.ref, place, kind)


def _readers() -> list[tuple[Actor, str]]:
    maple = _actor(Role.HOME_MANAGER, "Maple House", OrganisationKind.CARE_HOME)
    hospital = _actor(Role.HOSPITAL_MANAGER, "St Anselm’s Hospital", OrganisationKind.HOSPITAL)
    all_homes = _actor(Role.OVERSIGHT, "Westcombe Borough Partnership", OrganisationKind.OVERSIGHT)
    return [
        (maple, f"s.home_id = {maple.organisation_id}"),
        (hospital, f"s.hospital_id = {hospital.organisation_id}"),
        (all_homes, "1 = 1"),
    ]


def _rows(condition: str) -> list[tuple[date, date | None, str]]:
    """The stays since each home's start, by plain SQL."""
    found = db.session.execute(
        text(
            "SELECT s.admitted_on, s.discharged_on, s.ended_as FROM stays s"  # noqa: S608 - a constant of this file
            f" JOIN organisations o ON o.id = s.home_id WHERE {condition} AND s.admitted_on >= o.joined_on"
        )
    )
    return [(_day(a), _day(b) if b else None, ended) for a, b, ended in found]


def _day(text_: Any) -> date:
    return date.fromisoformat(str(text_))


def _lengths(rows: list[tuple[date, date | None, str]], period: tuple[date, date]) -> list[int]:
    return [
        (ended - admitted).days
        for admitted, ended, _ in rows
        if ended is not None and period[0] <= ended <= period[1] and ended >= admitted
    ]


@pytest.mark.parametrize("reader", [0, 1, 2], ids=["home", "hospital", "borough"])
def test_figures_are_those_of_an_independent_count(borough: Flask, reader: int) -> None:
    actor, condition = _readers()[reader]
    report = stays.report(actor, NOW)
    rows = _rows(condition)
    assert report.as_of == AS_OF
    assert len(report.beside.months) == 12
    for closed, period in ((report.beside.this_year, THIS_YEAR), (report.beside.year_before, YEAR_BEFORE)):
        lengths = _lengths(rows, period)
        assert len(lengths) > 5
        assert closed.n == len(lengths)
        assert closed.median == median(lengths)
        assert closed.mean == pytest.approx(fmean(lengths))
    still_open = [a for a, ended, _ in rows if a <= AS_OF and (ended is None or ended > AS_OF)]
    assert report.n_open == len(still_open)
    for days, counted in report.open_for:
        assert counted == sum((AS_OF - day).days >= days for day in still_open)
    died = [r for r in rows if r[2] == "died"]
    assert report.deaths.n == len(_lengths(died, THIS_YEAR))
    assert report.survivors.n == len(_lengths(rows, THIS_YEAR)) - report.deaths.n
    assert report.bed_days == _nights(rows, THIS_YEAR)
    assert report.bed_days_before == _nights(rows, YEAR_BEFORE)
    assert report.more.quality.contradictory == 1


def _nights(rows: list[tuple[date, date | None, str]], period: tuple[date, date]) -> int:
    """Midnights in hospital, counted one by one."""
    nights = 0
    for admitted, ended, _ in rows:
        night = admitted
        while night < min(ended or AS_OF, AS_OF):
            nights += period[0] <= night <= period[1]
            night += timedelta(days=1)
    return nights


def test_attendances_without_admission_are_counted_by_london_day(borough: Flask) -> None:
    actor, _ = _readers()[2]
    report = stays.report(actor, NOW)
    seen = db.session.execute(
        text(
            "SELECT arrived_at FROM transfers"
            " WHERE arrived_at IS NOT NULL AND admitted_at IS NULL AND ended_at IS NOT NULL"
        )
    ).scalars()
    from zoneinfo import ZoneInfo

    london = ZoneInfo("Europe/London")
    days = [datetime.fromisoformat(at).replace(tzinfo=UTC).astimezone(london).date() for at in seen]
    assert report.more.attendances[0] == sum(THIS_YEAR[0] <= day <= THIS_YEAR[1] for day in days) > 30


def test_the_number_of_queries_does_not_grow_with_the_stays(borough: Flask) -> None:
    counts = []
    for actor, _ in _readers():
        asked: list[str] = []

        def count(_c: object, _cur: object, statement: str, *_more: object, asked: list[str] = asked) -> None:
            asked.append(statement)

        event.listen(Engine, "before_cursor_execute", count)
        try:
            stays.report(actor, NOW)
        finally:
            event.remove(Engine, "before_cursor_execute", count)
        counts.append(len(asked))
    assert max(counts) <= 9


def test_kept_counts_say_the_same_as_the_rows(borough: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """All care homes, from the rows and from what was kept as they were written: not a figure differs."""
    actor, _ = _readers()[2]
    # Two homes that joined within the two years: one late in them.
    joined = (date(2024, 8, 20), date(2025, 5, 6))
    for home, day in zip(
        db.session.query(Organisation).filter_by(kind="care_home")[1:3], joined, strict=True
    ):
        home.joined_on = day
    db.session.flush()
    rows = stays.report(actor, NOW)
    monkeypatch.setattr(kept_stays, "ROWS_AT_MOST", 0)
    kept = stays.report(actor, NOW)
    assert kept.more.whole
    assert not rows.more.whole
    assert rows.from_later_homes > 0
    for what in (
        "beside",
        "pairs",
        "figures",
        "survivors",
        "deaths",
        "bed_days",
        "bed_days_before",
        "admissions",
        "admissions_before",
        "open_for",
    ):
        assert getattr(kept, what) == getattr(rows, what), what
    assert (kept.n_open, kept.life, kept.homes) == (rows.n_open, rows.life, rows.homes)
    assert dict(left_out(kept)) == dict(left_out(rows))
    assert kept.more.quality == rows.more.quality
    for factor, groups in kept.more.groups.items():
        assert groups.lengths() == rows.more.groups[factor].lengths(), factor
    assert kept.more.readmissions == rows.more.readmissions
    assert rows.more.readmissions is not None
    assert rows.more.readmissions.readmitted > 0
    assert rows.more.readmissions.provisional_n > 0
    assert kept.more.resident_days == rows.more.resident_days
    assert rows.more.resident_days is not None
    assert rows.more.resident_days[0].days > 50_000
    assert kept.delays == together(rows.counts.delays, rows.months)
    # One home a group here: the means and their interval are those of homes drawn one by one.
    assert isinstance(rows.difference, Difference)
    assert isinstance(kept.difference, Interval)
    assert kept.difference.difference == pytest.approx(rows.difference.mean.difference)
    assert kept.difference.low <= kept.difference.difference <= kept.difference.high
    db.session.rollback()


def test_a_home_that_joined_late_has_its_own_figures_and_none_of_its_first_months(borough: Flask) -> None:
    actor, _ = _readers()[1]
    home = db.session.query(Organisation).filter_by(kind="care_home")[2]
    home.joined_on = date(2026, 1, 6)
    db.session.flush()
    named = stay_rows.places(actor)
    usual = ReportFilter.usual(AS_OF)
    found = stays.report(
        actor, NOW, replace(usual, home_ref=home.ref, place_names=named.choices.homes), named
    )
    counted = db.session.execute(
        text(
            "SELECT count(*) FROM stays WHERE hospital_id = :hospital AND home_id = :home AND admitted_on >="
            " '2026-01-06' AND discharged_on BETWEEN '2026-05-01' AND '2026-09-30'"
        ),
        {"hospital": actor.organisation_id, "home": home.id},
    ).scalar_one()
    assert found.figures.n == counted > 0
    assert f"Half of the {counted} stays" in found.sentence
    assert "Records began on Tue 6 Jan 2026" in found.sentence
    together_with_all = stays.report(actor, NOW, usual, named)
    assert together_with_all.more.groups["home"].figures()[str(home.id)] == found.figures
    db.session.rollback()
