"""The transfer pack: one frozen value from which the page, the PDF and every other form are drawn.

A pack is frozen when the bag leaves. A later change makes a new version with the next number; no
version is ever overwritten. The value holds words, ready to be read, so that what a nurse reads years
later is what was said that night, whatever has changed in the lists behind it.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from redbag.domain.errors import Unsealable
from redbag.domain.london_time import age_on, read_birth_date
from redbag.domain.pack_give_next import in_order
from redbag.domain.papers import PackFile, person_photo
from redbag.domain.record import CPR_ONLY

NOT_RECORDED = "Not recorded"


@dataclass(frozen=True)
class Entry:
    """One fact. `known` is False where the text says that nothing was recorded."""

    label: str
    text: str
    known: bool = True
    key: str = ""


@dataclass(frozen=True)
class PackSection:
    """A part of the pack. `reviewed`: "reviewed 3 Nov 2026 by Joy Adeyemi", or that it never was."""

    key: str
    title: str
    entries: tuple[Entry, ...] = ()
    reviewed: str = ""


@dataclass(frozen=True)
class Alert:
    """What could harm this person. `level`: "danger" (harm now), "missing" (not recorded, so not
    safe to assume) or "caution"."""

    kind: str
    level: str
    title: str
    text: str = ""


@dataclass(frozen=True)
class Person:
    """Who the pack is about. `date_of_birth` is words, `age` that of the day the pack was made; empty NHS
    number: not known."""

    name: str
    preferred_name: str
    date_of_birth: str
    age: int | None
    nhs_number: str
    gender: str
    room: str
    gp_practice: str
    first_language: str
    interpreter: str

    def age_on(self, day: date) -> int | None:
        """The age on another day, for a page that shows the pack later; None where no birth is known."""
        born = read_birth_date(self.date_of_birth)
        return None if born is None or day < born else age_on(born, day)


@dataclass(frozen=True)
class HomeCard:
    """The sending home and the phone that is answered at night."""

    name: str
    phone: str
    night_phone: str
    address: str
    ods_code: str


@dataclass(frozen=True)
class Resuscitation:
    """The CPR decision. `decision`: attempt, not_recommended, none_known or "" (not recorded).

    `limits`: the treatment limits of the person's wishes, which a CPR decision says nothing about.
    """

    decision: str
    words: str
    details: str
    original: str
    limits: str = ""

    @property
    def only(self) -> str:
        """What is always said beside the decision, on every page and paper."""
        return CPR_ONLY


@dataclass(frozen=True)
class ObservationSet:
    """What was measured, with NEWS2 beside (never minus) the person's usual score. `scale_words`: which
    SpO2 scale was scored; "" where no saturation was taken."""

    entries: tuple[Entry, ...]
    news2: int | None
    news2_complete: bool
    news2_words: str
    usual_words: str
    taken: str
    scale_words: str = ""


@dataclass(frozen=True)
class PackMedicine:
    """One line of the sent list. Text is what was written on the MAR.

    `warnings`: time-critical, insulin, controlled drug and the like, in words. `last_dose`: the
    answer in words; `answered` is False where nobody has answered yet. `stands_first`: page 1 and the
    first screen say when it is due. `due`: that, computed as the pack was made; "" where only the MAR's
    words in `next_due` can be said. `code`: that of dm+d, where the home has one beside the text.
    """

    ref: str
    name: str
    form: str
    strength: str
    dose: str
    route: str
    frequency: str
    times: str
    indication: str
    as_needed: bool
    as_needed_rules: str
    warnings: tuple[str, ...]
    time_critical: bool
    last_dose: str
    answered: bool
    next_due: str
    started: str
    review: str
    allergy_conflict: str
    sent: str
    stands_first: bool = False
    due: str = ""
    code: str = ""

    @property
    def give_next(self) -> bool:
        """Whether page 1 and the first screen name it; packs made before patches did have no mark."""
        return self.time_critical or self.stands_first

    @property
    def when_next(self) -> str:
        """When it is due next, else what the MAR says; the hospital's chart decides either way."""
        said = ", ".join(part for part in (self.frequency, self.times) if part)
        return self.due or (f"MAR: {said}" if said else "times not recorded")

    @property
    def title(self) -> str:
        """Name, form and strength on one line."""
        return " ".join(part for part in (self.name, self.form, self.strength) if part)

    @property
    def directions(self) -> str:
        """Dose, route, frequency and times on one line."""
        return ", ".join(part for part in (self.dose, self.route, self.frequency, self.times) if part)


@dataclass(frozen=True)
class PackItem:
    """One belonging that went with the person."""

    ref: str
    description: str
    quantity: int
    valuable: bool
    carried: str


@dataclass(frozen=True)
class TransferPack:
    """Everything that hospital staff need to know, as it stood at `made_at` (UTC).

    `next_by_mar`: when the medicines that are not named one by one are due next. `next_of_kin`: who, and
    their number. `companion`: who comes along, as the home wrote it.
    """

    transfer_ref: str
    version: int
    made_at: datetime
    made_by: str
    journey_type: str
    reason: str
    home: HomeCard
    hospital: str
    bag_number: str
    person: Person
    resuscitation: Resuscitation
    observations: ObservationSet
    alerts: tuple[Alert, ...] = ()
    why_now: tuple[Entry, ...] = ()
    time_critical: tuple[str, ...] = ()
    medicines: tuple[PackMedicine, ...] = ()
    sections: tuple[PackSection, ...] = ()
    papers: tuple[Entry, ...] = ()
    files: tuple[PackFile, ...] = ()
    belongings: tuple[PackItem, ...] = ()
    told: tuple[Entry, ...] = ()
    gaps: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    next_by_mar: str = ""
    next_of_kin: str = ""
    companion: str = ""

    @property
    def give_next(self) -> tuple[PackMedicine, ...]:
        """The medicines that are named one by one with when they are due, most pressing first."""
        return in_order(self.medicines, self.made_at)

    @property
    def photo(self) -> PackFile | None:
        """The photo of the person, if the pack took one along."""
        return person_photo(self.files)

    def section(self, key: str) -> PackSection | None:
        """The section with this key, if the pack has one."""
        return next((s for s in self.sections if s.key == key), None)


def to_json(pack: TransferPack) -> dict[str, Any]:
    """The pack as plain JSON values, for freezing."""
    content: dict[str, Any] = _plain(pack)
    content["made_at"] = pack.made_at.isoformat()
    return content


_NAMES: dict[type, tuple[str, ...]] = {}


def _plain(value: Any) -> Any:
    """As dataclasses.asdict, without its deep copies: a pack is several hundred small values."""
    kind = type(value)
    if kind is str or kind is bool:
        return value
    if kind is tuple:
        return [_plain(item) for item in value]
    names = _NAMES.get(kind)
    if names is None:
        if not is_dataclass(kind):
            return value
        names = _NAMES[kind] = tuple(f.name for f in fields(kind))
    return {name: _plain(getattr(value, name)) for name in names}


def from_json(content: dict[str, Any]) -> TransferPack:
    """The frozen pack again. A field that an older version did not have takes its default.

    Raises TypeError where a field without default is missing.
    """
    pack = _reviver(TransferPack)(content)
    assert isinstance(pack, TransferPack)  # noqa: S101 - narrows the type for the caller
    return pack


def of_journey(content: dict[str, Any], transfer_ref: str) -> TransferPack:
    """The frozen pack of this journey, which says itself whose it is. Raises Unsealable for another's."""
    pack = from_json(content)
    if pack.transfer_ref != transfer_ref:
        raise Unsealable(f"The pack that is kept for the journey {transfer_ref} says that it is another’s.")
    return pack


@cache
def _reviver(kind: Any) -> Callable[[Any], Any]:
    """Turns a plain JSON value into a `kind`; None stays None. Made once for each kind: the page that a
    label opens reads a pack every time."""
    origin = get_origin(kind)
    if origin is tuple:
        one = _reviver(get_args(kind)[0])
        return lambda value: None if value is None else tuple([one(item) for item in value])
    if origin in (Union, types.UnionType):
        return _reviver(next(a for a in get_args(kind) if a is not type(None)))
    if kind is datetime:
        return lambda value: None if value is None else datetime.fromisoformat(value)
    if isinstance(kind, type) and is_dataclass(kind):
        return _dataclass_reviver(kind)
    return _as_it_is


def _as_it_is(value: Any) -> Any:
    return value


def _dataclass_reviver(kind: Any) -> Callable[[Any], Any]:
    hints = get_type_hints(kind)
    known = {field.name: _reviver(hints[field.name]) for field in fields(kind)}
    deep = {name: revive for name, revive in known.items() if revive is not _as_it_is}

    def revive(value: Any) -> Any:
        if value is None:
            return None
        facts = {key: item for key, item in value.items() if key in known}
        facts.update((key, revive_part(facts[key])) for key, revive_part in deep.items() if key in facts)
        return kind(**facts)

    return revive
