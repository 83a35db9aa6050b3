"""The audit log: who looked, who did. Appended in the transaction of what it tells of.

Each kind of entry has a fixed set of detail fields, so that no free text about a person can leak in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select, text

from redbag.database import db
from redbag.domain.permissions import Actor, Origin
from redbag.models import AuditEntry
from redbag.security import audit_chain

# The advisory lock that orders appends on PostgreSQL; any constant of our own will do.
_CHAIN_LOCK = 0x5EDBA6

# Every kind of entry, with the detail fields that it may carry.
KINDS: dict[str, frozenset[str]] = {
    "account.created": frozenset({"role", "organisation"}),
    "account.disabled": frozenset(),
    "account.enabled": frozenset(),
    "account.invited": frozenset(),
    "account.joined": frozenset(),
    "account.passphrase_changed": frozenset(),
    "account.role_added": frozenset({"role", "organisation"}),
    "account.role_ended": frozenset({"role", "organisation"}),
    "bag.changed": frozenset({"state"}),
    "bag.created": frozenset({"number"}),
    "belongings_list.changed": frozenset(),
    "demo.loaded": frozenset({"homes", "transfers", "seed"}),
    "label.issued": frozenset({"number"}),
    "label.printed": frozenset({"format"}),
    "label.revoked": frozenset({"why"}),
    "label.scanned": frozenset({"seen"}),
    "medicine.added": frozenset(),
    "medicine.changed": frozenset({"fields"}),
    "medicine.stopped": frozenset(),
    "organisation.changed": frozenset({"fields"}),
    "organisation.created": frozenset({"kind"}),
    "pack.printed": frozenset({"version"}),
    "pack.read": frozenset({"version"}),
    "pack.versioned": frozenset({"version"}),
    "refused": frozenset({"permission", "endpoint"}),
    "report.exported": frozenset({"report"}),
    "report.read": frozenset({"report"}),
    "resident.changed": frozenset({"fields"}),
    "resident.created": frozenset(),
    "resident.left": frozenset(),
    "resident.listed": frozenset({"count"}),
    "resident.read": frozenset(),
    "section.changed": frozenset({"section", "fields"}),
    "section.reviewed": frozenset({"section"}),
    "session.ended": frozenset({"why"}),
    "session.place_chosen": frozenset({"ward"}),
    "session.refused": frozenset(),
    "session.started": frozenset(),
    "task.done": frozenset({"kind"}),
    "transfer.changed": frozenset({"fields"}),
    "transfer.event": frozenset({"action"}),
    "transfer.listed": frozenset({"count"}),
    "transfer.read": frozenset(),
    "ward.changed": frozenset(),
    "ward.closed": frozenset(),
    "ward.created": frozenset(),
}


@dataclass(frozen=True)
class Note:
    """One thing to be written in the audit log. `subject`: its kind and public reference."""

    kind: str
    subject: tuple[str, str] = ("", "")
    outcome: str = "done"
    reason: str = ""
    details: Mapping[str, object] | None = None


@dataclass(frozen=True)
class Chain:
    """The key that new entries are chained with."""

    key: bytes
    key_id: str


_chain: Chain | None = None


def use_chain(chain: Chain) -> None:
    """Says which key to chain with; called once when the application or a command starts."""
    global _chain  # noqa: PLW0603 - one process has one audit key, like one engine
    _chain = chain


def _content(entry: AuditEntry) -> dict[str, object]:
    return {
        "at": entry.at.astimezone(UTC).isoformat(),
        "kind": entry.kind,
        "outcome": entry.outcome,
        "account_id": entry.account_id,
        "role": entry.role,
        "organisation_id": entry.organisation_id,
        "subject_kind": entry.subject_kind,
        "subject_ref": entry.subject_ref,
        "request_id": entry.request_id,
        "address": entry.address,
        "reason": entry.reason,
        "details": entry.details,
        "key_id": entry.key_id,
    }


def append(actor: Actor | None, note: Note, now: datetime, origin: Origin | None = None) -> None:
    """Appends one entry to the chain. Needs a write transaction (see database.begin_write).

    Raises ValueError for a kind or a detail field that is not on the list.
    """
    if _chain is None:
        raise RuntimeError("No audit key: call use_chain() at start.")
    details = dict(note.details or {})
    if note.kind not in KINDS or not set(details) <= KINDS[note.kind]:
        raise ValueError(f"Audit entries of kind {note.kind!r} may not carry {sorted(details)}.")
    where = origin or (actor.origin if actor else Origin())
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _CHAIN_LOCK})
    db.session.flush()
    previous = db.session.scalar(select(AuditEntry.mac).order_by(AuditEntry.id.desc()).limit(1))
    entry = AuditEntry(
        at=now,
        kind=note.kind,
        outcome=note.outcome,
        account_id=actor.account_id if actor else None,
        role=actor.role.value if actor else "",
        organisation_id=actor.organisation_id if actor else None,
        subject_kind=note.subject[0],
        subject_ref=note.subject[1],
        request_id=where.request_id,
        address=where.address,
        reason=note.reason,
        details=details,
        key_id=_chain.key_id,
        previous=previous or audit_chain.GENESIS,
    )
    entry.mac = audit_chain.mac(_chain.key, entry.previous, _content(entry))
    db.session.add(entry)
    db.session.flush()


def verify(keys: Mapping[str, bytes]) -> Iterator[tuple[int, bool]]:
    """Walks the chain from its start: each row's id and whether it stands. Stop at the first False."""
    previous = audit_chain.GENESIS
    rows = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id).execution_options(yield_per=1000))
    for entry in rows:
        key = keys.get(entry.key_id, b"")
        whole = entry.previous == previous and entry.mac == audit_chain.mac(key, previous, _content(entry))
        yield entry.id, whole
        previous = entry.mac
