"""Tells one invented journey: the home, the hospital, the ways it ends."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from redbag.domain.custody import Step as Check
from redbag.domain.going_home import destination_code
from redbag.domain.london_time import from_london, london_day
from redbag.domain.transfer_states import Action
from redbag.services.demo.dice import Dice
from redbag.services.demo.places import Hospital
from redbag.services.demo.story import ELSEWHERE, Case, Ending, Step, Told

_NOT_READY = frozenset({Ending.DIED_IN_STAY})


class Teller:
    """Tells one journey. `papers` (see papers.py) fill in what was packed and found."""

    def __init__(self, dice: Dice, case: Case) -> None:
        self.dice, self.case = dice, case
        self.steps: list[Step] = []
        self.at = case.opened_at
        self.hospital: Hospital = case.home.hospital
        self.carer = dice.pick(case.home.staff)
        self.nurse = dice.pick(self.hospital.staff["emergency_department"])
        self.ward = self.hospital.wards["emergency_department"][0]
        self.bed = ""

    def tell(self) -> Told:
        """The whole journey."""
        case = self.case
        self._home(Action.OPEN, {"reason": case.reason})
        if case.ending is Ending.CANCELLED:
            self._later(2, 25)
            self._home(
                Action.CANCEL, {"why": self.dice.pick(("The wrong resident was chosen", "Opened twice"))}
            )
        elif case.ending is Ending.NOT_TAKEN:
            self._later(30, 150)
            self._home(Action.STAY_HOME, {"why": "Seen by the paramedics: antibiotics from the GP instead"})
            self._close()
        else:
            self._leave()
        return Told(case, self.steps, self.carer)

    # The home

    def _home(self, action: Action, data: dict[str, Any], place: str = "", source: str = "page") -> Step:
        step = Step(action, self.at, self.at, self.carer, data, source, place=place or self.case.home.name)
        self.steps.append(step)
        return step

    def _later(self, least: int, most: int) -> None:
        self.at += self.dice.minutes(least, most)

    def _leave(self) -> None:
        case, dice = self.case, self.dice
        self._later(*((4, 12) if "unfinished" in case.quirks else (15, 55)))
        crew = f"{dice.pick('ABCDEGHJ')}{dice.whole(100, 499)}"
        data: dict[str, Any] = {
            "crew": crew,
            "identity": "confirmed",
            "infection_told": dice.happens(0.9) and case.person.has_infection,
            "version": 1,
        }
        announced = "unannounced" not in case.quirks
        if announced:
            self._home(Action.HAND_TO_CREW, data, f"{case.home.name} to {crew}")
        if announced and case.papers is not None and ("ring_ward" in case.quirks or dice.happens(0.08)):
            self._pack_changes()
        if case.ending is Ending.TREATED_BY_CREW:
            self._later(20, 80)
            self._home(Action.STAY_HOME, {"why": "Better after treatment by the crew"})
            self._close()
        elif case.ending is Ending.DIED_WITH_CREW:
            self._later(10, 40)
            self._died("phone")
        else:
            self._hospital()

    def _pack_changes(self) -> None:
        self._later(3, 12)
        self._home(Action.CHANGE_PACK, {"version": 2})

    def _close(self) -> None:
        if "open" in self.case.quirks:
            return
        self.at += self.dice.minutes(20, 20 * 60)
        lost = self.case.with_bag is False and self.dice.happens(0.08)
        bag = "" if self.case.bag is None else "lost" if lost else "in_stock"
        self._home(Action.CLOSE, {"bag": bag, "note": ""})

    # The hospital

    def _record(self, action: Action, data: dict[str, Any], source: str = "page") -> Step:
        """By the ward, or by the home where the hospital records nothing."""
        phone = self.case.told_by_phone
        recorded = self.at + (self.dice.minutes(20, 240) if phone else self.dice.minutes(0, 4))
        if phone:
            data = {**data, "told_by": f"{self.nurse.name}, ward"}
        step = Step(
            action,
            self.at,
            max(recorded, self.steps[-1].recorded),
            self.carer if phone else self.nurse,
            data,
            "phone" if phone else source,
            self.hospital.id,
            self.ward[0],
            f"{self.hospital.name}, {self.ward[1]}",
        )
        self.steps.append(step)
        self.at = max(self.at, step.recorded)
        return step

    def _scanned(self) -> str:
        return "scan" if self.dice.happens(0.82) else "page"

    def _hospital(self) -> None:
        case, dice = self.case, self.dice
        self._later(25, 75)
        in_department = case.ending in (Ending.SENT_BACK, Ending.DIED_IN_DEPARTMENT)
        if in_department or not case.told_by_phone or dice.happens(0.5):
            source = "scan" if "unannounced" in case.quirks else self._scanned()  # nobody else knows it left
            self._record(Action.ARRIVE, _said({"with_bag": case.with_bag, "identity": "confirmed"}), source)
        if "wrong_person" in case.quirks:
            self._later(5, 15)
            self._record(Action.WRONG_PERSON, {"note": "The wristband has another name"})
        if case.ending is Ending.SENT_BACK:
            self._later(90, 520)
            self._go_home()
        elif case.ending is Ending.DIED_IN_DEPARTMENT:
            self._later(30, 300)
            self._died("page")
        else:
            self._stay()

    def _stay(self) -> None:
        case, dice = self.case, self.dice
        self._later(70, 320)
        decided = self.at
        self._later(10, 150)
        unit = dice.happens(0.6)
        self.ward = dice.pick(self.hospital.wards["assessment_unit" if unit else "ward"])
        self.nurse = dice.pick(self.hospital.staff["assessment_unit" if unit else "ward"])
        leaves = self._leaves_at(decided)
        self.bed = self._bed(leaves)
        data = {
            "decision_to_admit_at": decided.isoformat(),
            "bed": self.bed,
            "with_bag": case.with_bag,
            "identity": "confirmed",
        }
        if dice.happens(0.15):
            del data["decision_to_admit_at"]
            decided = self.at
        admitted = self._record(Action.ADMIT, _said(data), self._scanned())
        self._check(Check.ADMISSION)
        self._in_the_ward(admitted, decided, leaves)
        self.at = max(leaves, self.steps[-1].recorded + timedelta(minutes=1))
        self._ends()

    def _bed(self, leaves: datetime) -> str:
        """A bed of this ward; a little longer than they are expected to stay."""
        return self.hospital.beds.take(self.dice, self.ward[0], self.at, leaves + timedelta(hours=6))

    def _leaves_at(self, decided: datetime) -> datetime:
        case, dice = self.case, self.dice
        if case.leaves_at is not None:
            return max(case.leaves_at, self.at + timedelta(minutes=5))
        day = london_day(decided) + timedelta(days=case.nights)
        leaves = from_london(day, time(dice.whole(10, 19), dice.whole(0, 59)))
        if leaves > self.at + timedelta(hours=1):
            return leaves
        if case.nights:
            return self.at + timedelta(hours=1)
        # Admitted late in the evening: home before midnight, or after the night.
        late = self.at + timedelta(hours=2)
        return late if london_day(late) == day else leaves + timedelta(days=1)

    def _in_the_ward(self, admitted: Step, decided: datetime, leaves: datetime) -> None:
        case, dice = self.case, self.dice
        plans: list[tuple[datetime, str]] = []
        if not case.told_by_phone and dice.happens(0.04):
            plans.append((self.at + dice.minutes(30, 300), "correct"))
        if not case.told_by_phone and (dice.happens(0.75) or "late_estimate" in case.quirks):
            plans.append((self.at + dice.minutes(300, 1500), "estimated"))
        contact = dice.minutes(240, 2800) if dice.happens(0.85) else dice.minutes(2880, 5700)
        if "no_contact" not in case.quirks and dice.happens(0.92):
            plans.append((admitted.at + contact, "contact"))
        if not case.told_by_phone and self.ward[1] == "Acute Assessment Unit":
            plans.append((self.at + dice.minutes(400, 1900), "move"))
        if not case.told_by_phone and dice.happens(0.01):
            plans.append((self.at + dice.minutes(60, 900), "mistaken_move"))
        if case.other_hospital:
            plans.append((decided + (leaves - decided) * 0.6, "other_hospital"))
        if not case.told_by_phone and dice.happens(0.6) and case.ending not in _NOT_READY:
            before = timedelta(days=min(dice.whole(0, 4), max(0, (leaves - decided).days)))
            plans.append((leaves - before - timedelta(hours=3), "ready"))
        for at, what in sorted(plans):
            if self.at < at < leaves - timedelta(minutes=30):
                self.at = at
                self._ward_event(what, admitted, leaves)

    def _ward_event(self, what: str, admitted: Step, leaves: datetime) -> None:
        dice = self.dice
        if what == "correct":
            self._correct(admitted)
        elif what == "estimated":
            drift = -3 if "late_estimate" in self.case.quirks else dice.whole(-2, 3)
            day = max(london_day(self.at), london_day(leaves) + timedelta(days=drift))
            if "late_estimate" in self.case.quirks:
                day = london_day(self.at) + timedelta(days=2)
            self._record(Action.SET_ESTIMATED_DISCHARGE, {"day": day.isoformat()})
        elif what == "ready":
            self._record(Action.SET_DISCHARGE_READY, {"day": london_day(self.at).isoformat()})
        elif what == "contact":
            manager = self.case.home.manager
            told = {"told": f"{self.nurse.name}, nurse", "note": ""}
            self.steps.append(
                Step(Action.HOME_CONTACT, self.at, self.at, manager, told, "phone", place=self.case.home.name)
            )
        elif what == "move":
            self.hospital.beds.leave(self.ward[0], self.bed, self.at)
            self.ward = dice.pick(self.hospital.wards["ward"])
            self.nurse = dice.pick(self.hospital.staff["ward"])
            self.bed = self._bed(leaves)
            self._record(Action.MOVE_WARD, _said({"bed": self.bed}))
        elif what == "mistaken_move":
            self._mistaken_move()
        elif what == "other_hospital":
            self.hospital.beds.leave(self.ward[0], self.bed, self.at)
            self.hospital = self.case.home.rehabilitation
            self.ward = dice.pick(self.hospital.wards["ward"])
            self.nurse = dice.pick(self.hospital.staff["ward"])
            self._record(Action.MOVE_HOSPITAL, {})

    def _correct(self, admitted: Step) -> None:
        """The ward puts the time of admission right: a quarter of an hour later than first written."""
        at = admitted.at + timedelta(minutes=15)
        data: dict[str, Any] = {"reason": "The time on the wristband is later"}
        if at >= self.at:
            return
        step = Step(Action.CORRECT, at, self.at, admitted.by, data, "page", place=admitted.place)
        step.organisation_id, step.ward_id = admitted.organisation_id, admitted.ward_id
        step.corrects = self.steps.index(admitted)
        self.steps.append(step)

    def _mistaken_move(self) -> None:
        """A move recorded for the wrong person, and taken back."""
        was = self.ward
        self.ward = self.dice.pick(self.hospital.wards["ward"])
        self._record(Action.MOVE_WARD, _said({"bed": self._bed(self.at)}))
        moved = len(self.steps) - 1
        self.ward = was
        self._later(5, 40)
        back = self._record(Action.CORRECT, {"reason": "Recorded for the wrong patient", "withdrawn": True})
        back.at, back.corrects = self.steps[moved].at, moved

    # The endings

    def _ends(self) -> None:
        ending = self.case.ending
        if ending is Ending.DIED_IN_STAY:
            self._died("page")
        elif ending in ELSEWHERE:
            self._goes_elsewhere()
        else:
            self._go_home()

    def _go_home(self) -> None:
        case, dice = self.case, self.dice
        stayed = any(step.action is Action.ADMIT for step in self.steps)
        if stayed and not case.told_by_phone:
            word = dice.pick(("yes", "yes", "yes", "yes", "conditions"))
            who = {"word": word, "who": case.home.manager.name}
            if word == "conditions":
                who["conditions"] = "With a pressure mattress delivered before"
            self._record(Action.HOME_CAN_MEET_NEEDS, who)
            self._later(5, 30)
        if not case.told_by_phone:
            self._list_medicines()
            self._check(Check.DISCHARGE)
        data: dict[str, Any] = {
            "destination": "home",
            "destination_code": destination_code("home", case.home.with_nursing),
            "method": "1",
            "transport": dice.pick(("Patient transport", "Taxi with a carer", "Family car")),
            "summary": dice.pick(("in_bag", "in_bag", "sent", "to_follow", "not_given")),
            "home_word": "yes" if stayed else "not_asked",
            "home_word_by": case.home.manager.name if stayed else "",
            "bag_with": self._bag_with(),
            "handover": {},
        }
        self._record(Action.DISCHARGE if stayed else Action.SEND_BACK, _said(data))
        if case.ending is Ending.DIED_GOING_HOME:
            self._later(20, 60)
            self._died("phone")
        else:
            self._receive()

    def _bag_with(self) -> str:
        # A bag that never arrived is with whoever had it last (services/stays.py).
        return "crew" if self.case.with_bag is False else "transport"

    def _receive(self) -> None:
        case, dice = self.case, self.dice
        self._later(35, 190)
        self.carer = dice.pick(case.home.staff)
        came = case.bag is not None and case.with_bag is not False
        original = dice.pick(("yes", "yes", "none", "no")) if dice.happens(0.3) else "yes"
        self._home(Action.RECEIVE, {"bag_came": came, "original_came": original})
        if case.told_by_phone:
            self._later(10, 40)
            self._list_medicines()
        self._later(10, 90)
        self._check(Check.RETURN)
        if "open" in case.quirks:
            return
        self._later(5, 200)
        if case.papers is not None and case.papers.has_list:
            witness = next(w.name for w in case.home.staff if w.name != self.carer.name)
            against = dice.pick(("summary", "dispensed_label"))
            self._home(Action.SETTLE_MEDICINES, {"witness": witness, "against": against}).found = witness
        self._close()

    def _goes_elsewhere(self) -> None:
        destination, to = ELSEWHERE[self.case.ending]
        gone = "bag_gone" in self.case.quirks
        data: dict[str, Any] = {
            "destination": destination,
            "destination_code": destination_code(destination, None),
            "to": to,
            "method": "1",
            "summary": "sent",
            "bag": "with_person" if gone else "sent_back",
            "bag_with": self._bag_with(),
            "handover": {},
        }
        self._record(Action.DISCHARGE_ELSEWHERE, _said(data))
        self.at += self.dice.minutes(600, 4000)
        self._close()

    def _died(self, source: str) -> None:
        people = self.case.person.answers.get("people")
        name = people["contacts"][0]["name"] if people else "Next of kin"
        kin = f"{name}, {self.dice.pick(('by the ward sister', 'at the bedside', 'by telephone'))}"
        data = {
            "kin_told": kin,
            "home_told": self.case.home.manager.name,
            "destination_code": "79",
            "method": "4",
        }
        if source == "phone":
            self._home(Action.RECORD_DEATH, {**data, "told_by": "Ambulance crew"}, source="phone")
        else:
            self._record(Action.RECORD_DEATH, data)
        self.at += self.dice.minutes(600, 4000)
        self._close()

    # Belongings and medicines

    def _check(self, step: Check) -> None:
        papers = self.case.papers
        if papers is None or not papers.items or (self.case.told_by_phone and step is not Check.RETURN):
            return
        if self.case.with_bag is False and step is not Check.RETURN:
            return
        found = papers.check(step, self.case.quirks)
        data = {
            "step": step.value,
            "missing": [item["description"] for item, status in found if status == "missing"],
        }
        if step is Check.RETURN:
            made = self._home(Action.CHECK_BELONGINGS, data)
        else:
            self._later(1, 5)
            made = self._record(Action.CHECK_BELONGINGS, data)
        made.found = found

    def _list_medicines(self) -> None:
        papers = self.case.papers
        if papers is None or not papers.sent:
            return
        source = (
            "telephone"
            if self.case.told_by_phone
            else self.dice.pick(("summary", "summary", "dispensed_label"))
        )
        outcomes = papers.list_back(self.case.quirks, source)
        self._later(2, 15)
        step = self._record(Action.LIST_MEDICINES, {"source": source, "lines": len(outcomes)})
        step.found = outcomes


def _said(data: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if value not in (None, "")}
