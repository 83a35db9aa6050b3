"""The keys outside the database, replaced: what can be made anew under the newest is, the rest is counted.

Labels, access codes and custody records stand on paper: they are read under the key that they were made with
for as long as it is set. An app's secret is sealed anew at once, a PIN when it is next typed. A recovery code
is kept as a keyed hash, which nobody can renew but its owner, by making other codes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from redbag.config import Settings
from redbag.database import db
from redbag.models import Account, AuditEntry, AuthenticatorApp, CustodyRecord, Label, RecoveryCode
from redbag.security import key_ring, totp
from redbag.security.key_ring import KeyRing
from redbag.services import audit, devices, second_factors


@dataclass(frozen=True)
class Left:
    """What an older key is still needed for. `labels`: those that work; `codes`: people with recovery
    codes."""

    labels: int
    custody_records: int
    apps: int
    pins: int
    codes: int


def rotate(settings: Settings, now: datetime) -> int:
    """Seals what can be sealed anew, in the caller's write transaction, and writes down that the newest keys
    are in use: with that the audit log goes on under its own. Returns how many apps were sealed anew."""
    keys = key_ring.secret_keys(settings)
    renewed = 0
    for app, owner in _apps(held=True):
        if secret := _under_older(app.sealed, owner, keys):
            app.sealed = totp.seal(secret, owner, keys.newest)
            renewed += 1
    details = {
        "secret": keys.newest_id,
        "label": key_ring.label_keys(settings).newest_id,
        "audit": key_ring.audit_keys(settings).newest_id,
        "rows": renewed,
    }
    audit.append(None, audit.Note("keys.rotated", reason="operator’s command", details=details), now)
    return renewed


def left(settings: Settings) -> Left:
    """What stands under older keys now."""
    secret, label = key_ring.secret_keys(settings), key_ring.label_keys(settings).newest_id
    return Left(
        labels=_count(Label, Label.key_id != label, Label.revoked_at.is_(None)),
        custody_records=_count(CustodyRecord, CustodyRecord.key_id != label),
        apps=sum(1 for app, ref in _apps() if _under_older(app.sealed, ref, secret)),
        pins=devices.pins_under_older(secret),
        codes=_people_with_older_codes(secret),
    )


def _apps(*, held: bool = False) -> list[tuple[AuthenticatorApp, str]]:
    """Every app and its owner. `held`: until this transaction ends, so that an app that its owner is setting
    up meanwhile is not sealed away by the one before it."""
    wanted = select(AuthenticatorApp, Account.ref).join(Account, Account.id == AuthenticatorApp.account_id)
    wanted = wanted.order_by(AuthenticatorApp.account_id)
    if held:
        wanted = wanted.with_for_update(of=AuthenticatorApp).execution_options(populate_existing=True)
    rows = db.session.execute(wanted)
    return [(row[0], row[1]) for row in rows]


def _under_older(sealed: str, owner: str, keys: KeyRing) -> str:
    """The secret, where only an older key opens it."""
    return "" if totp.unseal(sealed, owner, keys.newest) else second_factors.secret_of(sealed, owner, keys)


def _count(model: type[Label | CustodyRecord], *where: object) -> int:
    wanted = select(func.count()).select_from(model).where(*where)  # type: ignore[arg-type]
    return db.session.scalar(wanted) or 0


def _people_with_older_codes(keys: KeyRing) -> int:
    """Those whose unused codes were made before the newest key was written down."""
    if not keys.older:
        return 0
    wanted = select(func.count(RecoveryCode.account_id.distinct())).where(RecoveryCode.used_at.is_(None))
    since = _since(keys)
    return db.session.scalar(wanted.where(RecoveryCode.made_at <= since) if since else wanted) or 0


def _since(keys: KeyRing) -> datetime | None:
    told = select(AuditEntry.at, AuditEntry.details).filter_by(kind="keys.rotated").order_by(AuditEntry.id)
    return next((at for at, details in db.session.execute(told) if details["secret"] == keys.newest_id), None)
