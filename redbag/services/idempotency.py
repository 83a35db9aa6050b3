"""A form sent twice acts once: its key, its fingerprint and its answer, in the act's own transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from redbag.database import db, one_at_a_time
from redbag.domain.errors import Invalid
from redbag.models import IdempotencyKey
from redbag.security.tokens import keyed_hash

# A quick hash of these would let whoever reads the database try passphrases against it.
SECRETS = ("passphrase", "current_passphrase")
# Another each time that a tablet sends what it has kept.
_OF_THE_FORM = ("csrf_token", "idempotency_key", "happened_at", "sent_at", "settling")


def fingerprint(key: bytes, path: str, fields: Iterable[tuple[str, str]]) -> str:
    """What was sent, as a keyed hash: the address and every field but the form's own tokens, the times of a
    tablet's clock, and passphrases.

    Without the key nobody can try names and NHS numbers against it.
    """
    told = sorted((k, v) for k, v in fields if k not in (*_OF_THE_FORM, *SECRETS))
    return keyed_hash(key, "form", repr((path, told)))


def earlier_answer(scope: str, key: str, print_: str) -> str | None:
    """The answer already given to this key in this scope, or None when it is new.

    Two requests with one key are answered one after the other. Raises Invalid when the same key comes
    with other content.
    """
    one_at_a_time(f"idempotency|{scope}|{key}")
    row = db.session.scalar(select(IdempotencyKey).filter_by(scope=scope, key=key))
    if row is None:
        return None
    if row.fingerprint != print_:
        raise Invalid({"form": "This form was already sent with other answers. Open the page again."})
    return row.answer


def answer_of(scope: str, key: str) -> str | None:
    """What this key was answered with in this scope, or None where nothing was done yet."""
    return db.session.scalar(select(IdempotencyKey.answer).filter_by(scope=scope, key=key))


def remember(scope: str, key: str, print_: str, answer: str, now: datetime) -> None:
    """Keeps the answer. The unique constraint lets only one of two simultaneous requests through."""
    db.session.add(IdempotencyKey(scope=scope, key=key, fingerprint=print_, answer=answer, created_at=now))
    db.session.flush()
