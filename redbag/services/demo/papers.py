"""What travels on an invented journey: today's facts, belongings, and the medicines there and back."""

from __future__ import annotations

from datetime import datetime

from redbag.domain.belongings import DEFAULT_BELONGINGS
from redbag.domain.custody import Step as Check
from redbag.domain.london_time import format_time, to_london
from redbag.domain.medicine_line import answered_alone
from redbag.domain.medicines import Outcome
from redbag.domain.record import Values
from redbag.services.demo.conditions import Dose
from redbag.services.demo.dice import Dice, Odds
from redbag.services.demo.in_hospital import (
    CHANGE_REASONS,
    DOSES,
    OPIOIDS,
    PAUSES,
    REPLACEMENT,
    STARTED,
    STOP_REASONS,
)
from redbag.services.demo.lines import source_medicine
from redbag.services.demo.residents import Person
from redbag.services.demo.writer import Row

TEXTS = ("name", "form", "strength", "dose", "route", "frequency", "times")
_OTHER_DOSES = {
    "1 tablet": "2 tablets",
    "2 tablets": "1 tablet",
    "1 capsule": "2 capsules",
    "16 units": "12 units",
    "2 puffs": "1 puff",
    "1 sachet": "2 sachets",
    "2.5 ml": "5 ml",
}
_BECAME: Odds[Outcome] = Odds(
    [
        (Outcome.UNCHANGED, 84.0),
        (Outcome.CHANGED, 6.0),
        (Outcome.STOPPED, 3.5),
        (Outcome.PAUSED, 2.5),
        (Outcome.NOT_MENTIONED, 4.0),
    ]
)
_WORN = ("Glasses", "Dentures", "Hearing aid", "Jewellery", "Watch")


class Papers:
    """The papers and belongings of one journey while it is told."""

    def __init__(self, dice: Dice, person: Person, at: datetime, why: str) -> None:
        self.dice, self.person = dice, person
        self.items = self._packed()
        self.sent = [row for row in person.medicines or [] if row["stopped_on"] is None]
        self.facts = self._facts(at, why)
        self.has_list = False
        self._missing: set[int] = set()

    # Today's facts

    def _facts(self, at: datetime, why: str) -> dict[str, Values]:
        dice = self.dice
        clock = format_time(at)[:5]
        contacts = (self.person.sections or {}).get("people")
        kin = contacts.answers["contacts"][0]["name"] if contacts else "Next of kin"
        facts: dict[str, Values] = {
            "why_now": {
                "situation": why,
                "started": dice.pick((f"Found at {clock}", "Since the evening", "Over two days", "Suddenly")),
                "request": "Please assess and treat; tell us before any discharge",
                "called": ["999", "family"] if dice.happens(0.8) else ["111", "gp", "family"],
            },
            "observations": self._observations(clock),
            "doses": self._doses(at),
            "today": {
                "mobility": "severe",
                "eating": "moderate",
                "last_ate": dice.pick(("Tea at 17:00", "Breakfast", "Sips only since lunch")),
                "bowels": dice.pick(("Yesterday", "Today", "Two days ago")),
                "companion": dice.pick(("Nobody", "Daughter follows by car", "A carer goes along")),
            },
            "papers": {"mar": "copy", "care_plan": "copy", "this_is_me": "copy"},
            "told": {"rows": [{"who": kin, "when": f"told at {clock}"}]},
        }
        if self._has_cpr_form():
            facts["papers"]["cpr"] = "original"
        return facts

    def _has_cpr_form(self) -> bool:
        alerts = (self.person.sections or {}).get("alerts")
        return bool(alerts and alerts.answers.get("cpr_form"))

    def _observations(self, clock: str) -> Values:
        dice = self.dice
        found: Values = {
            "respiratory_rate": dice.whole(14, 28),
            "spo2": dice.whole(88, 98),
            "on_oxygen": "no",
            "systolic_bp": dice.whole(88, 168),
            "diastolic_bp": dice.whole(50, 92),
            "pulse": dice.whole(58, 128),
            "consciousness": dice.pick(("A", "A", "A", "C", "V")),
            "temperature": dice.pick((36.1, 36.4, 36.8, 37.2, 37.6, 38.1, 38.4, 38.9)),
            "taken_at": clock,
            "soft_signs": dice.some(("less_well", "sleepier", "not_eating", "less_mobile"), 2),
        }
        if dice.happens(0.15):
            for key in dice.some(("temperature", "systolic_bp", "respiratory_rate"), 1):
                del found[key]
        return found

    def _doses(self, at: datetime) -> Values:
        given = "22:00" if to_london(at).hour < 8 else "08:00"
        doses: Values = {"ordinary": "all_given", "ordinary_upto": given}
        for row in self.sent:
            if not answered_alone(source_medicine(row).line):
                continue
            times = [part.strip() for part in str(row["times"]).split(",") if part.strip()]
            answer: Values = {"answer": "given", "when": times[-1] if times else f"yesterday {given}"}
            if self.dice.happens(0.08):
                answer = {"answer": "not_given", "note": "Would not wake enough to swallow"}
            if times:
                answer["next_due"] = times[0]
            if row["controlled"] or row["time_critical"]:
                answer["sent"] = "In the bag, 3 days"
            doses[row["ref"]] = answer
        return doses

    def gaps_at_first(self) -> dict[str, Values]:
        """What was known when the crew stood in the corridor: why, and nothing else."""
        return {"why_now": {"situation": self.facts["why_now"]["situation"]}}

    # Belongings

    def _packed(self) -> list[Row]:
        rows = []
        for usual in self.dice.some(DEFAULT_BELONGINGS, self.dice.whole(6, 11)):
            worn = usual.name.startswith(_WORN)
            carried = "worn" if worn else "in_hand" if usual.name == "Walking aid" else "in_bag"
            rows.append(self._item(usual.name, usual.valuable, carried, Check.PACKING))
        for name in ("Hearing aid, left", "Dentures, upper"):
            if not any(row["description"] == name for row in rows):
                rows.append(self._item(name, False, "worn", Check.PACKING))
        return rows

    def _item(self, name: str, valuable: bool, carried: str, step: Check) -> Row:
        return {
            "ref": self.dice.ref(),
            "description": name,
            "quantity": 2 if name.startswith(("Nightwear", "Continence")) else 1,
            "valuable": valuable,
            "carried": carried,
            "added_at_step": step.value,
            "removed_at": None,
        }

    def check(self, step: Check, quirks: frozenset[str]) -> list[tuple[Row, str]]:
        """What was found of each thing, and anything that nobody had listed."""
        found = [(item, self._status(place, item, step, quirks)) for place, item in enumerate(self.items)]
        if step is Check.DISCHARGE and self.dice.happens(0.05):
            added = self._item("Blanket with the hospital’s name", False, "in_bag", step)
            self.items.append(added)
            found.append((added, "added"))
        return found

    def _status(self, place: int, item: Row, step: Check, quirks: frozenset[str]) -> str:
        dice, name = self.dice, item["description"]
        forced = {
            ("missing", Check.ADMISSION): "Hearing aid, left",
            ("lost", Check.RETURN): "Dentures, upper",
        }
        if any(quirk in quirks and at is step and name == thing for (quirk, at), thing in forced.items()):
            self._missing.add(place)
        elif place in self._missing:
            kept = name == "Hearing aid, left" and "missing" in quirks
            if not kept and dice.happens(0.35):
                self._missing.discard(place)
        elif dice.happens(0.012):
            self._missing.add(place)
        if place in self._missing:
            return "missing"
        if step is Check.RETURN and name in ("Continence products", "Toiletries", "Hearing-aid batteries"):
            return "used_up" if dice.happens(0.4) else "present"
        if name in ("Jewellery", "Money") and dice.happens(0.15):
            return "kept_by_family"
        return "damaged" if dice.happens(0.004) else "present"

    # Medicines on the way home

    def list_back(self, quirks: frozenset[str], source: str) -> list[Row]:
        """The hospital's answer to every line: {sent, returned, outcome, reason, restart, decides, source,
        settled}."""
        self.has_list = True
        forced = "medicines" in quirks
        answers = [self._answer(row, source) for row in self.sent]
        if forced:
            self._force_changes(answers)
        opioid = next((a for a in answers if a["sent"]["name"] in OPIOIDS), None)
        replaced = any(row["name"] == REPLACEMENT.name for row in self.sent)
        if opioid and not replaced and (forced or self.dice.happens(0.12)):
            became = self._became(Outcome.REPLACED_BY, reason="Pain not held; kidney function")
            opioid.update(became, returned=_texts(REPLACEMENT))
        if forced or self.dice.happens(0.3):
            known = {row["name"] for row in self.sent}
            new = [(dose, why) for dose, why in STARTED if dose.name not in known]
            if new:
                dose, why = self.dice.pick(new)
                started = self._became(Outcome.STARTED, reason=why)
                answers.append({"sent": None, "returned": _texts(dose), "source": source, **started})
        return answers

    def _answer(self, row: Row, source: str) -> Row:
        outcome = self.dice.draw(_BECAME)
        same = {name: row[name] for name in TEXTS}
        answer: Row = {"sent": row, "returned": None, "source": source, **self._became(outcome)}
        if outcome is Outcome.CHANGED:
            answer["returned"] = _changed(row)
            if answer["returned"] is None:
                answer |= self._became(Outcome.UNCHANGED)
        if answer["outcome"] == Outcome.UNCHANGED.value:
            answer["returned"] = same
        return answer

    def _force_changes(self, answers: list[Row]) -> None:
        """For the journey that a visitor settles: one line of each kind that must be read."""
        wanted = [Outcome.STOPPED, Outcome.CHANGED, Outcome.NOT_MENTIONED]
        for answer in answers:
            if not wanted:
                break
            if answer["sent"]["name"] in OPIOIDS:
                continue
            outcome = wanted[0]
            returned = _changed(answer["sent"]) if outcome is Outcome.CHANGED else None
            if outcome is Outcome.CHANGED and returned is None:
                continue
            answer.update(self._became(wanted.pop(0)), returned=returned)

    def _became(self, outcome: Outcome, reason: str = "") -> Row:
        dice = self.dice
        row: Row = {
            "outcome": outcome.value,
            "reason": reason,
            "restart": "",
            "decides": "",
            "settled_as": "",
        }
        if outcome is Outcome.CHANGED:
            row["reason"] = dice.pick(CHANGE_REASONS)
        elif outcome is Outcome.STOPPED:
            row["reason"] = dice.pick(STOP_REASONS)
        elif outcome is Outcome.PAUSED:
            row["reason"], row["restart"], row["decides"] = dice.pick(PAUSES)
        elif outcome is Outcome.NOT_MENTIONED:
            row["settled_as"] = "unchanged: ward pharmacist, by telephone"
        return row


def _texts(dose: Dose) -> Row:
    return {name: dose.strengths[0] if name == "strength" else getattr(dose, name) for name in TEXTS}


def _changed(row: Row) -> Row | None:
    """The line as the hospital changed it; None for a medicine that is only ever given so."""
    same: Row = {name: row[name] for name in TEXTS}
    known = DOSES.get(row["name"])
    others = [s for s in known.strengths if s != row["strength"]] if known else []
    if others:
        return {**same, "strength": others[0]}
    if row["dose"] in _OTHER_DOSES:
        return {**same, "dose": _OTHER_DOSES[row["dose"]]}
    return None
