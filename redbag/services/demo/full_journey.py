"""Everything that travelled on one of the newest invented journeys."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from redbag.domain import pack_build
from redbag.domain.journey import Journey
from redbag.domain.london_time import london_day
from redbag.domain.medicines import Outcome
from redbag.domain.pack import HomeCard, TransferPack, to_json
from redbag.domain.pack_changes import differences
from redbag.domain.pack_source import PackSource
from redbag.domain.permissions import Actor
from redbag.domain.transfer_states import Action, State
from redbag.models import (
    BagEvent,
    ItemCheck,
    Label,
    MedicineLine,
    MedicineOutcome,
    PackVersion,
    Task,
    TransferItem,
)
from redbag.services import labels
from redbag.services.audit import Note
from redbag.services.demo.back_then import as_of
from redbag.services.demo.dice import Dice
from redbag.services.demo.lines import source_medicine
from redbag.services.demo.papers import TEXTS, Papers
from redbag.services.demo.places import StockBag, Worker
from redbag.services.demo.residents import Residents
from redbag.services.demo.story import Step, Told
from redbag.services.demo.writer import Row, Writer

_SUCCESSOR = {Outcome.STARTED.value, Outcome.REPLACED_BY.value}


@dataclass
class Desk:
    """What whoever writes journeys down has at hand. `notes`: what belongs in the audit log, and when."""

    dice: Dice
    writer: Writer
    residents: Residents
    notes: list[tuple[datetime, int, Actor, Note]] = field(default_factory=list)

    def note(self, at: datetime, by: Worker, kind: str, subject: tuple[str, str], **details: object) -> None:
        """Puts an entry aside for the audit log."""
        self.notes.append((at, len(self.notes), by.actor, Note(kind, subject, details=details)))

    def bag_event(
        self, bag: StockBag, transfer_id: int | None, state: str, at: datetime, by: Worker, note: str = ""
    ) -> None:
        """One line of a bag's own history."""
        row = {
            "bag_id": bag.id,
            "transfer_id": transfer_id,
            "state": state,
            "occurred_at": at,
            "recorded_at": at,
            "account_id": by.actor.account_id,
            "actor_name": by.name,
            "note": note,
        }
        self.writer.add(BagEvent, row)
        self.note(at, by, "bag.changed", ("bag", bag.ref), state=state)


class FullJourney:
    """One journey with everything that travelled."""

    def __init__(self, desk: Desk, told: Told, steps: Sequence[Step], standing: Journey) -> None:
        self._desk, self._writer, self._dice = desk, desk.writer, desk.dice
        self._told, self._steps, self._standing = told, steps, standing
        self._case = told.case
        self._papers: Papers = told.case.papers
        # Where nobody recorded the handover, the arrival tells that the bag has left (services/stays.py).
        self._left = next(
            (step for step in steps if step.action in (Action.HAND_TO_CREW, Action.ARRIVE)), None
        )
        early = "unfinished" in told.case.quirks or (self._left is None and standing.state is State.PACKING)
        self.facts: dict[str, Any] = self._papers.gaps_at_first() if early else self._papers.facts

    def label(self, transfer_id: int) -> int | None:
        """The label that travels; none where the bag was never packed."""
        case = self._case
        if self._standing.state is State.CANCELLED or (case.bag is None and self._left is None):
            return None
        closed = self._steps[-1] if self._steps[-1].action is Action.CLOSE else None
        row: Row = {
            "ref": self._dice.ref(),
            "home_id": case.home.id,
            "bag_id": case.bag.id if case.bag else None,
            "transfer_id": transfer_id,
            "number": 1,
            "issued_at": case.opened_at,
            "revoked_at": closed.recorded if closed else None,
            "revoked_why": "closed" if closed else "",
            **labels.secrets_for(self._dice.nonce()),
        }
        return self._writer.add(Label, row)

    def write(self, transfer_id: int, ref: str, event_ids: Sequence[int]) -> None:
        """Packs, belongings and their checks, medicines there and back, the bag's own history, tasks."""
        subject = ("transfer", ref)
        if self._case.bag is not None or self._left is not None:
            self._desk.note(self._case.opened_at, self._told.carer, "label.issued", subject, number=1)
        items = self._items(transfer_id)
        if self._left is not None:
            self._packs(transfer_id, ref, self._left)
        lines = self._sent(transfer_id) if self._left is not None else {}
        for step, event_id in zip(self._steps, event_ids, strict=True):
            if step.action is Action.CHECK_BELONGINGS and step.found:
                self._checks(step, event_id, items, transfer_id)
            elif step.action is Action.LIST_MEDICINES and step.found is not None:
                self._returned(transfer_id, step, lines)
            elif step.action is Action.CLOSE:
                self._desk.note(step.recorded, step.by, "label.revoked", subject, why="closed")
        self._bag_history(transfer_id)
        self._tasks(transfer_id)

    def _items(self, transfer_id: int) -> dict[str, int]:
        if self._standing.state is State.CANCELLED:
            return {}
        packed = [item for item in self._papers.items if item["added_at_step"] == "packing"]
        return {item["ref"]: self._item(item, transfer_id) for item in packed}

    def _item(self, item: Row, transfer_id: int) -> int:
        packed = item["added_at_step"] == "packing"
        row = {
            **item,
            "transfer_id": transfer_id,
            "packed_at": self._case.opened_at if packed else None,
            "packed_by": self._told.carer.name if packed else "",
        }
        return self._writer.add(TransferItem, row)

    def _checks(self, step: Step, event_id: int, items: dict[str, int], transfer_id: int) -> None:
        for item, status in step.found:
            if item["ref"] not in items:
                items[item["ref"]] = self._item(item, transfer_id)
            row = {
                "item_id": items[item["ref"]],
                "event_id": event_id,
                "step": step.data["step"],
                "status": status,
                "note": "",
            }
            self._writer.add(ItemCheck, row)

    # Packs

    def _packs(self, transfer_id: int, ref: str, left: Step) -> None:
        later = next((step for step in self._steps if step.action is Action.CHANGE_PACK), None)
        first = (
            self._papers.gaps_at_first() if later or "unfinished" in self._case.quirks else self._papers.facts
        )
        unannounced = left.action is Action.ARRIVE
        maker = self._case.home.name if unannounced else self._told.carer.name
        pack = pack_build.build(self._source(ref, first, left.at), version=1, made_at=left.at, made_by=maker)
        left.data.update(gaps=list(pack.gaps), version=1)
        self._pack(transfer_id, ref, pack)
        if later is not None:
            source = self._source(ref, self._papers.facts, left.at)
            second = pack_build.build(source, version=2, made_at=later.at, made_by=later.by.name)
            content = to_json(second)
            content["changes"] = list(differences(pack, second))
            self._frozen(transfer_id, ref, second, content)

    def _pack(self, transfer_id: int, ref: str, pack: TransferPack) -> None:
        self._frozen(transfer_id, ref, pack, to_json(pack))

    def _frozen(self, transfer_id: int, ref: str, pack: TransferPack, content: dict[str, Any]) -> None:
        row = {
            "transfer_id": transfer_id,
            "number": pack.version,
            "made_at": pack.made_at,
            "made_by": pack.made_by,
            "content": content,
            "sha256": hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest(),
        }
        self._writer.add(PackVersion, row)
        self._desk.note(
            pack.made_at, self._told.carer, "pack.versioned", ("transfer", ref), version=pack.version
        )

    def _source(self, ref: str, facts: dict[str, Any], left_at: datetime) -> PackSource:
        case, home = self._case, self._case.home
        return PackSource(
            transfer_ref=ref,
            journey_type=case.journey_type,
            reason=case.reason,
            home=HomeCard(home.name, home.phone, home.night_phone, home.address, home.ods_code),
            hospital=home.hospital.name,
            bag_number=case.bag.number if case.bag else "",
            person=case.person.who,
            sections=as_of(case.person.sections or {}, left_at),
            departed_at=left_at,
            medicines=tuple(source_medicine(row) for row in self._papers.sent),
            facts=facts,
            files=case.person.files,
            items=tuple(
                pack_build.item(i["ref"], i["description"], i["quantity"], i["valuable"], i["carried"])
                for i in self._papers.items
                if i["added_at_step"] == "packing"
            ),
        )

    # Medicines

    def _sent(self, transfer_id: int) -> dict[int, int]:
        made = {}
        for position, row in enumerate(self._papers.sent):
            supplied = str((self._papers.facts["doses"].get(row["ref"]) or {}).get("sent") or "")
            texts = {name: row[name] for name in TEXTS}
            made[row["id"]] = self._line(transfer_id, "sent", position, texts, row["id"], supplied)
        return made

    def _line(
        self,
        transfer_id: int,
        side: str,
        position: int,
        texts: Row,
        medicine_id: int | None,
        supplied: str = "",
    ) -> int:
        row = {
            "ref": self._dice.ref(),
            "transfer_id": transfer_id,
            "medicine_id": medicine_id,
            "side": side,
            "position": position,
            **texts,
            "code": "",
            "last_dose": "",
            "next_due": "",
            "supplied": supplied,
            "withdrawn_at": None,
        }
        return self._writer.add(MedicineLine, row)

    def _returned(self, transfer_id: int, listed: Step, lines: dict[int, int]) -> None:
        settled = next((s for s in self._steps if s.action is Action.SETTLE_MEDICINES), None)
        position = 0
        for answer in listed.found:
            returned = None
            if answer["returned"] is not None:
                returned = self._line(transfer_id, "returned", position, answer["returned"], None)
                position += 1
            sent = answer["sent"]
            row = {
                "ref": self._dice.ref(),
                "transfer_id": transfer_id,
                "sent_line_id": lines[sent["id"]] if sent else None,
                "returned_line_id": returned,
                "outcome": answer["outcome"],
                "reason": answer["reason"],
                "restart": answer["restart"],
                "decides": answer["decides"],
                "source": answer["source"],
                "entered_at": listed.recorded,
                "entered_by": f"{listed.by.name}, {listed.by.actor.organisation_name}",
                "superseded_at": None,
                "accepted_at": settled.recorded if settled else None,
                "accepted_by": settled.by.name if settled else "",
                "witnessed_by": settled.found if settled else "",
                "accepted_against": settled.data["against"] if settled else "",
                "settled_as": answer["settled_as"] if settled else "",
            }
            self._writer.add(MedicineOutcome, row)
            if settled:
                self._take_over(answer, settled)

    def _take_over(self, answer: Row, settled: Step) -> None:
        """The standing record takes the new list, as services/returning_medicines.py does."""
        residents, person = self._desk.residents, self._case.person
        at, by, sent = settled.recorded, settled.by.name, answer["sent"]
        if answer["outcome"] in _SUCCESSOR:
            residents.start_medicine(person, answer["returned"], at, by, answer["reason"])
        if answer["outcome"] == Outcome.CHANGED.value:
            new = answer["returned"]
            residents.change_medicine(sent, at, by, strength=new["strength"], dose=new["dose"])
        elif answer["outcome"] == Outcome.PAUSED.value:
            residents.change_medicine(sent, at, by, paused_until=answer["restart"])
        elif answer["outcome"] in (Outcome.STOPPED.value, Outcome.REPLACED_BY.value):
            residents.change_medicine(sent, at, by, stopped_on=london_day(at), stopped_why=answer["reason"])

    # The bag, and what is to be done

    def _bag_history(self, transfer_id: int) -> None:
        bag = self._case.bag
        if bag is None:
            return
        self._desk.bag_event(bag, transfer_id, "out", self._case.opened_at, self._told.carer)
        for step in self._steps:
            if step.action is Action.RECEIVE and step.data.get("bag_came"):
                self._desk.bag_event(bag, transfer_id, "to_clean", step.recorded, step.by)
            elif step.action is Action.CANCEL:
                self._desk.bag_event(bag, transfer_id, "in_stock", step.recorded, step.by)
            elif step.action is Action.CLOSE and step.data.get("bag"):
                self._desk.bag_event(bag, transfer_id, step.data["bag"], step.recorded, step.by)

    def _tasks(self, transfer_id: int) -> None:
        quirks, left = self._case.quirks, self._left
        if left is None:
            return
        kinds = [kind for kind in ("wrong_person", "ring_ward") if kind in quirks]
        for kind in kinds:
            named = next((s for s in self._steps if s.action.value == kind), None)
            changed = next((s for s in self._steps if s.action is Action.CHANGE_PACK), left)
            at = (named or changed).recorded
            row = {
                "ref": self._dice.ref(),
                "organisation_id": self._case.home.id,
                "transfer_id": transfer_id,
                "kind": kind,
                "detail": self._case.home.hospital.name
                if kind == "wrong_person"
                else "Alert: Choking risk added",
                "due_at": at,
                "created_at": at,
                "done_at": None,
                "done_by": "",
                "told": "",
            }
            self._writer.add(Task, row)
