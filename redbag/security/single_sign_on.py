"""OpenID Connect: sending a browser to a sign-in service, and asking that service who came back.

Authorization code flow with PKCE (S256), state and nonce. What the service says is believed only by its
id_token: its signature by the service's own keys, its issuer, audience, nonce and times. Only the host of the
issuer is ever contacted, by HTTPS (on this machine alone also without), and no answer may be slow or long.
"""

from __future__ import annotations

import ipaddress
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import ClaimError, ExpiredTokenError, InvalidClaimError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from redbag.security.tokens import derive

PATIENCE = 5.0  # seconds for one whole answer
LONGEST = 256 * 1024  # bytes of one answer
LEEWAY = 60  # seconds that two clocks may differ
KEPT_FOR = 600.0  # seconds that a service's description and keys are believed
AWAY_FOR = 10.0  # seconds that a service that did not answer is left alone
SCOPE = "openid email"
_ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA", "Ed25519")
"""Signatures with a key pair. “none”, and those with a shared secret, are not among them."""
_SECOND_FACTOR = "mfa"
"""RFC 8176: more than one factor was shown."""
_SECOND_FACTOR_CLASSES = ("https://refeds.org/profile/mfa", "phr", "phrh")
"""REFEDS and OpenID's own names (EAP ACR Values 1.0) for a second factor or better."""


class ServiceAwayError(Exception):
    """The sign-in service cannot be reached, or did not answer in time."""


class ServiceWrongError(Exception):
    """The sign-in service answered, and what it said is not believed. The message has no secret in it."""


class ClocksDifferError(ServiceWrongError):
    """What the service said is of another time than our clock's."""


@dataclass(frozen=True)
class Client:
    """What a sign-in service knows this installation as. `back`: the address that people come back to."""

    issuer: str
    client_id: str
    secret: str = field(repr=False)
    back: str
    classes: tuple[str, ...] = ()
    plain_http: bool = False


@dataclass(frozen=True)
class OneTry:
    """The secrets of one sign-in: all three follow from what the browser's cookie holds, by a key that no
    browser has."""

    state: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True)
class Shown:
    """Who came back, by the service's word. `at`: when they last showed it who they are, None unsaid."""

    subject: str
    email: str
    email_verified: bool
    at: datetime | None
    second_factor: bool


def one_try(key: bytes, seed: str) -> OneTry:
    """The secrets of the sign-in whose seed this is."""
    state, nonce, verifier = (
        derive(key, f"single sign-on {what}", seed, 32).hex() for what in ("state", "nonce", "verifier")
    )
    return OneTry(state, nonce, verifier)


def is_acceptable(issuer: str, *, plain_http: bool) -> bool:
    """Whether a service of this address may be asked: HTTPS; on this machine also plain HTTP, if allowed."""
    address = urlsplit(issuer)
    if not address.hostname or address.query or address.fragment or address.username:
        return False
    return address.scheme == "https" or (plain_http and address.scheme == "http" and _here(address.hostname))


def _here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def address_to_sign_in(client: Client, secrets: OneTry, *, anew: bool) -> str:
    """Where the browser is sent. `anew`: who is signed in there is asked again. Raises ServiceAwayError and
    ServiceWrongError."""
    with _Asking(client) as asking:
        told = asking.description()
        extra: dict[str, Any] = {"nonce": secrets.nonce}
        if anew:
            extra |= {"prompt": "login", "max_age": "0"}
        if client.classes:
            extra["acr_values"] = " ".join(client.classes)
        address: str = asking.session.create_authorization_url(
            told["authorization_endpoint"], state=secrets.state, code_verifier=secrets.verifier, **extra
        )[0]
    return address


def who_came_back(client: Client, secrets: OneTry, code: str, said_issuer: str, now: datetime) -> Shown:
    """Exchanges the code that the browser brought, and checks what comes for it.

    `said_issuer`: the issuer as the browser's address named it, "" unsaid (RFC 9207: a service that says
    that it names itself must). Raises ServiceAwayError, ServiceWrongError and ClocksDifferError.
    """
    with _Asking(client) as asking:
        told = asking.description()
        must_say = bool(told.get("authorization_response_iss_parameter_supported"))
        if said_issuer != client.issuer and (said_issuer or must_say):
            raise ServiceWrongError("the answer is of another issuer")
        token = asking.exchange(code, secrets.verifier)
        claims = _checked(asking, token, secrets.nonce, now)
        facts = dict(claims)
        if not facts.get("email"):
            # That an address is verified counts for the address that it was said with.
            facts |= {"email_verified": None} | asking.more_about(claims["sub"])
    return _shown(facts, client.classes, now)


def _checked(asking: _Asking, token: dict[str, Any], nonce: str, now: datetime) -> CodeIDToken:
    """The claims of the id_token. Its issuer, audience, nonce and times are as they must be."""
    try:
        signed = asking.verified(str(token.get("id_token", "")))
        claims = CodeIDToken(
            signed.claims,
            signed.header,
            {
                "iss": {"essential": True, "value": asking.client.issuer},
                "aud": {"essential": True, "value": asking.client.client_id},
                "nonce": {"essential": True, "value": nonce},
            },
            {"nonce": nonce, "client_id": asking.client.client_id, "access_token": token.get("access_token")},
        )
        claims.validate(now=int(now.timestamp()), leeway=LEEWAY)
    except ClaimError as problem:
        unborn = isinstance(problem, InvalidClaimError) and problem.claim in ("iat", "nbf")
        if unborn or isinstance(problem, ExpiredTokenError):
            raise ClocksDifferError("the id_token is of another time than ours") from None
        raise ServiceWrongError(f"the id_token’s {problem.claim} is not right") from None
    except (JoseError, ValueError, TypeError, KeyError) as problem:
        raise ServiceWrongError(f"the id_token is not right: {type(problem).__name__}") from None
    if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
        raise ServiceWrongError("the id_token names nobody")
    return claims


def _shown(facts: dict[str, Any], classes: tuple[str, ...], now: datetime) -> Shown:
    methods, level = facts.get("amr") or [], facts.get("acr")
    email = facts.get("email")
    return Shown(
        subject=facts["sub"],
        # “K” of the Kelvin sign is a small k in lower case: somebody else's address.
        email=email.strip().lower() if isinstance(email, str) and email.isascii() else "",
        email_verified=facts.get("email_verified") is True,
        at=_moment(facts.get("auth_time"), now),
        second_factor=_SECOND_FACTOR in methods or level in (classes or _SECOND_FACTOR_CLASSES),
    )


def _moment(said: object, now: datetime) -> datetime | None:
    """When somebody last showed who they are; None for what is no time, or has still to come: it would count
    as just now until then."""
    latest = now.timestamp() + LEEWAY
    if not isinstance(said, int | float) or not 0 <= said <= latest:
        return None
    return datetime.fromtimestamp(said, UTC)


_asking_now = threading.BoundedSemaphore(2)  # in one process: its other threads answer people meanwhile
_kept: dict[tuple[str, str], tuple[float, dict[str, Any]]] = {}
_silent: dict[str, float] = {}


def forget_services() -> None:
    """Forgets what services have said of themselves; for commands and tests."""
    _kept.clear()
    _silent.clear()


class _Asking:
    """A conversation with one service. Use as a context; nothing outlives it but what it said of itself."""

    def __init__(self, client: Client) -> None:
        if not is_acceptable(client.issuer, plain_http=client.plain_http):
            raise ServiceWrongError("the issuer is not an https address")
        self.client = client
        self.session = OAuth2Session(
            client.client_id,
            client.secret,
            scope=SCOPE,
            redirect_uri=client.back,
            code_challenge_method="S256",
        )
        self.session.trust_env = False  # no password of a .netrc, no proxy that nobody named here
        self.session.max_redirects = 0
        self.session.headers["Accept-Encoding"] = "identity"
        self.session.adapters.clear()
        self.session.mount(_origin(client.issuer) + "/", _Careful())

    def __enter__(self) -> _Asking:
        if not _asking_now.acquire(timeout=PATIENCE):
            raise ServiceAwayError("too many are being asked for at once")
        return self

    def __exit__(self, *_: object) -> None:
        _asking_now.release()
        self.session.close()

    def description(self) -> dict[str, Any]:
        """What the service says of itself, kept for ten minutes."""
        told = self._told("/.well-known/openid-configuration")
        if told.get("issuer") != self.client.issuer:
            raise ServiceWrongError("the service names another issuer")
        for name in ("token_endpoint", "jwks_uri"):
            if _origin(str(told.get(name, ""))) != _origin(self.client.issuer):
                raise ServiceWrongError(f"its {name} is at another host")
        front = str(told.get("authorization_endpoint", ""))
        if not is_acceptable(front.partition("?")[0], plain_http=self.client.plain_http):
            raise ServiceWrongError("its authorization_endpoint is not an https address")
        if "S256" not in told.get("code_challenge_methods_supported", ["S256"]):
            raise ServiceWrongError("it does not know PKCE with S256")
        return told

    def _told(self, path: str = "", address: str = "", *, anew: bool = False) -> dict[str, Any]:
        address = address or self.client.issuer.rstrip("/") + path
        key, moment = (self.client.issuer, address), time.monotonic()
        there = _kept.get(key)
        if there is not None and not anew and moment < there[0] + KEPT_FOR:
            return there[1]
        if moment < _silent.get(self.client.issuer, -AWAY_FOR) + AWAY_FOR:
            raise ServiceAwayError("it did not answer a moment ago")
        try:
            told = self._answer("GET", address, withhold_token=True)
        except ServiceAwayError:
            _silent[self.client.issuer] = moment
            raise
        _kept[key] = moment, told
        return told

    def _answer(self, method: str, address: str, **how: Any) -> dict[str, Any]:
        try:
            response = self.session.request(method, address, allow_redirects=False, **how)
            content = response.json() if response.status_code == 200 else None
        except (requests.ConnectionError, requests.Timeout) as problem:
            raise ServiceAwayError(type(problem).__name__) from None
        except (requests.RequestException, ValueError) as problem:
            raise ServiceWrongError(f"its answer cannot be read: {type(problem).__name__}") from None
        if response.status_code >= 500:
            raise ServiceAwayError(f"it answers {response.status_code}")
        if not isinstance(content, dict):
            raise ServiceWrongError(
                f"it answers {response.status_code}, or something else than was asked for"
            )
        return content

    def exchange(self, code: str, verifier: str) -> dict[str, Any]:
        """The tokens for a code. Raises ServiceWrongError for one that was used, or was somebody else's."""
        told = self.description()
        methods = told.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        way = "client_secret_basic" if "client_secret_basic" in methods else "client_secret_post"
        self.session.token_endpoint_auth_method = way
        try:
            token = self.session.fetch_token(
                told["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                code_verifier=verifier,
                allow_redirects=False,
            )
        except OAuthError as problem:
            raise ServiceWrongError(f"it refuses the code: {str(problem.error)[:40]}") from None
        except (requests.ConnectionError, requests.Timeout) as problem:
            raise ServiceAwayError(type(problem).__name__) from None
        except requests.HTTPError:
            raise ServiceAwayError("it fails at the code") from None
        except (requests.RequestException, ValueError) as problem:
            raise ServiceWrongError(f"its tokens cannot be read: {type(problem).__name__}") from None
        return dict(token)

    def verified(self, id_token: str) -> jwt.Token:
        """The id_token, whose signature is by a key of the service. A key that is not known yet is asked for
        once: services change their keys."""
        told = self.description()
        allowed = [one for one in told.get("id_token_signing_alg_values_supported", []) if one in _ALGORITHMS]
        if not allowed:  # none named would mean the library's own list
            raise ServiceWrongError("it signs with nothing that is trusted here")
        registry = JWSRegistry(algorithms=allowed, strict_check_header=False)
        keys = self._told(address=told["jwks_uri"])
        try:
            return jwt.decode(id_token, KeySet.import_key_set(keys), registry=registry)  # type: ignore[arg-type]
        except (JoseError, ValueError):
            keys = self._told(address=told["jwks_uri"], anew=True)
            return jwt.decode(id_token, KeySet.import_key_set(keys), registry=registry)  # type: ignore[arg-type]

    def more_about(self, subject: str) -> dict[str, Any]:
        """E-mail address from the service's userinfo, where the id_token has none; {} where it is of
        somebody else, or at another host."""
        address = str(self.description().get("userinfo_endpoint", ""))
        if _origin(address) != _origin(self.client.issuer):
            return {}
        told = self._answer("GET", address)
        same = told.get("sub") == subject
        return {name: told[name] for name in ("email", "email_verified") if same and name in told}


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}".lower()


class _Careful(HTTPAdapter):
    """Reads an answer whole, within its time and size: a few threads serve everybody."""

    def send(self, request: requests.PreparedRequest, *args: Any, **how: Any) -> requests.Response:
        began = time.monotonic()
        how |= {"stream": True, "timeout": PATIENCE, "verify": True}
        response = super().send(request, *args, **how)
        content = b""
        try:
            while part := response.raw.read1(8192):
                content += part
                if len(content) > LONGEST:
                    raise requests.RequestException("too long")
                if time.monotonic() > began + PATIENCE:
                    raise requests.Timeout("too slow")
        except HTTPError as problem:  # of urllib3: requests would name it in its own words, had it read
            raise requests.ConnectionError(type(problem).__name__) from None
        finally:
            response.raw.close()
        response.raw = BytesIO(content)
        return response
