"""Each page of the reports at the size of a country, against DuckDB over the same rows, on both databases.

The pages are asked for as a browser asks for them, signed in, with their audit entry, and each in two ways.
"First": a stay of this home in this hospital was corrected just before, so that everything is counted anew.
"Again": nothing has changed since, and what was counted is remembered (a place's pages; those of the whole
country are made from kept counts either way). DuckDB gets the stays
as a table of its own and two threads, and answers the figures alone: by month n, mean, median and 90th
percentile, deaths apart, who is in hospital, bed days, who was at risk by day, the same homes in both years
and what their difference is drawn from, readmissions, the quality of the records, and one factor at a time.
"""

from __future__ import annotations

import csv
import gc
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Self

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from tqdm import tqdm

from benches import judge
from redbag.app import create_app
from redbag.config import Mode, Settings
from redbag.database import begin_write, db
from redbag.domain.length_of_stay import last_complete_day
from redbag.domain.permissions import Origin
from redbag.models import Account, Membership, Organisation, Stay, Transfer
from redbag.services import labels, sessions
from redbag.services.demo import load as demo
from tests.databases import running_postgresql, sqlite_url

SIZES = (10_000, 100_000, 1_000_000, 2_500_000)
HOMES_A_JOURNEY = 15_000 / 2_500_000
LIMIT, LIMIT_FROM, SLOWEST_MS = 0.25, 2_500_000, 200.0
"""What a page may take of DuckDB's time, with how many journeys (again; a page of the whole country also the
first time), and how long any may take, the first time as well."""
ROUNDS = 30
_SEED = 7
_WITH_PAPERS = 200
"""Reports read no packs: so many journeys have theirs, for the scan."""


@dataclass(frozen=True)
class Page:
    """One page as somebody opens it. `filters`: what DuckDB narrows its figures down to, as SQL, "" where it
    is asked for none; `held`: whether the ratio has a limit also where everything is counted anew (the
    figures of the whole country)."""

    name: str
    who: str
    address: str
    filters: str = "true"
    held: bool = False


@dataclass(frozen=True)
class Times:
    """Milliseconds: the median, and the 95th percentile."""

    usual: float
    slowest: float

    @classmethod
    def of(cls, taken: Sequence[float]) -> Self:
        return cls(median(taken), quantiles(taken, n=20)[-1])


@dataclass(frozen=True)
class Line:
    """What was measured of one page: the `first` time after a change, and `again`. `bare` is DuckDB's time in
    milliseconds, None where it has no part; `limited`: which of the two its ratio has a limit for."""

    page: str
    first: Times | None
    again: Times
    bare: float | None
    limited: tuple[str, ...] = ()

    @property
    def over(self) -> tuple[str, ...]:
        """Which limits are missed, in words."""
        found = []
        for name, times in (("first", self.first), ("again", self.again)):
            if times is None:
                continue
            if self.bare is not None and name in self.limited and times.usual > LIMIT * self.bare:
                found.append(f"{name}: ratio")
            if times.slowest > SLOWEST_MS:
                found.append(f"{name}: p95")
        return tuple(found)

    @property
    def said(self) -> str:
        """The line as it is printed."""
        parts = []
        for times in (self.first, self.again):
            ratio = f"{times.usual / self.bare:>7.2f}" if times and self.bare else f"{'':>7}"
            parts.append(f"{times.usual:>9.1f}{times.slowest:>9.1f}{ratio}" if times else f"{'':>25}")
        bare = f"{self.bare:>9.1f}" if self.bare else f"{'':>9}"
        over = f"  OVER ({', '.join(self.over)})" if self.over else ""
        return f"  {self.page:<32}{parts[0]}{parts[1]}{bare}{over}"


def main(sizes: Sequence[int], databases: Sequence[str], keep: Path | None) -> int:
    """Prints a table for each size and database; the exit status says whether the limits hold."""
    held = True
    scans: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="redbag-bench-") as temporary:
        folder = keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for kind in databases:
            with _addresses(kind, folder, kept=keep is not None) as address_of:
                for size in sizes:
                    lines = _measure(address_of(size), size, kind)
                    scan = next(line for line in lines if line.page == _SCAN)
                    before = scans.setdefault(kind, scan.again.usual)
                    print(
                        f"  the scan took {scan.again.usual / before:.2f} times as long as with the fewest\n"
                    )
                    held = held and not any(line.over for line in lines)
    return 0 if held else 1


@contextmanager
def _addresses(kind: str, folder: Path, *, kept: bool) -> Iterator[Callable[[int], str]]:
    """Where the database of each size is: to be `kept` where a folder was named."""
    if kind == "sqlite":
        yield lambda size: sqlite_url(folder / f"country-{size}.sqlite3")
        return
    with running_postgresql(folder / "postgresql" if kept else None) as server:

        def made(size: int) -> str:
            if server.has(f"country_{size}"):
                return server.url(f"country_{size}")
            url = server.create(f"country_{size}")
            # As in the tests, keys between tables are not checked again while millions of rows are copied.
            with server.connect("postgres") as connection:
                connection.execute(f"ALTER DATABASE country_{size} SET session_replication_role = replica")
            return url

        yield made


def _measure(url: str, size: int, kind: str) -> list[Line]:
    app = _installation(url)
    gc.freeze()  # as the server does with what is loaded at the start (gunicorn.conf.py)
    with app.app_context():
        made = _loaded(size)
        closed, stays = _how_many()
        rows = _rows_for_the_judge()
    judged = judge.table(rows)
    print(f"{kind}, {size:,} journeys, {stays:,} stays ({closed:,} of them over){made}")
    heads = "".join(f"{name:>9}{'p95':>9}{'ratio':>7}" for name in ("first", "again"))
    print(f"  {'milliseconds':<32}{heads}{'DuckDB':>9}")
    lines = []
    for page in _pages(app):
        lines.append(_timed(app, page, judged, limited=size >= LIMIT_FROM))
        print(lines[-1].said, flush=True)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    return lines


def _installation(url: str) -> Flask:
    # As an operator does: a database that was kept may be older than what this version counts.
    environment = os.environ | {"DATABASE_URL": url, "REDBAG_MODE": "demo"}
    subprocess.run([sys.executable, "-m", "redbag", "db", "upgrade"], env=environment, check=True)
    # The same keys again for a database that was kept: its labels are derived from one of them.
    secret, label_key, audit_key = (bytes([number]) * 32 for number in (1, 2, 3))
    return create_app(Settings(Mode.DEMO, url, "http://127.0.0.1", secret, label_key, audit_key))


def _loaded(size: int) -> str:
    """Loads the journeys, unless they are there; says how long that took."""
    if db.session.scalar(select(func.count()).select_from(Transfer)):
        db.session.rollback()
        return ", as they were kept"
    start = perf_counter()
    homes = max(4, round(size * HOMES_A_JOURNEY))
    with tqdm(total=size, desc=f"{size:,} journeys", unit=" journeys", file=sys.stderr, mininterval=2) as bar:
        now = datetime.now(UTC)
        demo.load(homes, size, _SEED, now, bar.update, mode=Mode.DEMO, with_papers=_WITH_PAPERS)
    db.session.commit()
    if db.engine.dialect.name == "postgresql":
        name = db.engine.url.database
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f'ALTER DATABASE "{name}" RESET session_replication_role'))
            connection.execute(text("VACUUM ANALYZE"))
    db.session.remove()
    db.engine.dispose()
    return f", loaded in {perf_counter() - start:,.0f} s"


def _how_many() -> tuple[int, int]:
    closed, stays = db.session.execute(
        select(func.count(Stay.discharged_on), func.count()).select_from(Stay)
    ).one()
    return closed, stays


def _rows_for_the_judge() -> Path:
    """Every stay, as a file that DuckDB makes its own table of."""
    path = Path(tempfile.mkstemp(prefix="redbag-stays-", suffix=".csv")[1])
    names = (
        *("home_id", "hospital_id", "reason", "age", "with_bag", "admitted_on", "discharged_on"),
        *("discharge_ready_on", "ended_as", "admission_source", "journey_type", "resident_id"),
    )
    columns = [getattr(Stay, name) for name in names]
    wanted = select(*columns, Organisation.joined_on).join(Organisation, Organisation.id == Stay.home_id)
    with path.open("w", newline="") as file:
        write = csv.writer(file)
        write.writerow([*(column.key for column in columns), "joined_on"])
        found = db.session.connection().execute(wanted, execution_options={"yield_per": 20_000})
        for batch in found.partitions():
            write.writerows(batch)
    db.session.rollback()
    return path


_SCAN = "scan to pack page"
_LOS = "/reports/length-of-stay"
_BESIDE = (
    ("comparison", "/reports/comparison"),
    ("comparison, curves", "/reports/comparison?view=analyst"),
    ("pathway", "/reports/pathway"),
    ("charts over time", "/reports/charts"),
    ("every home", "/reports/places?by=home"),
)
"""The other report pages, with figures that nobody asks DuckDB for here: their time alone."""


def _pages(app: Flask) -> list[Page]:
    with app.app_context():
        home, hospital = _place_of("manager@maple.example"), _place_of("discharge@anselm.example")
        # A manager's filter names the other end of the journey by its reference.
        pages = [
            Page("whole country: front page", "reader@borough.example", "/reports", held=True),
            Page("whole country: length of stay", "reader@borough.example", _LOS, held=True),
            *(Page(f"whole country: {name}", "reader@borough.example", at, "") for name, at in _BESIDE),
        ]
        for who, place, other, column in (
            ("discharge@anselm.example", hospital, home, "hospital_id"),
            ("manager@maple.example", home, hospital, "home_id"),
        ):
            told = "a hospital" if column == "hospital_id" else "a home"
            here = f"{column} = {place.id}"
            there = "home" if column == "hospital_id" else "hospital"
            front = "/reports" if column == "hospital_id" else "/overview"
            pages += [
                Page(f"{told}: front page", who, front, here),
                Page(f"{told}: length of stay", who, _LOS, here),
                Page(
                    f" … of one {there}",
                    who,
                    f"{_LOS}?{there}={other.ref}",
                    f"{here} AND {there}_id = {other.id}",
                ),
                Page(" … of one reason", who, f"{_LOS}?reason=fall", f"{here} AND reason = 'fall'"),
                Page(" … of one age band", who, f"{_LOS}?age=85_94", f"{here} AND age BETWEEN 85 AND 94"),
                Page(" … with the bag", who, f"{_LOS}?bag=with", f"{here} AND with_bag"),
            ]
        pages.append(Page(_SCAN, "nurse.willow@anselm.example", _scan(hospital), ""))
    return pages


def _place_of(email: str) -> Organisation:
    wanted = select(Organisation).join(Membership).join(Account).where(Account.email == email)
    return db.session.scalars(wanted).one()


def _scan(hospital: Organisation) -> str:
    """The address on the label of somebody who is in this hospital now."""
    here = (
        select(Transfer)
        .where(
            Transfer.hospital_id == hospital.id, Transfer.state.in_(("arrived", "in_hospital", "admitted"))
        )
        .order_by(Transfer.id.desc())
    )
    for transfer in db.session.scalars(here.limit(50)):
        label = labels.current(transfer)
        if label is not None:
            return f"/B/{labels.token_of(label)}"
    raise SystemExit("Nobody of the demo is in hospital with a label.")


def _timed(app: Flask, page: Page, judged: judge.Judge, *, limited: bool) -> Line:
    browser = _browser(app, page.who)
    for _ in range(2):
        _ask(browser, page.address)
    bare: list[float] = []
    first = None
    if page.filters:
        # DuckDB before, between and after: the machine's pace changes while one page is measured.
        bare += judged.times(page.filters, _as_of())
        first = Times.of([_ask_anew(app, browser, page.address) for _ in range(ROUNDS)])
        bare += judged.times(page.filters, _as_of())
    _ask(browser, page.address)
    again = Times.of([_ask(browser, page.address) for _ in range(ROUNDS)])
    if page.filters:
        bare += judged.times(page.filters, _as_of())
    limits = ("first", "again") if page.held else ("again",)
    return Line(page.name, first, again, median(bare) if bare else None, limits if limited else ())


def _ask_anew(app: Flask, browser: FlaskClient, address: str) -> float:
    """The same after a correction that concerns the home and the hospital which are measured."""
    with app.app_context():
        home, hospital = _place_of("manager@maple.example"), _place_of("discharge@anselm.example")
        home_id, hospital_id = home.id, hospital.id
        begin_write()
        last = select(Stay).filter_by(home_id=home_id, hospital_id=hospital_id).order_by(Stay.id.desc())
        stay = db.session.scalars(last.limit(1)).one()
        stay.reason = "infection" if stay.reason == "other" else "other"
        db.session.commit()
    return _ask(browser, address)


def _as_of() -> date:
    return last_complete_day(datetime.now(UTC))


def _ask(browser: FlaskClient, address: str) -> float:
    start = perf_counter()
    answer = browser.get(address)
    taken = (perf_counter() - start) * 1000
    if answer.status_code != 200:
        raise SystemExit(f"{address} answered {answer.status_code}.")
    return taken


def _browser(app: Flask, email: str) -> FlaskClient:
    """A browser in which this person of the demo has signed in."""
    client = app.test_client()
    with app.app_context():
        begin_write()
        account = db.session.scalars(select(Account).filter_by(email=email)).one()
        token = sessions.start(account, Origin(), app.config["LIMITS"], datetime.now(UTC))
        db.session.commit()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = token, True
    return client
