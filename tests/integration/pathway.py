"""Walks a journey through the services, for tests that begin somewhere along the way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from redbag.database import begin_write, db
from redbag.domain.custody import Status, Step
from redbag.domain.medicines import Outcome
from redbag.models import Bag, Medicine, RecordSection, Resident, Transfer
from redbag.queries import returning_medicines as lists
from redbag.queries import transfers as reads
from redbag.services import belongings, labels, returning_medicines, stays, transfers
from redbag.services.belongings import Packed
from redbag.services.returning_medicines import Said, Started
from redbag.services.stays import Known, Leaving
from tests.cast import Cast

T = TypeVar("T")

START = datetime(2026, 3, 28, 22, 0, tzinfo=UTC)
"""A moment for tests that need no other: the clocks go forward in the night that follows."""


def write(act: Callable[[], T]) -> T:
    """One committed act, as a page would make it; nothing is left of one that was refused."""
    begin_write()
    try:
        result = act()
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    return result


class Pathway:
    """One resident of the cast's first home, one bag, and a clock that the test moves on.

    Each step is one committed write transaction, as a page would make it.
    """

    def __init__(self, cast: Cast, start: datetime) -> None:
        self.cast, self.now = cast, start
        begin_write()
        home = cast.places["home"].id
        resident = Resident(
            home_id=home,
            given_name="Agnes",
            family_name="Obi",
            date_of_birth=date(1938, 11, 3),
            nhs_number="9990000018",
            name_words=" agnes obi",
            created_at=start,
        )
        db.session.add(resident)
        db.session.flush()
        db.session.add(
            RecordSection(
                resident_id=resident.id,
                key="alerts",
                answers={"allergy_status": "none_known", "cpr_decision": "attempt"},
                reviewed_at=start,
            )
        )
        for name, strength, high_risk in (
            ("Ramipril", "5 mg", ""),
            ("Warfarin", "3 mg", "anticoagulant"),
            ("Morphine sulfate MR", "10 mg", "opioid"),
        ):
            db.session.add(
                Medicine(
                    resident_id=resident.id,
                    name=name,
                    form="tablets",
                    strength=strength,
                    dose="1 tablet",
                    frequency="once a day",
                    times="08:00",
                    high_risk=high_risk,
                    changed_at=start,
                )
            )
        bag = Bag(home_id=home, number="012", state_since=start)
        db.session.add(bag)
        db.session.commit()
        self.resident_ref, self.bag_ref = resident.ref, bag.ref
        self.ref = ""

    def after(self, **span: float) -> Pathway:
        """Moves the clock on."""
        self.now += timedelta(**span)
        return self

    @property
    def transfer(self) -> Transfer:
        return db.session.query(Transfer).filter_by(ref=self.ref).one()

    @property
    def known(self) -> Known:
        return Known(self.now, self.now)

    def packed(self) -> Pathway:
        """Opened and packed: glasses worn, dentures in the bag."""
        carer = self.cast.actor("carer")
        begin_write()
        made = transfers.open_(
            carer,
            self.resident_ref,
            reason="fall",
            journey_type="emergency",
            why_now={"called": ["family"]},
            now=self.now,
        )
        self.ref = made.ref
        transfers.take_bag(carer, made, self.bag_ref, self.now)
        things = [Packed("Glasses", "worn"), Packed("Dentures, upper", "in_bag")]
        belongings.pack(carer, self.ref, things, self.now)
        db.session.commit()
        return self

    def left(self) -> Pathway:
        begin_write()
        transfers.hand_to_crew(
            self.cast.actor("carer"),
            self.ref,
            crew="B412",
            infection_told=False,
            occurred_at=self.now,
            now=self.now,
        )
        db.session.commit()
        return self

    def arrived(self) -> Pathway:
        nurse = self.cast.actor("nurse")
        begin_write()
        transfer = self.by_label()
        stays.arrive(nurse, transfer, stays.own_place(nurse), self.known, with_bag=True)
        db.session.commit()
        return self

    def by_label(self) -> Transfer:
        """The journey as the scan of its label finds it."""
        label = labels.current(self.transfer)
        assert label is not None
        found = reads.of_label(label, for_update=True)
        assert found is not None
        return found

    def admitted(self) -> Pathway:
        nurse = self.cast.actor("nurse")
        begin_write()
        place = stays.ward_place(nurse, self.cast.places["hospital"].wards["Willow"])
        stays.admit(nurse, self.by_label(), place, self.known, decided_at=self.now, bed="4", with_bag=True)
        db.session.commit()
        return self

    def checked(self, part: str, step: Step, **found: Status) -> Pathway:
        """Belongings checked; everything is present but what is named (glasses, dentures)."""
        begin_write()
        transfer = self.transfer
        status = {
            item.ref: found.get(item.description.split(",")[0].lower(), Status.PRESENT)
            for item in belongings.list_for(transfer)
        }
        belongings.check(self.cast.actor(part), transfer, step, status, now=self.now)
        db.session.commit()
        return self

    def medicines_listed(self) -> Pathway:
        """Ramipril unchanged, warfarin not mentioned, morphine replaced by oxycodone, senna started."""
        begin_write()
        transfer = self.transfer
        ramipril, warfarin, morphine = lists.sent(transfer.id)
        oxycodone = {"name": "Oxycodone MR", "form": "tablets", "strength": "5 mg", "dose": "1 tablet"}
        returning_medicines.record_list(
            self.cast.actor("nurse"),
            transfer,
            said=[
                Said(ramipril.ref, Outcome.UNCHANGED),
                Said(warfarin.ref, Outcome.NOT_MENTIONED),
                Said(morphine.ref, Outcome.REPLACED_BY, reason="Drowsy on morphine", new=oxycodone),
            ],
            started=[Started({"name": "Senna", "strength": "7.5 mg", "dose": "2 tablets"}, "Constipation")],
            source="summary",
            now=self.now,
        )
        db.session.commit()
        return self

    def going_home(self) -> Pathway:
        begin_write()
        leaving = Leaving(method="1", transport="Patient transport", summary="in_bag", home_word="yes")
        stays.go_home(self.cast.actor("nurse"), self.transfer, self.known, leaving)
        db.session.commit()
        return self

    def received(self) -> Pathway:
        begin_write()
        transfers.receive(
            self.cast.actor("carer"),
            self.ref,
            occurred_at=self.now,
            bag_came=True,
            original_came="none",
            now=self.now,
        )
        db.session.commit()
        return self

    def closed(self, bag_state: str = "in_stock") -> Pathway:
        begin_write()
        transfers.close(
            self.cast.actor("carer"),
            self.ref,
            bag_state=bag_state,
            note="",
            lost="keep_looking",
            now=self.now,
        )
        db.session.commit()
        return self
