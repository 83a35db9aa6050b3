"""Invented journeys as rows: their events, what these add up to, and where person and bag are after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from redbag.domain import journey, pathway
from redbag.domain.journey import Event, Journey
from redbag.domain.london_time import london_day
from redbag.domain.permissions import Actor
from redbag.domain.stay_counts import Cells, StayFacts, bag_of, cells
from redbag.domain.transfer_states import Action, State
from redbag.models import Bag, JourneyFigures, Stay, Transfer, TransferEvent
from redbag.services import events, journey_figures
from redbag.services.audit import Note
from redbag.services.demo.dice import Dice
from redbag.services.demo.full_journey import Desk, FullJourney
from redbag.services.demo.places import StockBag, Worker
from redbag.services.demo.residents import FAR, Residents
from redbag.services.demo.story import Case, Step, Told
from redbag.services.demo.writer import Row, Writer

_NO_PAPERS = pathway.Kept()


class Journal:
    """Writes journeys down, one after the other.

    `cells`: what they add to the counts of reports, but for the pathway of those with papers; `with_papers`:
    these by id, each with what its events alone say of the pathway.
    """

    def __init__(self, dice: Dice, writer: Writer, residents: Residents) -> None:
        self._dice, self._writer, self._residents = dice, writer, residents
        self._desk = Desk(dice, writer, residents)
        self.stays = 0
        self.cells: Cells = Counter()
        self.with_papers: dict[int, Row | None] = {}

    def keep(self, told: Told, steps: Sequence[Step]) -> None:
        """Writes one journey as far as it has come, and says when person and bag are free again."""
        case = told.case
        standing = journey.replay(_as_events(steps))
        full = FullJourney(self._desk, told, steps, standing) if case.full else None
        transfer_id, ref = self._transfer(told, standing, full)
        label_id = full.label(transfer_id) if full else None
        event_ids = self._events(case, steps, transfer_id, ref, label_id)
        self._stay(case, standing, transfer_id)
        if full:
            full.write(transfer_id, ref, event_ids)
        figures = self._figures(case, steps, standing, transfer_id)
        if full:
            self.with_papers[transfer_id] = figures
        elif figures is not None:
            self._writer.add(JourneyFigures, figures)
            journey_figures.cells(figures, self.cells)
        self._afterwards(case, steps, standing)

    @property
    def desk(self) -> Desk:
        """What whoever writes beside the journeys has at hand."""
        return self._desk

    def audit_entries(self) -> Iterable[tuple[Actor | None, Note, datetime]]:
        """Everything put aside, in the order of time."""
        self._desk.notes.sort(key=lambda entry: entry[:2])
        return ((actor, note, at) for at, _, actor, note in self._desk.notes)

    def _transfer(self, told: Told, standing: Journey, full: FullJourney | None) -> tuple[int, str]:
        case = told.case
        ref = self._dice.ref() if case.full else self._dice.row_ref()
        columns = events.repeated(standing)
        row: Row = {
            "ref": ref,
            "home_id": case.home.id,
            "resident_id": case.person.id,
            "bag_id": case.bag.id if case.bag and standing.state is not State.CANCELLED else None,
            "journey_type": case.journey_type,
            "reason": case.reason,
            "facts": full.facts if full else {},
            "finished_at": None
            if "unfinished" in case.quirks
            else standing.departed_at or standing.arrived_at,
            "hospital_id": standing.hospital_id or case.home.hospital.id,
            "opened_at": case.opened_at,
            "version": 1,
            **columns,
        }
        return self._writer.add(Transfer, row), ref

    def _events(
        self, case: Case, steps: Sequence[Step], transfer_id: int, ref: str, label_id: int | None
    ) -> list[int]:
        made: list[int] = []
        bag_id = case.bag.id if case.bag else None
        for step in steps:
            actor = step.by.actor
            scanned = step.source == "scan" or step.action is Action.HAND_TO_CREW
            row: Row = {
                "ref": self._dice.ref() if case.full else self._dice.row_ref(),
                "transfer_id": transfer_id,
                "action": step.action.value,
                "occurred_at": step.at,
                "recorded_at": step.recorded,
                "corrects_id": None if step.corrects is None else made[step.corrects],
                "source": step.source,
                "account_id": actor.account_id,
                "actor_name": actor.name,
                "actor_role": step.by.role_words,
                "actor_organisation_id": actor.organisation_id,
                "organisation_id": step.organisation_id,
                "ward_id": step.ward_id,
                "place": step.place,
                "bag_id": bag_id,
                "label_id": label_id if scanned else None,
                "data": step.data,
                "takes_back": step.data.get("withdrawn") is True,
            }
            made.append(self._writer.add(TransferEvent, row))
            if case.full:
                if step.source == "scan":
                    self._desk.note(step.recorded, step.by, "label.scanned", ("transfer", ref), seen="pack")
                    self._desk.note(step.recorded, step.by, "pack.read", ("transfer", ref), version=1)
                self._desk.note(
                    step.recorded, step.by, "transfer.event", ("transfer", ref), action=step.action.value
                )
        return made

    def _stay(self, case: Case, standing: Journey, transfer_id: int) -> None:
        told = events.stay_of(standing)
        if told is None:
            return
        self.stays += 1
        row = {
            "transfer_id": transfer_id,
            "resident_id": case.person.id,
            "home_id": case.home.id,
            "hospital_id": standing.hospital_id or case.home.hospital.id,
            "reason": case.reason,
            "journey_type": case.journey_type,
            "age": events.age_at(case.person.who.date_of_birth, told["admitted_on"]),
            **told,
        }
        self._writer.add(Stay, row)
        cells([_facts(row, case.home.joined_on)], self.cells)

    def _figures(self, case: Case, steps: Sequence[Step], standing: Journey, transfer_id: int) -> Row | None:
        """What a journey says of the pathway without its papers. Those with papers are measured from them,
        once they are written (services/demo/load.py)."""
        if standing.departed_at is None and standing.arrived_at is None and standing.admitted_at is None:
            return None
        made = journey_figures.columns(pathway.values(_as_events(steps), _NO_PAPERS, standing), ())
        return {
            "transfer_id": transfer_id,
            "home_id": case.home.id,
            "hospital_id": standing.hospital_id or case.home.hospital.id,
            **made,
        }

    def _afterwards(self, case: Case, steps: Sequence[Step], standing: Journey) -> None:
        over = standing.state in (State.CLOSED, State.CANCELLED)
        free = steps[-1].recorded if over else FAR
        case.person.free_from = free
        if case.bag is not None:
            self._bag(case.bag, case.opened_at, steps, standing, free)
        if standing.died_at is not None:
            self._residents.leave(case.person, london_day(standing.died_at), "died")
        elif standing.destination not in ("", "home") and standing.ended_at:
            self._residents.leave(case.person, london_day(standing.ended_at), "moved")

    def _bag(
        self, bag: StockBag, taken_at: datetime, steps: Sequence[Step], standing: Journey, free: datetime
    ) -> None:
        """Its state and since when, as its own history tells them (FullJourney)."""
        bag.since = steps[-1].recorded
        if steps[-1].action is Action.CLOSE and steps[-1].data.get("bag") == "lost":
            bag.state, bag.free_from = "lost", FAR
            return
        bag.free_from = free
        if free is not FAR:
            bag.state = "in_stock"
            return
        came = [s.recorded for s in steps if s.action is Action.RECEIVE and s.data.get("bag_came")]
        home = standing.state is State.BACK_HOME and standing.custody == "home" and bool(came)
        bag.state, bag.since = ("to_clean", came[-1]) if home else ("out", taken_at)

    def put_aside(self, bag: StockBag, by: Worker, state: str, note: str, at: datetime) -> None:
        """What somebody at the home said of a bag, beside any journey."""
        bag.state, bag.since, bag.note = state, at, note
        self._desk.bag_event(bag, None, state, at, by, note)

    def finish(self, bags: Iterable[StockBag]) -> None:
        """Says where each bag is now."""
        rows = [
            {"id": bag.id, "state": bag.state, "state_since": bag.since, "note": bag.note}
            for bag in bags
            if bag.since
        ]
        self._writer.flush()
        self._writer.change(Bag, rows)


def _facts(stay: Row, joined_on: date) -> StayFacts:
    return StayFacts(
        stay["home_id"],
        stay["hospital_id"],
        stay["ward_id"],
        stay["reason"],
        stay["age"],
        bag_of(stay["with_bag"]),
        stay["admitted_on"],
        stay["discharged_on"],
        stay["discharge_ready_on"],
        stay["ended_as"],
        stay["journey_type"],
        stay["admission_source"],
        joined_on,
        stay["resident_id"],
    )


def _as_events(steps: Sequence[Step]) -> list[Event]:
    """The steps as the rules take them; each is named by its place."""
    return [
        Event(
            place,
            step.action,
            step.at,
            step.recorded,
            step.data,
            step.corrects,
            organisation_id=step.organisation_id,
            ward_id=step.ward_id,
            source=step.source,
        )
        for place, step in enumerate(steps)
    ]
