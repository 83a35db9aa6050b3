"""What a sign-in service says is believed only where it is exactly as it must be."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from redbag.security import single_sign_on as mechanism
from redbag.security.single_sign_on import (
    Client,
    ClocksDifferError,
    OneTry,
    ServiceAwayError,
    ServiceWrongError,
    Shown,
)
from tests.lying_service import NONCE, Lies, lying, say, signed

TRY = OneTry("state", NONCE, "v" * 64)
NOW = int(time.time())


@pytest.fixture
def lies() -> Iterator[Lies]:
    mechanism.forget_services()
    with lying() as there:
        yield there


def client(lies: Lies, **changes: Any) -> Client:
    given = {
        "issuer": lies.issuer,
        "client_id": "redbag",
        "secret": "s" * 20,
        "back": "http://127.0.0.1/back",
    }
    return Client(**{**given, "plain_http": True, **changes})


def came(lies: Lies, **changes: Any) -> Shown:
    return mechanism.who_came_back(client(lies, **changes), TRY, "code", "", datetime.now(UTC))


def test_whole_answer_is_believed(lies: Lies) -> None:
    lies.claims = {"auth_time": NOW, "amr": ["pwd", "mfa"], "email": "Joy@NHS.example"}
    shown = came(lies)
    assert shown == Shown("joy", "joy@nhs.example", True, datetime.fromtimestamp(NOW, UTC), True)


@pytest.mark.parametrize(
    ("claims", "clocks"),
    [
        ({"iss": "https://another.example"}, False),
        ({"iss": None}, False),
        ({"aud": "another installation"}, False),
        ({"aud": ["redbag", "another"]}, False),  # azp is missing
        ({"aud": ["redbag", "another"], "azp": "another"}, False),
        ({"aud": None}, False),
        ({"nonce": "another"}, False),
        ({"nonce": None}, False),
        ({"sub": None}, False),
        ({"sub": ""}, False),
        ({"sub": "x" * 256}, False),
        ({"sub": 7}, False),
        ({"exp": None}, False),
        ({"iat": None}, False),
        ({"exp": "soon"}, False),
        ({"amr": "mfa"}, False),
        ({"exp": NOW - 3600, "iat": NOW - 7200}, True),
        ({"iat": NOW + 3600, "exp": NOW + 7200}, True),
        ({"nbf": NOW + 3600}, True),
        ({"at_hash": "of another token"}, False),
    ],
)
def test_each_claim_that_is_not_right_is_refused(lies: Lies, claims: dict[str, Any], clocks: bool) -> None:
    lies.claims = claims
    with pytest.raises(ClocksDifferError if clocks else ServiceWrongError) as refused:
        came(lies)
    assert isinstance(refused.value, ClocksDifferError) is clocks


def _encoded(header: dict[str, str], claims: dict[str, Any], secret: bytes = b"") -> str:
    """By hand: no library makes such tokens."""
    content = b".".join(_base64(json.dumps(part).encode()) for part in (header, claims))
    mac = hmac.new(secret, content, hashlib.sha256).digest() if secret else b""
    return b".".join((content, _base64(mac))).decode()


def _base64(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


def test_token_without_a_signature_is_refused(lies: Lies) -> None:
    lies.sign = lambda claims: _encoded({"alg": "none"}, claims)
    with pytest.raises(ServiceWrongError):
        came(lies)


def test_token_signed_with_a_shared_secret_is_refused(lies: Lies) -> None:
    """With the client's secret, and with the public key used as one (RFC 8725, 2.1)."""
    for secret in (b"s" * 32, lies.key.as_pem(private=False)):
        lies.sign = lambda claims, secret=secret: _encoded({"alg": "HS256", "kid": "one"}, claims, secret)
        with pytest.raises(ServiceWrongError):
            came(lies)


def test_token_of_another_key_is_refused_and_a_changed_key_is_asked_for(lies: Lies) -> None:
    assert came(lies).subject == "joy"
    stranger = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
    lies.sign = lambda claims: signed(claims, stranger)
    with pytest.raises(ServiceWrongError):
        came(lies)
    lies.key, lies.sign = stranger, None  # now it is the service's own
    lies.asked.clear()
    assert came(lies).subject == "joy"
    assert came(lies).subject == "joy"
    assert lies.asked.count("/keys") <= 1
    assert "/.well-known/openid-configuration" not in lies.asked


def test_address_from_userinfo_counts_only_for_the_same_person(lies: Lies) -> None:
    lies.claims = {"email": None, "email_verified": None}
    lies.userinfo = {"sub": "joy", "email": "joy@nhs.example", "email_verified": True}
    assert came(lies).email == "joy@nhs.example"
    lies.userinfo = {"sub": "somebody else", "email": "joy@nhs.example", "email_verified": True}
    assert (came(lies).email, came(lies).email_verified) == ("", False)


def test_an_address_whose_small_letters_are_somebody_elses_is_none(lies: Lies) -> None:
    """The sign for Kelvin is a k in lower case: a service may well know both as two people."""
    lies.claims = {"email": "\u212aate.hill@nhs.example", "email_verified": True}
    assert came(lies).email == ""
    lies.claims = {"email": "Kate.Hill@nhs.example", "email_verified": True}
    assert came(lies).email == "kate.hill@nhs.example"


def test_a_verified_address_is_the_one_that_this_was_said_of(lies: Lies) -> None:
    """The id_token speaks of no address, and userinfo of one that nobody has verified."""
    lies.claims = {"email": None, "email_verified": True}
    lies.userinfo = {"sub": "joy", "email": "joy@nhs.example"}
    assert (came(lies).email, came(lies).email_verified) == ("joy@nhs.example", False)


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(NOW + 3600, id="an hour to come"),
        1e300,
        -1e300,
        float("nan"),
        "now",
        pytest.param([NOW], id="a list"),
    ],
)
def test_a_time_to_come_or_none_at_all_is_not_just_now(lies: Lies, said: object) -> None:
    """Else who signed in yesterday would count as having shown just now who they are."""
    lies.claims = {"auth_time": said}
    with contextlib.suppress(ServiceWrongError):  # or it is not believed at all
        assert came(lies).at is None


@pytest.mark.parametrize("said", ["true", 1, None, False])
def test_only_true_is_verified(lies: Lies, said: object) -> None:
    lies.claims = {"email_verified": said}
    assert not came(lies).email_verified


@pytest.mark.parametrize(
    ("claims", "classes", "factor"),
    [
        ({"amr": ["pwd"]}, (), False),
        ({"amr": ["pwd", "otp", "mfa"]}, (), True),
        ({"acr": "https://refeds.org/profile/mfa"}, (), True),
        ({"acr": "https://refeds.org/profile/sfa"}, (), False),
        ({"acr": "gold"}, ("gold",), True),
        ({"acr": "phr"}, ("gold",), False),  # the operator has said what counts
        ({}, (), False),
    ],
)
def test_second_factor_is_what_the_service_says(
    lies: Lies, claims: dict[str, Any], classes: tuple[str, ...], factor: bool
) -> None:
    lies.claims = claims
    assert came(lies, classes=classes).second_factor is factor


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "https://another.example"},
        {"token_endpoint": "http://localhost:1/token"},
        {"token_endpoint": "https://another.example/token"},
        {"jwks_uri": "https://another.example/keys"},
        {"authorization_endpoint": "http://another.example/auth"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": None},
        {"code_challenge_methods_supported": ["plain"]},
        {"authorization_response_iss_parameter_supported": True},
        {"id_token_signing_alg_values_supported": ["HS256", "none"]},
    ],
)
def test_description_that_leads_elsewhere_or_weakens_anything_is_refused(
    lies: Lies, changes: dict[str, Any]
) -> None:
    lies.description |= changes
    with pytest.raises(ServiceWrongError):
        came(lies)


def test_userinfo_at_another_host_is_not_asked(lies: Lies) -> None:
    lies.claims = {"email": None}
    lies.description["userinfo_endpoint"] = "https://another.example/me"
    assert came(lies).email == ""


def _redirects(handler: BaseHTTPRequestHandler) -> None:
    say(handler, 302, b"", Location="https://another.example/token")


def _fails(handler: BaseHTTPRequestHandler) -> None:
    say(handler, 500, b"{}")


def _page(handler: BaseHTTPRequestHandler) -> None:
    say(handler, 200, b"<html>Maintenance</html>")


def _list(handler: BaseHTTPRequestHandler) -> None:
    say(handler, 200, b"[]")


def _refuses(handler: BaseHTTPRequestHandler) -> None:
    say(handler, 400, b'{"error": "invalid_grant"}')


def _endless(handler: BaseHTTPRequestHandler) -> None:
    say(handler, 200, b"x" * (mechanism.LONGEST + 10_000))


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/keys", "/token"])
@pytest.mark.parametrize("answer", [_redirects, _page, _list, _refuses, _endless])
def test_answer_that_is_no_answer_is_refused(lies: Lies, path: str, answer: Any) -> None:
    lies.answers[path] = answer
    with pytest.raises(ServiceWrongError):
        came(lies)


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/keys", "/token"])
def test_service_that_fails_is_away(lies: Lies, path: str) -> None:
    lies.answers[path] = _fails
    with pytest.raises(ServiceAwayError):
        came(lies)


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token"])
def test_answer_that_drips_is_broken_off(lies: Lies, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Byte after byte, each well within the time that one may take."""

    def drips(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(30):
            handler.wfile.write(b" ")
            time.sleep(0.1)

    monkeypatch.setattr(mechanism, "PATIENCE", 0.5)
    lies.answers[path] = drips
    began = time.monotonic()
    with pytest.raises(ServiceAwayError):
        came(lies)
    assert time.monotonic() - began < 2


def test_service_that_is_away_is_left_alone_for_a_moment(lies: Lies) -> None:
    lies.answers["/.well-known/openid-configuration"] = _fails
    for _ in range(3):
        with pytest.raises(ServiceAwayError):
            mechanism.address_to_sign_in(client(lies), TRY, anew=False)
    assert lies.asked == ["/.well-known/openid-configuration"]


@pytest.mark.parametrize(
    ("issuer", "plain", "fine"),
    [
        ("https://login.example.org", False, True),
        ("https://login.example.org/tenant/v2.0", False, True),
        ("http://login.example.org", True, False),
        ("http://127.0.0.1:8080", True, True),
        ("http://127.0.0.1:8080", False, False),
        ("http://localhost:8080", True, True),
        ("https://login.example.org/?x=1", False, False),
        ("https://user@login.example.org", False, False),
        ("ftp://127.0.0.1", True, False),
        ("login.example.org", True, False),
        ("", True, False),
    ],
)
def test_only_https_is_asked_and_on_this_machine_plain_http(issuer: str, plain: bool, fine: bool) -> None:
    assert mechanism.is_acceptable(issuer, plain_http=plain) is fine
    if not fine:
        with pytest.raises(ServiceWrongError):
            mechanism.address_to_sign_in(Client(issuer, "x", "s", "back", (), plain), TRY, anew=False)


def test_secrets_of_a_sign_in_follow_from_the_key_and_tell_nothing_of_each_other() -> None:
    one = mechanism.one_try(b"k" * 32, "seed")
    assert one == mechanism.one_try(b"k" * 32, "seed")
    others = [mechanism.one_try(b"k" * 32, "other seed"), mechanism.one_try(b"l" * 32, "seed")]
    secrets = [text for found in (one, *others) for text in (found.state, found.nonce, found.verifier)]
    assert len(set(secrets)) == 9
    assert all(43 <= len(text) <= 128 for text in secrets)  # RFC 7636: a verifier's length
    assert one.verifier not in repr(one)
