"""DuckDB over the same stays: the figures of the length-of-stay page, and nothing of a page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from time import perf_counter

import duckdb

from redbag.domain.stays_by_month import add_months, last_complete_month

ROUNDS = 5
THREADS = 2

_LOADED = """
CREATE TABLE stays AS
SELECT * FROM read_csv(?, header = true, nullstr = '', types = {
    'age': 'INTEGER', 'with_bag': 'BOOLEAN', 'admitted_on': 'DATE', 'discharged_on': 'DATE',
    'discharge_ready_on': 'DATE', 'joined_on': 'DATE', 'resident_id': 'INTEGER'})
"""
# The rows as they are kept: what follows from them is worked out by each question, as a report does.
_CHOSEN = """
CREATE OR REPLACE TEMP VIEW chosen AS
SELECT *,
    discharged_on - admitted_on AS days,
    date_trunc('month', discharged_on)::DATE AS month,
    CASE WHEN age IS NULL THEN '' WHEN age < 65 THEN '0' WHEN age < 75 THEN '65' WHEN age < 85 THEN '75'
        WHEN age < 95 THEN '85' ELSE '95' END AS band,
    dayofweek(discharged_on) AS weekday
FROM stays WHERE (joined_on IS NULL OR admitted_on >= joined_on) AND {0}
"""
_CLOSED = """
CREATE OR REPLACE TEMP VIEW closed AS SELECT * FROM chosen
WHERE days >= 0 AND month BETWEEN getvariable('first') AND getvariable('last')
"""
_THIS_YEAR = (
    "CREATE OR REPLACE TEMP VIEW this_year AS SELECT * FROM closed WHERE month >= getvariable('middle')"
)
_BY_MONTH = """
SELECT month, count(*), avg(days), median(days), quantile_cont(days, 0.9) FROM closed GROUP BY month
"""
_BY_YEAR = """
SELECT month >= getvariable('middle') AS this_year, ended_as = 'died' AS died,
    count(*), avg(days), median(days), quantile_cont(days, 0.9)
FROM closed GROUP BY ALL
"""
_OPEN = """
SELECT count(*), count(*) FILTER (lasted >= 7), count(*) FILTER (lasted >= 14), count(*) FILTER (lasted >= 21)
FROM (SELECT getvariable('as_of') - admitted_on AS lasted FROM chosen
    WHERE (discharged_on IS NULL OR discharged_on > getvariable('as_of'))
    AND admitted_on <= getvariable('as_of'))
"""
_BED_DAYS = """
WITH months AS (SELECT unnest(generate_series(getvariable('first'), getvariable('last'), INTERVAL 1 MONTH))
        ::DATE AS first),
    stayed AS (SELECT admitted_on, least(coalesce(discharged_on, getvariable('as_of')), getvariable('as_of'))
        AS until FROM chosen WHERE (days IS NULL OR days >= 0)
        AND coalesce(discharged_on, getvariable('as_of')) > getvariable('first'))
SELECT first, sum(least(until, (first + INTERVAL 1 MONTH)::DATE) - greatest(admitted_on, first))
FROM stayed JOIN months ON admitted_on < (first + INTERVAL 1 MONTH)::DATE AND until > first
GROUP BY first
"""
_AT_RISK = """
SELECT coalesce(days, getvariable('as_of') - admitted_on) AS day, count(days), count(*) - count(days)
FROM chosen
WHERE admitted_on BETWEEN getvariable('middle') AND getvariable('as_of') AND (days IS NULL OR days >= 0)
GROUP BY day ORDER BY day
"""
_DELAYS = """
SELECT avg(discharged_on - discharge_ready_on), median(discharged_on - discharge_ready_on) FROM this_year
"""
_BY_FACTOR = """
SELECT {0}, count(*), avg(days), median(days), quantile_cont(days, 0.9) FROM this_year GROUP BY {0}
"""
# The homes whose records are whole in both years: joined three whole months before the first.
_SAME_HOMES = """
SELECT month, ended_as = 'died' AS died, count(*), avg(days), median(days), quantile_cont(days, 0.9)
FROM closed
WHERE joined_on IS NULL OR joined_on <= getvariable('first') - INTERVAL 3 MONTH
GROUP BY ALL
"""
# What an interval of their difference is drawn from: stays and days by group of homes, in both years.
_GROUPS = """
SELECT home_id % 128 AS home_group, month >= getvariable('middle') AS this_year, count(*), sum(days)
FROM closed
WHERE joined_on IS NULL OR joined_on <= getvariable('first') - INTERVAL 3 MONTH
GROUP BY ALL
"""
_READMITTED = """
WITH before AS (SELECT resident_id, discharged_on, ended_as, month, row_number() OVER () AS stay FROM chosen
        WHERE days >= 0 AND discharged_on <= getvariable('as_of')),
    after AS (SELECT resident_id, admitted_on FROM stays WHERE journey_type = 'emergency'
        AND admitted_on BETWEEN getvariable('middle') AND getvariable('as_of')),
    followed AS (SELECT DISTINCT before.stay FROM after ASOF JOIN before
        ON after.resident_id = before.resident_id AND after.admitted_on >= before.discharged_on
        WHERE after.admitted_on - before.discharged_on < 30)
SELECT count(*), count(followed.stay) FROM before LEFT JOIN followed USING (stay)
WHERE month BETWEEN getvariable('middle') AND getvariable('last') AND ended_as NOT IN ('died', 'transfer')
"""
_QUALITY = """
SELECT count(*) FILTER (age IS NULL), count(*) FILTER (with_bag IS NULL), count(*) FILTER (reason IS NULL),
    count(*) FILTER (days < 0), count(*) FILTER (discharged_on IS NULL),
    count(*) FILTER (discharged_on IS NULL AND getvariable('as_of') - admitted_on > 90)
FROM chosen
WHERE days IS NULL OR days < 0 OR month BETWEEN getvariable('middle') AND getvariable('last')
"""
_FACTORS = ("reason", "band", "with_bag", "weekday", "admission_source")
_QUESTIONS = (
    _BY_MONTH,
    _BY_YEAR,
    _OPEN,
    _BED_DAYS,
    _AT_RISK,
    _DELAYS,
    _SAME_HOMES,
    _GROUPS,
    _READMITTED,
    _QUALITY,
    *(_BY_FACTOR.format(factor) for factor in _FACTORS),
)


@dataclass
class Judge:
    """DuckDB with the stays in a table of its own."""

    connection: duckdb.DuckDBPyConnection

    def times(self, filters: str, as_of: date) -> list[float]:
        """How long all figures take, in milliseconds: of some rounds, after one to warm up.

        `filters`: what the stays are narrowed down to, in its own language.
        """
        last = last_complete_month(as_of)
        days = {"as_of": as_of, "first": add_months(last, -23), "middle": add_months(last, -11), "last": last}
        for name, day in days.items():
            self.connection.execute(f"SET VARIABLE {name} = DATE '{day}'")
        for view in (_CHOSEN.format(filters), _CLOSED, _THIS_YEAR):
            self.connection.execute(view)
        taken = []
        for _ in range(ROUNDS + 1):
            start = perf_counter()
            for question in _QUESTIONS:
                self.connection.execute(question).fetchall()
            taken.append((perf_counter() - start) * 1000)
        return taken[1:]


def table(rows: Path) -> Judge:
    """Loads the stays from a file, which is taken away again."""
    connection = duckdb.connect(config={"threads": THREADS})
    connection.execute(_LOADED, [str(rows)])
    rows.unlink()
    return Judge(connection)
