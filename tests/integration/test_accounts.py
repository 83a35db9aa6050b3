"""People: invited by a one-time link, given and taken roles, disabled. Nobody types another's passphrase."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from redbag.database import begin_write, db
from redbag.domain.errors import NotPermitted
from redbag.models import Account, AuditEntry, Invitation, UserSession
from redbag.services import accounts
from tests.cast import PASSPHRASE, Cast
from tests.visitor import Page, Visitor

NEW = "four quiet otters swim"


@pytest.fixture
def admin(visit: Callable[[str], Visitor]) -> Visitor:
    return visit("administrator")


@pytest.fixture
def anyone(app: Flask) -> Visitor:
    """Another browser, in which nobody has signed in."""
    return Visitor(app.test_client())


def invite(admin: Visitor, place: str, **typed: str) -> Page:
    admin.open(f"/admin/organisations/{place}/invite")
    return admin.press({"name": "May Hill", "email": "May.Hill@example.org", "role": "carer"} | typed)


def link_on(page: Page) -> str:
    """The path of the one-time link that the page shows."""
    shown = [e.get("value", "") for e in page.tree.iter("input") if e.get("id") == "link"]
    assert len(shown) == 1, page.text
    assert shown[0].startswith("http://127.0.0.1/join/")
    return shown[0].removeprefix("http://127.0.0.1")


def sign_in(visitor: Visitor, email: str, passphrase: str) -> Page:
    visitor.open("/sign-in?next=/account")
    return visitor.press({"email": email, "passphrase": passphrase})


def test_invited_person_sets_a_passphrase_and_works(admin: Visitor, cast: Cast, anyone: Visitor) -> None:
    link = link_on(invite(admin, cast.places["home"].ref))
    assert "This link is for May Hill" in anyone.open(link).text
    page = anyone.press({"passphrase": NEW})
    assert page.path == "/sign-in"
    assert "Your passphrase is set" in page.text
    page = sign_in(anyone, "may.hill@example.org", NEW)
    assert "Carer, Rowan House" in page.text


def test_link_is_shown_once(admin: Visitor, cast: Cast) -> None:
    page = invite(admin, cast.places["home"].ref)
    link_on(page)
    again = admin.open(page.path)
    assert "/join/" not in again.response.text
    assert "Invited: the link works until" in again.text


def test_looking_at_a_link_uses_nothing_up(admin: Visitor, cast: Cast, anyone: Visitor) -> None:
    link = link_on(invite(admin, cast.places["home"].ref))
    for _ in range(3):
        assert anyone.open(link).status == 200
    assert anyone.client.head(link).status_code == 200
    assert anyone.press({"passphrase": NEW}).path == "/sign-in"


def test_used_link_gets_a_plain_page_and_changes_nothing(admin: Visitor, cast: Cast, anyone: Visitor) -> None:
    link = link_on(invite(admin, cast.places["home"].ref))
    anyone.open(link)
    form = anyone.page
    anyone.press({"passphrase": NEW})
    anyone.page = form
    late = anyone.press({"passphrase": "another set of words here"})
    assert late.status == 410
    assert late.heading == "This link does not work any more"
    assert anyone.open(link).status == 410
    assert sign_in(anyone, "may.hill@example.org", NEW).path == "/account"


@pytest.mark.parametrize(("days", "status"), [(6.9, 200), (7.1, 410)])
def test_link_lasts_seven_days(
    admin: Visitor, cast: Cast, anyone: Visitor, app: Flask, days: float, status: int
) -> None:
    link = link_on(invite(admin, cast.places["home"].ref))
    with app.app_context():
        begin_write()
        (invitation,) = db.session.scalars(select(Invitation))
        invitation.expires_at -= timedelta(days=days)
        db.session.commit()
    assert anyone.open(link).status == status


def test_newer_link_ends_the_older(admin: Visitor, cast: Cast, anyone: Visitor) -> None:
    page = invite(admin, cast.places["home"].ref)
    older = link_on(page)
    newer = link_on(admin.press(action=f"{page.path}/link"))
    assert newer != older
    assert anyone.open(older).status == 410
    assert anyone.open(newer).status == 200


@pytest.mark.parametrize(
    ("passphrase", "sentence"),
    [
        ("", "at least 15"),
        ("fourteen chars", "at least 15"),
        ("aaaaaaaaaaaaaaaaaaaa", "repeats"),
        ("correct horse battery staple", "one of the first"),
        ("May Hill Rowan House", "from your name"),
    ],
)
def test_weak_passphrase_is_refused_and_the_link_still_works(
    admin: Visitor, cast: Cast, anyone: Visitor, passphrase: str, sentence: str
) -> None:
    anyone.open(link_on(invite(admin, cast.places["home"].ref)))
    page = anyone.press({"passphrase": passphrase})
    assert page.status == 422
    assert sentence in page.text
    assert anyone.press({"passphrase": NEW}).path == "/sign-in"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": ""}, "name"),
        ({"email": "may.hill"}, "email"),
        ({"email": "a b@example.org"}, "email"),
        ({"email": "carer@example.org"}, "email"),
    ],
)
def test_invitation_is_refused_beside_the_field_with_what_was_typed(
    admin: Visitor, cast: Cast, typed: dict[str, str], field: str
) -> None:
    page = invite(admin, cast.places["home"].ref, **typed)
    assert page.status == 422
    assert [a.get("href") for a in page.tree.iter("a") if a.get("href") == f"#{field}"]
    values = {e.get("name"): e.get("value") for e in page.form().iter("input") if e.get("type") != "radio"}
    assert values["email"] == typed.get("email", "May.Hill@example.org")


def test_role_of_another_kind_of_place_cannot_be_typed_in(admin: Visitor, cast: Cast) -> None:
    page = invite(admin, cast.places["home"].ref, role="administrator")
    assert page.status == 422
    assert "choose one of the answers" in page.text


def test_ward_of_another_hospital_cannot_be_typed_in(admin: Visitor, cast: Cast) -> None:
    foreign = cast.places["other_hospital"].wards["Emergency Department"]
    page = invite(admin, cast.places["hospital"].ref, role="ward_staff", ward=foreign)
    assert page.status == 422


def test_forgotten_passphrase_is_replaced_by_a_link_and_sessions_end(
    admin: Visitor, cast: Cast, anyone: Visitor, visit: Callable[[str], Visitor]
) -> None:
    lost = visit("carer")
    ref = cast.actor("carer").account_ref
    admin.open(f"/admin/people/{ref}")
    link = link_on(admin.press(action=f"/admin/people/{ref}/link"))
    assert lost.open("/account").path == "/account"
    anyone.open(link)
    anyone.press({"passphrase": NEW})
    assert lost.open("/account").path == "/sign-in"
    assert sign_in(anyone, "carer@example.org", PASSPHRASE).status == 422
    assert sign_in(anyone, "carer@example.org", NEW).path == "/account"


def test_disabling_ends_sessions_and_links_and_enabling_brings_back(
    admin: Visitor, cast: Cast, visit: Callable[[str], Visitor], anyone: Visitor
) -> None:
    carer, path = visit("carer"), f"/admin/people/{cast.actor('carer').account_ref}"
    admin.open(path)
    link = link_on(admin.press(action=f"{path}/link"))
    admin.press(action=f"{path}/disable")
    assert "Disabled: cannot sign in" in admin.page.text
    assert carer.open("/account").path == "/sign-in"
    assert anyone.open(link).status == 410
    assert sign_in(anyone, "carer@example.org", PASSPHRASE).status == 422
    admin.press(action=f"{path}/enable")
    assert sign_in(anyone, "carer@example.org", PASSPHRASE).path == "/account"
    assert carer.open("/account").path == "/sign-in", "the ended session must not come back"


def test_second_role_is_chosen_after_sign_in_and_can_be_changed(
    admin: Visitor, cast: Cast, anyone: Visitor
) -> None:
    ref, hospital = cast.actor("manager").account_ref, cast.places["hospital"].ref
    admin.open(f"/admin/people/{ref}/roles/{hospital}")
    admin.press({"role": "hospital_manager"})
    assert "Hospital discharge team, St Brannock’s Hospital" in admin.page.text
    page = sign_in(anyone, "manager@example.org", PASSPHRASE)
    assert page.heading == "Where are you working now?"
    buttons = {b.get("value"): "".join(b.itertext()) for b in page.form().iter("button")}
    there = next(value for value, words in buttons.items() if "St Brannock’s" in words)
    page = anyone.press(button=f"place={there}")
    assert page.path == "/account"
    assert "Hospital discharge team, St Brannock’s Hospital (now)" in page.text


def test_place_of_somebody_else_is_not_found(visit: Callable[[str], Visitor], cast: Cast) -> None:
    carer = visit("carer")
    carer.open("/account/place")
    page = carer.press(button=f"place={cast.people['manager'].membership_ref}")
    assert page.status == 404


def test_ended_role_can_be_given_again(admin: Visitor, cast: Cast, visit: Callable[[str], Visitor]) -> None:
    carer, ref = visit("carer"), cast.actor("carer").account_ref
    admin.open(f"/admin/people/{ref}")
    admin.press(action=f"/admin/people/{ref}/end-role", button=f"role={cast.people['carer'].membership_ref}")
    assert "None at present" in admin.page.text
    assert carer.open("/").path == "/account/place"
    admin.open(f"/admin/people/{ref}/roles/{cast.places['home'].ref}")
    admin.press({"role": "carer"})
    assert "Carer, Rowan House" in admin.page.text
    admin.open(f"/admin/people/{ref}/roles/{cast.places['home'].ref}")
    assert "has this role at Rowan House already" in admin.press({"role": "carer"}).text


def test_administrator_cannot_lock_out_the_last_one(admin: Visitor, cast: Cast, app: Flask) -> None:
    me = cast.actor("administrator")
    page = admin.open(f"/admin/people/{me.account_ref}")
    actions = {form.get("action") for form in page.tree.iter("form")}
    assert f"/admin/people/{me.account_ref}/disable" not in actions
    assert f"/admin/people/{me.account_ref}/end-role" not in actions
    moment = datetime.now(UTC)
    with app.app_context():
        begin_write()
        with pytest.raises(NotPermitted):
            accounts.disable(me, me.account_ref, moment)
        with pytest.raises(NotPermitted):
            accounts.end_role(me, me.account_ref, cast.people["administrator"].membership_ref, moment)


def test_own_passphrase_is_changed_with_the_current_one(
    visit: Callable[[str], Visitor], cast: Cast, anyone: Visitor
) -> None:
    here, there = visit("carer"), visit("carer")
    here.open("/account/passphrase")
    page = here.press({"current_passphrase": PASSPHRASE, "passphrase": NEW})
    assert page.path == "/account"
    assert there.open("/account").path == "/sign-in"
    assert sign_in(anyone, "carer@example.org", NEW).path == "/account"


def test_wrong_current_passphrase_is_counted_like_a_guess_at_the_door(
    visit: Callable[[str], Visitor],
) -> None:
    here = visit("carer")
    here.open("/account/passphrase")
    for _ in range(10):
        page = here.press({"current_passphrase": "a wrong guess at it", "passphrase": NEW})
        assert page.status == 422
        assert "not your current passphrase" in page.text
    page = here.press({"current_passphrase": PASSPHRASE, "passphrase": NEW})
    assert "Too many tries" in page.text


def test_signing_out_everywhere_else_keeps_this_session(visit: Callable[[str], Visitor]) -> None:
    here, there, third = visit("carer"), visit("carer"), visit("carer")
    here.open("/account/sessions")
    page = here.press(action="/account/sign-out-elsewhere")
    assert "Signed out in 2 other places." in page.text
    assert {b.open("/account").path for b in (there, third)} == {"/sign-in"}


def test_nothing_secret_reaches_the_database_or_the_audit_log(
    admin: Visitor, cast: Cast, anyone: Visitor, app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    link = link_on(invite(admin, cast.places["home"].ref))
    anyone.open(link)
    anyone.press({"passphrase": NEW})
    sign_in(anyone, "may.hill@example.org", NEW)
    anyone.open("/account/passphrase")
    anyone.press({"current_passphrase": NEW, "passphrase": "six loud geese over water"})
    with app.app_context():
        kept = repr(_every_cell())
    for secret in (link.removeprefix("/join/"), NEW, "six loud geese over water"):
        assert secret not in kept
        assert secret not in caplog.text
    with app.app_context():
        told = repr([(e.kind, e.details, e.reason) for e in db.session.scalars(select(AuditEntry))])
    assert "May Hill" not in told
    assert "may.hill" not in told.lower()


def _every_cell() -> list[Any]:
    tables = db.metadata.sorted_tables
    return [tuple(row) for table in tables for row in db.session.execute(select(table))]


def test_audit_tells_who_did_what_to_whom(admin: Visitor, cast: Cast, app: Flask) -> None:
    page = invite(admin, cast.places["home"].ref)
    ref = page.path.rsplit("/", 1)[1]
    admin.press(action=f"{page.path}/disable")
    with app.app_context():
        entries = db.session.scalars(
            select(AuditEntry).filter_by(subject_ref=ref).order_by(AuditEntry.id)
        ).all()
        assert [(e.kind, e.details) for e in entries] == [
            ("account.created", {"role": "carer", "organisation": cast.places["home"].ref}),
            ("account.invited", {}),
            ("account.disabled", {}),
        ]
        assert {e.account_id for e in entries} == {cast.actor("administrator").account_id}


def test_people_are_found_by_the_start_of_any_part_of_the_name(admin: Visitor, cast: Cast) -> None:
    for words, found in (
        ("adey", True),
        ("joy ad", True),
        ("JOY", True),
        ("carer@", True),
        ("deyemi", False),
    ):
        page = admin.open(f"/admin/people?q={words}")
        assert ("Joy Adeyemi" in page.text) is found, words
    page = admin.open(f"/admin/people?at={cast.places['home'].ref}")
    assert "Joy Adeyemi" in page.text
    assert "Ann Lowe" not in page.text


@pytest.mark.parametrize("words", ["%25", "_", "%01", "'", "<script>"])
def test_odd_searches_find_nobody_and_break_nothing(admin: Visitor, words: str) -> None:
    page = admin.open(f"/admin/people?q={words}")
    assert page.status == 200
    assert ("Nobody is found" in page.text) is (words != "%01")
    assert admin.open("/admin/people?q=%00").status == 404


def test_long_list_of_people_goes_from_page_to_page(admin: Visitor, cast: Cast, app: Flask) -> None:
    with app.app_context():
        begin_write()
        moment = datetime.now(UTC)
        for number in range(60):
            db.session.add(
                Account(email=f"p{number}@example.org", name=f"Zed {number:02}", created_at=moment)
            )
        db.session.commit()
    seen: list[str] = []
    path = "/admin/people?q=zed"
    for expected in (25, 25, 10):
        page = admin.open(path)
        here = [words for words, href in page.links().items() if words.startswith("Zed")]
        assert len(here) == expected
        seen += here
        onward = [a.get("href") for a in page.tree.iter("a") if a.get("rel") == "next"]
        path = onward[0] if onward else ""  # type: ignore[assignment]
    assert path == ""
    assert seen == [f"Zed {number:02}" for number in range(60)]


def test_ward_staff_without_a_ward_choose_one(
    admin: Visitor, cast: Cast, anyone: Visitor, app: Flask
) -> None:
    with app.app_context():
        begin_write()
        db.session.execute(update(UserSession).values(ward_id=None))
        member = db.session.get_one(Account, cast.actor("nurse").account_id).memberships[0]
        member.ward_id = None
        db.session.commit()
    page = sign_in(anyone, "nurse@example.org", PASSPHRASE)
    assert page.heading == "Which ward are you on?"
    assert anyone.press(button=f"ward={cast.places['hospital'].wards['Poplar']}").path == "/account"
    assert "Poplar" in anyone.page.text


def test_ward_of_another_hospital_is_not_found(visit: Callable[[str], Visitor], cast: Cast) -> None:
    nurse, wards = visit("nurse"), cast.places["other_hospital"].wards
    nurse.open("/account/ward")
    assert nurse.press(button=f"ward={wards['Emergency Department']}").status == 404
