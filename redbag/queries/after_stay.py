"""What the hospital's list says of the medicines of a pack whose person has left hospital again: the pack was
frozen before the stay, and whoever gives from it then may give what was stopped (domain: coming home is
where medicines kill)."""

from __future__ import annotations

from dataclasses import dataclass

from redbag.domain.medicines import Outcome
from redbag.domain.transfer_states import LEFT_HOSPITAL, State
from redbag.models import Transfer
from redbag.queries import returning_medicines


@dataclass(frozen=True)
class AfterStay:
    """`changes`: each medicine that is not as the pack has it, in the words of the home's own page, most
    dangerous first. `unsaid`: those of them that nobody has spoken for. `unchanged`: how many go on as they
    were. `listed`: whether the hospital's list is there at all. `ring`: the ward and its number."""

    listed: bool
    changes: tuple[str, ...]
    unsaid: tuple[str, ...]
    unchanged: int
    ring: str


def of(transfer: Transfer) -> AfterStay | None:
    """None before the person has left hospital, and where they died there or never came to one."""
    if State(transfer.state) not in LEFT_HOSPITAL or transfer.died_at or not transfer.arrived_at:
        return None
    settled = returning_medicines.outcomes(transfer.id)
    ring = ward_and_number(transfer)
    unsaid = [one for one in settled if one.outcome is Outcome.NOT_MENTIONED and not one.row.settled_as]
    return AfterStay(
        listed=bool(settled),
        changes=tuple(_words(one, ring) for one in settled if one.outcome is not Outcome.UNCHANGED),
        unsaid=tuple(one.title for one in unsaid),
        unchanged=sum(one.outcome is Outcome.UNCHANGED for one in settled),
        ring=ring,
    )


def ward_and_number(transfer: Transfer) -> str:
    """Who is rung about the stay: "Willow Ward on 020 7946 0555", as far as it is known."""
    ward, hospital = transfer.ward, transfer.hospital
    name = ward.name if ward else "the ward"
    phone = (ward and ward.phone) or (hospital and (hospital.night_phone or hospital.phone))
    return f"{name} on {phone}" if phone else name


def _words(one: returning_medicines.Settled, ring: str) -> str:
    if one.outcome is Outcome.NOT_MENTIONED:
        since = one.row.settled_as.replace("_", " ") if one.row.settled_as else ""
        return f"{one.heading}: {since or f'ring {ring}'}"
    more = one.change if one.outcome is Outcome.CHANGED else ""
    more = one.directions if one.outcome is Outcome.STARTED else more
    return f"{one.heading}: {more}" if more else one.heading
