"""The audit log of one person, for the manager of their home."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from redbag.database import db
from redbag.domain.audit_words import READING, WORDS
from redbag.models import AuditEntry
from redbag.services import labels
from redbag.services.audit import KINDS
from tests.cast import Cast
from tests.integration.guest import let_in
from tests.integration.pathway import Pathway
from tests.visitor import Visitor

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
_OF_A_PERSON = (
    "custody",
    "label",
    "medicine",
    "pack",
    "paper",
    "person",
    "resident",
    "section",
    "transfer",
    "task",
    "guest",
)
_OF_MANY = {"resident.listed", "transfer.listed", "label.made", "guest.code_wrong", "custody.confirmed"}


def test_every_kind_that_names_a_person_has_words() -> None:
    named = {kind for kind in KINDS if kind.partition(".")[0] in _OF_A_PERSON} - _OF_MANY
    assert named <= set(WORDS)
    assert set(WORDS) <= set(KINDS)
    assert set(READING) <= set(WORDS)


def test_the_manager_reads_who_looked_and_that_is_written_down(
    app: Flask, cast: Cast, way: Pathway, visit: Callable[[str], Visitor]
) -> None:
    with app.app_context():
        way.packed().left()
        token = labels.token_of(labels.current(way.transfer))  # type: ignore[arg-type]
        resident, journey = way.resident_ref, way.transfer.ref
    cast.browser(app, "nurse").get(f"/b/{token}")
    cast.browser(app, "carer").get(f"/residents/{resident}")
    guest = let_in(app, cast, token)[0]
    guest.get(f"/b/{token}")

    manager = visit("manager")
    page = manager.open(f"/residents/{resident}/who-looked")
    for said in ("Scanned the label and saw the pack", "Read the record", "Came in by the access code"):
        assert said in page.text
    assert cast.people["nurse"].actor.name in page.text
    assert journey not in page.text
    looks = manager.open(f"/residents/{resident}/who-looked?show=looks")
    assert "Recorded a step" in page.text
    assert "Recorded a step" not in looks.text

    taken = cast.browser(app, "manager").get(f"/residents/{resident}/who-looked.csv")
    rows = list(csv.DictReader(io.StringIO(taken.data.decode("utf-8-sig"))))
    assert {row["what"] for row in rows} >= {"Scanned the label and saw the pack", "Read the record"}
    with app.app_context():
        kinds = db.session.scalars(select(AuditEntry.kind).filter_by(subject_ref=resident)).all()
        assert kinds.count("audit.read") == 2
        assert kinds.count("audit.exported") == 1


@on_sqlite
@pytest.mark.parametrize(("part", "status"), [("carer", 403), ("nurse", 403), ("outsider", 403)])
def test_nobody_else_reads_it(app: Flask, cast: Cast, way: Pathway, part: str, status: int) -> None:
    for end in ("", ".csv"):
        address = f"/residents/{way.resident_ref}/who-looked{end}"
        assert cast.browser(app, part).get(address).status_code == status
