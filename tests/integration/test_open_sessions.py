"""Where a person is signed in: seen and ended by themselves, and by whoever answers for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from redbag.database import begin_write, db
from redbag.domain.permissions import Role
from redbag.models import Account, AuditEntry, UserSession
from redbag.services import accounts, devices
from redbag.services.accounts import RoleAt
from tests.cast import PASSPHRASE, Cast
from tests.visitor import Page, Visitor

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PHONE = (
    "Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0"
    " Mobile Safari/537.36"
)
Visit = Callable[[str], Visitor]


def on_a_phone(app: Flask, cast: Cast, part: str) -> Visitor:
    """Somebody of the cast who has typed their passphrase on a telephone."""
    visitor = Visitor(app.test_client())
    visitor.client.environ_base["HTTP_USER_AGENT"] = PHONE
    visitor.open("/sign-in?next=/account")
    visitor.press({"email": cast.people[part].email, "passphrase": PASSPHRASE})
    return visitor


def ends(page: Page) -> list[str]:
    """The sessions that the page offers to end."""
    return [b.get("value", "") for b in page.tree.iter("button") if b.get("name") == "session"]


def is_in(visitor: Visitor) -> bool:
    return visitor.client.get("/account").status_code == 200


def session_of(app: Flask, part: str) -> int:
    """A session of somebody else."""
    with app.app_context():
        row = db.session.scalars(
            select(UserSession).join(Account).where(Account.email == f"{part}@example.org")
        ).first()
        return row.id if row else 0


def why(app: Flask) -> list[tuple[str, str, str]]:
    """Who ended a session, whose, and why, by the audit log."""
    with app.app_context():
        rows = db.session.scalars(select(AuditEntry).filter_by(kind="session.ended").order_by(AuditEntry.id))
        return [(row.role, row.subject_ref, (row.details or {})["why"]) for row in rows]


def test_a_person_sees_their_sessions_and_ends_one_of_them(app: Flask, visit: Visit, cast: Cast) -> None:
    here, phone, third = visit("nurse"), on_a_phone(app, cast, "nurse"), visit("nurse")
    assert "Here, and in 2 other places." in here.open("/account").text
    page = here.open("/account/sessions")
    words = page.text
    assert words.count("This one") == 1
    assert words.index("This one") < words.index("Chrome on Android")
    assert "St Brannock’s Hospital, Willow" in words
    assert "Signed in by passphrase" in words
    assert "Last seen" in words
    assert len(ends(page)) == 2
    with app.app_context():
        kept = db.session.scalars(select(UserSession).order_by(UserSession.id)).all()
        phones = kept[1].id
        assert [one.browser for one in kept] == ["", "Chrome on Android", ""]
    page = here.press(action="/account/sessions/end", button=f"session={phones}")
    assert "Ended." in page.text
    assert (is_in(here), is_in(phone), is_in(third)) == (True, False, True)
    assert why(app) == [("ward_staff", cast.actor("nurse").account_ref, "signed out elsewhere")]


@on_sqlite
def test_a_form_sent_twice_ends_one_session_once(app: Flask, visit: Visit, cast: Cast) -> None:
    here, _phone = visit("carer"), on_a_phone(app, cast, "carer")
    page = here.open("/account/sessions")
    form, fields = page.form("/account/sessions/end"), [("session", ends(page)[0])]
    fields += [(e.get("name", ""), e.get("value", "")) for e in form.iter("input")]
    for _ in range(2):
        assert here.post("/account/sessions/end", fields).path == "/account/sessions"
    assert len(why(app)) == 1
    anew = [(k, "another key" if k == "idempotency_key" else v) for k, v in fields]
    assert "This had ended already." in here.post("/account/sessions/end", anew).text
    assert len(why(app)) == 1


@on_sqlite
def test_a_pin_on_the_homes_tablet_stands_there_by_the_tablets_name(
    app: Flask, visit: Visit, cast: Cast
) -> None:
    key, now = app.config["LIMITS"].secret_keys, datetime.now(UTC)
    with app.app_context():
        begin_write()
        carer = cast.actor("carer")
        devices.keep_pin(carer.account_id, devices.hash_pin(carer.account_ref, "482913", key), now)
        token = devices.enrol(cast.actor("manager"), "", "Night tablet", "", now)
        db.session.commit()
    tablet = Visitor(app.test_client())
    tablet.client.set_cookie("redbag-device", token)
    tablet.client.environ_base["HTTP_USER_AGENT"] = PHONE
    tablet.open(f"/device/pin/{carer.account_ref}")
    tablet.press({"pin": "482913"})
    assert is_in(tablet)
    page = visit("carer").open("/account/sessions")
    assert "Night tablet" in page.text
    assert "Chrome on Android" in page.text
    assert "Signed in by PIN" in page.text


@on_sqlite
def test_an_unused_session_that_has_lapsed_is_not_open(app: Flask, visit: Visit, cast: Cast) -> None:
    here, other = visit("nurse"), visit("nurse")
    with app.app_context():
        begin_write()
        newest = db.session.scalar(select(UserSession.id).order_by(UserSession.id.desc()))
        lapsed = datetime.now(UTC) - timedelta(minutes=11)
        db.session.execute(update(UserSession).where(UserSession.id == newest).values(seen_at=lapsed))
        db.session.commit()
    assert not is_in(other)
    assert ends(here.open("/account/sessions")) == []
    assert "Only here." in here.open("/account").text


def test_a_manager_ends_a_colleagues_session_at_once(app: Flask, visit: Visit, cast: Cast) -> None:
    carer, manager = on_a_phone(app, cast, "carer"), visit("manager")
    ref = cast.actor("carer").account_ref
    page = manager.open(f"/people/{ref}")
    assert "Chrome on Android" in page.text
    assert "Rowan House" in page.text
    page = manager.press(action=f"/people/{ref}/sessions/end", button=f"session={ends(page)[0]}")
    assert "Ended." in page.text
    assert "Nowhere at present." in page.text
    assert not is_in(carer)
    assert why(app) == [("home_manager", ref, "ended by a manager")]


def test_an_administrator_ends_anybodys(app: Flask, visit: Visit, cast: Cast) -> None:
    nurse, admin = on_a_phone(app, cast, "nurse"), visit("administrator")
    ref = cast.actor("nurse").account_ref
    page = admin.open(f"/admin/people/{ref}")
    page = admin.press(action=f"/admin/people/{ref}/sessions/end", button=f"session={ends(page)[0]}")
    assert "Ended." in page.text
    assert not is_in(nurse)
    assert why(app) == [("administrator", ref, "ended by an administrator")]


@on_sqlite
def test_a_manager_sees_and_ends_nothing_of_another_place(app: Flask, visit: Visit, cast: Cast) -> None:
    """Ann Lowe works in two homes, and is signed in at the other: this one's manager sees none of it."""
    with app.app_context():
        begin_write()
        outsider = cast.actor("outsider").account_ref
        accounts.add_role(None, outsider, RoleAt(cast.places["home"].ref, Role.CARER), datetime.now(UTC))
        db.session.commit()
    ann, manager = visit("outsider"), visit("manager")
    assert "Nowhere at present." in manager.open(f"/people/{outsider}").text  # she has yet to say where
    ann.open("/account/place")
    ann.press(button=f"place={cast.people['outsider'].membership_ref}")
    assert ends(manager.open(f"/people/{outsider}")) == []
    with app.app_context():
        ids = select(Account.id).where(Account.ref == outsider)
        session = db.session.scalar(select(UserSession).where(UserSession.account_id.in_(ids)))
        assert session is not None and session.membership is not None
        assert session.membership.organisation.name == "Larch Lodge"
        named = str(session.id)
    visit("manager")  # a second one, for the form that ends it
    own = manager.open("/account/sessions").tree
    tokens = [(e.get("name", ""), e.get("value", "")) for e in own.iter("input") if e.get("name")]
    for address in (f"/people/{outsider}/sessions/end", "/account/sessions/end"):
        assert manager.post(address, [*tokens, ("session", named)]).status == 404
    assert is_in(ann)
    for odd in ("", "x", "²", "9" * 40, "-1", str(session_of(app, "administrator"))):
        assert manager.post("/account/sessions/end", [*tokens, ("session", odd)]).status == 404
