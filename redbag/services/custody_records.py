"""Custody records: issued with a verification code, and confirmed to whoever types it.

The code is an HMAC over the whole content, under a key that is not in the database: nobody can make a code
for a record that was never issued, and a kept record that was altered no longer matches its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from redbag.database import db, new_ref
from redbag.domain import bag_code, custody_record
from redbag.domain.errors import Invalid, NotPermitted, Unsealable
from redbag.domain.permissions import Actor, Origin, Permission, can
from redbag.models import CustodyRecord, Organisation, Transfer
from redbag.queries import custody_record as records
from redbag.queries import transfers
from redbag.services import audit, journeys, labels
from redbag.services.guessing import TOO_MANY, Guesser, count_guess, may_guess
from redbag.services.sessions import Limits

CODE_BYTES = 10
"""80 bits: sixteen characters and a check character. Codes are typed from paper, and looked up for life."""
_LENGTH = 17
_PURPOSE = "custody-record"
_LOOKUP = "custody-record-lookup"


def may_read(actor: Actor, ref: str) -> Transfer:
    """A journey whose record the actor may see. Raises NotFound, NotPermitted, or IllegalTransition for the
    hospital while it is in doubt whose bag this is."""
    transfer = transfers.get(actor, ref)
    if not can(actor, Permission.TRANSFER_READ, transfers.subject(transfer)):
        raise NotPermitted("This is not part of your work.")
    if actor.organisation_id != transfer.home_id:
        journeys.refuse_while_questioned(transfer)
    return transfer


def issue(actor: Actor, ref: str, now: datetime) -> CustodyRecord:
    """Freezes the record as the journey stands, and keeps who asked for it when."""
    transfer = journeys.load(actor, may_read(actor, ref).ref, Permission.TRANSFER_READ)
    told = records.of(transfer)
    record_ref = new_ref()
    content = {
        "record": told.as_json(),
        "ref": record_ref,
        "issued_at": now.isoformat(),
        "issued_by": actor.name,
        "organisation": actor.organisation_name,
    }
    key_id = labels.current_key_id()
    code = _code(key_id, content)
    row = CustodyRecord(
        ref=record_ref,
        transfer_id=transfer.id,
        organisation_id=actor.organisation_id,
        account_id=actor.account_id,
        issued_at=now,
        issued_by=actor.name,
        key_id=key_id,
        code_hash=labels.lookup_hash(key_id, _LOOKUP, code),
        sha256=told.fingerprint(),
        content=content,
    )
    db.session.add(row)
    db.session.flush()
    audit.append(actor, audit.Note("custody.issued", ("custody_record", row.ref)), now)
    return row


def code_of(row: CustodyRecord) -> str:
    """The verification code, with its check character, ungrouped. Raises Unsealable for a record that was
    altered, or whose key is not here: no other code is printed in place of the one that was issued."""
    code = code_if_it_fits(row)
    if not code:
        raise Unsealable("A custody record was altered, or made under a label key that is not here.")
    return code


def code_if_it_fits(row: CustodyRecord) -> str:
    """The same; "" for such a record. Its key's name alone would not do (labels.py)."""
    for key_id in (row.key_id, *labels.key_ids()):
        if key_id in labels.key_ids():
            code = _code(key_id, row.content)
            if any(labels.lookup_hash(one, _LOOKUP, code) == row.code_hash for one in labels.key_ids()):
                return code
    return ""


def _code(key_id: str, content: dict[str, Any]) -> str:
    made = labels.derive(key_id, _PURPOSE, custody_record.canonical(content), CODE_BYTES)
    return bag_code.with_check(bag_code.encode(made))


@dataclass(frozen=True)
class Confirmed:
    """What a stranger is told of a record: who made it and when, how long it is, and whether it is the newest
    word. Nothing about a person. `altered`: what is kept here is not what was issued."""

    made_by: str
    phone: str
    made_at: datetime
    handovers: int
    things: int
    missing: int
    seen_before: int
    newer: bool
    altered: bool


def confirm(text: str, who: str, origin: Origin, limits: Limits, now: datetime) -> Confirmed:
    """What stands behind a code that somebody typed. Raises Invalid (field `code`) with what to look at.

    The caller commits all the same: a whole code that no record has stays counted, for `who`.
    """
    guesser = Guesser("a custody record's code", who)
    if not may_guess(guesser, limits.throttle_key, now):
        raise Invalid({"code": TOO_MANY})
    code = _read(text)
    row = _by_code(code)
    if row is None:
        count_guess(guesser, limits.throttle_key, now)
        note = audit.Note("refused", outcome="refused", reason="no such custody record")
        audit.append(None, note, now, origin)
        raise Invalid({"code": "No custody record has this code. Look at the paper again."})
    found = _confirmed(row, code)
    audit.append(None, audit.Note("custody.confirmed", ("custody_record", row.ref)), now, origin)
    return found


def _read(text: str) -> str:
    try:
        code = bag_code.normalise(text)
    except ValueError as problem:
        raise Invalid({"code": str(problem).replace("red bag code", "verification code")}) from None
    if len(code) != _LENGTH:
        raise Invalid({"code": f"A verification code has {_LENGTH} characters; this has {len(code)}."})
    if not bag_code.verify(code):
        raise Invalid({"code": "One character is wrong, or two are swapped. Look at the paper again."})
    return code


def _by_code(code: str) -> CustodyRecord | None:
    hashes = [labels.lookup_hash(key_id, _LOOKUP, code) for key_id in labels.key_ids()]
    return db.session.scalar(select(CustodyRecord).where(CustodyRecord.code_hash.in_(hashes)))


def _confirmed(row: CustodyRecord, code: str) -> Confirmed:
    told = custody_record.from_json(row.content["record"])
    maker = db.session.get_one(Organisation, row.organisation_id)
    now_stands = records.of(db.session.get_one(Transfer, row.transfer_id))
    return Confirmed(
        made_by=row.content["organisation"],
        phone=maker.phone,
        made_at=row.issued_at,
        handovers=len(told.handovers),
        things=told.things,
        missing=len(told.lost),
        seen_before=sum(one.seen for one in told.lost),
        newer=now_stands.fingerprint() != row.sha256,
        altered=code_if_it_fits(row) != code,
    )
