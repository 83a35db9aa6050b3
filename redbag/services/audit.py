"""The audit log: who looked, who did. Appended in the transaction of what it tells of, as its last act: only
one transaction at a time can lengthen the chain, and nobody waits for more than another's append.

Each kind of entry has a fixed set of detail fields, so that no free text about a person can leak in. Every
entry of a guest, who has no account, carries whom they said they are.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from sqlalchemy import event, insert, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from redbag.config import ConfigurationError
from redbag.database import Base, db
from redbag.domain.permissions import Actor, Origin, Role
from redbag.models import AuditEntry
from redbag.security import audit_chain
from redbag.security.key_ring import KeyRing

# The advisory lock that orders appends on PostgreSQL; any constant of our own will do.
_CHAIN_LOCK = 0x5EDBA6
_AT_ONCE = 5000

KEY_BEGAN = "audit.key_began"
MISSING = (
    "The newest entry of the audit log was made under the key {}, which is not set. Set that key as "
    "REDBAG_AUDIT_KEY, or in REDBAG_AUDIT_KEY_OLD beside a newer one; then start every server anew."
)

# Every kind of entry, with the detail fields that it may carry.
KINDS: dict[str, frozenset[str]] = {
    "account.created": frozenset({"role", "organisation"}),
    "account.disabled": frozenset(),
    "account.enabled": frozenset(),
    "account.invited": frozenset(),
    "account.joined": frozenset(),
    "account.linked": frozenset({"service"}),
    "account.passphrase_changed": frozenset(),
    "account.passphrase_let_in": frozenset({"hours"}),
    "account.pin_set": frozenset(),
    "account.recovery_codes_made": frozenset(),
    "account.role_added": frozenset({"role", "organisation"}),
    "account.role_ended": frozenset({"role", "organisation"}),
    "account.second_factor_removed": frozenset({"what"}),
    "account.second_factor_reset": frozenset(),
    "account.second_factor_set": frozenset({"what"}),
    "account.unlinked": frozenset({"service"}),
    "attention.put_back": frozenset({"kind"}),
    "attention.seen": frozenset({"kind"}),
    "audit.exported": frozenset(),
    KEY_BEGAN: frozenset({"key"}),
    "audit.read": frozenset(),
    "backup.made": frozenset({"encrypted"}),
    "bag.changed": frozenset({"state"}),
    "bag.created": frozenset({"number"}),
    "bag.reported": frozenset({"kind"}),
    "bags.swapped": frozenset(),
    "belongings_list.changed": frozenset(),
    "custody.confirmed": frozenset(),
    "custody.exported": frozenset({"format"}),
    "custody.issued": frozenset(),
    "demo.loaded": frozenset({"homes", "transfers", "seed"}),
    "device.ended": frozenset(),
    "device.enrolled": frozenset(),
    "device.opened": frozenset({"device"}),
    "dictionary.loaded": frozenset({"added", "changed", "discontinued"}),
    "emergency.opened": frozenset(),
    "emergency.read": frozenset({"version"}),
    "emergency.reviewed": frozenset({"review"}),
    "fields.resealed": frozenset({"key", "rows"}),
    "guest.code_renewed": frozenset({"number", "ended"}),
    "guest.code_shown": frozenset({"number"}),
    "guest.code_used": frozenset(),
    "guest.code_wrong": frozenset({"count"}),
    "guest.named": frozenset(),
    "history.kept": frozenset({"rows"}),
    "history.loaded": frozenset({"rows", "stays", "homes"}),
    "history.read": frozenset({"rows"}),
    "history.taken_out": frozenset({"stays", "homes"}),
    "history.thrown_away": frozenset(),
    "import.done": frozenset({"people_new", "people_changed", "medicines_added", "medicines_changed"}),
    "import.kept": frozenset({"rows"}),
    "import.read": frozenset({"people"}),
    "import.thrown_away": frozenset(),
    "keys.rotated": frozenset({"secret", "label", "audit", "rows"}),
    "label.bound": frozenset({"number", "serial"}),
    "label.issued": frozenset({"number"}),
    "label.made": frozenset({"serial"}),
    "label.printed": frozenset({"format"}),
    "label.revoked": frozenset({"why"}),
    "label.scanned": frozenset({"seen", "version"}),
    "medicine.added": frozenset(),
    "medicine.changed": frozenset({"fields"}),
    "medicine.stopped": frozenset(),
    "organisation.changed": frozenset({"fields"}),
    "organisation.created": frozenset({"kind"}),
    "pack.printed": frozenset({"version", "papers"}),
    "pack.read": frozenset({"version"}),
    "pack.versioned": frozenset({"version"}),
    "paper.added": frozenset({"what"}),
    "paper.put_back": frozenset({"what"}),
    "paper.read": frozenset({"what", "page"}),
    "paper.removed": frozenset({"what"}),
    "person.erased": frozenset({"rows", "figures", "why"}),
    "person.exported": frozenset({"files"}),
    "person.kept_longer": frozenset({"until"}),
    "person.restricted": frozenset(),
    "person.unrestricted": frozenset(),
    "refused": frozenset({"permission", "endpoint"}),
    "report.exported": frozenset({"report", "page", "form", "filter"}),
    "report.read": frozenset({"report"}),
    "resident.changed": frozenset({"fields"}),
    "resident.created": frozenset(),
    "resident.left": frozenset(),
    "resident.listed": frozenset({"count"}),
    "resident.read": frozenset(),
    "section.changed": frozenset({"section", "fields"}),
    "section.reviewed": frozenset({"section"}),
    "session.confirmed": frozenset({"how"}),
    "session.ended": frozenset({"why"}),
    "session.factor_shown": frozenset({"how"}),
    "session.place_chosen": frozenset({"ward"}),
    "session.refused": frozenset({"service"}),
    "session.started": frozenset({"factor", "service"}),
    "sign_in_service.added": frozenset(),
    "sign_in_service.changed": frozenset({"organisation", "how"}),
    "sign_in_service.ended": frozenset(),
    "tablet.copied": frozenset({"count"}),
    "tablet.forgotten": frozenset(),
    "tablet.key_given": frozenset(),
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


_keys: KeyRing | None = None


def use_chain(keys: KeyRing) -> None:
    """Says which keys there are: the newest chains, the others check. Called once when the application or a
    command starts."""
    global _keys  # noqa: PLW0603 - one process has one audit key, like one engine
    _keys = keys


_COVERED = (
    "kind",
    "outcome",
    "account_id",
    "role",
    "organisation_id",
    "subject_kind",
    "subject_ref",
    "request_id",
    "address",
    "reason",
    "details",
    "key_id",
)


def _mac(key: bytes, columns: Mapping[str, Any]) -> str:
    at: datetime = columns["at"]
    content = {"at": at.astimezone(UTC).isoformat(), **{name: columns[name] for name in _COVERED}}
    return audit_chain.mac(key, columns["previous"], content)


def append(actor: Actor | None, note: Note, now: datetime, origin: Origin | None = None) -> None:
    """Appends one entry to the chain when this transaction commits (see database.begin_write), or not at all.

    Raises ValueError for a kind or a detail field that is not on the list.
    """
    session = db.session()
    session.flush()  # what it tells of is written first, and seen by whoever reads on without the session
    session.info.setdefault(_WAITING, []).append(_columns(actor, note, now, origin))


def append_all(told: Iterable[tuple[Actor | None, Note, datetime]]) -> None:
    """Appends many entries in the order given, as append() would one by one, in bulk."""
    session = db.session()
    _write_waiting(session)
    end = _end(session)
    entries = (_columns(actor, note, at, None) for actor, note, at in told)
    while rows := list(islice(entries, _AT_ONCE)):
        end = _insert(session, rows, end)


_ENTRIES = Base.metadata.tables[AuditEntry.__tablename__]
_INSERT = insert(_ENTRIES)
_NEWEST = select(_ENTRIES.c.mac, _ENTRIES.c.key_id).order_by(_ENTRIES.c.id.desc()).limit(1)


_WAITING = "redbag_audit_waiting"


@event.listens_for(Session, "before_commit")
def _write_waiting(session: Session) -> None:
    """Chains what this transaction has to tell. Nothing comes after it but the commit."""
    if rows := session.info.pop(_WAITING, None):
        session.flush()  # an entry may name an account that this transaction has only just made
        _insert(session, rows, _end(session))


@event.listens_for(Session, "after_rollback")
def _forget_waiting(session: Session) -> None:
    session.info.pop(_WAITING, None)


@dataclass(frozen=True)
class _End:
    """Where the chain ends: the code of its newest entry, and the name of the key that this was made with; ""
    for a chain without an entry."""

    mac: str
    key_id: str


def _insert(session: Session, rows: list[dict[str, Any]], end: _End) -> _End:
    """Chains rows in their order to the end of the chain; its new end. Under a key that is new the log goes
    on after an entry that names it, chained under the key before: nobody without both can put it there."""
    keys = _used_keys()
    key_id = end.key_id or keys.newest_id
    if _known(keys, key_id) != keys.newest:
        note = Note(KEY_BEGAN, details={"key": keys.newest_id})
        began = _columns(None, note, rows[0]["at"], None)
        end = _write(session, [began], end.mac, key_id)
        key_id = keys.newest_id
    return _write(session, rows, end.mac, key_id)


def _write(session: Session, rows: list[dict[str, Any]], previous: str, key_id: str) -> _End:
    key = _known(_used_keys(), key_id)
    for row in rows:
        row |= {"previous": previous, "key_id": key_id}
        previous = row["mac"] = _mac(key, row)
    session.connection().execute(_INSERT, rows)
    return _End(previous, key_id)


def _used_keys() -> KeyRing:
    if _keys is None:
        raise RuntimeError("No audit key: call use_chain() at start.")
    return _keys


def _known(keys: KeyRing, key_id: str) -> bytes:
    """Whoever has not the key of the newest entry lengthens nothing: a program with the settings from before,
    or one that was given a new key without the old one."""
    key = keys.by_id.get(key_id)
    if key is None:
        raise ConfigurationError(MISSING.format(key_id))
    return key


def _end(session: Session) -> _End:
    """The end of the chain, which nobody else can lengthen until this transaction ends."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _CHAIN_LOCK})
    newest = session.connection().execute(_NEWEST).one_or_none()
    return _End(newest.mac, newest.key_id) if newest else _End(audit_chain.GENESIS, "")


def refuse_missing_key(connection: Connection, keys: KeyRing) -> None:
    """Raises ConfigurationError where the log could not go on with these keys."""
    newest = connection.execute(_NEWEST).one_or_none()
    if newest is not None:
        _known(keys, newest.key_id)


def _columns(actor: Actor | None, note: Note, at: datetime, origin: Origin | None) -> dict[str, Any]:
    """A row, but for its place in the chain. Raises ValueError for a kind or a detail field that is not on
    the list."""
    details = dict(note.details or {})
    if note.kind not in KINDS or not set(details) <= KINDS[note.kind]:
        raise ValueError(f"Audit entries of kind {note.kind!r} may not carry {sorted(details)}.")
    if actor is not None and actor.role is Role.GUEST:
        details["by_access_code"] = f"{actor.name}, {actor.said_role}, {actor.place_words}"
    where = origin or (actor.origin if actor else Origin())
    return {
        "at": at,
        "kind": note.kind,
        "outcome": note.outcome,
        "account_id": (actor.account_id or None) if actor else None,
        "role": actor.role.value if actor else "",
        "organisation_id": (actor.organisation_id or None) if actor else None,
        "subject_kind": note.subject[0],
        "subject_ref": note.subject[1],
        "request_id": where.request_id,
        "address": where.address,
        "reason": note.reason,
        "details": details,
    }


def verify(keys: Mapping[str, bytes], connection: Connection | None = None) -> Iterator[tuple[int, bool]]:
    """Walks the chain from its start: each row's id and whether it stands. Stop at the first False.

    Of this installation, or of another database by its connection. An entry under another key than the one
    before it stands only where that one says so; an entry under a key that is not here stands never. A chain
    whose end was cut off is whole in itself: only an earlier `head` kept elsewhere shows that.
    """
    previous, under, promised = audit_chain.GENESIS, "", ""
    found = (connection or db.session.connection()).execute(
        select(_ENTRIES).order_by(_ENTRIES.c.id), execution_options={"yield_per": 1000}
    )
    with closing(found) as rows:
        for entry in rows:
            key = keys.get(entry.key_id)
            handed_on = entry.key_id in (under or entry.key_id, promised)
            columns = {name: getattr(entry, name) for name in ("at", "previous", *_COVERED)}
            whole = key is not None and handed_on and entry.previous == previous
            yield entry.id, whole and hmac.compare_digest(entry.mac, _mac(key or b"", columns))
            previous, under = entry.mac, entry.key_id
            promised = str(entry.details.get("key", "")) if entry.kind == KEY_BEGAN else ""


def head() -> tuple[int, str]:
    """The id and the code of the newest entry, to be kept elsewhere; (0, "") when there is none."""
    newest = db.session.execute(select(AuditEntry.id, AuditEntry.mac).order_by(AuditEntry.id.desc()).limit(1))
    row = newest.one_or_none()
    return (row.id, row.mac) if row else (0, "")


def holds(entry_id: int, mac: str) -> bool:
    """Whether the entry that was once the head is still there as it was."""
    return db.session.scalar(select(AuditEntry.id).filter_by(id=entry_id, mac=mac)) is not None
