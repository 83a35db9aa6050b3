"""What travels on an invented journey: today's facts, belongings, and the medicines there and back."""

from __future__ import annotations

from datetime import datetime

from redbag.domain.belongings import DEFAULT_BELONGINGS
from redbag.domain.custody import Step as Check
from redbag.domain.medicines import Outcome
from redbag.domain.record import Values
from redbag.services.demo import todays
from redbag.services.demo.abilities import MODERATE, SLIGHT
from redbag.services.demo.conditions import Dose
from redbag.services.demo.dice import Dice, Odds
from redbag.services.demo.in_hospital import (
    CHANGE_REASONS,
    DOSES,
    OPIOIDS,
    REPLACEMENT,
    STARTED,
    STOP_REASONS,
    pauses,
)
from redbag.services.demo.records import NOT_WITH
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

    def __init__(self, dice: Dice, person: Person, at: datetime, why: str, reason: str) -> None:
        self.dice, self.person = dice, person
        self.items = self._packed()
        self.sent = [row for row in person.medicines or [] if row["stopped_on"] is None]
        self.facts = todays.facts(dice, person, self.sent, at, why, reason)
        if any(item["valuable"] for item in self.items) and at.minute % 4:  # forgotten one time in four
            told = self.facts["told"]["rows"][0]["who"]
            self.facts["valuables"] = {"told": told}
            self.facts["saved_at"]["valuables"] = at.isoformat()
        self.has_list = False
        self._missing: set[int] = set()

    def gaps_at_first(self) -> dict[str, Values]:
        """What was known when the crew stood in the corridor: why, and nothing else."""
        return {"why_now": {"situation": self.facts["why_now"]["situation"]}}

    # Belongings

    def _packed(self) -> list[Row]:
        able = [usual for usual in DEFAULT_BELONGINGS if self._has(usual.name)]
        rows = [
            self._item(usual.name, usual.valuable, self._carried(usual.name), Check.PACKING)
            for usual in self.dice.some(able, self.dice.whole(6, 11))
        ]
        always = ("Hearing aid, left", "Dentures, upper")
        packed = {row["description"] for row in rows}
        return rows + [
            self._item(name, False, "worn", Check.PACKING)
            for name in always
            if name not in packed and self._has(name)
        ]

    def _has(self, name: str) -> bool:
        """Whether somebody with this record would have such a thing."""
        answers = self.person.answers.get("needs", {})
        if name.startswith("Hearing"):
            return self.person.wears_hearing_aids
        if name == "Walking aid":
            return answers.get("mobility") in (SLIGHT, MODERATE)
        if name == "Continence products":
            return str(answers.get("continence_detail", "Pads")).startswith("Pads")
        return True

    def _carried(self, name: str) -> str:
        if name.startswith(_WORN):
            return "worn"
        return "in_hand" if name == "Walking aid" else "in_bag"

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
            new = [one for one in STARTED if one[0].name not in known and self._may_take(one[0].name)]
            if new:
                dose, why = self.dice.pick(new)
                started = self._became(Outcome.STARTED, reason=why)
                answers.append({"sent": None, "returned": _texts(dose), "source": source, **started})
        return answers

    def _answer(self, row: Row, source: str) -> Row:
        outcome = self.dice.draw(_BECAME)
        same = {name: row[name] for name in TEXTS}
        answer: Row = {
            "sent": row,
            "returned": None,
            "source": source,
            **self._became(outcome, indication=row["indication"]),
        }
        if outcome is Outcome.CHANGED:
            answer["returned"] = _changed(row)
            if answer["returned"] is None:
                answer |= self._became(Outcome.UNCHANGED)
        if answer["outcome"] == Outcome.UNCHANGED.value:
            answer["returned"] = same
        return answer

    def _may_take(self, name: str) -> bool:
        """Whether no allergy on the record speaks against it."""
        rows = self.person.answers.get("alerts", {}).get("allergies") or []
        against = {word for row in rows for word in NOT_WITH.get(row["substance"].casefold(), ())}
        return not any(word in name.casefold() for word in against)

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

    def _became(self, outcome: Outcome, reason: str = "", indication: str = "") -> Row:
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
            row["reason"], row["restart"], row["decides"] = dice.pick(pauses(indication))
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
