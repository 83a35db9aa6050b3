"""Earlier stays: brought in on the page and by the command, counted exactly, taken out again."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import select

from redbag.cli import commands
from redbag.database import Base, begin_write, db
from redbag.domain import kept_sources
from redbag.models import AuditEntry, FigureCount, FigureDelta, Organisation, Stay, StayHistory
from redbag.queries import figures as kept
from redbag.queries import history as queries
from redbag.services import figures, history, stay_figures
from redbag.services.history_files import Asked, read
from redbag.storage.long_tables import ON_A_PAGE
from redbag.storage.scratch import scratch
from tests.cast import Cast
from tests.integration.attaching import send
from tests.visitor import Page, Visitor

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
HEAD = "Home,Admission,Discharge,Reason,Age,Hospital,With bag,How it ended,Person reference\n"
ROWS = (
    "VN101,3/2/2023,14/2/2023,Fall,84,RQX01,no,Left alive,secret-1\n",
    "VN101,3/2/2023,14/2/2023,Fall,84,RQX01,no,Left alive,secret-1\n",
    "VN101,5/3/2023,,Hip fracture,91,Elsewhere,,,secret-2\n",
    "VN101,20/12/2023,10/1/2024,UTI,,RQX01,no,Died,\n",
)


def choose(visitor: Visitor, content: str, *, at_start: str = "no", **typed: str) -> Page:
    """Chooses a file on the page and sends it with the answers."""
    visitor.open("/reports/history")
    typed = {"open_at_start": at_start, **typed}
    return send(visitor, ("baseline.csv", content.encode()), typed=typed, action="/reports/history")


def load(cast: Cast, content: str, part: str = "administrator", **asked: bool) -> StayHistory:
    """Loads a file through the services and commits."""
    actor, fingerprint = cast.actor(part), ""
    begin_write()
    with scratch() as rows:
        file = read(actor, io.BytesIO(content.encode()), "x.csv", Asked(**asked), ON_A_PAGE, rows, NOW)
        ref = history.keep(actor, file, rows.numbered(), NOW).ref
        fingerprint = history.planned(rows.numbered()).fingerprint
    row = history.load_kept(actor, ref, fingerprint=fingerprint, now=NOW)
    db.session.commit()
    return row


def stays() -> list[Stay]:
    db.session.expire_all()
    return list(db.session.scalars(select(Stay).order_by(Stay.admitted_on, Stay.id)))


def counts() -> dict[tuple[Any, ...], int]:
    """Every kept count of records that is not nought."""
    found: dict[tuple[Any, ...], int] = {}
    for table in (FigureCount, FigureDelta):
        columns = (table.series, table.facet, table.facet_value, table.month, table.value, table.n)
        for *cell, n in db.session.execute(select(*columns)):
            found[tuple(cell)] = found.get(tuple(cell), 0) + n
    return {cell: n for cell, n in found.items() if n and cell[0] != kept_sources.SERIES}


@on_sqlite
def test_from_the_reports_to_earlier_stays_and_out_again(cast: Cast, app: Flask, visit: Visit) -> None:
    visitor = visit("manager")
    page = visitor.open(visitor.open("/reports/length-of-stay").links()["Earlier stays"])
    assert "No stays from before the red bag are loaded yet." in page.text
    page = choose(visitor, HEAD + "".join(ROWS))
    assert page.heading == "What the file holds"
    assert "4 stays to load, of Rowan House, Fri 3 Feb 2023 to Wed 10 Jan 2024" in page.text
    assert "1 person was still in hospital on Wed 10 Jan 2024" in page.text
    assert "1 row says the same as an earlier one." in page.text
    assert "counted as Something else: “Hip fracture”" in page.text
    assert "kept in words: “Elsewhere”" in page.text
    with app.app_context():
        assert stays() == []
    page = visitor.press()
    assert "4 earlier stays are loaded." in page.text
    assert "Loaded: 4 stays from before the red bag, Fri 3 Feb 2023 to Wed 10 Jan 2024." in page.text
    assert "baseline.csv 4 stays" in page.text
    with app.app_context():
        found = stays()
        assert [(row.reason, row.age, row.with_bag, row.ended_as) for row in found] == [
            ("fall", 84, False, "home"),
            ("fall", 84, False, "home"),
            ("other", 91, None, ""),
            ("infection", None, False, "died"),
        ]
        assert found[0].person_key == found[1].person_key != found[2].person_key
        assert (found[2].hospital_id, found[2].hospital_words) == (None, "Elsewhere")
        home = cast.places["home"].id
        assert queries.loaded([home]) == {home: (found[0].admitted_on, False)}
        assert "secret" not in _everything()
    page = choose(visitor, HEAD + "".join(reversed(ROWS)))
    assert "There is nothing to load: every stay in the file is loaded already." in page.text
    visitor.open("/reports/history")
    page = visitor.press(action=_action(visitor, "/take-out"))
    assert "4 earlier stays were taken out." in page.text
    assert "Taken out" in page.text
    with app.app_context():
        assert stays() == []
        assert counts() == {}
        assert queries.loaded([home]) == {}
        kinds = db.session.scalars(select(AuditEntry.kind).where(AuditEntry.kind.startswith("history.")))
        assert [kind for kind in kinds if kind != "history.read"] == [
            "history.kept",
            "history.loaded",
            "history.kept",
            "history.taken_out",
        ]
    assert "4 stays to load" in choose(visitor, HEAD + "".join(ROWS)).text


def _action(visitor: Visitor, end: str) -> str:
    """Where the form that ends so sends to."""
    forms = visitor.page.tree.iter("form")
    return next(form.get("action", "") for form in forms if form.get("action", "").endswith(end))


def _everything() -> str:
    """Every cell of the database as text."""
    tables = Base.metadata.sorted_tables
    return repr([[tuple(row) for row in db.session.execute(table.select())] for table in tables])


@on_sqlite
def test_errors_stand_beside_their_cells_and_the_answers_are_kept(app: Flask, visit: Visit) -> None:
    visitor = visit("manager")
    page = choose(visitor, HEAD + "VN102,30/2/2023,,,130,,,,\nVN101,9/1/2024,,,,,,,\n", at_start="yes")
    assert page.status == 422
    assert "Nothing was loaded: 4 cells must be put right first." in page.text
    assert "This is not your home." in page.text
    assert "There is no such day." in page.text
    assert "An age over 120" in page.text
    assert "Red Bag has this home’s stays from Mon 8 Jan 2024 on" in page.text
    boxes = [one for one in page.tree.iter("input") if one.get("name") == "open_at_start"]
    ticked = [box for box in boxes if box.get("checked") is not None]
    assert [box.get("value") for box in ticked] == ["yes"]
    page = choose(visitor, HEAD + ROWS[0] + "VN101,9/1/2024,,,,,,,\n", leave_out="recorded")
    assert "1 stay to load" in page.text
    assert "1 row left out: the stay began after the home joined" in page.text
    page = visitor.press(action=_action(visitor, "/throw-away"))
    assert "Nothing was loaded. The file is forgotten." in page.text
    with app.app_context():
        assert db.session.scalars(select(StayHistory)).all() == []
    visitor.open("/reports/history")
    page = send(visitor, ("x.csv", b"Name\nJoan\n"), action="/reports/history")
    assert "No row of headings was found" in page.text
    assert "Choose yes or no." in page.text
    page = choose(visitor, "x" * (ON_A_PAGE.file_bytes + 1))
    assert "The file is larger than 10 MB. Divide it." in page.text


@on_sqlite
def test_who_sees_what_is_loaded(cast: Cast, app: Flask, visit: Visit) -> None:
    other = "".join(f"VN102,{day}/3/2023,20/3/2023,,,RQX02,,,\n" for day in range(1, 15))
    with app.app_context():
        load(cast, HEAD + "".join(ROWS) + other)
    visitor = visit("administrator")
    page = visitor.open("/reports/history")
    assert "18 stays of 2 homes" in page.text
    assert "Compare before and since the red bag" not in page.links()  # no reports for an administrator
    assert "Take out" in page.text
    own = visit("manager").open("/reports/history")
    assert "x.csv 4 stays, " in own.text
    assert "Take out" not in own.text
    assert "Larch Lodge" not in own.text
    at_hospital = visit("hospital_manager").open("/reports/history")
    assert "Rowan House 3 " in at_hospital.text
    assert "Larch Lodge" not in at_hospital.text
    assert "File of earlier stays" not in at_hospital.text
    borough = visit("oversight").open("/reports/history")
    assert "Larch Lodge 15" in borough.text
    assert "Rowan House 4" not in borough.text
    assert "Feb 2023" not in borough.text


def test_counts_stay_exact_through_loading_and_taking_out(cast: Cast, app: Flask) -> None:
    with app.app_context():
        # A home without a first day has all its stays in the figures.
        begin_write()
        db.session.get_one(Organisation, cast.places["other_home"].id).joined_on = None
        db.session.commit()
        mine = load(cast, HEAD + "".join(ROWS), "manager")
        theirs = load(cast, HEAD + "".join(row.replace("VN101", "VN102") for row in ROWS))
        loaded = counts()
        assert kept.read("stay", "bag")["without"] != {}
        assert kept.read("before_joining", "") != {}
        begin_write()
        figures.rebuild([stay_figures.SOURCE], lambda _: None)
        assert counts() == loaded
        history.take_out(cast.actor("manager"), mine.ref, NOW)
        db.session.commit()
        begin_write()
        assert history.take_out(cast.actor("administrator"), theirs.ref, NOW) == 4
        assert history.take_out(cast.actor("administrator"), theirs.ref, NOW) == 0
        assert counts() == {}
        assert stays() == []


@pytest.fixture
def run(app: Flask) -> Callable[..., Result]:
    return lambda *words, verb="import": CliRunner().invoke(
        commands, ["stays", verb, *map(str, words)], obj=lambda: app
    )


@on_sqlite
def test_the_command_loads_once_and_says_what_is_wrong(
    cast: Cast, app: Flask, run: Callable[..., Result], tmp_path: Path
) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text(HEAD + "".join(ROWS))
    bad.write_text(HEAD + ROWS[0] + "Nowhere,x,,,,,,,\n" * 60)
    looked = run(good, "--preview")
    assert looked.exit_code == 0, looked.output
    assert "New: 4 stays of 1 home" in looked.stdout
    with app.app_context():
        assert stays() == []
    done = run(good, "--open-at-start")
    assert "Loaded: 4 stays of 1 home." in done.stdout
    again = run(good, "--yes")
    assert again.exit_code == 0
    assert "Nothing to load: every stay in it is there already." in again.stdout
    refused = run(bad)
    assert refused.exit_code == 2
    lines = refused.stderr.splitlines()
    told = [line for line in lines if line.count("\t") == 2]
    assert told[0] == "row\tcolumn\tmessage"
    assert told[1].startswith("3\tHome\tNo care home is called so here.")
    assert told[2].startswith("3\tAdmission\tWrite the date")
    assert len(told) == 101
    assert "Nothing was loaded: 120 cells must be put right first. 20 more are not shown." in lines[-1]
    with app.app_context():
        assert len(stays()) == 4
        home = cast.places["home"].id
        assert queries.loaded([home])[home][1] is True
        note = db.session.scalars(select(AuditEntry).where(AuditEntry.kind == "history.loaded")).one()
        assert (note.account_id, note.details) == (None, {"rows": 4, "stays": 4, "homes": 1})
    alone = tmp_path / "alone.csv"
    alone.write_text("Admission,Discharge\n1/6/2023,4/6/2023\n")
    assert run(alone).exit_code == 2
    assert "there is no such care home here" in run(alone, "--home", "nobody").output
    assert "Loaded: 1 stay of 1 home." in run(alone, "--home", "Larch Lodge").stdout
    listed = run(verb="files").stdout.splitlines()
    assert [line.split("  ")[2] for line in listed] == [
        "alone.csv: 1 stay, 2023-06-01 to 2023-06-04, by Operator’s command",
        "good.csv: 4 stays, 2023-02-03 to 2024-01-10, by Operator’s command",
    ]
    assert run(listed[1].split()[0], verb="take-out").stdout == "Taken out: 4 stays.\n"
    assert run("nothing", verb="take-out").exit_code == 2
    with app.app_context():
        assert len(stays()) == 1
