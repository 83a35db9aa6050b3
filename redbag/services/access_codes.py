"""The code inside the bag: typed by somebody without an account, guessed at, read out, replaced.

A guess is counted before it is compared, in the write transaction that holds the label's lock, so that fifty
at once are fifty. Each waits in two lanes, its browser's and its address's; a browser that is told to wait
keeps its turn whatever others do meanwhile. See docs/adr/0012 for the arithmetic.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from redbag.database import db, one_at_a_time
from redbag.domain import access_code
from redbag.domain.errors import NotFound, Stale
from redbag.domain.network_address import network
from redbag.domain.permissions import Actor, Origin, Permission
from redbag.models import AccessLane, Guest, Label, LabelAccess, Task, Transfer
from redbag.security.tokens import keyed_hash, new_nonce
from redbag.services import access_notices, audit, guests, journeys, labels, reach

_FORGOTTEN_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class Guesser:
    """Who types a code. `browser`: a random mark that the browser keeps; `address`: where it is."""

    browser: str
    address: str


@dataclass(frozen=True)
class Answer:
    """What came of a typed code: a token for whoever has now to say who they are, or a sentence.

    A refusal is an answer and not an error, because what was counted with it must be committed. `wait`:
    whole seconds before the next code is looked at.
    """

    token: str = ""
    problem: str = ""
    wait: int = 0


NO_KEY = (
    "Codes of this label can no longer be checked here. Ring the home: it prints another label, or tells you "
    "what you need."
)
GONE = "This label no longer works: ring the home."


def enter(token: str, typed: str, who: Guesser, origin: Origin, key: bytes, now: datetime) -> Answer:
    """Compares a typed code with the label's, where it is this browser's turn.

    What cannot be a code costs nothing. Raises NotFound for no such label, and for one that no longer works.
    The caller commits whatever the answer.
    """
    label = reach.label_of(token)
    try:
        code = access_code.parse(typed)
    except ValueError as problem:
        return Answer(problem=str(problem))
    one_at_a_time(f"access code|{label.id}")
    db.session.refresh(label)
    if label.revoked_at is not None:
        raise NotFound(GONE)
    if not labels.has_its_key(label):
        return Answer(problem=NO_KEY)
    lanes = _Lanes(label.id, who, key)
    wait = lanes.wait(now)
    if wait > 0:
        return Answer(problem=_wait_words(wait), wait=wait)
    access = _count(label, now)
    lanes.close(now + access_code.wait_after(access.wrong), now)
    if not hmac.compare_digest(labels.access_code_of(label, access.nonce), code):
        return _wrong(label, access, origin, now)
    access.wrong -= 1
    lanes.open()
    return Answer(token=guests.begin(label, access.number, origin, now))


def _count(label: Label, now: datetime) -> LabelAccess:
    """One guess more, written before anything is compared."""
    access = state_of(label)
    access.wrong += 1
    access.last_wrong_at = now
    db.session.add(access)
    db.session.flush()
    return access


def _wrong(label: Label, access: LabelAccess, origin: Origin, now: datetime) -> Answer:
    note = audit.Note("guest.code_wrong", ("label", label.ref), "refused", details={"count": access.wrong})
    audit.append(None, note, now, origin)
    access_notices.wrong_code(label, access, now)
    wait = _seconds(access_code.wait_after(access.wrong))
    return Answer(
        problem="This code does not open this bag. Look at the paper again, or ring the home: it can read "
        f"you a new one. Wait {_seconds_words(wait)} before the next try.",
        wait=wait,
    )


class _Lanes:
    """The two lanes that a guess at one label waits in."""

    def __init__(self, label_id: int, who: Guesser, key: bytes) -> None:
        self._label_id = label_id
        self._browser = keyed_hash(key, "access browser", f"{label_id}|{who.browser}")
        self._address = keyed_hash(key, "access address", f"{label_id}|{network(who.address)}")

    def wait(self, now: datetime) -> int:
        """Whole seconds until this browser's turn; 0 when it is.

        A browser that has a lane waits for that alone: its turn was promised, and nobody else's guesses
        move it. One that comes new to an address where somebody is guessing is promised one.
        """
        own, shared = self._lane(self._browser), self._lane(self._address)
        if own is not None:
            return _seconds(own.open_at - now)
        if shared is None or shared.open_at <= now:
            return 0
        self._set(None, self._browser, shared.open_at)
        return _seconds(shared.open_at - now)

    def close(self, until: datetime, now: datetime) -> None:
        """The next guess of this browser, and of others at its address, is looked at from `until` on.

        Lanes that nobody has used for a day are forgotten: the label's own count is not.
        """
        db.session.execute(delete(AccessLane).where(AccessLane.open_at < now - _FORGOTTEN_AFTER))
        for lane in (self._browser, self._address):
            self._set(self._lane(lane), lane, until)

    def open(self) -> None:
        """Whoever had the right code does not wait for the next label's sake."""
        mine = AccessLane.lane.in_([self._browser, self._address])
        db.session.execute(delete(AccessLane).where(AccessLane.label_id == self._label_id, mine))

    def _lane(self, lane: str) -> AccessLane | None:
        return db.session.scalar(select(AccessLane).filter_by(label_id=self._label_id, lane=lane))

    def _set(self, row: AccessLane | None, lane: str, until: datetime) -> None:
        if row is None:
            db.session.add(AccessLane(label_id=self._label_id, lane=lane, open_at=until))
        else:
            row.open_at = until
        db.session.flush()


def _seconds(span: timedelta) -> int:
    """Whole seconds, rounded up; 0 for what has passed."""
    return max(0, -int(-span.total_seconds() // 1))


def _seconds_words(seconds: int) -> str:
    return f"{seconds} second{'s' if seconds != 1 else ''}"


def _wait_words(seconds: int) -> str:
    return (
        f"Wrong codes were typed here. Wait {_seconds_words(seconds)}, then press the button again: your "
        "turn is kept, and the right code will open the pack."
    )


def state_of(label: Label) -> LabelAccess:
    """What is known of a label's code; a fresh value, not stored, where nothing has happened yet."""
    kept = db.session.scalar(select(LabelAccess).filter_by(label_id=label.id))
    return kept or LabelAccess(label_id=label.id, number=1, nonce="", wrong=0)


def current(label: Label) -> str:
    """The code that opens this label now, ungrouped: for the printed pack and for reading out."""
    return labels.access_code_of(label, state_of(label).nonce)


def guests_of(transfer: Transfer) -> list[Guest]:
    """Everybody whom a code of this journey has let in, newest first."""
    of_journey = select(Label.id).where(Label.transfer_id == transfer.id)
    return list(
        db.session.scalars(select(Guest).where(Guest.label_id.in_(of_journey)).order_by(Guest.id.desc()))
    )


def renew(actor: Actor, ref: str, *, seen: int, end_guests: bool, now: datetime) -> LabelAccess:
    """Another code in place of the one that the printed pack holds, for reading to a ward that was rung back.

    `seen`: the number of the code that the page was opened on. `end_guests`: whoever came in with an older
    code must type the new one. Raises NotFound without a label that works, Stale when another code was made
    meanwhile.
    """
    transfer = journeys.load(actor, ref, Permission.TRANSFER_PACK)
    label = labels.current(transfer)
    if label is None:
        raise NotFound("This journey has no label that works, and so no code.")
    one_at_a_time(f"access code|{label.id}")
    access = state_of(label)
    if access.number != seen:
        raise Stale(
            "A colleague made another code after you opened this page. Read out the one that shows now."
        )
    access.nonce, access.number = new_nonce(), access.number + 1
    db.session.add(access)
    db.session.flush()
    if end_guests:
        guests.end_all(label, "another code was made", now)
    details = {"number": access.number, "ended": end_guests}
    audit.append(actor, audit.Note("guest.code_renewed", ("transfer", transfer.ref), details=details), now)
    return access


def looked(actor: Actor, ref: str, now: datetime) -> None:
    """The home has looked at who used the code and how often it was guessed at: both are off its list."""
    transfer = journeys.load(actor, ref, Permission.TRANSFER_TELL)
    waiting = select(Task).where(
        Task.transfer_id == transfer.id, Task.kind.in_(access_notices.KINDS), Task.done_at.is_(None)
    )
    for task in db.session.scalars(waiting):
        task.done_at, task.done_by = now, actor.name
        note = audit.Note("task.done", ("transfer", transfer.ref), details={"kind": task.kind})
        audit.append(actor, note, now)


def end_guest(actor: Actor, ref: str, guest_ref: str, now: datetime) -> None:
    """The home ends one guest's view. Raises NotFound for a guest of another journey."""
    transfer = journeys.load(actor, ref, Permission.TRANSFER_TELL)
    guest = next((one for one in guests_of(transfer) if one.ref == guest_ref), None)
    if guest is None:
        raise NotFound("There is no such person on this journey.")
    guests.end(guest.id, actor, "ended by the home", now)
