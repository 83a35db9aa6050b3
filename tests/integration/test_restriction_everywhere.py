"""A restricted record, looked for at every address: nobody but the manager of the home reads a word of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask

from redbag.database import begin_write, db
from redbag.services import restriction
from tests.cast import Cast
from tests.integration.reading import PICTURE, words
from tests.integration.test_permissions_matrix import Example, asked, examples

__all__ = ["examples"]
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NAME = "Agnes"
# What stands in the record and in the pack of the cast's resident, and nowhere else.
SECRETS = ("Warfarin", "warfarin", "Penicillin", "penicillin", PICTURE)
# At night somebody must know whom to send to hospital, and that there are two of one name.
NAMED_AT = {"home.residents", "home.send_why", "home.resident", "offline.copy"}


def close_and_restrict(app: Flask, ref: str) -> None:
    with app.app_context():
        begin_write()
        db.session.execute(db.text("UPDATE transfers SET state = 'closed', closed_at = opened_at"))
        db.session.execute(db.text("UPDATE labels SET revoked_at = issued_at, revoked_why = 'closed'"))
        restriction.restrict(ref, "Says that the allergies are wrong", datetime.now(UTC))
        db.session.commit()


@pytest.mark.parametrize("part", ["carer", "nurse", "hospital_manager", "outsider", "oversight"])
def test_no_address_shows_a_word_of_it(
    app: Flask, cast: Cast, examples: dict[str, Example], part: str
) -> None:
    pages = [(rule, path) for rule, path, _ in asked(app, examples, writing=False)]
    if part == "carer":
        pages += [(rule, f"{path}?q=Agnes") for rule, path in pages if rule.endpoint == "home.residents"]
    client = cast.browser(app, part)
    before = {path for _, path in pages if any(secret in words(client.get(path)) for secret in SECRETS)}
    close_and_restrict(app, examples["resident_ref"].value)
    faults = []
    for rule, path in pages:
        answer = client.get(path)
        if answer.status_code in (302, 303):
            continue
        told = words(answer)
        faults += [f"{path} ({answer.status_code}): {secret}" for secret in SECRETS if secret in told]
        at_home = rule.endpoint in NAMED_AT or "This record is restricted" in told
        if NAME in told and not (part == "carer" and at_home):
            faults.append(f"{path} ({answer.status_code}): {NAME}")
    assert not faults, "\n".join(faults)
    assert before or part in ("outsider", "oversight"), "what is looked for was there before"


def test_the_manager_reads_it_and_takes_it_away(app: Flask, cast: Cast, examples: dict[str, Example]) -> None:
    close_and_restrict(app, ref := examples["resident_ref"].value)
    manager = cast.browser(app, "manager")
    assert "Warfarin" in words(manager.get(f"/residents/{ref}"))
    assert manager.get(f"/residents/{ref}/whole-record.zip").status_code == 200
