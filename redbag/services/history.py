"""Earlier stays that were read from a file: looked at, loaded whole or not at all, taken out again.

All of a file is written in one transaction with the counts that reports are made from. The rows of a long
one come from the disk (storage/scratch.py), some hundred at a time.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, insert, or_

from redbag.database import Base, db, one_at_a_time
from redbag.domain.errors import Stale
from redbag.domain.history_plan import Keyed, Known, Plan, new_ones
from redbag.domain.history_rows import EarlierStay, WrongRows
from redbag.domain.import_rows import Fault
from redbag.domain.permissions import Actor, Role
from redbag.domain.stay_counts import Cells, StayFacts, bag_of, cells
from redbag.models import HistoryHome, Stay, StayHistory
from redbag.queries import history as queries
from redbag.queries import stay_facts
from redbag.services import audit, figures
from redbag.services.history_files import File, Progress, Told
from redbag.storage import scratch
from redbag.storage.scratch import Numbered

KEPT_FOR = timedelta(hours=1)
SOURCE = "import"
"""How the days of an earlier stay are known."""
HOMES_NAMED = 10
OPERATOR = "Operator’s command"
_STAYS = Base.metadata.tables[Stay.__tablename__]


@dataclass(frozen=True)
class Preview:
    """What loading a kept file would do now. `names`: of the homes and hospitals in it, by number."""

    history: StayHistory
    told: Told
    plan: Plan
    names: dict[int, str]


def planned(stays: Iterable[Numbered], progress: Progress = lambda _rows: None) -> Plan:
    """What loading these stays would do now. Raises WrongRows where some contradict what is loaded."""
    plan = Plan()
    seen = 0
    for _ in new_ones(stays, _known(), plan):
        progress(plan.rows - seen)
        seen = plan.rows
    if plan.tally.wrong:
        raise WrongRows(plan.tally)
    return plan


def _known() -> Known:
    return Known(queries.homes_with_history(), queries.keys, queries.still_open())


def keep(actor: Actor, file: File, stays: Iterable[Numbered], now: datetime) -> StayHistory:
    """Keeps a file that was read for an hour. No stay is loaded."""
    _forget_old(actor, now)
    own = actor.organisation_id if actor.role is Role.HOME_MANAGER else None
    row = _row(file, now, made_by=actor.name, account_id=actor.account_id, home_id=own)
    row.waiting = _pack(stays)
    db.session.add(row)
    db.session.flush()
    audit.append(actor, audit.Note("history.kept", ("history", row.ref), details={"rows": row.rows}), now)
    return row


def _row(file: File, now: datetime, **more: Any) -> StayHistory:
    return StayHistory(
        file_name=file.name,
        file_sha256=file.sha256,
        rows=file.told.rows,
        told_until=date.fromisoformat(file.told.until),
        open_at_start=file.asked.open_at_start,
        told=asdict(file.told),
        read_at=now,
        expires_at=now + KEPT_FOR,
        **more,
    )


def _pack(stays: Iterable[Numbered]) -> bytes:
    packer = zlib.compressobj()
    lines = (json.dumps(batch).encode() + b"\n" for batch in scratch.packed_all(iter(stays)))
    return b"".join([*map(packer.compress, lines), packer.flush()])


def _unpack(waiting: bytes) -> Iterator[Numbered]:
    for line in zlib.decompress(waiting).splitlines():
        for *row, place in json.loads(line):
            yield scratch.unpacked(row), place


def _forget_old(actor: Actor, now: datetime) -> None:
    """Forgets what nobody went on with: what is too old, and what this person looked at before."""
    old = or_(StayHistory.expires_at <= now, StayHistory.account_id == actor.account_id)
    db.session.execute(delete(StayHistory).where(StayHistory.loaded_at.is_(None), old))


def preview(actor: Actor, ref: str, now: datetime) -> Preview | None:
    """What a kept file would do; None once it was loaded. Raises NotFound, and WrongRows where what is
    loaded meanwhile contradicts it."""
    row = queries.waiting(actor, ref, now)
    if row.loaded_at is not None or row.waiting is None:
        return None
    told = _told_of(row)
    plan = planned(_unpack(row.waiting))
    hospitals = {stay.hospital_id for stay in told.first_stays if stay.hospital_id}
    return Preview(
        row, told, plan, queries.names({*list(plan.homes)[:HOMES_NAMED], *_homes(told), *hospitals})
    )


def _homes(told: Told) -> set[int]:
    return {stay.home_id for stay in told.first_stays}


def _told_of(row: StayHistory) -> Told:
    kept = dict(row.told)
    kept["said"] = [Fault(**one) for one in kept["said"]]
    return Told(**kept)


def load_kept(actor: Actor, ref: str, *, fingerprint: str, now: datetime) -> StayHistory:
    """Loads a file as its preview said, all of it or nothing. One that was loaded already stays so.

    Raises Stale where what is loaded has changed since the preview was looked at.
    """
    one_at_a_time("history")
    row = queries.waiting(actor, ref, now, to_change=True)
    if row.loaded_at is not None or row.waiting is None:
        return row
    plan = _write(row, _unpack(row.waiting))
    if plan.fingerprint != fingerprint:
        raise Stale("Other files were loaded or taken out meanwhile. Look at what would be loaded now.")
    _finish(actor, row, plan, now)
    return row


def load(file: File, stays: Iterable[Numbered], now: datetime, progress: Progress) -> Plan:
    """Loads a file by the operator's command, in the caller's transaction; the plan as it was carried out.

    `progress` is called with how many rows were gone through. Where nothing is new, nothing is written.
    """
    one_at_a_time("history")
    row = _row(file, now, made_by=OPERATOR, home_id=None)
    db.session.add(row)
    db.session.flush()
    plan = _write(row, stays, progress)
    if plan.new:
        _finish(None, row, plan, now)
    else:
        db.session.delete(row)
    return plan


def _write(row: StayHistory, stays: Iterable[Numbered], progress: Progress = lambda _rows: None) -> Plan:
    """Inserts the stays that are not there yet, with their counts. Raises WrongRows."""
    plan, counted = Plan(), Counter[Any]()
    joined = queries.joined_on()
    connection = db.session.connection()
    seen = 0
    for fresh in new_ones(stays, _known(), plan):
        if fresh and not plan.tally.wrong:
            connection.execute(insert(_STAYS), [_columns(row.id, one) for one in fresh])
            counted.update(cells(_facts(one.stay, joined.get(one.stay.home_id)) for one in fresh))
        progress(plan.rows - seen)
        seen = plan.rows
    if plan.tally.wrong:
        raise WrongRows(plan.tally)
    if plan.new:
        figures.added(counted)
        connection.execute(insert(HistoryHome), list(_home_parts(row, plan)))
    return plan


def _columns(history_id: int, keyed: Keyed) -> dict[str, Any]:
    stay = keyed.stay
    return {
        "home_id": stay.home_id,
        "hospital_id": stay.hospital_id,
        "reason": stay.reason,
        "age": stay.age,
        "journey_type": stay.journey_type,
        "admitted_on": stay.admitted,
        "discharged_on": stay.discharged,
        "ended_as": stay.ended_as,
        "with_bag": stay.with_bag,
        "admission_source": SOURCE,
        "discharge_source": SOURCE if stay.discharged else "",
        "history_id": history_id,
        "history_key": keyed.key,
        "person_key": stay.person_key or None,
        "hospital_words": stay.hospital_words or None,
    }


def _facts(stay: EarlierStay, joined_on: date | None) -> StayFacts:
    """As queries/stay_facts.py reads the row that is written."""
    return StayFacts(
        stay.home_id,
        stay.hospital_id,
        None,
        stay.reason,
        stay.age,
        bag_of(stay.with_bag),
        stay.admitted,
        stay.discharged,
        None,
        stay.ended_as,
        stay.journey_type,
        SOURCE,
        joined_on,
    )


def _home_parts(row: StayHistory, plan: Plan) -> Iterator[dict[str, Any]]:
    for home_id, part in plan.homes.items():
        yield {
            "history_id": row.id,
            "home_id": home_id,
            "stays": part.stays,
            "first_day": part.first_day(open_at_start=row.open_at_start),
            "last_day": part.last_day,
            "open_at_start": row.open_at_start,
        }


def _finish(actor: Actor | None, row: StayHistory, plan: Plan, now: datetime) -> None:
    if plan.new:
        row.first_day, row.last_day = plan.first_day, plan.last_day
    row.stays, row.loaded_at, row.waiting = plan.new, now, None
    row.told = {**row.told, "sample": []}
    details = {"rows": row.rows, "stays": plan.new, "homes": len(plan.homes)}
    audit.append(actor, audit.Note("history.loaded", ("history", row.ref), details=details), now)


def throw_away(actor: Actor, ref: str, now: datetime) -> None:
    """Forgets a file that was not loaded."""
    row = queries.get(actor, ref, to_change=True)
    if row.loaded_at is None:
        db.session.delete(row)
        audit.append(actor, audit.Note("history.thrown_away", ("history", ref)), now)


def take_out(actor: Actor | None, ref: str, now: datetime) -> int:
    """Takes the stays of a loaded file out of every figure; how many. Of one that is out already none.

    `actor`: None for the operator's command. Raises NotFound for a file that is not the actor's to change.
    """
    one_at_a_time("history")
    row = queries.get(actor, ref, to_change=True)
    if row.loaded_at is None or row.taken_out_at is not None:
        return 0
    those = and_(Stay.history_id == row.id, Stay.history_key.is_not(None))
    homes = queries.how_many_homes(row)
    _forget(those)
    db.session.execute(delete(HistoryHome).where(HistoryHome.history_id == row.id))
    row.taken_out_at, row.taken_out_by = now, actor.name if actor else OPERATOR
    details = {"stays": row.stays, "homes": homes}
    audit.append(actor, audit.Note("history.taken_out", ("history", ref), details=details), now)
    return row.stays


def _forget(those: ColumnElement[bool]) -> None:
    """Deletes stays with what they add to the counts."""
    less: Cells = Counter()
    for batch in stay_facts.every(those):
        less.subtract(cells(batch))
    db.session.connection().execute(delete(_STAYS).where(those))
    figures.added({cell: n for cell, n in less.items() if n})
