"""The two lists of a journey and what stands about each line now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from redbag.database import db
from redbag.domain.medicine_line import Difference, differences
from redbag.domain.medicines import Answer, Caution, Outcome, cautions
from redbag.models import MedicineLine, MedicineOutcome, Transfer
from redbag.queries import allergies
from redbag.queries.medicine_lines import travelling


def sent(transfer_id: int) -> list[MedicineLine]:
    """The lines that went with the bag, in the order of the pack."""
    return list(
        db.session.scalars(
            select(MedicineLine)
            .filter_by(transfer_id=transfer_id, side="sent")
            .order_by(MedicineLine.position, MedicineLine.id)
        )
    )


def unlisted(transfer_ids: Sequence[int]) -> frozenset[int]:
    """Which of these journeys sent medicines that the hospital has not answered."""
    sent_ids = select(MedicineLine.transfer_id).where(
        MedicineLine.transfer_id.in_(transfer_ids), MedicineLine.side == "sent"
    )
    answered = select(MedicineOutcome.transfer_id).where(
        MedicineOutcome.transfer_id.in_(transfer_ids), MedicineOutcome.superseded_at.is_(None)
    )
    return frozenset(db.session.scalars(sent_ids.distinct())) - frozenset(
        db.session.scalars(answered.distinct())
    )


@dataclass(frozen=True)
class Settled:
    """One standing outcome with its lines."""

    row: MedicineOutcome
    sent: MedicineLine | None
    returned: MedicineLine | None

    @property
    def outcome(self) -> Outcome:
        return Outcome(self.row.outcome)

    @property
    def title(self) -> str:
        """The medicine as the reader knows it: the sent line's words, else the new one's."""
        line = self.sent or self.returned
        return travelling(line).title if line else ""

    @property
    def heading(self) -> str:
        """What became of it, in an order that cannot be read backwards."""
        if self.outcome is Outcome.REPLACED_BY and self.returned is not None:
            return f"{self.title} stopped, replaced by {travelling(self.returned).title}"
        return f"{self.outcome.label}: {self.title}"

    @property
    def differences(self) -> tuple[Difference, ...]:
        """What differs between the sent and the returned line."""
        if self.sent is None or self.returned is None:
            return ()
        return differences(travelling(self.sent), travelling(self.returned))

    @property
    def change(self) -> str:
        """What differs, in words: "Dose: 1 tablet → 2 tablets"; "" where nothing does."""
        return "; ".join(difference.sentence for difference in self.differences)

    @property
    def directions(self) -> str:
        """Dose, route, how often and times as they are now; "" where nothing is given."""
        line = self.returned or (self.sent if self.outcome is Outcome.UNCHANGED else None)
        parts = (line.dose, line.route, line.frequency, line.times) if line else ()
        return ", ".join(part for part in parts if part)


_FIRST_READ = {
    Outcome.REPLACED_BY: 0,
    Outcome.STOPPED: 1,
    Outcome.STARTED: 2,
    Outcome.CHANGED: 3,
    Outcome.PAUSED: 4,
    Outcome.NOT_MENTIONED: 5,
    Outcome.UNCHANGED: 6,
}


def outcomes(transfer_id: int) -> list[Settled]:
    """The standing outcomes: what can harm first (replaced, stopped, started), unchanged last."""
    lines = {
        line.id: line for line in db.session.scalars(select(MedicineLine).filter_by(transfer_id=transfer_id))
    }
    rows = db.session.scalars(
        select(MedicineOutcome)
        .filter_by(transfer_id=transfer_id, superseded_at=None)
        .order_by(MedicineOutcome.id)
    )
    found = [
        Settled(row, lines.get(row.sent_line_id or 0), lines.get(row.returned_line_id or 0)) for row in rows
    ]
    return sorted(found, key=lambda one: _FIRST_READ[one.outcome])


def to_be_sure_of(transfer: Transfer, settled: Sequence[Settled]) -> list[Caution]:
    """What meets a recorded allergy, or will be given side by side and perhaps should not be; see domain
    cautions()."""
    sent = [one.sent for one in settled if one.sent is not None]
    returned = [one.returned for one in settled if one.returned is not None]
    answers = [
        Answer(
            one.outcome,
            sent.index(one.sent) if one.sent else None,
            returned.index(one.returned) if one.returned else None,
            settled_as=_settled_as(one.row.settled_as),
        )
        for one in settled
    ]
    before, after = [travelling(line) for line in sent], [travelling(line) for line in returned]
    return cautions(before, after, answers, allergies.known(transfer))


def _settled_as(kept: str) -> Outcome | None:
    """What a line that was not mentioned was settled as: kept as "stopped: Dr Invented said so"."""
    value = kept.partition(":")[0]
    return next((outcome for outcome in Outcome if outcome.value == value), None)
