"""What attacks with the source open have found, each as a test."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from redbag.database import begin_write, db
from redbag.models import Account, AuditEntry
from redbag.services import accounts
from tests.cast import Cast
from tests.visitor import Visitor


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
