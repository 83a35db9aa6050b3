"""Two persons write one thing at the very same moment: one saves, the other loses nothing.

On PostgreSQL both read before either writes; SQLite lets one in after the other.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from redbag.config import Settings
from redbag.database import db
from redbag.domain import record_checks
from redbag.models import Account, AuditEntry, RecordSection
from redbag.services import accounts, organisations
from tests.cast import Cast
from tests.integration.test_at_once import at_once, chain_is_whole
from tests.integration.walk import Walk
from tests.visitor import Visitor, filled

Visit = Callable[[str], Visitor]


@pytest.fixture
def meet(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Callable[[Any, str], None]:
    """On PostgreSQL, whoever has read and goes to check waits, the first time, until another does so too."""
    together, here = threading.Barrier(2), threading.local()

    def at(module: Any, name: str) -> None:
        real = getattr(module, name)

        def checked(*given: Any) -> Any:
            found = real(*given)
            if settings.database_url.startswith("postgresql") and not getattr(here, "waited", False):
                here.waited = True
                together.wait(timeout=10)
            return found

        monkeypatch.setattr(module, name, checked)

    return at


def test_two_administrators_save_one_home_in_the_same_moment(
    app: Flask, cast: Cast, visit: Visit, settings: Settings, meet: Callable[[Any, str], None]
) -> None:
    """The second sees both versions, with what they typed; before, they got a bare 500 on PostgreSQL."""
    home = cast.places["home"].ref
    path, sends = f"/admin/organisations/{home}/edit", []
    for phone in ("020 7946 0111", "020 7946 0222"):
        person = visit("administrator")
        sends.append((person, path, filled(person.open(path).form(path), {"phone": phone})))
    meet(organisations, "_checked")
    answers = at_once(app, sends)
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    told = next(answer.text for answer in answers if answer.status_code == 409)
    assert "020 7946 0111" in told
    assert "020 7946 0222" in told
    with app.app_context():
        assert db.session.query(AuditEntry).filter_by(kind="organisation.changed").count() == 1
    assert chain_is_whole(app, settings)


def test_two_administrators_invite_one_person_in_the_same_moment(
    app: Flask, cast: Cast, visit: Visit, meet: Callable[[Any, str], None]
) -> None:
    """An address that has to be the only one: the second reads that it has an account."""
    home = cast.places["home"].ref
    path, sends = f"/admin/organisations/{home}/invite", []
    typed = {"name": "May Hill", "email": "may@example.org", "role": "carer"}
    for _ in range(2):
        person = visit("administrator")
        form = person.open(path).form()
        sends.append((person, form.get("action") or path, filled(form, typed)))
    meet(accounts, "_check_new")
    answers = at_once(app, sends)
    assert sorted(answer.status_code for answer in answers) == [303, 422]
    assert "This e-mail address has an account." in next(a.text for a in answers if a.status_code == 422)
    with app.app_context():
        assert db.session.query(Account).filter_by(email="may@example.org").count() == 1


def test_whoever_is_overtaken_again_and_again_is_told_so_and_keeps_what_was_typed(
    app: Flask, cast: Cast, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk = Walk(app, cast)
    path = f"/residents/{walk.way.resident_ref}/record/wishes"
    carer = visit("carer")
    carer.open(path)
    carer.press({"place_of_care": "In her own room"}, action=path)
    carer.open(path)
    real = record_checks.changed_fields

    def overtaken(*given: Any) -> Any:
        """Somebody else's save, seen by the database and not by this session."""
        db.session.execute(db.text("UPDATE record_sections SET version = version + 1"))
        return real(*given)

    monkeypatch.setattr(record_checks, "changed_fields", overtaken)
    page = carer.press({"place_of_care": "At her daughter’s house"}, action=path)
    assert page.status == 409
    assert page.heading == "Something changed meanwhile"
    assert "At her daughter’s house" in page.text
    assert page.links()["Open the page again"] == path
    with app.app_context():
        assert db.session.query(RecordSection).filter_by(key="wishes").one().answers["place_of_care"] == (
            "In her own room"
        ), "nothing of it was written"
