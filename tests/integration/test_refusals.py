"""What was refused stands in the audit log, and what nobody has asked for is refused early."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from redbag.config import Mode
from redbag.database import begin_write, db
from redbag.domain.errors import Invalid
from redbag.domain.permissions import Role
from redbag.models import AuditEntry
from redbag.services import accounts
from tests.cast import Cast
from tests.visitor import Visitor

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]


def refused(app: Flask) -> list[tuple[str, str, str]]:
    """Why, at which address, by whom in which role."""
    with app.app_context():
        entries = db.session.scalars(select(AuditEntry).filter_by(kind="refused").order_by(AuditEntry.id))
        return [(e.reason, e.details.get("endpoint", ""), e.role) for e in entries]


def test_asking_for_another_homes_person_is_written_down_once(app: Flask, visit: Visit) -> None:
    assert visit("outsider").open("/residents/0000000000000000").status == 404
    assert refused(app) == [("not found", "home.resident", "carer")]


def test_a_page_of_other_peoples_work_is_written_down_once(app: Flask, visit: Visit) -> None:
    assert visit("carer").open("/admin/people").status == 403
    assert [entry[0] for entry in refused(app)] == ["not permitted"]


def test_a_stranger_fills_no_audit_log_with_addresses(app: Flask, stranger: Visitor) -> None:
    assert stranger.open("/B/00000000000000000000000000").status == 404
    assert refused(app) == []


def test_a_wrong_label_code_is_written_down(app: Flask, stranger: Visitor) -> None:
    stranger.open("/scan")
    stranger.press({"code": "7K2M-9QX4-6"}, action="/scan")
    assert [entry[0] for entry in refused(app)] == ["no such label code"]


def test_a_strangers_guesses_at_codes_do_not_stop_a_nurse_at_the_same_address(
    stranger: Visitor, visit: Visit
) -> None:
    for _ in range(11):
        stranger.open("/scan")
        stranger.press({"code": "7K2M-9QX4-6"}, action="/scan")
    assert "Too many tries" in stranger.page.text
    nurse = visit("nurse")
    nurse.open("/scan")
    nurse.press({"code": "7K2M-9QX4-6"}, action="/scan")
    assert "No label has this code" in nurse.page.text


@pytest.mark.parametrize(
    "address", ["/reports/stays?month=9999-12", "/transfers/closed?page=99999999999999999999"]
)
def test_numbers_beyond_all_sense_are_no_fault_of_ours(visit: Visit, address: str) -> None:
    assert visit("manager").open(address).status in (200, 404)


def test_another_host_is_not_answered_in_production(make_app: Callable[..., Flask], cast: Cast) -> None:
    app = make_app(mode=Mode.PRODUCTION, base_url="https://redbag.example", behind_proxy=True)
    there = app.test_client()
    assert there.get("/healthz", base_url="https://redbag.example").status_code == 200
    assert there.get("/healthz", base_url="https://evil.example").status_code == 400


def test_static_files_are_for_our_own_pages(app: Flask) -> None:
    answer = app.test_client().get("/static/css/redbag.css")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in answer.headers
    answer.close()


def test_an_administrator_gives_no_role_to_themself(app: Flask, cast: Cast) -> None:
    """It would open the residents of any home to somebody who may see none."""
    actor = cast.actor("administrator")
    home = accounts.RoleAt(cast.places["home"].ref, Role.CARER)
    with app.app_context():
        begin_write()
        with pytest.raises(Invalid, match="ask another administrator"):
            accounts.add_role(actor, actor.account_ref, home, datetime.now(UTC))
        db.session.rollback()


def test_who_was_signed_out_while_typing_is_told_so_and_keeps_the_words(visit: Visit) -> None:
    carer = visit("carer")
    carer.client.delete_cookie("redbag")
    address = "/residents/new"
    typed = {
        "family_name": "Oduya",
        "note": "Found <b>on the floor</b>",
        "passphrase": "seven grey herons at",
        "new_pin": "47 11",
        "pulse": "92",
        "allergies-0-substance": "Latex",
    }
    answer = carer.client.post(address, data=typed, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 400
    assert "You were signed out before you saved" in answer.text
    assert "Found &lt;b&gt;on the floor&lt;/b&gt;" in answer.text
    assert "<strong>Pulse</strong>: 92" in answer.text
    assert "<strong>Each allergy or reaction 1, To what</strong>: Latex" in answer.text
    assert "seven grey herons" not in answer.text
    assert "47 11" not in answer.text
    assert "next=/residents/new" in answer.text.replace("%2F", "/")
    elsewhere = carer.client.post(address, data=typed, headers={"Sec-Fetch-Site": "cross-site"})
    assert "Found" not in elsewhere.text
