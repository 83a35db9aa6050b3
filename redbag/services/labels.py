"""Labels: issued for a journey, derived again for a reprint, looked up when scanned, revoked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from redbag.database import db
from redbag.domain import access_code, bag_code
from redbag.domain.errors import Unsealable
from redbag.domain.permissions import Actor
from redbag.models import Label, Transfer
from redbag.security import tokens
from redbag.security.key_ring import KeyRing
from redbag.services import audit

_keys: KeyRing | None = None


def use_label_keys(keys: KeyRing) -> None:
    """Says which keys to derive with; called once when the application or a command starts."""
    global _keys  # noqa: PLW0603 - one process has one set of label keys, like one engine
    _keys = keys


def _held() -> KeyRing:
    if _keys is None:
        raise RuntimeError("No label keys: call use_label_keys() at start.")
    return _keys


def _key(key_id: str) -> bytes:
    key = _held().by_id.get(key_id)
    if key is None:
        raise Unsealable(f"It was made under the label key {key_id}, which is not among the keys here.")
    return key


def current_key_id() -> str:
    """The key that is derived with today."""
    return _held().newest_id


def first_key_hash(purpose: str, text: str) -> str:
    """As lookup_hash, under the oldest key that there is: for what has to stay equal when the key changes."""
    return tokens.keyed_hash(_held().every[-1], purpose, text)


def key_ids() -> tuple[str, ...]:
    """Every key that something may have been derived with."""
    return tuple(_held().by_id)


def derive(key_id: str, purpose: str, text: str, size: int) -> bytes:
    """`size` bytes for another purpose than a label's, under the key that is outside the database."""
    return tokens.derive(_key(key_id), purpose, text, size)


def lookup_hash(key_id: str, purpose: str, text: str) -> str:
    """How such a code is kept, to be found again."""
    return tokens.keyed_hash(_key(key_id), purpose, text)


def token_of(label: Label) -> str:
    """The token in the label's address: 26 characters, 128 bits. Raises Unsealable as `_key_of`."""
    return _token(_key_of(label), label.nonce)


def code_of(label: Label) -> str:
    """The readable code under the square, with its check character, ungrouped. Raises as token_of()."""
    return _code(_key_of(label), label.nonce)


def _token(key: bytes, nonce: str) -> str:
    return bag_code.encode(tokens.derive(key, "label-token", nonce, tokens.TOKEN_BYTES))


def _code(key: bytes, nonce: str) -> str:
    return bag_code.with_check(bag_code.encode(tokens.derive(key, "label-code", nonce, tokens.CODE_BYTES)))


def _key_of(label: Label) -> bytes:
    """The key that a label was made with: what it makes is what is kept of the label.

    Its name alone would not do. Once an older key was taken out, the one that is left answers to the first
    key's name, and would print a label that opens nothing. Raises Unsealable where that key is not here.
    """
    for key in (_key(label.key_id), *_held().every):
        if tokens.sha256_hex(_token(key, label.nonce)) == label.token_hash:
            return key
    raise Unsealable("A label was made under a label key that is not among the keys here.")


def access_code_of(label: Label, nonce: str) -> str:
    """The code inside the bag that opens this label, ungrouped. `nonce`: of the newest code that was asked
    for; "" for the label's first, which follows from its own nonce."""
    made = tokens.derive(_key_of(label), "access-code", nonce or label.nonce, access_code.CODE_BYTES)
    return access_code.written(made)


def address_of(label: Label, base_url: str) -> str:
    """What the square holds: upper case, so that it is one or two sizes smaller."""
    return f"{base_url}/B/{token_of(label)}".upper()


def _code_hash(key_id: str, code: str) -> str:
    return tokens.keyed_hash(_key(key_id), "label-code-lookup", code)


def secrets_for(nonce: str) -> dict[str, str]:
    """The columns of a label that follow from its nonce under the current key."""
    key_id, key = current_key_id(), _held().newest
    return {
        "key_id": key_id,
        "nonce": nonce,
        "token_hash": tokens.sha256_hex(_token(key, nonce)),
        "code_hash": _code_hash(key_id, _code(key, nonce)),
    }


def issue(actor: Actor, transfer: Transfer, now: datetime) -> Label:
    """A new label for a journey; any earlier one of it stops working. Needs a bag."""
    revoke(actor, transfer, "replaced", now)
    label = Label(
        home_id=transfer.home_id,
        bag_id=transfer.bag_id,
        transfer_id=transfer.id,
        number=_next_number(transfer),
        issued_at=now,
        **secrets_for(tokens.new_nonce()),
    )
    db.session.add(label)
    db.session.flush()
    audit.append(
        actor, audit.Note("label.issued", ("transfer", transfer.ref), details={"number": label.number}), now
    )
    return label


def _next_number(transfer: Transfer) -> int:
    earlier = select(func.count()).select_from(Label).filter_by(transfer_id=transfer.id)
    return (db.session.scalar(earlier) or 0) + 1


def put_on(actor: Actor, transfer: Transfer, label: Label, now: datetime) -> None:
    """An unused label from the drawer becomes the journey's; any earlier one of it stops working."""
    revoke(actor, transfer, "replaced", now)
    number = _next_number(transfer)
    label.transfer_id, label.bag_id, label.number = transfer.id, transfer.bag_id, number
    db.session.flush()
    details = {"number": number, "serial": label.serial}
    audit.append(actor, audit.Note("label.bound", ("transfer", transfer.ref), details=details), now)


def current(transfer: Transfer) -> Label | None:
    """The label of a journey that works now."""
    return db.session.scalar(
        select(Label).filter_by(transfer_id=transfer.id, revoked_at=None).order_by(Label.id.desc()).limit(1)
    )


def printable(transfer: Transfer) -> Label | None:
    """The same, where its key is here: a pack is printed without a label rather than not at all."""
    label = current(transfer)
    return label if label is not None and has_its_key(label) else None


def has_its_key(label: Label) -> bool:
    """Whether what was made for a label can be made again."""
    try:
        _key_of(label)
    except Unsealable:
        return False
    return True


def revoke(actor: Actor, transfer: Transfer, why: str, now: datetime) -> None:
    """Every label of a journey stops working: the journey closed, or the label was replaced."""
    for label in db.session.scalars(select(Label).filter_by(transfer_id=transfer.id, revoked_at=None)):
        label.revoked_at, label.revoked_why = now, why
        audit.append(
            actor, audit.Note("label.revoked", ("transfer", transfer.ref), details={"why": why}), now
        )


def by_token(text: str) -> Label | None:
    """The label with this token, however it was typed; also a revoked one. None for no such label."""
    return _one(Label.token_hash == token_hash(text))


def token_hash(text: str) -> str:
    """What is kept of a token, however it was typed. Raises ValueError for what can be no token."""
    return tokens.sha256_hex(bag_code.normalise(text))


def by_code(text: str) -> Label | None:
    """The label with this readable code. None when the check character or the code is wrong."""
    code = bag_code.normalise(text)
    if not bag_code.verify(code):
        return None
    return _one(Label.code_hash.in_([_code_hash(key_id, code) for key_id in key_ids()]))


def _one(condition: object) -> Label | None:
    return db.session.scalar(
        select(Label)
        .where(condition)  # type: ignore[arg-type]
        .options(joinedload(Label.bag), joinedload(Label.home))
    )
