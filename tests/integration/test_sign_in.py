"""Signing in and out: who gets in, what a guesser learns, when a session ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import BoundedSemaphore
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import func, select, update

from redbag.config import Mode
from redbag.database import begin_write, db
from redbag.models import Account, AuditEntry, Membership, SignInAttempt, UserSession
from redbag.services import sessions
from redbag.services.demo import load
from redbag.web.account.onward import local_path
from tests.cast import PASSPHRASE, Cast
from tests.visitor import Page, Visitor, filled


def sign_in(visitor: Visitor, email: str, passphrase: str = PASSPHRASE, wanted: str = "/account") -> Page:
    visitor.open(f"/sign-in?next={wanted}")
    return visitor.press({"email": email, "passphrase": passphrase})


def audited(app: Flask, kind: str) -> list[AuditEntry]:
    with app.app_context():
        return list(db.session.scalars(select(AuditEntry).filter_by(kind=kind).order_by(AuditEntry.id)))


def test_right_passphrase_leads_to_the_page_that_was_wanted(stranger: Visitor, cast: Cast) -> None:
    page = sign_in(stranger, " Carer@Example.org ")
    assert page.path == "/account"
    assert "Joy Adeyemi" in page.text


def test_stranger_is_sent_to_sign_in_and_back(stranger: Visitor, cast: Cast) -> None:
    page = stranger.open("/admin/people?q=x")
    assert page.path == "/sign-in"
    page = stranger.press({"email": cast.people["administrator"].email, "passphrase": PASSPHRASE})
    assert page.response.request.full_path == "/admin/people?q=x"


def test_unknown_person_and_wrong_passphrase_get_one_answer(stranger: Visitor, cast: Cast) -> None:
    wrong = sign_in(stranger, "carer@example.org", "not the right passphrase")
    unknown = sign_in(stranger, "carel@example.org", "not the right passphrase")
    assert wrong.status == unknown.status == 422
    assert wrong.text == unknown.text
    assert "The e-mail address or the passphrase is not right." in wrong.text


def test_what_was_typed_is_kept_but_never_the_passphrase(stranger: Visitor, cast: Cast) -> None:
    page = sign_in(stranger, "carer@example.org", "not the right passphrase")
    assert "carer@example.org" in page.response.text
    assert "not the right passphrase" not in page.response.text


@pytest.mark.parametrize(
    ("typed", "sentence"), [({"email": ""}, "e-mail address"), ({"passphrase": ""}, "passphrase")]
)
def test_an_empty_answer_is_asked_for(
    stranger: Visitor, cast: Cast, app: Flask, typed: dict[str, str], sentence: str
) -> None:
    stranger.open("/sign-in")
    page = stranger.press({"email": "carer@example.org", "passphrase": PASSPHRASE} | typed)
    assert page.status == 422
    assert f"Write your {sentence}." in page.text
    assert audited(app, "session.refused") == []


def test_ten_wrong_guesses_close_the_door_also_for_the_right_one(
    stranger: Visitor, cast: Cast, app: Flask
) -> None:
    for _ in range(10):
        assert sign_in(stranger, "carer@example.org", "a wrong guess at it").status == 422
    page = sign_in(stranger, "carer@example.org")
    assert page.status == 429
    assert "Wait five minutes" in page.text
    assert [entry.reason for entry in audited(app, "session.refused")] == [""] * 10 + ["throttled"]


def test_throttling_stops_neither_other_addresses_nor_other_people(
    stranger: Visitor, cast: Cast, app: Flask
) -> None:
    for _ in range(11):
        sign_in(stranger, "carer@example.org", "a wrong guess at it")
    elsewhere = Visitor(app.test_client())
    elsewhere.client.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    assert sign_in(elsewhere, "carer@example.org").path == "/account"
    assert sign_in(stranger, "manager@example.org").path == "/account"


def test_throttling_ends_after_five_minutes(stranger: Visitor, cast: Cast, app: Flask) -> None:
    for _ in range(10):
        sign_in(stranger, "carer@example.org", "a wrong guess at it")
    _set(app, SignInAttempt, None, at=datetime.now(UTC) - timedelta(minutes=5, seconds=1))
    assert sign_in(stranger, "carer@example.org").path == "/account"


def test_kept_guesses_do_not_name_anybody(stranger: Visitor, cast: Cast, app: Flask) -> None:
    sign_in(stranger, "carer@example.org", "a wrong guess at it")
    with app.app_context():
        subject, _at_any_account = db.session.scalars(
            select(SignInAttempt.subject).order_by(SignInAttempt.id)
        )
    assert "carer" not in subject
    assert len(subject) == 64


def test_disabled_account_is_answered_like_a_wrong_passphrase(
    stranger: Visitor, cast: Cast, app: Flask
) -> None:
    _set(app, Account, cast.actor("carer").account_id, disabled_at=datetime.now(UTC))
    page = sign_in(stranger, "carer@example.org")
    assert page.status == 422
    assert "is not right" in page.text


def test_sign_out_ends_the_session_on_the_server(stranger: Visitor, cast: Cast, app: Flask) -> None:
    sign_in(stranger, "carer@example.org")
    stolen = stranger.client.get_cookie("redbag").value  # type: ignore[union-attr]
    page = _press_sign_out(stranger)
    assert page.path == "/sign-in"
    assert "You are signed out." in page.text
    thief = app.test_client()
    thief.set_cookie("redbag", stolen)
    assert thief.get("/account").status_code == 302
    assert [entry.details for entry in audited(app, "session.ended")] == [{"why": "signed out"}]


def _press_sign_out(visitor: Visitor, **more: str) -> Page:
    forms = [f for f in visitor.page.tree.iter("form") if f.get("action") == "/sign-out"]
    token = next(i.get("value", "") for i in forms[0].iter("input") if i.get("name") == "csrf_token")
    return visitor.post("/sign-out", [("csrf_token", token), *more.items()])


def test_signing_out_twice_is_no_error(stranger: Visitor, cast: Cast, app: Flask) -> None:
    sign_in(stranger, "carer@example.org")
    _set(app, UserSession, None, ended_at=datetime.now(UTC))
    assert _press_sign_out(stranger).path == "/sign-in"


def test_switching_person_takes_the_next_one_to_the_same_page(
    visit: Callable[[str], Visitor], cast: Cast
) -> None:
    tablet = visit("carer")
    tablet.open("/account")
    page = _press_sign_out(tablet, next="/account?from=switch")
    assert page.path == "/sign-in"
    page = tablet.press({"email": "manager@example.org", "passphrase": PASSPHRASE})
    assert page.response.request.full_path == "/account?from=switch"
    assert "Tom Price" in page.text


def test_session_is_new_at_sign_in_and_the_one_before_ends(stranger: Visitor, cast: Cast, app: Flask) -> None:
    sign_in(stranger, "carer@example.org")
    before = stranger.client.get_cookie("redbag").value  # type: ignore[union-attr]
    sign_in(stranger, "manager@example.org")
    thief = app.test_client()
    thief.set_cookie("redbag", before)
    assert thief.get("/account").status_code == 302


def test_token_is_stored_as_a_hash_only(stranger: Visitor, cast: Cast, app: Flask) -> None:
    sign_in(stranger, "carer@example.org")
    with stranger.client.session_transaction() as cookie:
        token = cookie["_user_id"]
    with app.app_context():
        (session,) = db.session.scalars(select(UserSession))
        everything = repr([row.__dict__ for row in db.session.scalars(select(AuditEntry))])
    assert session.token_hash != token
    assert token not in everything
    assert PASSPHRASE not in everything


def _set(app: Flask, table: Any, row_id: int | None, **values: Any) -> None:
    with app.app_context():
        begin_write()
        change = update(table).values(**values)
        db.session.execute(change if row_id is None else change.where(table.id == row_id))
        db.session.commit()


def _unused_since(app: Flask, minutes: float) -> None:
    _set(app, UserSession, None, seen_at=datetime.now(UTC) - timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("part", "minutes", "lives"),
    [("carer", 59, True), ("carer", 61, False), ("nurse", 9, True), ("nurse", 11, False)],
)
def test_unused_session_ends_sooner_on_a_ward(
    visit: Callable[[str], Visitor], app: Flask, part: str, minutes: int, lives: bool
) -> None:
    browser = visit(part)
    _unused_since(app, minutes)
    assert (browser.open("/account").path == "/account") is lives


def test_session_ends_after_thirteen_hours_however_busy(visit: Callable[[str], Visitor], app: Flask) -> None:
    browser = visit("carer")
    _set(app, UserSession, None, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert browser.open("/account").path == "/sign-in"


def test_disabling_an_account_ends_its_session_at_once(
    visit: Callable[[str], Visitor], cast: Cast, app: Flask
) -> None:
    browser = visit("carer")
    assert browser.open("/account").path == "/account"
    _set(app, Account, cast.actor("carer").account_id, disabled_at=datetime.now(UTC))
    assert browser.open("/account").path == "/sign-in"


def test_changed_role_counts_on_the_next_request(
    visit: Callable[[str], Visitor], cast: Cast, app: Flask
) -> None:
    browser = visit("administrator")
    assert browser.open("/admin").status == 200
    with app.app_context():
        begin_write()
        db.session.execute(
            update(Membership)
            .where(Membership.account_id == cast.actor("administrator").account_id)
            .values(ended_at=datetime.now(UTC))
        )
        db.session.commit()
    page = browser.open("/admin")
    assert page.path == "/account/place"
    assert "no place of work" in page.heading


def test_open_sessions_are_used_up_by_nobody_who_only_looks(
    visit: Callable[[str], Visitor], app: Flask
) -> None:
    """A GET of the sign-in pages leaves nothing behind."""
    visit("carer").open("/sign-in")
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(AuditEntry)) == 1  # the cast's own sign-in


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/residents?q=a%20b", "/residents?q=a%20b"),
        ("/B/ABC", "/B/ABC"),
        ("", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/\t/evil.example", "/"),
        ("/\n/evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("evil.example", "/"),
        ("/" + "a" * 3000, "/"),
    ],
)
def test_only_our_own_pages_follow_a_sign_in(text: str, path: str) -> None:
    assert local_path(text) == path


def test_sign_in_never_redirects_to_another_host(stranger: Visitor, cast: Cast) -> None:
    stranger.open("/sign-in")
    form = stranger.page.form("/sign-in")
    token = next(i.get("value", "") for i in form.iter("input") if i.get("name") == "csrf_token")
    answer = stranger.client.post(
        "/sign-in",
        data={
            "csrf_token": token,
            "email": "carer@example.org",
            "passphrase": PASSPHRASE,
            "next": "//evil.example/account",
        },
    )
    assert answer.status_code == 303
    assert answer.location == "/"


def test_ward_staff_switch_person_in_two_taps(visit: Callable[[str], Visitor], cast: Cast) -> None:
    tablet = visit("nurse")
    page = tablet.open("/account/ward?next=/account")
    (button,) = [b for b in page.tree.iter("button") if "".join(b.itertext()) == "Switch person"]
    assert (button.get("name"), button.get("value")) == ("next", "/account/ward?next=/account")
    home = visit("carer").open("/account")
    assert not [b for b in home.tree.iter("button") if "".join(b.itertext()) == "Switch person"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_demonstration_lists_who_can_sign_in_and_lets_them_in_by_one_tap(
    make_app: Callable[..., Flask],
) -> None:
    app = make_app(mode=Mode.DEMO)
    visitor = Visitor(app.test_client())
    assert "Nobody yet: load the demonstration first" in visitor.open("/sign-in").text
    with app.app_context():
        load.load(2, 0, 1, datetime.now(UTC), lambda _count: None, mode=Mode.DEMO)
        db.session.commit()
    page = visitor.open("/sign-in")
    assert [_email(form) for form in _taps(page)] == [email for email, *_ in load.people()]
    for number in range(len(_taps(page))):
        other = Visitor(app.test_client())
        form = _taps(other.open("/sign-in"))[number]
        assert other.client.post("/sign-in", data=dict(filled(form, {}))).status_code == 303, _email(form)


def _taps(page: Page) -> list[Element]:
    """The forms beside the people of the demonstration; the first form of the page is everybody's."""
    main = page.tree.find(".//main")
    assert main is not None
    return list(main.iter("form"))[1:]


def _email(form: Element) -> str:
    return next(i.get("value", "") for i in form.iter("input") if i.get("name") == "email")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nowhere_but_in_a_demonstration_does_the_page_name_anybody(stranger: Visitor) -> None:
    page = stranger.open("/sign-in")
    assert "demonstration" not in page.response.text.lower()
    assert "@example.org" not in page.response.text


def test_nobody_waits_for_the_database_while_a_passphrase_is_compared(
    stranger: Visitor, cast: Cast, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Comparing takes a tenth of a second on purpose: many sign-ins at once must not stop every save."""
    seen: list[bool] = []

    def compare(attempt: sessions.Attempt, passphrase: str) -> sessions.Compared:
        seen.append(db.session().in_transaction())
        return sessions.Compared(right=attempt.stored is not None and passphrase == PASSPHRASE)

    monkeypatch.setattr(sessions, "compare", compare)
    assert sign_in(stranger, "carer@example.org").path == "/account"
    assert seen == [False]
    with app.app_context():
        assert db.session.query(SignInAttempt).count() == 0


def test_an_account_that_is_disabled_meanwhile_is_not_signed_in(
    stranger: Visitor, cast: Cast, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def compare(attempt: sessions.Attempt, _passphrase: str) -> sessions.Compared:
        _set(app, Account, None, disabled_at=datetime.now(UTC))
        return sessions.Compared(right=attempt.stored is not None)

    monkeypatch.setattr(sessions, "compare", compare)
    assert sign_in(stranger, "carer@example.org").status == 422


def test_a_hash_of_an_older_cost_is_renewed_at_sign_in(stranger: Visitor, cast: Cast, app: Flask) -> None:
    older = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSPHRASE)
    _set(app, Account, None, passphrase_hash=older)
    assert sign_in(stranger, "carer@example.org").path == "/account"
    with app.app_context():
        kept = db.session.scalar(select(Account.passphrase_hash).filter_by(email="carer@example.org"))
    assert kept is not None
    assert kept != older
    assert sign_in(stranger, "carer@example.org").path == "/account"


def test_one_place_cannot_try_one_passphrase_on_everybody(
    stranger: Visitor, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "GUESSES_FROM_ONE_PLACE", 3)
    for number in range(3):
        assert sign_in(stranger, f"nobody{number}@example.org", "the same guess for all").status == 422
    page = sign_in(stranger, "carer@example.org")
    assert page.status == 429
    assert "Too many tries" in page.text
    elsewhere = Visitor(stranger.client.application.test_client())
    elsewhere.client.environ_base["REMOTE_ADDR"] = "192.0.2.8"
    assert sign_in(elsewhere, "carer@example.org").path == "/account"


def test_when_too_many_sign_in_at_once_the_others_are_told_and_nothing_is_counted(
    stranger: Visitor, cast: Cast, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "_PATIENCE", 0.0)
    monkeypatch.setattr(sessions, "_comparing", BoundedSemaphore(1))
    with sessions._comparing:
        page = sign_in(stranger, "carer@example.org")
    assert page.status == 429
    assert "Try again in a minute" in page.text
    with app.app_context():
        assert db.session.query(SignInAttempt).count() == 0


def test_a_passphrase_longer_than_any_is_refused_without_being_read(stranger: Visitor, cast: Cast) -> None:
    """Combining marks in their thousands take minutes to bring into order."""
    assert sign_in(stranger, "carer@example.org", "a" + "\u0301" * 900 + "\u0316" * 900).status == 422
    assert sign_in(stranger, "carer@example.org", "a" * 40_000).status == 413
