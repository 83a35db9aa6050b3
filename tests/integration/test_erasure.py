"""A person erased: nothing of them is found in the database or its files; figures exact, the log whole."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from redbag.config import Settings
from redbag.database import Base, db
from redbag.domain import resident_days
from redbag.domain.errors import NotFound
from redbag.models import (
    AuditEntry,
    Bag,
    BroughtIn,
    JourneyFigures,
    KeptFile,
    Label,
    Resident,
    Stay,
    Task,
    Transfer,
)
from redbag.queries import person_parts, residents, stay_rows
from redbag.queries.person_parts import PARTS, Fate
from redbag.services import erasure, figures, journey_figures, resident_figures, restriction, stay_figures
from tests.applications import SEALED
from tests.cast import Cast
from tests.integration import test_figures, test_kept_people, test_pathway_figures
from tests.integration.canaries import CANARIES, FAMILY, GIVEN, NUMBER, WORD, Life, lived
from tests.integration.pathway import Pathway, write

if TYPE_CHECKING:
    from tests.databases import PostgreSQL

Type = Callable[..., Result]
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
LATER = timedelta(days=30)


@pytest.fixture
def life(app: Flask, cast: Cast) -> Life:
    return lived(app, cast)


@pytest.fixture
def inside(app: Flask) -> Iterator[None]:
    """An application context of the test's own: for tests that open no page."""
    with app.app_context():
        yield


def everything(settings: Settings, request: pytest.FixtureRequest) -> bytes:
    """All that a thief of the disk would read: SQLite's files, or a dump of PostgreSQL's tables."""
    if settings.database_url.startswith("sqlite"):
        file: Path = request.getfixturevalue("sqlite_file")
        parts = (file, file.with_name(f"{file.name}-wal"))
        return b"".join(part.read_bytes() for part in parts if part.exists())
    server: PostgreSQL = request.getfixturevalue("postgresql")
    with server.connect("redbag") as connection:
        names = [
            row[0]
            for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        ]
        found = []
        for name in names:
            with connection.cursor().copy(f'COPY "{name}" TO STDOUT (FORMAT binary)') as rows:
                found.append(b"".join(bytes(row) for row in rows))
        return b"".join(found)


def kept() -> Counter[Any]:
    """Everything that reports are counted from."""
    db.session.rollback()
    return test_figures.kept() + test_pathway_figures.kept() + test_kept_people.kept_residents()


def rebuilt() -> Counter[Any]:
    sources = [stay_figures.SOURCE, journey_figures.SOURCE, resident_figures.SOURCE]
    write(lambda: figures.rebuild(sources, lambda _records: None))
    return kept()


def test_nothing_is_found_of_somebody_who_was_erased(
    inside: None, life: Life, type_: Type, settings: Settings, request: pytest.FixtureRequest
) -> None:
    person = person_parts.find(life.ref)
    empty = [part.title for part in PARTS if not part.count(person)]
    assert not empty, "the test fills every table that can hold something of a person"
    before = everything(settings, request)
    if not SEALED:
        for canary in CANARIES:
            assert canary.encode() in before, canary
        assert all(picture[200:300] in before for picture in life.pictures)
    counted, rows = kept(), {part.title: part.count(person) for part in PARTS}
    db.session.remove()

    shown = type_("person", "erase", life.ref)
    assert shown.exit_code == 0, shown.output
    assert "Nothing was changed" in shown.output
    assert GIVEN not in shown.output
    for title, number in rows.items():
        assert f"{number:>6}  {title}" in shown.output, title
    assert kept() == counted
    assert everything(settings, request).count(WORD.encode()) >= before.count(WORD.encode())

    db.session.remove()
    done = type_("person", "erase", life.ref, "--erase-for-good")
    assert done.exit_code == 0, done.output
    db.session.remove()
    after = everything(settings, request)
    for canary in CANARIES:
        at = after.find(canary.encode())
        assert at < 0, (canary, after[max(0, at - 150) : at + 150])
    assert not any(picture[200:300] in after for picture in life.pictures)
    assert b"Ada" in after, "the other person stays"
    assert type_("audit", "verify").exit_code == 0
    assert kept() == counted
    assert rebuilt() == counted
    told = db.session.query(AuditEntry).filter_by(kind="person.erased").one()
    assert (told.subject_ref, told.details["figures"]) == (life.ref, "kept")
    assert told.details["rows"] == sum(rows[part.title] for part in PARTS if part.fate is Fate.GOES)


def test_a_stub_without_a_person_is_left_for_the_figures(inside: None, life: Life, cast: Cast) -> None:
    manager = cast.actor("manager")
    transfer_id = life.way.transfer.id
    ages = _ages()
    months = date(2026, 1, 1), date(2026, 3, 31)
    lived_before = resident_days.count(stay_rows.lived(manager, *months) or [], *months)
    write(lambda: erasure.erase(life.ref, life.way.now + LATER))

    row = db.session.query(Resident).filter_by(ref=life.ref).one()
    assert (row.full_name, row.nhs_number, row.name_words, row.room) == ("", None, "", "")
    assert row.date_of_birth != date(1938, 11, 3), "only the age on the day of the journey is in it"
    assert _ages() == ages
    transfer = db.session.get_one(Transfer, transfer_id)
    assert transfer.facts == {}
    assert {at.hour for at in (transfer.opened_at, transfer.admitted_at, transfer.ended_at) if at} <= {11, 12}
    assert db.session.query(Stay).filter_by(resident_id=row.id).one().age == 87
    assert lived_before.days > 80
    assert resident_days.count(stay_rows.lived(manager, *months) or [], *months) == lived_before
    with pytest.raises(NotFound):
        residents.get(manager, life.ref)
    with pytest.raises(NotFound):
        erasure.erase(life.ref, life.way.now + LATER)


def test_somebody_who_still_lived_there_leaves_with_that_day(inside: None, cast: Cast) -> None:
    way = Pathway(cast, test_pathway_figures.START)
    write(lambda: erasure.erase(way.resident_ref, way.now + LATER))
    assert db.session.query(Resident).one().left_on == (way.now + LATER).date()
    counted = kept()
    assert counted["resident_left", "whole_from", "2024-05", date(2026, 4, 1), 0] == 1
    assert rebuilt() == counted
    assert residents.find(cast.actor("carer")) == []
    assert residents.left(cast.actor("manager")) == []


def _ages() -> list[int | None]:
    from redbag.services.events import age_at

    pairs = db.session.execute(
        select(Resident.date_of_birth, Stay.admitted_on).join(Stay, Stay.resident_id == Resident.id)
    )
    return [age_at(born, day) for born, day in pairs]


@on_sqlite
def test_pages_show_no_trace_and_a_found_label_still_says_whom_to_ring(
    app: Flask, life: Life, cast: Cast
) -> None:
    ref = life.way.ref
    with app.app_context():
        write(lambda: erasure.erase(life.ref, life.way.now + LATER))
    manager = cast.browser(app, "manager")
    for path in (f"/residents/{life.ref}", f"/transfers/{ref}", f"/residents/{life.ref}/who-looked"):
        assert manager.get(path).status_code == 404, path
    months = "from=2026-03&to=2026-04&month=2026-04"
    for path in (
        "/residents",
        "/residents/left",
        "/transfers",
        "/transfers/closed",
        "/lost",
        "/attention",
        "/overview",
        f"/reports/stays?{months}",
        f"/reports/pathway/summary_given/times?{months}",
        "/reports/length-of-stay",
    ):
        answer = manager.get(path, follow_redirects=True)
        assert answer.status_code in (200, 404), (path, answer.status_code)
        assert ref not in answer.text, path
        assert life.ref not in answer.text, path
    label = cast.browser(app, "nurse").get(f"/b/{life.token}")
    assert label.status_code == 200
    assert "Rowan House" in label.text


@on_sqlite
def test_whoever_is_in_hospital_or_restricted_is_not_erased(app: Flask, cast: Cast, type_: Type) -> None:
    with app.app_context():
        way = Pathway(cast, test_pathway_figures.START).packed().left()
    refused = type_("person", "erase", way.resident_ref, "--erase-for-good")
    assert refused.exit_code == 2
    assert "on a journey to hospital" in refused.output
    assert "cannot be done now" in type_("person", "erase", way.resident_ref).output
    with app.app_context():
        way.after(hours=1)
        db.session.remove()
        write(lambda: db.session.query(Transfer).update({"state": "closed"}))
        write(lambda: restriction.restrict(way.resident_ref, "Disputed", way.now))
        db.session.remove()
    refused = type_("person", "erase", way.resident_ref, "--erase-for-good")
    assert refused.exit_code == 2
    assert "Lift the restriction first" in refused.output
    with app.app_context():
        assert db.session.query(Resident).one().given_name == "Agnes"


def test_figures_can_be_left_too_and_stay_exact(app: Flask, life: Life, cast: Cast, type_: Type) -> None:
    with app.app_context():
        with_all = kept()
    assert with_all
    done = type_("person", "erase", life.ref, "--figures", "remove", "--erase-for-good", "--format", "json")
    assert done.exit_code == 0, done.output
    fates = {one["table"]: one["fate"] for one in json.loads(done.stdout)["tables"]}
    assert {fates[name] for name in ("residents", "transfers", "stays", "journey_figures")} == {"goes"}
    with app.app_context():
        assert db.session.query(Resident).filter_by(ref=life.ref).count() == 0
        assert db.session.query(Stay).count() == 0
        assert db.session.query(JourneyFigures).count() == 1, "the other person's"
        counted = kept()
        assert counted != with_all
        assert rebuilt() == counted
        assert db.session.query(Label).filter(Label.transfer_id.is_(None)).count() >= 1
    assert cast.browser(app, "nurse").get(f"/b/{life.token}").status_code == 200
    assert type_("audit", "verify").exit_code == 0


@on_sqlite
def test_what_names_them_elsewhere_is_mended_or_told(inside: None, life: Life, cast: Cast) -> None:
    def name_on_a_bag() -> None:
        db.session.query(Bag).filter_by(number="013").one().note = f"Lent to {GIVEN} {FAMILY}"

    write(name_on_a_bag)
    plan = erasure.preview(life.ref)
    assert {one.table for one in plan.mentions} == {"bags", "tasks"}
    write(lambda: erasure.erase(life.ref, life.way.now + LATER))
    task = db.session.query(Task).filter(Task.kind == "swap_bags").one()
    assert "somebody whose record was erased" in task.detail
    assert "Ada Moore" in task.detail
    assert GIVEN not in task.detail
    file = db.session.query(BroughtIn).one()
    assert (file.content, file.file_name) == ({}, "")
    assert GIVEN in db.session.query(Bag).filter_by(number="013").one().note, "somebody looks at it"


@on_sqlite
def test_a_picture_that_two_people_share_stays_for_the_other(inside: None, life: Life, cast: Cast) -> None:
    from redbag.services import papers
    from redbag.storage.drawn import Drawn
    from tests.integration import household

    other = household.add(cast, "Bea", "Long", date_of_birth="1941-02-01")
    same = Drawn((life.pictures[0],), life.pictures[1])
    write(lambda: papers.set_photo(cast.actor("carer"), other, same, life.way.now))
    write(lambda: erasure.erase(life.ref, life.way.now + LATER))
    left = set(db.session.scalars(select(KeptFile.content)))
    assert left == {life.pictures[0], life.pictures[1]}


@on_sqlite
def test_erasing_is_whole_or_not_at_all(inside: None, life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {name: _count(name) for name in Base.metadata.tables}
    told: list[str] = []

    def broken(title: str) -> None:
        told.append(title)
        if title == "Journeys":
            raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        write(lambda: erasure.erase(life.ref, life.way.now + LATER, told=broken))
    assert len(told) > 10
    assert {name: _count(name) for name in Base.metadata.tables} == before
    assert db.session.query(Resident).filter_by(ref=life.ref).one().nhs_number == NUMBER


def _count(name: str) -> int:
    table = Base.metadata.tables[name]
    return int(db.session.scalar(select(func.count()).select_from(table)) or 0)
