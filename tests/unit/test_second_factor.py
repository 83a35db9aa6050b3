"""The second factor's rules and mechanisms: who needs one, codes of an app, answers of passkeys."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from redbag.config import Mode, Settings, load_settings
from redbag.domain import second_factor as rules
from redbag.domain.permissions import Role
from redbag.security import passkeys, totp
from redbag.security.passkeys import RefusedError, Site
from tests.authenticator import Authenticator

NOW = datetime(2026, 11, 22, 3, 10, 7, tzinfo=UTC)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
KEY = b"k" * 32
SITE = Site("redbag.example", "https://redbag.example")
CHALLENGE = passkeys.new_challenge()


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.OVERSIGHT, Role.GUEST)])
def test_everyone_who_may_see_a_person_or_says_who_may_needs_one(role: Role) -> None:
    assert rules.must_have_one([Role.OVERSIGHT, role])


def test_who_sees_counts_only_and_who_works_nowhere_needs_none() -> None:
    assert not rules.must_have_one([Role.OVERSIGHT])
    assert not rules.must_have_one([])


@pytest.mark.parametrize(
    ("given", "asks"),
    [
        ({"REDBAG_MODE": "local"}, False),
        ({"REDBAG_MODE": "local", "REDBAG_SECOND_FACTOR": "1"}, True),
        ({"REDBAG_MODE": "local", "REDBAG_BEHIND_PROXY": "1"}, True),
        ({"REDBAG_MODE": "local", "REDBAG_BEHIND_PROXY": "1", "REDBAG_SECOND_FACTOR": "0"}, True),
        ({"REDBAG_MODE": "demo"}, False),
        ({"REDBAG_MODE": "demo", "REDBAG_SECOND_FACTOR": "1"}, True),
    ],
)
def test_this_machine_alone_and_demonstrations_may_go_without(
    tmp_path: Path, given: dict[str, str], asks: bool
) -> None:
    assert load_settings({"REDBAG_INSTANCE": str(tmp_path), **given}).asks_second_factor is asks


def test_production_asks_whatever_is_said() -> None:
    keys = {"secret_key": b"s", "label_key": b"l", "audit_key": b"a"}
    for said in (True, False):
        made = Settings(Mode.PRODUCTION, "sqlite://", "https://redbag.example", **keys, second_factor=said)
        assert made.asks_second_factor


def code_at(step: int) -> str:
    """As another implementation makes it."""
    return pyotp.TOTP(SECRET).generate_otp(step)


@pytest.mark.parametrize(("off", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_codes_of_half_a_minute_before_and_after_are_taken_and_no_others(off: int, taken: bool) -> None:
    here = totp.step_at(NOW)
    found = totp.step_of(SECRET, code_at(here + off), NOW, 0)
    assert found == (here + off if taken else None)


def test_a_code_is_taken_once_and_no_older_one_after_it() -> None:
    here = totp.step_at(NOW)
    assert totp.step_of(SECRET, code_at(here), NOW, here) is None
    assert totp.step_of(SECRET, code_at(here - 1), NOW, here) is None
    assert totp.step_of(SECRET, code_at(here + 1), NOW, here) == here + 1


def test_codes_are_those_of_the_standard() -> None:
    """RFC 6238, appendix B: SHA-1 at 59 seconds is 94287082, of which six digits are kept."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    at = datetime.fromtimestamp(59, UTC)
    assert totp.step_of(secret, "287082", at, 0) == 1


def test_a_secret_opens_for_its_owner_under_its_key_alone() -> None:
    sealed = totp.seal(SECRET, "ada", KEY)
    assert SECRET not in sealed
    assert totp.unseal(sealed, "ada", KEY) == SECRET
    assert totp.unseal(sealed, "ben", KEY) == ""
    assert totp.unseal(sealed, "ada", b"x" * 32) == ""
    assert totp.unseal(sealed[:-6], "ada", KEY) == ""
    assert totp.unseal("", "ada", KEY) == ""
    assert len(sealed) <= 200, "the column's length"


def test_the_address_names_who_and_where_for_the_app() -> None:
    found = pyotp.parse_uri(totp.address(SECRET, "joy@example.org", "Red Bag"))
    assert (found.secret, found.name, found.issuer) == (SECRET, "joy@example.org", "Red Bag")


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("123 456", "123456"),
        (" 123456 ", "123456"),
        ("12345", ""),
        ("1234567", ""),
        ("١٢٣٤٥٦", ""),
        ("12345a", ""),
    ],
)
def test_a_code_is_six_digits_however_it_is_spaced(typed: str, read: str) -> None:
    assert rules.read_app_code(typed) == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("abcd efgh jkmn pqrs", "ABCDEFGHJKMNPQRS"),
        ("ABCD-EFGH-JKMN-PQRS", "ABCDEFGHJKMNPQRS"),
        ("OOOO IIII LLLL 2222", "0000111111112222"),
        ("ABCD EFGH JKMN PQR", ""),
        ("ABCD EFGH JKMN PQRU", ""),
        ("", ""),
    ],
)
def test_a_recovery_code_is_read_however_it_was_written(typed: str, read: str) -> None:
    assert rules.read_recovery_code(typed) == read


def test_a_confirmation_lasts_five_minutes() -> None:
    assert rules.is_fresh(NOW, NOW + timedelta(minutes=4, seconds=59))
    assert not rules.is_fresh(NOW, NOW + timedelta(minutes=5))
    assert not rules.is_fresh(None, NOW)


def made(key: Authenticator) -> passkeys.Registered:
    return passkeys.check_new(SITE, key.make({"challenge": CHALLENGE}), CHALLENGE)


def test_a_passkey_signs_what_was_asked_and_counts_on() -> None:
    key = Authenticator(SITE.origin, SITE.host)
    kept = made(key)
    for before, after in ((1, 2), (2, 3)):
        answer = key.sign({"challenge": CHALLENGE})
        assert passkeys.check_known(SITE, answer, CHALLENGE, kept.public_key, before) == after


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("redbag.example", "https://redbag.example.evil.example"),
        ("redbag.example", "http://redbag.example"),
        ("evil.example", "https://redbag.example"),
    ],
)
def test_a_passkey_shown_to_another_site_is_refused(host: str, origin: str) -> None:
    key = Authenticator(origin, host)
    with pytest.raises(RefusedError):
        made(key)


def test_a_copy_that_counts_behind_is_refused() -> None:
    key = Authenticator(SITE.origin, SITE.host, count=7)
    kept = made(key)
    answer = key.sign({"challenge": CHALLENGE})
    with pytest.raises(RefusedError):
        passkeys.check_known(SITE, answer, CHALLENGE, kept.public_key, kept.sign_count + 1)


def test_an_answer_to_another_question_is_refused() -> None:
    key = Authenticator(SITE.origin, SITE.host)
    kept = made(key)
    for asked in (passkeys.new_challenge(), ""):
        with pytest.raises(RefusedError):
            passkeys.check_known(SITE, key.sign({"challenge": CHALLENGE}), asked, kept.public_key, 0)


NESTED = st.recursive(st.none() | st.text(), lambda inner: st.dictionaries(st.text(), inner))


@given(st.text() | NESTED.map(json.dumps))
def test_whatever_is_sent_instead_of_an_answer_is_refused(answer: str) -> None:
    for check in (
        lambda: passkeys.named_in(answer),
        lambda: passkeys.check_new(SITE, answer, CHALLENGE),
        lambda: passkeys.check_known(SITE, answer, CHALLENGE, b"", 0),
    ):
        with pytest.raises(RefusedError):
            check()
