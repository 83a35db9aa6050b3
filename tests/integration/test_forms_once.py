"""A form sent twice acts once."""

from __future__ import annotations

import threading
from collections.abc import Callable

from flask import Flask
from sqlalchemy import func, select

from redbag.database import db
from redbag.models import IdempotencyKey, Ward
from redbag.services.idempotency import fingerprint
from tests.cast import Cast
from tests.visitor import Fields, Visitor, filled

KEY = b"a key that is not in the database"


def ward_form(admin: Visitor, cast: Cast, name: str) -> tuple[str, Fields]:
    path = f"/admin/organisations/{cast.places['hospital'].ref}/wards"
    page = admin.open(path)
    return path, filled(page.form(path), {"name": name, "kind": "ward"})


def wards(app: Flask, name: str) -> int:
    with app.app_context():
        count = db.session.scalar(select(func.count()).select_from(Ward).filter_by(name=name))
        assert count is not None
        return count


def test_sent_twice_it_gets_the_same_answer_and_acts_once(
    visit: Callable[[str], Visitor], cast: Cast, app: Flask
) -> None:
    admin = visit("administrator")
    path, fields = ward_form(admin, cast, "Aspen")
    answers = [admin.client.post(path, data=dict(fields)) for _ in range(2)]
    assert [a.status_code for a in answers] == [303, 302]
    assert answers[0].location == answers[1].location
    assert wards(app, "Aspen") == 1


def test_same_key_with_other_content_is_refused(
    visit: Callable[[str], Visitor], cast: Cast, app: Flask
) -> None:
    admin = visit("administrator")
    path, fields = ward_form(admin, cast, "Aspen")
    admin.client.post(path, data=dict(fields))
    page = admin.post(path, [*((k, v) for k, v in fields if k != "name"), ("name", "Birch")])
    assert page.status == 422
    assert "already sent with other answers" in page.text
    assert wards(app, "Birch") == 0


def test_refused_form_may_be_mended_and_sent_with_its_key(
    visit: Callable[[str], Visitor], cast: Cast, app: Flask
) -> None:
    """Nothing is remembered of a form that did nothing."""
    admin = visit("administrator")
    path, fields = ward_form(admin, cast, "")
    assert admin.client.post(path, data=dict(fields)).status_code == 422
    assert admin.client.post(path, data=dict(fields) | {"name": "Aspen"}).status_code == 303
    assert wards(app, "Aspen") == 1


def test_key_of_one_account_is_nothing_to_another(
    visit: Callable[[str], Visitor], cast: Cast, app: Flask
) -> None:
    admin, carer = visit("administrator"), visit("carer")
    path, fields = ward_form(admin, cast, "Aspen")
    admin.client.post(path, data=dict(fields))
    drawer = filled(carer.open("/labels").form("/labels"), {"count": "2"})
    key = dict(fields)["idempotency_key"]
    answer = carer.client.post("/labels", data=dict(drawer) | {"idempotency_key": key})
    assert (answer.status_code, answer.location.startswith("/labels/1-2")) == (303, True)


def test_key_stands_for_its_account_in_the_next_session_too(
    visit: Callable[[str], Visitor], cast: Cast, app: Flask
) -> None:
    """Whoever did not hear the answer tonight sends the form again tomorrow: it acts once."""
    tonight, tomorrow = visit("administrator"), visit("administrator")
    path, fields = ward_form(tonight, cast, "Aspen")
    tonight.client.post(path, data=dict(fields))
    _, anew = ward_form(tomorrow, cast, "Aspen")
    again = dict(fields) | {"csrf_token": dict(anew)["csrf_token"]}
    assert tomorrow.client.post(path, data=again).status_code == 302
    assert wards(app, "Aspen") == 1


def test_sent_eight_times_at_once_it_acts_once(
    visit: Callable[[str], Visitor], cast: Cast, app: Flask
) -> None:
    admin = visit("administrator")
    path, fields = ward_form(admin, cast, "Aspen")
    cookie = admin.client.get_cookie("redbag")
    assert cookie is not None
    together, statuses = threading.Barrier(8), []

    def send() -> None:
        client = app.test_client()
        client.set_cookie("redbag", cookie.value)
        together.wait()
        statuses.append(client.post(path, data=dict(fields)).status_code)

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [302] * 7 + [303]
    assert wards(app, "Aspen") == 1


def test_damaged_key_is_refused(visit: Callable[[str], Visitor], cast: Cast, app: Flask) -> None:
    admin = visit("administrator")
    path, fields = ward_form(admin, cast, "Aspen")
    answer = admin.client.post(path, data=dict(fields) | {"idempotency_key": "k" * 65})
    assert answer.status_code == 422
    assert wards(app, "Aspen") == 0


def test_passphrases_leave_no_quick_hash_behind(
    visit: Callable[[str], Visitor], cast: Cast, app: Flask
) -> None:
    told = [("name", "x"), ("csrf_token", "t"), ("idempotency_key", "k")]
    secret = [("passphrase", "four quiet otters swim"), ("current_passphrase", "y")]
    assert fingerprint(KEY, "/p", told) == fingerprint(KEY, "/p", [*told, *secret])
    assert fingerprint(KEY, "/p", told) != fingerprint(KEY, "/p", [("name", "y")])
    other = b"another key, which nobody who reads the database has"
    assert fingerprint(KEY, "/p", told) != fingerprint(other, "/p", told), "what was typed cannot be tried"
    carer = visit("carer")
    for path in ("/sign-in", "/account/passphrase"):
        page = carer.open(path)
        assert "idempotency_key" not in page.response.text
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(IdempotencyKey)) == 0
