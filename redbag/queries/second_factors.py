"""Second factors: which a person has, and whether a session has still to show one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from redbag.database import db
from redbag.domain.permissions import Role
from redbag.domain.second_factor import must_have_one
from redbag.models import AuthenticatorApp, Membership, Passkey, Pin, RecoveryCode


@dataclass(frozen=True)
class PasskeyRow:
    """A passkey in its owner's list."""

    ref: str
    name: str
    set_at: datetime
    used_at: datetime | None


@dataclass(frozen=True)
class Held:
    """What a person has set up. `codes_left`: recovery codes not used yet; `has_pin`: shared devices of
    where they work are a second factor of theirs too."""

    app_set_at: datetime | None
    passkeys: tuple[PasskeyRow, ...]
    codes_left: int
    has_pin: bool

    @property
    def any(self) -> bool:
        """Whether there is one that can be shown anywhere."""
        return self.app_set_at is not None or bool(self.passkeys)

    @property
    def only_one(self) -> bool:
        return (self.app_set_at is not None) + len(self.passkeys) == 1


def held(account_id: int) -> Held:
    """What this person has set up."""
    rows = db.session.execute(
        select(Passkey.ref, Passkey.name, Passkey.set_at, Passkey.used_at)
        .where(Passkey.account_id == account_id)
        .order_by(Passkey.id)
    )
    left = select(func.count()).select_from(RecoveryCode)
    return Held(
        app_set_at=db.session.scalar(select(AuthenticatorApp.set_at).filter_by(account_id=account_id)),
        passkeys=tuple(PasskeyRow(*row) for row in rows),
        codes_left=db.session.scalar(
            left.where(RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
        )
        or 0,
        has_pin=db.session.get(Pin, account_id) is not None,
    )


def works_with_people(account_id: int) -> bool:
    """Whether this person has a role that may not be without a second factor."""
    roles = db.session.scalars(
        select(Membership.role).where(Membership.account_id == account_id, Membership.ended_at.is_(None))
    )
    return must_have_one(Role(role) for role in roles)


def must_show(account_id: int) -> bool:
    """Whether this person's sessions stay half open until a second factor was shown: they may see a person,
    or they have set one up."""
    if works_with_people(account_id):
        return True
    app = select(AuthenticatorApp.account_id).filter_by(account_id=account_id)
    key = select(Passkey.account_id).filter_by(account_id=account_id)
    return db.session.scalar(app.union_all(key).limit(1)) is not None
