"""Earlier stays that were loaded from files: from which day on, by whom, and what a new file meets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select, true

from redbag.database import db
from redbag.domain.errors import NotFound
from redbag.domain.history_paper import HomeLoaded
from redbag.domain.history_rows import Places
from redbag.domain.import_columns import plain
from redbag.domain.permissions import Actor, OrganisationKind, Permission, Role, Subject, can
from redbag.models import HistoryHome, Organisation, Stay, StayHistory

NO_SUCH = "There is no such file. A preview is kept for an hour: choose the file again."


@dataclass(frozen=True)
class Loaded:
    """What there is of one file. `home`: None where it is of many homes and they stand together; `homes`: 0
    where it was taken out."""

    history: StayHistory
    home: Organisation | None
    homes: int
    stays: int
    first_day: date | None
    last_day: date | None
    may_take_out: bool


def loaded(home_ids: Iterable[int]) -> dict[int, tuple[date, bool]]:
    """For each of these homes that has earlier stays: the day its history begins, and whether those who
    were in hospital already on that day were loaded too."""
    found: dict[int, tuple[date, bool]] = {}
    wanted = (
        select(HistoryHome.home_id, HistoryHome.first_day, HistoryHome.open_at_start)
        .where(HistoryHome.home_id.in_(list(home_ids)))
        .order_by(HistoryHome.first_day.desc(), HistoryHome.open_at_start)
    )
    for home_id, first, open_at_start in db.session.execute(wanted):
        found[home_id] = (first, open_at_start)
    return found


def places(kind: OrganisationKind) -> Places:
    """Homes or hospitals by what a file may call them."""
    names: defaultdict[str, tuple[int, ...]] = defaultdict(tuple)
    codes: dict[str, int] = {}
    columns = (Organisation.id, Organisation.name, Organisation.ods_code)
    for number, name, code in db.session.execute(select(*columns).where(Organisation.kind == kind.value)):
        names[plain(name)] += (number,)
        if code:
            codes[code.upper()] = number
    return Places(names, codes)


def recorded_from() -> dict[int, date]:
    """The day from which Red Bag itself has each home's stays: its first day, or where none is set the
    first admission that was recorded here."""
    first: dict[int, date] = {}
    recorded = (
        select(Stay.home_id, func.min(Stay.admitted_on))
        .join(Organisation, Organisation.id == Stay.home_id)
        .where(Organisation.joined_on.is_(None), Stay.history_id.is_(None))
        .group_by(Stay.home_id)
    )
    for home_id, day in db.session.execute(recorded):
        first[home_id] = day
    joined = select(Organisation.id, Organisation.joined_on).where(Organisation.joined_on.is_not(None))
    for home_id, known in db.session.execute(joined):
        if known is not None:
            first[home_id] = known
    return first


def joined_on() -> dict[int, date | None]:
    """The first day of each home."""
    wanted = select(Organisation.id, Organisation.joined_on).where(
        Organisation.kind == OrganisationKind.CARE_HOME.value
    )
    return {row.id: row.joined_on for row in db.session.execute(wanted)}


def how_many_homes(history: StayHistory) -> int:
    """How many homes have stays of a file."""
    counted = select(func.count()).select_from(HistoryHome).where(HistoryHome.history_id == history.id)
    return int(db.session.scalar(counted) or 0)


def homes_with_history() -> set[int]:
    """The homes that have earlier stays already."""
    return set(db.session.scalars(select(HistoryHome.home_id).distinct()))


def keys(wanted: Collection[str]) -> set[tuple[int, str]]:
    """Which of these rows are loaded already, as (home, key)."""
    columns = (Stay.home_id, Stay.history_key)
    found = db.session.execute(select(*columns).where(Stay.history_key.in_(wanted)))
    return {(home, key) for home, key in found if key is not None}


def still_open() -> dict[tuple[int, date, str], str]:
    """The loaded stays without an end, by home, admission and person, with the file they came with."""
    wanted = (
        select(Stay.home_id, Stay.admitted_on, Stay.person_key, StayHistory.file_name)
        .join(StayHistory, StayHistory.id == Stay.history_id)
        .where(Stay.history_key.is_not(None), Stay.discharged_on.is_(None))
    )
    return {(home, day, person or ""): name for home, day, person, name in db.session.execute(wanted)}


def names(numbers: Collection[int]) -> dict[int, str]:
    """The names of these organisations."""
    wanted = select(Organisation.id, Organisation.name).where(Organisation.id.in_(numbers))
    return {row.id: row.name for row in db.session.execute(wanted)}


def get(actor: Actor | None, ref: str, *, to_change: bool = False) -> StayHistory:
    """A file that this actor may load or take out; the operator's command (None) any. Raises NotFound."""
    wanted = select(StayHistory).filter_by(ref=ref)
    if to_change:
        wanted = wanted.with_for_update()
    found = db.session.scalar(wanted)
    if found is None:
        raise NotFound(NO_SUCH)
    if actor is not None and not can(actor, Permission.HISTORY_IMPORT, Subject(home_id=found.home_id)):
        raise NotFound(NO_SUCH)
    return found


def waiting(actor: Actor, ref: str, now: datetime, *, to_change: bool = False) -> StayHistory:
    """A file that can be loaded, or was. Raises NotFound for one that is too old."""
    found = get(actor, ref, to_change=to_change)
    if found.loaded_at is None and (found.expires_at <= now or found.waiting is None):
        raise NotFound(NO_SUCH)
    return found


def files(actor: Actor) -> list[Loaded]:
    """The files that were loaded for the actor's home, newest first; for the administrator all of them.

    With those that were taken out again; of a file of many homes, a manager has only their home's part.
    """
    own = actor.organisation_id if actor.role is Role.HOME_MANAGER else None
    wanted = (
        select(
            HistoryHome.history_id,
            func.count(),
            func.sum(HistoryHome.stays),
            func.min(HistoryHome.first_day),
            func.max(HistoryHome.last_day),
            func.min(HistoryHome.home_id),
        )
        .where(true() if own is None else HistoryHome.home_id == own)
        .group_by(HistoryHome.history_id)
    )
    parts = {row[0]: row[1:] for row in db.session.execute(wanted)}
    gone = StayHistory.taken_out_at.is_not(None) & (true() if own is None else StayHistory.home_id == own)
    histories = db.session.scalars(
        select(StayHistory)
        .where(or_(StayHistory.id.in_(parts), gone))
        .order_by(StayHistory.loaded_at.desc(), StayHistory.id.desc())
    )
    return [_loaded(actor, one, parts.get(one.id)) for one in histories]


def _loaded(actor: Actor, one: StayHistory, part: tuple[Any, ...] | None) -> Loaded:
    if part is None:
        return Loaded(one, one.home, 0, one.stays, one.first_day, one.last_day, may_take_out=False)
    homes, stays, first, last, home = part
    may = can(actor, Permission.HISTORY_IMPORT, Subject(home_id=one.home_id))
    return Loaded(
        one, db.session.get(Organisation, home) if homes == 1 else None, homes, stays, first, last, may
    )


def in_use() -> list[StayHistory]:
    """Every file that is loaded and was not taken out, newest first: for the operator."""
    wanted = select(StayHistory).where(StayHistory.loaded_at.is_not(None), StayHistory.taken_out_at.is_(None))
    return list(db.session.scalars(wanted.order_by(StayHistory.loaded_at.desc(), StayHistory.id.desc())))


def by_home(actor: Actor) -> list[HomeLoaded]:
    """How many earlier stays each home has; a manager's own only, for a hospital those at this hospital."""
    if actor.role is Role.HOSPITAL_MANAGER:
        wanted = (
            select(Organisation.name, func.count(), func.min(Stay.admitted_on), func.max(Stay.admitted_on))
            .join(Organisation, Organisation.id == Stay.home_id)
            .where(Stay.history_key.is_not(None), Stay.hospital_id == actor.organisation_id)
        )
    else:
        own = actor.organisation_id if actor.role is Role.HOME_MANAGER else None
        wanted = (
            select(
                Organisation.name,
                func.sum(HistoryHome.stays),
                func.min(HistoryHome.first_day),
                func.max(HistoryHome.last_day),
            )
            .join(HistoryHome, HistoryHome.home_id == Organisation.id)
            .where(true() if own is None else HistoryHome.home_id == own)
        )
    found = db.session.execute(
        wanted.group_by(Organisation.id, Organisation.name).order_by(Organisation.name)
    )
    return [HomeLoaded(name, number, first, last) for name, number, first, last in found]
