"""Rules for accounts that hold on every page and at every refusal (quality: accounts)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from argon2 import PasswordHasher
from flask import Flask

from redbag.database import begin_write, db
from redbag.domain.permissions import Role
from redbag.security import passphrases
from redbag.services import accounts
from redbag.services.accounts import RoleAt
from tests.cast import PASSPHRASE, Cast
from tests.visitor import Visitor

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Counting:
    """A hasher that counts what it compares."""

    def __init__(self, real: PasswordHasher) -> None:
        self.real, self.compared = real, 0

    def verify(self, stored: str, typed: str) -> bool:
        self.compared += 1
        return self.real.verify(stored, typed)

    def hash(self, typed: str) -> str:
        return self.real.hash(typed)

    def check_needs_rehash(self, stored: str) -> bool:
        return self.real.check_needs_rehash(stored)


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Counting:
    counting = Counting(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    monkeypatch.setattr(passphrases, "_HASHER", counting)
    passphrases._nobody.cache_clear()
    return counting


def test_each_refusal_takes_one_comparison_whoever_is_asked_for(
    app: Flask, stranger: Visitor, cast: Cast, counting: Counting
) -> None:
    """6.3.8: nobody learns from the time taken who has an account. Hashing is all that takes long."""
    with app.app_context():
        begin_write()
        at = RoleAt(cast.places["home"].ref, Role.CARER)
        accounts.invite(None, "invited@example.org", "May Hill", at, datetime.now(UTC))
        accounts.disable(cast.actor("administrator"), cast.actor("outsider").account_ref, datetime.now(UTC))
        db.session.commit()
    told = set()
    for email, typed in (
        ("carer@example.org", "not the right passphrase"),
        ("nobody@example.org", "not the right passphrase"),
        ("invited@example.org", "not the right passphrase"),
        ("outsider@example.org", PASSPHRASE),
        ("carer@example.org", "x" * 10_000),
    ):
        counting.compared = 0
        stranger.open("/sign-in")
        page = stranger.press({"email": email, "passphrase": typed})
        assert counting.compared == 1, email
        told.add((page.status, page.text))
    assert len(told) == 1
    stranger.press({"email": "carer@example.org", "passphrase": PASSPHRASE})
    assert counting.compared == 2  # and a right one no more than they


@pytest.mark.parametrize("part", ["administrator", "manager", "hospital_manager"])
def test_nobody_can_type_a_passphrase_for_somebody_else(
    app: Flask, visit: Callable[[str], Visitor], cast: Cast, part: str
) -> None:
    """6.4: whoever answers for people hands out links; no page has a field for another’s passphrase."""
    visitor, someone = visit(part), cast.actor("carer" if part != "hospital_manager" else "nurse").account_ref
    place = cast.places["home"].ref
    pages = {
        "administrator": [
            f"/admin/people/{someone}",
            f"/admin/organisations/{place}/invite",
            "/admin/people",
        ],
    }.get(part, ["/people", "/people/invite", f"/people/{someone}"])
    for path in pages:
        page = visitor.open(path)
        assert page.path == path
        names = {(e.get("type"), e.get("name")) for e in page.tree.iter("input")}
        assert not [one for one in names if one[0] == "password" or one[1] in ("passphrase", "pin")], path


def test_passphrase_fields_take_what_a_manager_of_passphrases_pastes(
    app: Flask, stranger: Visitor, visit: Callable[[str], Visitor], cast: Cast
) -> None:
    """6.2: nothing cuts short, blocks pasting or hides the field from a manager of passphrases."""
    with app.app_context():
        begin_write()
        token = accounts.new_link(None, cast.actor("carer").account_ref, datetime.now(UTC)).token
        db.session.commit()
    pages = [
        (stranger, "/sign-in", {"current-password"}),
        (stranger, f"/join/{token}", {"new-password"}),
        (visit("carer"), "/account/passphrase", {"current-password", "new-password"}),
    ]
    for visitor, path, wanted in pages:
        fields = [e for e in visitor.open(path).tree.iter("input") if e.get("type") == "password"]
        assert {e.get("autocomplete") for e in fields} == wanted
        for field in fields:
            assert field.get("maxlength") is None
            assert field.get("readonly") is None
            assert field.get("pattern") is None
    long = "a whole sentence, pasted, " * 9 + "and taken whole"
    assert 64 < len(long) <= passphrases.LONGEST
    stranger.open(f"/join/{token}")
    stranger.press({"passphrase": long})
    stranger.open("/sign-in?next=/account")
    assert stranger.press({"email": "carer@example.org", "passphrase": long[:72]}).status == 422
    assert stranger.press({"email": "carer@example.org", "passphrase": long}).path == "/account"
