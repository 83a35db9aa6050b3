"""The list of residents as a carer at night reads it: who, where, what can harm, who is away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from redbag.domain import standing_alerts
from redbag.domain.pack import Alert
from redbag.domain.permissions import Actor
from redbag.domain.similar_names import similar
from redbag.domain.transfer_states import State
from redbag.models import Resident, Transfer
from redbag.queries import residents
from redbag.queries.medicine_lines import standing


@dataclass(frozen=True)
class Alike:
    """Somebody else of the home who may be mistaken for a resident, and why."""

    resident: Resident
    reason: str


@dataclass(frozen=True)
class Row:
    """One resident of the list. `warnings`: what could harm; `gap`: what was never recorded; `unchecked`: how
    many medicines have a name that suggests a danger which nobody has answered. `closed`: the record is
    restricted and not the actor's to read, so that nothing of it stands here."""

    resident: Resident
    warnings: tuple[Alert, ...]
    gap: str
    transfer: Transfer | None
    alike: Alike | None
    unchecked: int = 0
    closed: bool = False

    @property
    def since(self) -> datetime | None:
        """Since when the journey stands where it stands, as far as it is recorded."""
        return reached_at(self.transfer) if self.transfer else None


def rows(actor: Actor, words: str = "") -> list[Row]:
    """The residents found by `words`, or all. The number of reads does not grow with the list."""
    everybody = residents.find(actor)
    found = residents.matching(everybody, words)
    sections = residents.alert_sections(found)
    medicines = residents.medicines_of(found)
    transfers = residents.open_transfers(actor)
    namesakes = alike(everybody)
    listed = []
    for resident in found:
        if residents.closed_to(actor, resident):
            listed.append(Row(resident, (), "", None, next(iter(namesakes[resident.id]), None), closed=True))
            continue
        section = sections.get(resident.id)
        answers = section.answers if section else {}
        lines = [standing(medicine) for medicine in medicines.get(resident.id, [])]
        alerts = standing_alerts.of(answers, lines)
        listed.append(
            Row(
                resident=resident,
                warnings=tuple(a for a in alerts if a.level == "danger"),
                gap=alerts[0].title if alerts[0].level == "missing" else "",
                transfer=transfers.get(resident.id),
                alike=next(iter(namesakes[resident.id]), None),
                unchecked=sum(bool(line.unchecked) for line in lines),
            )
        )
    return listed


def reached_at(transfer: Transfer) -> datetime | None:
    """When a journey reached the state that it is in; None where nobody recorded the time."""
    times = {
        State.PACKING: transfer.opened_at,
        State.HANDED_TO_CREW: transfer.departed_at,
        State.ARRIVED: transfer.arrived_at,
        State.ADMITTED: transfer.admitted_at,
        State.GOING_HOME: transfer.ended_at,
        State.BACK_HOME: transfer.received_at,
        State.DIED: transfer.died_at,
    }
    return times.get(State(transfer.state))


def alike(everybody: Sequence[Resident]) -> dict[int, list[Alike]]:
    """For each of these residents the others who may be mistaken for them, the most alike first."""
    found = _alike(tuple(r.full_name for r in everybody))
    return {
        resident.id: [Alike(everybody[position], reason) for position, reason in others]
        for resident, others in zip(everybody, found, strict=True)
    }


@lru_cache(maxsize=64)
def _alike(names: tuple[str, ...]) -> tuple[tuple[tuple[int, str], ...], ...]:
    """By position: the others' positions and the reason. Kept, since a home's names seldom change."""
    found = []
    for mine, name in enumerate(names):
        others = names[:mine] + names[mine + 1 :]
        found.append(
            tuple(
                (other.position + (other.position >= mine), other.reason.label)
                for other in similar(name, others)
            )
        )
    return tuple(found)
