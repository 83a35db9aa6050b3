"""The pathway's figures beside an independent count of the same borough, by DuckDB from the events alone."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pandas
import pytest
from flask import Flask
from sqlalchemy import text

from redbag.database import db
from redbag.domain.measures import MEASURES
from redbag.domain.pathway_report import figure_of
from redbag.domain.permissions import Actor, OrganisationKind, Role
from redbag.domain.report_filter import ReportFilter
from redbag.queries import pathway
from redbag.sealed_columns import SealedJson

_DATA = SealedJson("transfer_events.data")
YEAR = ReportFilter(date(2025, 11, 1), date(2026, 10, 1), period_kept=True)
_LONDON = ZoneInfo("Europe/London")

# One row a journey: day, and the value of the measure, by SQL that shares nothing with the product.
_JUDGES = {
    "scanned": """
        SELECT t.reached AS day, EXISTS (FROM events e WHERE e.transfer_id = t.id AND e.source = 'scan')::int
        AS value FROM transfers t WHERE t.reached IS NOT NULL AND t.with_bag IS DISTINCT FROM FALSE""",
    "dispatch_to_scan": """
        SELECT t.reached AS day, date_diff('second', t.departed_at, min(e.recorded_at)) // 60 AS value
        FROM transfers t JOIN events e ON e.transfer_id = t.id AND e.source = 'scan'
        WHERE t.with_bag IS DISTINCT FROM FALSE AND t.departed_at IS NOT NULL
        GROUP BY t.id, t.reached, t.departed_at""",
    "arrival_to_admission": """
        SELECT t.admitted AS day, date_diff('second', t.arrived_at, t.admitted_at) // 60 AS value
        FROM transfers t WHERE t.admitted_at IS NOT NULL AND t.arrived_at IS NOT NULL AND NOT EXISTS
        (FROM events e WHERE e.transfer_id = t.id AND e.action IN ('arrive', 'admit')
        AND e.source = 'phone')""",
    "home_contact": """
        SELECT t.due AS day, (t.home_contact_at IS NOT NULL AND t.home_contact_at <= t.due_at)::int AS value
        FROM transfers t WHERE t.due_at IS NOT NULL AND (t.ended_at IS NULL OR t.ended_at >= t.due_at)""",
    "summary_given": """
        SELECT s.discharged_on::DATE AS day, (s.summary IN ('attached', 'in_bag', 'sent'))::int AS value
        FROM stays s WHERE s.discharged_on IS NOT NULL AND s.ended_as <> 'died'""",
    "pack_complete": """
        SELECT t.departed AS day, (e.gaps = 0)::int AS value
        FROM transfers t JOIN events e ON e.transfer_id = t.id AND e.gaps IS NOT NULL""",
    "label_to_return": """
        SELECT t.received AS day, date_diff('day', l.issued, t.received) AS value
        FROM transfers t JOIN labels l ON l.transfer_id = t.id
        JOIN events e ON e.transfer_id = t.id AND e.action = 'receive' AND e.bag_came""",
    "bag_turnaround": """
        SELECT b.occurred AS day, date_diff('day', t.departed, b.occurred) AS value
        FROM transfers t JOIN
        (SELECT *, lead(state) OVER (PARTITION BY bag_id ORDER BY id) AS next FROM bags) b
        ON b.transfer_id = t.id AND b.state = 'in_stock' AND coalesce(b.next, 'out') = 'out'
        WHERE t.departed_at IS NOT NULL""",
}
_TABLES = {
    "transfers": "SELECT id, home_id, hospital_id, with_bag, departed_at, arrived_at, admitted_at, ended_at,"
    " received_at, home_contact_at FROM transfers",
    "events": "SELECT transfer_id, action, source, recorded_at, data FROM transfer_events",
    "stays": "SELECT transfer_id, home_id, hospital_id, discharged_on, ended_as, summary FROM stays",
    "labels": "SELECT transfer_id, issued_at FROM labels",
    "bags": "SELECT id, bag_id, transfer_id, state, occurred_at FROM bag_events",
}


def _instant(kept: Any) -> datetime | None:
    return None if kept is None else datetime.fromisoformat(str(kept)).replace(tzinfo=UTC)


def _london(at: datetime | None) -> date | None:
    return None if at is None else at.astimezone(_LONDON).date()


def _prepared(name: str, row: dict[str, Any]) -> dict[str, Any]:
    """Instants and London days, since SQL knows no time zones here; of an event what its facts say."""
    row |= {key: _instant(value) for key, value in row.items() if key.endswith("_at")}
    if name == "transfers":
        reached = [at for at in (row["arrived_at"], row["admitted_at"]) if at]
        due = row["admitted_at"] and row["admitted_at"] + timedelta(hours=48)
        row |= {"due_at": due, "due": _london(due), "reached": _london(min(reached, default=None))}
        row |= {"departed": _london(row["departed_at"]), "admitted": _london(row["admitted_at"])}
        row["received"] = _london(row["received_at"])
    if name == "events":
        data = _DATA.process_result_value(json.loads(row.pop("data")), None)  # it may be sealed
        row |= {"gaps": len(data["gaps"]) if "gaps" in data else None, "bag_came": data.get("bag_came")}
    if name == "labels":
        row["issued"] = _london(row["issued_at"])
    if name == "bags":
        row["occurred"] = _london(row["occurred_at"])
    return row


@pytest.fixture(scope="module")
def judge(borough: Flask) -> duckdb.DuckDBPyConnection:
    """The borough's tables as plain rows."""
    judge = duckdb.connect()
    with borough.app_context():
        for name, wanted in _TABLES.items():
            found = db.session.execute(text(wanted)).mappings()
            frame = pandas.DataFrame([_prepared(name, dict(row)) for row in found])
            for day in [key for key in frame if frame[key].map(type).eq(date).any()]:
                frame[day] = pandas.to_datetime(frame[day]).astype("datetime64[s]")
            judge.register("frame", frame)
            judge.execute(f"CREATE TABLE {name} AS FROM frame")
            judge.unregister("frame")
    return judge


def _readers() -> list[tuple[Actor, str]]:
    found = []
    for role, kind, name, column in (
        (Role.HOME_MANAGER, OrganisationKind.CARE_HOME, "Maple House", "home_id"),
        (Role.HOSPITAL_MANAGER, OrganisationKind.HOSPITAL, "St Anselm’s Hospital", "hospital_id"),
        (Role.OVERSIGHT, OrganisationKind.OVERSIGHT, "Westcombe Borough Partnership", ""),
    ):
        row = db.session.execute(text("SELECT id, ref FROM organisations WHERE name = :n"), {"n": name}).one()
        scope = f"{column} = {row.id}" if column else "TRUE"
        found.append((Actor(1, "x", "A reader", role, row.id, row.ref, name, kind), scope))
    return found


@pytest.mark.parametrize("reader", [0, 1, 2], ids=["home", "hospital", "borough"])
def test_figures_are_those_of_an_independent_count(
    borough: Flask, judge: duckdb.DuckDBPyConnection, reader: int
) -> None:
    with borough.app_context():
        actor, scope = _readers()[reader]
        counts = pathway.counts(actor, YEAR, YEAR.first, YEAR.last)
        for key, rows in _JUDGES.items():
            figure = figure_of(MEASURES[key], counts.of(key, YEAR.months))
            scoped = rows.replace("FROM transfers t", f"FROM (FROM transfers WHERE {scope}) t")
            scoped = scoped.replace("FROM stays s", f"FROM (FROM stays WHERE {scope}) s")
            found = judge.execute(
                f"SELECT count(*), sum(value), quantile_cont(value, [0.25, 0.5, 0.9]) FROM ({scoped})"  # noqa: S608 - constants of this file
                " WHERE value >= 0 AND day BETWEEN ? AND ?",
                [YEAR.start, YEAR.end],
            ).fetchone()
            assert found is not None
            n, total, quantiles = found
            assert n == figure.n, key
            assert n >= (5 if reader == 0 else 100), f"{key}: enough to compare"
            if MEASURES[key].is_time:
                assert quantiles == pytest.approx([figure.p25, figure.median, figure.p90]), key
            else:
                assert total == figure.yes, key
                assert 0 < figure.yes < n, f"{key} is not tried by this borough"
