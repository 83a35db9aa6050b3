"""Guesses, counted and slowed down: at passphrases, at codes, at people.

A guess is counted before it is decided, so that many at once are counted too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from redbag.database import db, one_at_a_time
from redbag.domain.network_address import network
from redbag.models import SignInAttempt
from redbag.security.tokens import keyed_hash

GUESSES = 10
GUESS_WINDOW = timedelta(minutes=5)


@dataclass(frozen=True)
class Guesser:
    """Who is guessing: at one thing (an account's e-mail, a kind of code) from one address. A stranger
    elsewhere cannot lock a person out."""

    at: str
    address: str

    def subject(self, key: bytes) -> str:
        return keyed_hash(key, "sign-in", f"{self.at}|{network(self.address)}")


TOO_MANY = "Too many tries from here. Wait five minutes, then try again."


def may_guess(guesser: Guesser, key: bytes, now: datetime, most: int = GUESSES) -> bool:
    """Whether another guess is let through: at most 10 in 5 minutes (quality: accounts). `key` hides whose.

    Guesses at one account from one address are answered one after another, so that many at once are
    counted too.
    """
    subject = guesser.subject(key)
    one_at_a_time(f"sign-in|{subject}")
    recent = db.session.scalar(
        select(func.count())
        .select_from(SignInAttempt)
        .where(SignInAttempt.subject == subject, SignInAttempt.at > now - GUESS_WINDOW)
    )
    return (recent or 0) < most


def count_guess(guesser: Guesser, key: bytes, now: datetime) -> SignInAttempt:
    """Keeps a guess, and forgets everybody's that no longer count."""
    db.session.execute(delete(SignInAttempt).where(SignInAttempt.at <= now - GUESS_WINDOW))
    counted = SignInAttempt(subject=guesser.subject(key), at=now)
    db.session.add(counted)
    db.session.flush()
    return counted


def forget(counted: Sequence[int]) -> None:
    """Takes guesses back that were right, or were not compared."""
    db.session.execute(delete(SignInAttempt).where(SignInAttempt.id.in_(counted)))
