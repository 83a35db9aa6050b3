"""A person's whole record: every table is in it or says why not; read as a page, as data, and as files."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from redbag.cli import commands
from redbag.config import Settings
from redbag.database import Base, db
from redbag.documents.whole_record import zipped
from redbag.models import AuditEntry
from redbag.queries import person_parts, whole_record
from redbag.queries.person_parts import PARTS
from tests import page_tree
from tests.cast import Cast
from tests.integration.canaries import FAMILY, GIVEN, WORD, lived
from tests.integration.household import SCRIPT
from tests.integration.pathway import Pathway
from tests.visitor import Visitor

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def of_a_person() -> set[str]:
    """Every table that refers to a resident, or to something that does; by its foreign keys alone."""
    found = {"residents", "transfers"}
    tables = Base.metadata.tables
    while True:
        more = {
            name
            for name, table in tables.items()
            for key in table.foreign_keys
            if key.column.table.name in found
        }
        if more <= found:
            return found
        found |= more


def test_every_table_that_refers_to_a_person_is_on_the_list() -> None:
    listed = {part.table.name for part in PARTS}
    assert of_a_person() <= listed, "say in queries/person_parts.py what becomes of its rows"
    # No foreign key leads to them; found by what they say.
    by_words = {"audit_entries", "attention_seen", "outbox", "idempotency_keys", "kept_files", "brought_in"}
    assert listed - of_a_person() == by_words


def test_what_is_left_out_says_why_and_what_is_kept_too() -> None:
    for part in PARTS:
        assert part.title
        if part.fate is not person_parts.Fate.GOES:
            assert part.why, part.title
            assert part.keeps <= set(part.table.c.keys()), part.title
    left_out = {part.table.name for part in PARTS if part.left_out}
    assert left_out == {"access_lanes", "label_access", "idempotency_keys", "outbox", "brought_in"}


def test_everything_is_in_it(app: Flask, cast: Cast) -> None:
    life = lived(app, cast, full=False)
    with app.app_context():
        person = person_parts.find(life.ref)
        record = whole_record.for_operator(life.ref, life.way.now)
        content, files = zipped(record, whole_record.picture)
        counts = {part.table.name: part.count(person) for part in PARTS if not part.left_out}
    packed = zipfile.ZipFile(io.BytesIO(content))
    assert packed.testzip() is None
    assert len(packed.namelist()) == files
    tables = json.loads(packed.read("record.json"))["tables"]
    assert {name: len(rows) for name, rows in tables.items()} == counts
    page = packed.read("read-me-first.html").decode()
    for title in ("The person", "Standing record", "Medicines", "Steps of journeys", "Belongings"):
        assert f". {title}</h2>" in page
    assert "Who has looked" in page
    assert GIVEN in page
    assert FAMILY in page
    for words in ("Ramipril", "Glasses", "Drowsy on morphine", "999 000 0018", "3 November 1938", WORD):
        assert words in page, words
    pictures = {packed.read(name) for name in packed.namelist() if name.endswith(".jpg")}
    assert pictures == set(life.pictures[::2]), "each page, and not the small ones"
    for name in packed.namelist():
        assert name in page or name == "read-me-first.html", name
    assert 'href="http' not in page, "nothing is fetched from anywhere"


@on_sqlite
def test_nobody_else_is_named_in_it(app: Flask, cast: Cast) -> None:
    """Two bags changed places: the ward's task names both people, and each journey refers to the other."""
    life = lived(app, cast, full=False)
    with app.app_context():
        content, _ = zipped(whole_record.for_operator(life.ref, life.way.now), whole_record.picture)
    packed = zipfile.ZipFile(io.BytesIO(content))
    for name in ("read-me-first.html", "record.json"):
        words = packed.read(name).decode()
        assert "Swap two bags" in words
        for other in ("Ada", "Moore", life.other_journey):
            assert other not in words, (name, other)


@on_sqlite
def test_packs_are_files_and_user_text_is_never_markup(app: Flask, cast: Cast) -> None:
    from tests.integration import household

    with app.app_context():
        way = Pathway(cast, household.QUIET_MORNING)
        household.record(cast, way.resident_ref, "wishes", {"care_plan": SCRIPT})
        way.packed().left()
        record = whole_record.for_operator(way.resident_ref, way.now)
        content, _files = zipped(record, whole_record.picture)
    packed = zipfile.ZipFile(io.BytesIO(content))
    page = packed.read("read-me-first.html").decode()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    page_tree.read(page)
    packs = [name for name in packed.namelist() if name.startswith("packs/")]
    assert packs
    assert all(packed.read(name).startswith(b"%PDF") for name in packs)


@on_sqlite
def test_the_manager_takes_it_and_that_is_written_down(
    app: Flask, cast: Cast, way: Pathway, visit: Callable[[str], Visitor]
) -> None:
    with app.app_context():
        way.packed().left()
    manager = visit("manager")
    person = f"/residents/{way.resident_ref}"
    page = manager.open(person)
    page = manager.open(
        page.links()["Take the whole record away, for the person or for whoever acts for them"]
    )
    assert "Before you hand it over" in page.text
    answer = manager.client.get(page.links()["Take it away (zip)"])
    assert answer.mimetype == "application/zip"
    assert "no-store" in answer.headers["Cache-Control"]
    assert zipfile.ZipFile(io.BytesIO(answer.data)).testzip() is None
    with app.app_context():
        row = db.session.query(AuditEntry).filter_by(kind="person.exported").one()
        assert row.subject_ref == way.resident_ref
        assert row.account_id == cast.actor("manager").account_id
        assert row.details["files"] == len(zipfile.ZipFile(io.BytesIO(answer.data)).namelist())
    late = cast.browser(app, "manager", fresh=False).get(f"{person}/whole-record.zip")
    assert late.status_code == 303, "asked once more who they are"
    assert "/confirm" in (late.location or "")
    for part, status in (("carer", 403), ("nurse", 403), ("outsider", 403), ("administrator", 403)):
        assert visit(part).client.get(f"{person}/whole-record.zip").status_code == status, part
    assert "Took the whole record away" in manager.open(f"{person}/who-looked").text


@on_sqlite
def test_the_command_writes_for_its_owner_alone_and_nothing_by_halves(
    app: Flask, way: Pathway, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        way.packed().left()

    def type_(*words: object) -> Result:
        return CliRunner().invoke(commands, [str(word) for word in words], obj=lambda: app)

    file = tmp_path / "record.zip"
    done = type_("person", "export", way.resident_ref, file)
    assert done.exit_code == 0, done.output
    assert file.stat().st_mode & 0o777 == 0o600
    assert zipfile.ZipFile(file).testzip() is None
    again = type_("person", "export", way.resident_ref, file)
    assert again.exit_code == 2, "nothing is written over"
    other = tmp_path / "other.zip"
    nobody = type_("person", "export", "0" * 16, other)
    assert nobody.exit_code == 2
    assert not other.exists()

    def broken(_number: int) -> bytes:
        raise RuntimeError("the disk went away")

    monkeypatch.setattr("redbag.documents.whole_record.page", broken)
    failed = type_("person", "export", way.resident_ref, other)
    assert failed.exit_code == 1
    assert not other.exists()
    with app.app_context():
        assert db.session.query(AuditEntry).filter_by(kind="person.exported").count() == 1
