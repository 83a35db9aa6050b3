"""What attacks with the source open have found, each as a test."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from redbag.database import begin_write, db
from redbag.domain.errors import NotPermitted
from redbag.domain.permissions import Actor, Role
from redbag.models import Account, AuditEntry
from redbag.services import accounts
from redbag.services.accounts import RoleAt
from tests.cast import Cast
from tests.visitor import Visitor, filled


def test_a_nul_in_a_form_is_no_fault_and_costs_nobody_what_they_typed(
    app: Flask, cast: Cast, visit: Callable[[str], Visitor]
) -> None:
    """PostgreSQL takes no NUL in a text, and many values are asked for by name and no table of questions."""
    app.config["WTF_CSRF_ENABLED"] = False
    nurse = visit("nurse").client
    assert nurse.post("/account/ward", data={"ward": "a\0b"}).status_code == 404
    assert nurse.post("/account/ward", data={"\0": "x"}).status_code == 404
    willow = cast.places["hospital"].wards["Willow"]
    kept = nurse.post("/account/ward", data={"ward": f"\0{willow}\0"})
    assert kept.status_code == 303


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_number_of_a_row_that_is_none_is_no_fault_of_the_page_for_who_is_signed_out(
    app: Flask, cast: Cast
) -> None:
    """Python reads no number of so many digits."""
    client, ours = app.test_client(), {"Sec-Fetch-Site": "same-origin"}
    app.config["WTF_CSRF_ENABLED"] = False
    for number in ("9" * 5000, "²", "٣", "-1"):
        typed = {f"allergies-{number}-substance": "penicillin and nuts"}
        answer = client.post("/account/place", data=typed, headers=ours)
        assert answer.status_code == 401, number[:9]


def test_a_one_time_link_sent_twice_at_once_sets_one_passphrase(app: Flask, cast: Cast) -> None:
    """Hashing takes a while: whoever came meanwhile was shown a fault, and not that the link is used."""
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        begin_write()
        carer = cast.actor("carer").account_ref
        token = accounts.new_link(None, carer, datetime.now(UTC)).token
        db.session.commit()
    together, statuses = threading.Barrier(6), []

    def send(number: int) -> None:
        client = app.test_client()
        together.wait()
        told = {"passphrase": f"{number} quiet owls over the weir"}
        statuses.append(client.post(f"/join/{token}", data=told).status_code)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [303] + [410] * 5
    with app.app_context():
        joined = db.session.scalars(select(AuditEntry).filter_by(kind="account.joined")).all()
        assert len(joined) == 1
        assert db.session.scalar(select(Account.passphrase_hash).filter_by(ref=carer))


@pytest.mark.parametrize(
    "email",
    [
        "c\u0430rer@example.org",  # a Cyrillic a
        "car\u200der@example.org",  # a joiner
        "carer@example.org,other@example.org",
        "<carer@example.org>",
        "carer@example\u3002org",
        "carer\x00@@example.org",
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nobody_is_invited_by_an_address_that_only_looks_like_anothers(
    app: Flask, cast: Cast, visit: Callable[[str], Visitor], email: str
) -> None:
    manager = visit("manager")
    form = manager.open("/people/invite").form()
    told = {"name": "Joy Adeyemi", "email": email, "role": "carer"}
    page = manager.post(form.get("action") or "/people/invite", filled(form, told))
    assert page.status == 422
    assert "Write a whole e-mail address" in page.text
    with app.app_context():
        assert db.session.query(Account).count() == len(cast.people)


def test_two_administrators_who_disable_each_other_leave_one(app: Flask, cast: Cast) -> None:
    """Each had been asked who they are before the other's act was done: nobody was left who could undo it."""
    ada = cast.actor("administrator")
    with app.app_context():
        begin_write()
        at = RoleAt(cast.places["operator"].ref, Role.ADMINISTRATOR)
        accounts.invite(None, "eve@example.org", "Eve Stone", at, datetime.now(UTC))
        db.session.commit()
        row = db.session.scalars(select(Account).filter_by(email="eve@example.org")).one()
        eve = replace(ada, account_id=row.id, account_ref=row.ref, name=row.name)
    together, refused = threading.Barrier(2), []

    def disable(actor: Actor, other: Actor) -> None:
        with app.app_context():
            together.wait()
            begin_write()
            try:
                accounts.disable(actor, other.account_ref, datetime.now(UTC))
                time.sleep(0.2)
                db.session.commit()
            except NotPermitted as problem:
                db.session.rollback()
                refused.append(str(problem))

    threads = [threading.Thread(target=disable, args=pair) for pair in ((ada, eve), (eve, ada))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["Your own role was ended a moment ago."]
    with app.app_context():
        rows = db.session.scalars(
            select(Account.disabled_at).where(Account.id.in_([ada.account_id, eve.account_id]))
        )
        assert sum(at is None for at in rows) == 1
