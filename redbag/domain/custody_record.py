"""The custody record of one journey: every handover and check, who was shown the pack, what was lost where.

Made for a person who was not there, such as an insurer: so it says when things happened and when they were
written down, and names who held the bag, never who is to blame. Issued records are kept as JSON.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from redbag.domain.custody import Custody, ItemCheck, Lost, Spell, written_late
from redbag.domain.london_time import format_moment
from redbag.domain.signature import Strokes, from_kept

NOBODY_BLAMED = "This says who held the bag, not who lost it."


@dataclass(frozen=True)
class Passing:
    """One handover of the bag. `by`: who recorded it; `label`: which label was on it then, in words;
    `signature`: drawn, refused or "", with what was drawn."""

    words: str
    at: datetime
    recorded_at: datetime
    from_holder: str
    to_holder: str
    by: str
    bag: str = ""
    label: str = ""
    identity: bool = False
    signature: str = ""
    strokes: Strokes = ()

    @property
    def late(self) -> str:
        return written_late(self.at, self.recorded_at)


@dataclass(frozen=True)
class Finding:
    """What was found of one thing at one check."""

    thing: str
    status: str
    note: str = ""


@dataclass(frozen=True)
class Looked:
    """One time that somebody looked for the belongings. `witness`: the second name for valuables."""

    words: str
    at: datetime
    recorded_at: datetime
    by: str
    place: str
    findings: tuple[Finding, ...]
    why: str = ""
    valuables: str = ""
    witness: str = ""

    @property
    def late(self) -> str:
        return written_late(self.at, self.recorded_at)

    def by_status(self) -> list[tuple[str, str]]:
        """Each status with its things in one line, what is well first."""
        found: dict[str, list[str]] = {}
        for one in self.findings:
            found.setdefault(one.status, []).append(one.thing + (f" ({one.note})" if one.note else ""))
        return [(status, ", ".join(things)) for status, things in found.items()]


@dataclass(frozen=True)
class Shown:
    """One person who was shown one version of the pack: how, how often, and when first."""

    version: int
    by: str
    how: str
    first_at: datetime
    times: int


@dataclass(frozen=True)
class Photographed:
    """A photo of a thing: when it was taken in and by whom. `sha256`: of the picture as it is kept."""

    thing: str
    at: datetime
    by: str
    ref: str
    sha256: str


@dataclass(frozen=True)
class LostThing:
    """A thing that is missing, and the paragraph for whoever settles a claim. `seen`: whether somebody had
    it in hand before; else it was only listed."""

    thing: str
    claim: str
    seen: bool = True


@dataclass(frozen=True)
class CustodyRecord:
    """Everything that was recorded of one bag's journey. `holder` has the bag since `since`."""

    transfer: str
    person: str
    born: str
    nhs_number: str
    home: str
    hospital: str
    bag: str
    state: str
    opened_at: datetime
    holder: str
    since: datetime
    handovers: tuple[Passing, ...]
    checks: tuple[Looked, ...]
    shown: tuple[Shown, ...]
    lost: tuple[LostThing, ...]
    things: int
    photos: tuple[Photographed, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The record in plain values, instants as ISO 8601 in UTC."""
        told: dict[str, Any] = json.loads(json.dumps(asdict(self), default=datetime.isoformat))
        return told

    def fingerprint(self) -> str:
        """SHA-256 over what the journey alone decides: who looked at the pack since does not change it."""
        return hashlib.sha256(canonical(replace(self, shown=()).as_json()).encode()).hexdigest()


def canonical(content: Mapping[str, Any]) -> str:
    """One text for one content, whatever the order it was built in."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def from_json(content: Mapping[str, Any]) -> CustodyRecord:
    """A record as it was kept."""
    told = dict(content)
    return CustodyRecord(
        **{
            **told,
            **_instants(told, "opened_at", "since"),
            "handovers": tuple(_passing(one) for one in told["handovers"]),
            "checks": tuple(_looked(one) for one in told["checks"]),
            "shown": tuple(Shown(**{**one, **_instants(one, "first_at")}) for one in told["shown"]),
            "lost": tuple(LostThing(**one) for one in told["lost"]),
            "photos": tuple(
                Photographed(**{**one, **_instants(one, "at")}) for one in told.get("photos", ())
            ),
        }
    )


def _passing(one: Mapping[str, Any]) -> Passing:
    strokes = {"strokes": from_kept(one["strokes"])}
    return Passing(**{**one, **_instants(one, "at", "recorded_at"), **strokes})


def _looked(one: Mapping[str, Any]) -> Looked:
    findings = tuple(Finding(**found) for found in one["findings"])
    return Looked(**{**one, **_instants(one, "at", "recorded_at"), "findings": findings})


def _instants(one: Mapping[str, Any], *names: str) -> dict[str, datetime]:
    return {name: datetime.fromisoformat(str(one[name])) for name in names}


@dataclass(frozen=True)
class Claimed:
    """A missing thing as a claim names it. `seen_by`, `missed_by`: who looked, each time; of a thing that
    nobody saw, `seen_by` listed it."""

    thing: str
    quantity: int
    valuable: bool
    carried: str
    seen_by: str
    missed_by: str
    settled: str = ""


def claim(person: str, born: str, home: str, one: Claimed, lost: Lost, picture: Custody) -> str:
    """The paragraph that a claim for a lost thing needs: what, whose, between which moments, who held it."""
    seen, missing = lost.last_seen, lost.first_missing
    between = [s for s in picture.spells if s.since < missing.at and (s.until is None or s.until > seen.at)]
    whom = "person" if lost.with_person else "bag"
    held = "; ".join(_held(spell, missing.at) for spell in between) or ", ".join(lost.held_by)
    others = [name for name in lost.held_by if name not in {spell.holder for spell in between}]
    also = f" It was looked for by {', '.join(others)}, without a recorded handover." if others else ""
    handovers = sum(seen.at <= spell.since <= missing.at for spell in picture.spells[1:])
    lie = "handover lies" if handovers == 1 else "handovers lie"
    sentences = [
        _whose(person, born, home, one),
        f"It travelled {one.carried}.",
        f"Last seen: {seen.step.label}, {format_moment(seen.at)}, by {one.seen_by}{_late(seen)}.",
        f"First found missing: {missing.step.label}, {format_moment(missing.at)},"
        f" by {one.missed_by}{_late(missing)}.",
        f"Between these two moments the {whom} was with: {held}.{also}{lost.exchanged}",
        f"{handovers} {lie} between them.",
        _since(one),
        NOBODY_BLAMED,
    ]
    return " ".join(sentences)


def claim_unseen(
    person: str,
    born: str,
    home: str,
    one: Claimed,
    listed_at: datetime,
    looks: Sequence[tuple[ItemCheck, str]],
) -> str:
    """The paragraph for a thing that was only listed, after the bag had left: nobody saw it go along.
    `looks`: every time that somebody looked for it and did not find it, and who."""
    missed = "; ".join(
        f"{_at_step(look)}, {format_moment(look.at)}, by {by}{_late(look)}" for look, by in looks
    )
    sentences = [
        _whose(person, born, home, one),
        f"Listed by {one.seen_by}, {format_moment(listed_at)}, after the bag had left,"
        f" as travelling {one.carried}.",
        f"Not seen by anybody who looked: missing {missed}.",
        _since(one),
        "Whether it was ever with the person or in the bag was not recorded.",
    ]
    return " ".join(sentences)


def _whose(person: str, born: str, home: str, one: Claimed) -> str:
    many = f" × {one.quantity}" if one.quantity > 1 else ""
    valuable = " (valuable)" if one.valuable else ""
    return f"{one.thing}{many}{valuable}, belonging to {person}, born {born}, of {home}."


def _since(one: Claimed) -> str:
    return f"Settled: {one.settled}." if one.settled else "It has not been found since."


def _at_step(look: ItemCheck) -> str:
    label = look.step.label
    return label if label.startswith("when") else f"at {label}"


def _late(check: ItemCheck) -> str:
    late = written_late(check.at, check.recorded_at)
    return f" ({late})" if late else ""


def _held(spell: Spell, missed_at: datetime) -> str:
    """A holder within the span: whoever had it when it was first missed held it until then, as far as the
    claim goes."""
    if spell.unrecorded:
        return f"{spell.holder} (how it came there was not recorded)"
    left = spell.until if spell.until is not None and spell.until < missed_at else None
    until = f" to {format_moment(left)}" if left else " until it was missed"
    return f"{spell.holder} (from {format_moment(spell.since)}{until})"
