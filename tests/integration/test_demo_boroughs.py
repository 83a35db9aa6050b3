"""A demo the size of a country: further boroughs are copied from the first, whole and counted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from redbag.config import Mode
from redbag.database import db
from redbag.domain import journey, resident_counts
from redbag.domain.stay_counts import COULD_RETURN
from redbag.models import JourneyFigures, Organisation, Resident, Stay, Transfer, TransferEvent
from redbag.queries import figures as reads
from redbag.services import events, figures, journey_figures, resident_figures, stay_figures
from redbag.services.demo import load as demo
from tests.integration.pathway import write

NOW = datetime(2026, 11, 22, 3, 10, tzinfo=UTC)


def kept() -> dict[str, object]:
    series = [*stay_figures.SERIES, *journey_figures.SERIES, *resident_figures.SERIES]
    facets = ("", "reason", "hospital", "group", "tenure", "span", resident_counts.FACET)
    return {facet: reads.read_all(series, facet) for facet in facets}


def laid() -> list[tuple[object, ...]]:
    """Every index and trigger that there is."""
    asked = {
        "sqlite": "SELECT name, tbl_name, sql FROM sqlite_master",
        "postgresql": "SELECT indexname, indexdef, '' FROM pg_indexes UNION ALL"
        " SELECT tgname, pg_get_triggerdef(oid), CAST(tgenabled AS text) FROM pg_trigger"
        " WHERE NOT tgisinternal",
    }[db.engine.dialect.name]
    found = sorted(tuple(row) for row in db.session.execute(text(asked)))
    db.session.rollback()
    assert sum("place_changes_" in str(row[0]) for row in found) >= 24
    return found


def test_further_boroughs_are_whole_and_counted(
    make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "BOROUGH_JOURNEYS", 130)
    monkeypatch.setattr(demo, "FULL_JOURNEYS", 25)
    app = make_app(mode=Mode.DEMO)
    done: list[int] = []
    with app.app_context():
        before_it = laid()
        loaded = write(lambda: demo.load(12, 330, 5, NOW, done.append, mode=Mode.DEMO))
        assert laid() == before_it
        assert (loaded.homes, loaded.transfers, sum(done)) == (12, 330, 330)
        assert loaded.stays == db.session.scalar(select(func.count()).select_from(Stay))
        for transfer in db.session.scalars(select(Transfer).order_by(Transfer.id)):
            told = events.of(transfer)
            standing = journey.replay(told)
            assert {name: getattr(transfer, name) for name in events.repeated(standing)} == events.repeated(
                standing
            )
        homes = db.session.scalars(select(Organisation).filter_by(kind="care_home")).all()
        assert sum(", borough 3" in home.name for home in homes) == 4
        third = next(home for home in homes if home.name == "Maple House, borough 3")
        places = db.session.execute(
            select(TransferEvent.place, Resident.home_id)
            .join(Transfer, Transfer.id == TransferEvent.transfer_id)
            .join(Resident, Resident.id == Transfer.resident_id)
            .where(Transfer.home_id == third.id)
        ).all()
        assert places
        assert {home for _, home in places} == {third.id}
        assert all("borough 3" in place for place, _ in places)
        assert db.session.scalar(select(func.count()).select_from(JourneyFigures)) > 100
        before = kept()
        assert reads.read(COULD_RETURN, "")
        assert reads.read(resident_counts.CAME, resident_counts.FACET)
        sources = [stay_figures.SOURCE, journey_figures.SOURCE, resident_figures.SOURCE]
        write(lambda: figures.rebuild(sources, lambda _records: None))
        assert kept() == before
