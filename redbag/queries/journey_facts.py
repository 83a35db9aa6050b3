"""What is kept of journeys beside their events, as the rules of the pathway take it: many at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from redbag.database import db
from redbag.domain import lost_counts
from redbag.domain.journey import Event
from redbag.domain.lost_counts import LostThing
from redbag.domain.medicines import Outcome
from redbag.domain.pathway import Answer, Kept
from redbag.domain.transfer_states import Action
from redbag.models import BagEvent, Label, MedicineLine, MedicineOutcome, PackVersion, Transfer, TransferItem
from redbag.queries import custody


@dataclass
class _Papers:
    """What is kept of one journey, while it is gathered."""

    first_pack_at: datetime | None = None
    label: tuple[datetime, bool] | None = None
    sent: frozenset[int] = frozenset()
    answers: tuple[Answer, ...] = ()
    bag: tuple[tuple[datetime, str], ...] = ()

    def kept(self) -> Kept:
        made, drawn = self.label or (None, False)
        return Kept(self.first_pack_at, made, drawn, self.sent, self.answers, self.bag)


def kept_of(transfers: Sequence[Transfer]) -> dict[int, Kept]:
    """What is kept of these journeys, by id."""
    found: dict[int, _Papers] = defaultdict(_Papers)
    ids = [transfer.id for transfer in transfers]
    firsts = select(PackVersion.transfer_id, PackVersion.made_at).where(
        PackVersion.transfer_id.in_(ids), PackVersion.number == 1
    )
    for transfer_id, made_at in db.session.execute(firsts):
        found[transfer_id].first_pack_at = made_at
    labels = select(Label.transfer_id, Label.issued_at, Label.serial).where(Label.transfer_id.in_(ids))
    for label_of, issued_at, serial in db.session.execute(labels.order_by(Label.number.desc())):
        found[label_of or 0].label = issued_at, serial is not None
    back = [transfer.id for transfer in transfers if transfer.received_at is not None]
    for transfer_id, lines in _sent(back).items():
        found[transfer_id].sent = frozenset(lines)
    for transfer_id, answers in _answers(back).items():
        found[transfer_id].answers = tuple(answers)
    for transfer_id, states in _bags(transfers).items():
        found[transfer_id].bag = tuple(states)
    return {transfer_id: found[transfer_id].kept() for transfer_id in ids}


def _sent(ids: Sequence[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    if ids:
        rows = select(MedicineLine.transfer_id, MedicineLine.id).where(
            MedicineLine.transfer_id.in_(ids), MedicineLine.side == "sent"
        )
        for transfer_id, line_id in db.session.execute(rows):
            found[transfer_id].append(line_id)
    return found


def _answers(ids: Sequence[int]) -> dict[int, list[Answer]]:
    found: dict[int, list[Answer]] = defaultdict(list)
    if ids:
        rows = select(
            MedicineOutcome.transfer_id,
            MedicineOutcome.sent_line_id,
            MedicineOutcome.outcome,
            MedicineOutcome.entered_at,
            MedicineOutcome.superseded_at,
        ).where(MedicineOutcome.transfer_id.in_(ids), MedicineOutcome.sent_line_id.is_not(None))
        for transfer_id, line_id, outcome, entered_at, superseded_at in db.session.execute(rows):
            mentioned = outcome != Outcome.NOT_MENTIONED.value
            found[transfer_id].append(Answer(line_id or 0, mentioned, entered_at, superseded_at))
    return found


def _bags(transfers: Sequence[Transfer]) -> dict[int, list[tuple[datetime, str]]]:
    """The states of each journey's bag from its departure on, until it was taken for another journey."""
    gone = [(one.id, one.bag_id, one.gone_by) for one in transfers if one.bag_id and one.gone_by]
    if not gone:
        return {}
    rows = db.session.execute(
        select(BagEvent.bag_id, BagEvent.transfer_id, BagEvent.occurred_at, BagEvent.state)
        .where(
            BagEvent.bag_id.in_({bag_id for _, bag_id, _ in gone}),
            BagEvent.occurred_at >= min(at for _, _, at in gone if at),
        )
        .order_by(BagEvent.id)
    )
    told: dict[int, list[tuple[int | None, datetime, str]]] = defaultdict(list)
    for bag_id, transfer_id, occurred_at, state in rows:
        told[bag_id].append((transfer_id, occurred_at, state))
    return {
        transfer_id: _until_taken(told[bag_id], transfer_id, since)
        for transfer_id, bag_id, since in gone
        if bag_id and since
    }


def _until_taken(
    told: Iterable[tuple[int | None, datetime, str]], transfer_id: int, since: datetime
) -> list[tuple[datetime, str]]:
    found = []
    for other, at, state in told:
        if at < since:
            continue
        if state == "out" and other is not None and other != transfer_id:
            break
        found.append((at, state))
    return found


def lost_on(transfer: Transfer, events: Iterable[Event]) -> tuple[LostThing, ...]:
    """What is lost of this journey; nothing is read where nothing was ever missing."""
    if not any(event.action is Action.CHECK_BELONGINGS and event.data.get("missing") for event in events):
        return ()
    lost = custody.picture(transfer).lost
    names = select(TransferItem.ref, TransferItem.description).where(
        TransferItem.ref.in_([one.item for one in lost])
    )
    return lost_counts.counted(lost, {row.ref: row.description for row in db.session.execute(names)})
