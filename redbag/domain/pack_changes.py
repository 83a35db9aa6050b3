"""What a newer version of a pack tells: every change in a sentence, and all of them in a few words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from redbag.domain.pack import Entry, TransferPack

_DANGERS = ("Alert: ", "Resuscitation: ", "Wishes: Treatment limits")
_OLD_LIST = "Alert: Time-critical medicine: now"


def differences(before: TransferPack, after: TransferPack) -> tuple[str, ...]:
    """What a reader of `before` must be told: one plain sentence for each thing that changed."""
    told: list[str] = []
    told += _changed_set("Alert", _alerts(before), _alerts(after))
    told += _changed_time_critical(before, after)
    # Treatment limits are told among the wishes.
    if replace(before.resuscitation, limits="") != replace(after.resuscitation, limits=""):
        told.append(f"Resuscitation: now “{after.resuscitation.words}” (was “{before.resuscitation.words}”)")
    told += _changed_set("Why now", _facts(before.why_now), _facts(after.why_now))
    told += _changed_set(
        "Observations", _facts(before.observations.entries), _facts(after.observations.entries)
    )
    told += _changed_medicines(before, after)
    for section in after.sections:
        old = before.section(section.key)
        told += _changed_set(section.title, _facts(old.entries) if old else {}, _facts(section.entries))
    told += _changed_set("Papers", _facts(before.papers), _facts(after.papers))
    told += _changed_set(
        "Photos and papers",
        {f.ref: f"{f.title}, {f.added}" for f in before.files},
        {f.ref: f"{f.title}, {f.added}" for f in after.files},
        name_of=lambda _ref, text: text,
    )
    told += _changed_set(
        "Belongings",
        {i.ref: f"{i.description}, {i.carried}" for i in before.belongings},
        {i.ref: f"{i.description}, {i.carried}" for i in after.belongings},
        name_of=lambda _ref, text: text,
    )
    if after.bag_number and before.bag_number != after.bag_number:
        told.append(f"Red bag: now {after.bag_number}")
    told += _changed_set("About the person", _person_facts(before), _person_facts(after))
    return tuple(told)


def _alerts(pack: TransferPack) -> dict[str, str]:
    """The texts by title; infections share one. Time-critical medicines are told one by one instead: their
    alert names every last dose of theirs as well."""
    found: dict[str, str] = {}
    for alert in pack.alerts:
        if alert.kind != "time_critical":
            found[alert.title] = "; ".join(text for text in (found.get(alert.title), alert.text) if text)
    return found


def _changed_time_critical(before: TransferPack, after: TransferPack) -> list[str]:
    """Which medicines have become time-critical, or are so no longer."""
    old, new = ({m.ref: m.title for m in pack.medicines if m.time_critical} for pack in (before, after))
    told = [f"Alert: Time-critical medicine added: {title}" for ref, title in new.items() if ref not in old]
    return told + [
        f"Alert: Time-critical medicine removed: {title}" for ref, title in old.items() if ref not in new
    ]


def _facts(entries: tuple[Entry, ...]) -> dict[str, str]:
    return {e.label: e.text for e in entries}


def _person_facts(pack: TransferPack) -> dict[str, str]:
    return {key.replace("_", " "): str(value) for key, value in asdict(pack.person).items()}


def _changed_set(
    heading: str,
    before: dict[str, str],
    after: dict[str, str],
    name_of: Any = lambda key, _text: key,
) -> list[str]:
    told = []
    for key, text in after.items():
        if key not in before:
            told.append(
                f"{heading}: {name_of(key, text)} added" + (f": {text}" if name_of(key, text) != text else "")
            )
        elif before[key] != text:
            told.append(f"{heading}: {name_of(key, text)}: now “{text}” (was “{before[key]}”)")
    told += [f"{heading}: {name_of(key, text)} removed" for key, text in before.items() if key not in after]
    return told


def _changed_medicines(before: TransferPack, after: TransferPack) -> list[str]:
    old = {m.ref: m for m in before.medicines}
    new = {m.ref: m for m in after.medicines}
    told = []
    for ref, medicine in new.items():
        previous = old.get(ref)
        if previous is None:
            told.append(f"Medicine added: {medicine.title}, {medicine.directions}")
            continue
        if previous.last_dose != medicine.last_dose:
            told.append(f"{medicine.name}: last dose now “{medicine.last_dose}”")
        if previous.code != medicine.code:
            told.append(f"{medicine.name}: dm+d code now “{medicine.code or 'none'}”")
        if (previous.title, previous.directions) != (medicine.title, medicine.directions):
            told.append(f"Medicine changed: {medicine.title}, {medicine.directions}")
    told += [f"Medicine removed: {old[ref].title}" for ref in old if ref not in new]
    return told


def is_danger(change: str) -> bool:
    """Whether one of the changes that `differences` tells can harm, if it is only counted."""
    return change.startswith(_DANGERS)


def in_short(changes: Sequence[str]) -> list[str]:
    """The same changes in a few words: dangers in words and first, the rest counted by kind.

    A kind of which there is only one keeps its own words.
    """
    dangers = [_danger_words(change) for change in changes if is_danger(change)]
    kinds: dict[str, list[str]] = {}
    for change in changes:
        if not is_danger(change):
            kinds.setdefault(_kind(change), []).append(change)
    return [
        *dict.fromkeys(dangers),
        *(of[0] if len(of) == 1 else f"{kind} ({len(of)})" for kind, of in kinds.items()),
    ]


def _danger_words(change: str) -> str:
    """Without what stood there before: the full list has it."""
    if change.startswith(_OLD_LIST):
        return "Alert: Time-critical medicines: dose times or last doses changed"
    return re.sub(r" \(was “.*”\)$", "", change, flags=re.DOTALL)


def _kind(change: str) -> str:
    """“Belongings added”, “Last doses”: what is counted together."""
    heading, _, rest = change.partition(": ")
    if rest.startswith("last dose now"):
        return "Last doses added or changed"
    if rest.startswith("dm+d code now"):
        return "Medicine codes changed"
    if heading.startswith("Medicine "):
        return heading.replace("Medicine ", "Medicines ")
    if ": now “" in rest:
        return f"{heading} changed"
    if rest.endswith(" removed"):
        return f"{heading} removed"
    return f"{heading} added" if " added" in rest else change
