"""Passkeys (WebAuthn): what a browser is asked, and whether its answer is good.

The answer is bound to the address of the page by the browser itself: a passkey cannot be shown to another
site, however alike it looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import webauthn
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    generate_challenge,
    options_to_json,
    parse_authentication_credential_json,
    parse_registration_credential_json,
)
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

LONGEST_ANSWER = 20_000
"""Characters of an answer: a few thousand are usual."""
_LONGEST_ID = 1400


class RefusedError(Exception):
    """The answer is not good. The message is for the audit log, and names nothing secret."""


@dataclass(frozen=True)
class Site:
    """Whom a passkey is for: the host, and the whole origin that the browser must have been on."""

    host: str
    origin: str
    name: str = "Red Bag"


@dataclass(frozen=True)
class Known:
    """A passkey that somebody has. `credential_id` and what is sent are base64url, without padding."""

    credential_id: str
    transports: tuple[str, ...] = ()


@dataclass(frozen=True)
class Registered:
    """A new passkey, checked."""

    credential_id: str
    public_key: bytes
    sign_count: int


def new_challenge() -> str:
    """What has to be signed, once: 512 random bits."""
    return bytes_to_base64url(generate_challenge())


def ask_for_new(site: Site, owner: tuple[str, str, str], challenge: str, known: Sequence[Known]) -> str:
    """What `navigator.credentials.create` is called with, as JSON. `owner`: account reference, e-mail, name;
    `known`: passkeys that the person has already, which are not made twice."""
    ref, email, name = owner
    return options_to_json(
        webauthn.generate_registration_options(
            rp_id=site.host,
            rp_name=site.name,
            user_id=ref.encode(),
            user_name=email,
            user_display_name=name,
            challenge=base64url_to_bytes(challenge),
            exclude_credentials=_descriptors(known),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED,
                user_verification=UserVerificationRequirement.PREFERRED,
            ),
        )
    )


def check_new(site: Site, answer: str, challenge: str) -> Registered:
    """The passkey that was made. Raises RefusedError."""
    if not challenge or len(answer) > LONGEST_ANSWER:
        raise RefusedError("nothing was asked")
    try:
        found = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.host,
            expected_origin=site.origin,
        )
    except Exception as problem:
        raise _refused(problem) from None
    credential_id = bytes_to_base64url(found.credential_id)
    if len(credential_id) > _LONGEST_ID:
        raise RefusedError("the passkey's name is too long")
    return Registered(credential_id, found.credential_public_key, found.sign_count)


def ask_for_known(site: Site, challenge: str, known: Sequence[Known]) -> str:
    """What `navigator.credentials.get` is called with, as JSON."""
    return options_to_json(
        webauthn.generate_authentication_options(
            rp_id=site.host,
            challenge=base64url_to_bytes(challenge),
            allow_credentials=_descriptors(known),
            user_verification=UserVerificationRequirement.PREFERRED,
        )
    )


def named_in(answer: str) -> str:
    """Which passkey an answer claims to come from. Raises RefusedError for what is no answer."""
    if len(answer) > LONGEST_ANSWER:
        raise RefusedError("too long")
    try:
        return parse_authentication_credential_json(answer).id
    except Exception as problem:
        raise _refused(problem) from None


def check_known(site: Site, answer: str, challenge: str, public_key: bytes, sign_count: int) -> int:
    """The authenticator's new count. Raises RefusedError, also where it does not count on: it was copied."""
    if not challenge:
        raise RefusedError("nothing was asked")
    try:
        found = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
        )
    except Exception as problem:
        raise _refused(problem) from None
    return found.new_sign_count


def _refused(problem: Exception) -> RefusedError:
    """Whatever the parsers trip over in bytes from outside is a refusal, and named by its kind alone."""
    return RefusedError(type(problem).__name__)


_TRANSPORTS = {one.value: one for one in AuthenticatorTransport}


def transports_of(answer: str) -> tuple[str, ...]:
    """How the authenticator of a new passkey can be reached, as the browser says: a hint."""
    try:
        parsed = parse_registration_credential_json(answer)
    except Exception as problem:
        raise _refused(problem) from None
    return tuple(one.value for one in parsed.response.transports or ())


def _descriptors(known: Sequence[Known]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=base64url_to_bytes(one.credential_id),
            transports=[_TRANSPORTS[name] for name in one.transports if name in _TRANSPORTS],
        )
        for one in known
    ]
