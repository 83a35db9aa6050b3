"""The audit chain: appended, verified; edited, deleted, moved and cut-off entries are found."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select, text

from redbag.config import Settings
from redbag.database import begin_write, db
from redbag.domain.permissions import Origin
from redbag.models import AuditEntry
from redbag.services import audit
from redbag.services.audit import Note
from tests.cast import Cast

NOON = datetime(2026, 10, 25, 12, 0, tzinfo=UTC)


@pytest.fixture
def chain(app: Flask, cast: Cast) -> Iterator[None]:
    """Six entries, in an application context."""
    with app.app_context():
        begin_write()
        for number in range(6):
            details = {"fields": [f"f{number}"]}
            note = Note("organisation.changed", ("organisation", f"o{number}"), details=details)
            audit.append(cast.actor("administrator"), note, NOON, Origin(f"r{number}", "192.0.2.1"))
        db.session.commit()
        yield


def first_bad(settings: Settings) -> int | None:
    """The first entry that does not stand, as the command names it."""
    db.session.rollback()
    keys = {settings.audit_key_id: settings.audit_key}
    return next((entry_id for entry_id, whole in audit.verify(keys) if not whole), None)


def run(statement: str) -> None:
    begin_write()
    db.session.execute(text(statement))
    db.session.commit()


def ids() -> list[int]:
    return list(db.session.scalars(select(AuditEntry.id).order_by(AuditEntry.id)))


def test_whole_chain_stands(chain: None, settings: Settings) -> None:
    assert len(ids()) == 6
    assert first_bad(settings) is None


@pytest.mark.parametrize(
    "change",
    [
        "at = '2026-10-25 13:00:00+00:00'",
        "kind = 'resident.read'",
        "outcome = 'refused'",
        "account_id = NULL",
        "role = 'carer'",
        "organisation_id = NULL",
        "subject_kind = 'resident'",
        "subject_ref = 'o9'",
        "request_id = 'x'",
        "address = '192.0.2.9'",
        "reason = 'x'",
        'details = \'{"fields": ["other"]}\'',
        "key_id = 'a2'",
        "mac = '" + "0" * 63 + "1'",
        "previous = '" + "0" * 63 + "1'",
    ],
)
def test_each_changed_column_is_found_at_its_entry(chain: None, settings: Settings, change: str) -> None:
    third = ids()[2]
    run(f"UPDATE audit_entries SET {change} WHERE id = {third}")  # noqa: S608 - a test's own text
    assert first_bad(settings) == third


@pytest.mark.parametrize("position", [0, 2, 4])
def test_deleted_entry_is_found_at_the_one_after_it(chain: None, settings: Settings, position: int) -> None:
    before = ids()
    run(f"DELETE FROM audit_entries WHERE id = {before[position]}")  # noqa: S608
    assert first_bad(settings) == before[position + 1]


def test_entries_that_changed_places_are_found(chain: None, settings: Settings) -> None:
    second, third = ids()[1:3]
    run(f"UPDATE audit_entries SET id = 1000 WHERE id = {second}")  # noqa: S608
    run(f"UPDATE audit_entries SET id = {second} WHERE id = {third}")  # noqa: S608
    run(f"UPDATE audit_entries SET id = {third} WHERE id = 1000")  # noqa: S608
    assert first_bad(settings) == second


def test_cut_tail_is_found_by_a_head_kept_elsewhere(chain: None, settings: Settings) -> None:
    kept = audit.head()
    assert audit.holds(*kept)
    run(f"DELETE FROM audit_entries WHERE id >= {ids()[4]}")  # noqa: S608
    assert first_bad(settings) is None, "what is left is whole in itself"
    assert not audit.holds(*kept)


def test_entry_made_under_another_key_does_not_stand(chain: None, settings: Settings) -> None:
    assert next(audit.verify({settings.audit_key_id: b"another key of the tests 33333333"})) == (
        ids()[0],
        False,
    )
    assert next(audit.verify({})) == (ids()[0], False)


def test_entries_are_never_changed_through_the_models(chain: None) -> None:
    begin_write()
    entry = db.session.scalars(select(AuditEntry)).first()
    assert entry is not None
    entry.reason = "x"
    with pytest.raises(RuntimeError, match="never changed"):
        db.session.flush()
    db.session.rollback()


@pytest.mark.parametrize(
    "note",
    [
        Note("resident.seen"),
        Note("resident.read", details={"name": "Agnes Obi"}),
        Note("session.started", details={"passphrase": "x"}),
    ],
)
def test_only_named_kinds_and_fields_are_taken(chain: None, note: Note) -> None:
    begin_write()
    with pytest.raises(ValueError, match="may not carry"):
        audit.append(None, note, NOON)
    db.session.rollback()


def test_twenty_writers_at_once_make_one_chain(app: Flask, cast: Cast, settings: Settings) -> None:
    failed: list[BaseException] = []
    together = threading.Barrier(20)

    def write(number: int) -> None:
        try:
            with app.app_context():
                together.wait()
                for _ in range(3):
                    begin_write()
                    audit.append(None, Note("session.refused", ("account", f"a{number}")), NOON)
                    db.session.commit()
                db.session.remove()
        except BaseException as problem:
            failed.append(problem)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with app.app_context():
        assert len(ids()) == 60
        assert first_bad(settings) is None


# On SQLite there is one writer at a time, whatever it writes.
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_an_act_that_is_not_done_yet_keeps_nobody_from_the_chain(app: Flask, settings: Settings) -> None:
    """The chain is held from the last act of a transaction to its commit, and not from its first entry on."""
    said, done = threading.Event(), threading.Event()
    waited: list[bool] = []

    def slow() -> None:
        with app.app_context():
            begin_write()
            audit.append(None, Note("session.refused", ("account", "slow")), NOON)
            db.session.execute(select(AuditEntry.id))
            said.set()
            waited.append(done.wait(20))
            db.session.commit()

    thread = threading.Thread(target=slow)
    thread.start()
    assert said.wait(20)
    with app.app_context():
        begin_write()
        audit.append(None, Note("session.refused", ("account", "quick")), NOON)
        db.session.commit()
    done.set()
    thread.join()
    assert waited == [True]
    with app.app_context():
        order = list(db.session.scalars(select(AuditEntry.subject_ref).order_by(AuditEntry.id)))
        assert order[-2:] == ["quick", "slow"]
        assert first_bad(settings) is None


def test_what_was_refused_leaves_no_entry_in_the_next_act(chain: None, settings: Settings) -> None:
    before = ids()
    begin_write()
    audit.append(None, Note("session.refused", ("account", "undone")), NOON)
    db.session.rollback()
    begin_write()
    audit.append(None, Note("session.refused", ("account", "done")), NOON)
    db.session.commit()
    assert len(ids()) == len(before) + 1
    newest = db.session.scalars(select(AuditEntry.subject_ref).order_by(AuditEntry.id.desc())).first()
    assert newest == "done"
    assert first_bad(settings) is None
