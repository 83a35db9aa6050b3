"""The two lists of a journey and what stands about each line now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from redbag.database import db
from redbag.domain.medicine_line import Difference, differences
from redbag.domain.medicine_unsaid import left_unsaid
from redbag.domain.medicines import Answer, Caution, Outcome, cautions
from redbag.models import Medicine, MedicineLine, MedicineOutcome, Transfer
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
    """One standing outcome with its lines. `marked`: by the home's record the sent one is time-critical."""

    row: MedicineOutcome
    sent: MedicineLine | None
    returned: MedicineLine | None
    marked: bool = False

    @property
    def time_critical(self) -> str:
        """Whether a late dose does harm, in words: the home's own mark, or what the name of a medicine that
        is new suggests; "" for others, and for what is given no more."""
        given = self.given
        if given is None:
            return ""
        if self.marked:
            return "Time-critical"
        kinds = travelling(given).time_critical_kinds() if self.sent is not given else ()
        return f"Time-critical by its name: {', '.join(kind.label for kind in kinds)}" if kinds else ""

    @property
    def unsaid(self) -> bool:
        """Whether a late dose does harm and the hospital did not mention the medicine."""
        return self.outcome is Outcome.NOT_MENTIONED and bool(self.time_critical)

    @property
    def given(self) -> MedicineLine | None:
        """The line that is given from now on, as far as it was said; None for stopped and paused ones."""
        if self.outcome in (Outcome.STOPPED, Outcome.PAUSED):
            return None
        return self.sent if self.outcome in (Outcome.UNCHANGED, Outcome.NOT_MENTIONED) else self.returned

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
    """The standing outcomes: time-critical medicines first, and of these the ones that nobody mentioned; then
    what can harm (replaced, stopped, started), unchanged last."""
    lines = {
        line.id: line for line in db.session.scalars(select(MedicineLine).filter_by(transfer_id=transfer_id))
    }
    rows = db.session.scalars(
        select(MedicineOutcome)
        .filter_by(transfer_id=transfer_id, superseded_at=None)
        .order_by(MedicineOutcome.id)
    )
    marked = time_critical(transfer_id)
    found = [
        Settled(
            row,
            lines.get(row.sent_line_id or 0),
            lines.get(row.returned_line_id or 0),
            row.sent_line_id in marked,
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (not one.unsaid, not one.time_critical, _FIRST_READ[one.outcome]))


def time_critical(transfer_id: int) -> frozenset[int]:
    """The ids of the sent lines whose medicine is marked as time-critical in the home's record."""
    return frozenset(
        db.session.scalars(
            select(MedicineLine.id)
            .join(Medicine, Medicine.id == MedicineLine.medicine_id)
            .where(
                MedicineLine.transfer_id == transfer_id,
                MedicineLine.side == "sent",
                Medicine.time_critical.is_(True),
            )
        )
    )


def that_meet(transfer: Transfer, reaction: str) -> list[Caution]:
    """The medicines of the way home that meet a new reaction; before the hospital's list, those that were
    sent, since they will most likely go on."""
    settled = outcomes(transfer.id)
    if settled:
        return [caution for caution in to_be_sure_of(transfer, settled, (reaction,)) if caution.allergy]
    before = [travelling(line) for line in sent(transfer.id)]
    answers = [Answer(Outcome.NOT_MENTIONED, place) for place in range(len(before))]
    return [caution for caution in cautions(before, (), answers, (reaction,)) if caution.allergy]


def to_be_sure_of(
    transfer: Transfer, settled: Sequence[Settled], reactions: Sequence[str] | None = None
) -> list[Caution]:
    """Time-critical medicines that nobody mentioned, what meets a recorded allergy, and what will be given
    side by side and perhaps should not be; see domain cautions(). `reactions`: to be met instead of
    everything that is recorded."""
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
    known = allergies.known(transfer) if reactions is None else reactions
    critical = {sent.index(one.sent) for one in settled if one.sent is not None and one.unsaid}
    return [*left_unsaid(before, answers, critical), *cautions(before, after, answers, known)]


def _settled_as(kept: str) -> Outcome | None:
    """What a line that was not mentioned was settled as: kept as "stopped: Dr Invented said so"."""
    value = kept.partition(":")[0]
    return next((outcome for outcome in Outcome if outcome.value == value), None)
