"""What was printed for a journey, and whether it still works: a new label ends the one before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from redbag.database import db
from redbag.models import AuditEntry, Label, Transfer

_PACK, _LABEL, _REVOKED = "pack.printed", "label.printed", "label.revoked"


@dataclass(frozen=True)
class Prints:
    """`at`: when pack or label was last printed; None before. `again`: what must be printed again, since its
    square and code stopped working after the print: "pack and label", "pack", "label" or ""."""

    at: datetime | None
    again: str


def of(transfer: Transfer) -> Prints:
    """Told from the audit chain, whose order is the order of what happened, whatever the clock said."""
    rows = db.session.execute(
        select(AuditEntry.kind, func.max(AuditEntry.id).label("newest"))
        .where(AuditEntry.subject_kind == "transfer", AuditEntry.subject_ref == transfer.ref)
        .where(AuditEntry.kind.in_((_PACK, _LABEL, _REVOKED)))
        .group_by(AuditEntry.kind)
    )
    last: dict[str, int] = {row.kind: row.newest for row in rows}
    newest = max(last.get(_PACK, 0), last.get(_LABEL, 0))
    if not newest:
        return Prints(None, "")
    at = db.session.scalar(select(AuditEntry.at).where(AuditEntry.id == newest))
    replaced = last.get(_REVOKED, 0)
    dead = [name for name, kind in (("pack", _PACK), ("label", _LABEL)) if 0 < last.get(kind, 0) < replaced]
    if "label" in dead and _from_the_drawer(transfer):
        dead.remove("label")
    return Prints(at, " and ".join(dead))


def _from_the_drawer(transfer: Transfer) -> bool:
    """Whether the label that works was printed in advance: it is on the bag as it is."""
    serial = select(Label.serial).filter_by(transfer_id=transfer.id, revoked_at=None)
    return db.session.scalar(serial.order_by(Label.id.desc()).limit(1)) is not None
