"""Keeps what each journey says of the pathway, and the counts that reports make of it.

Whoever records a step, a look for belongings, a word on a bag calls follow() in the same transaction: the
journey is measured anew from its events and papers, its row says so, and the counts change by the difference.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, delete, func, insert, select, text

from redbag.database import db
from redbag.domain.journey import Event, Journey
from redbag.domain.kept_sources import JOURNEYS
from redbag.domain.lost_counts import LostThing
from redbag.domain.measures import PATHWAY_MEASURES
from redbag.domain.pathway import Value, values
from redbag.domain.stay_counts import ALL, Cells
from redbag.domain.stays_by_month import first_day
from redbag.models import Bag, FigureDelta, JourneyFigures, Resident, Transfer
from redbag.queries import journey_facts, recorded
from redbag.queries.pathway import DAY_OF, LOST
from redbag.services import figures

SERIES = frozenset({LOST, *(measure.key for measure in PATHWAY_MEASURES)})
_EMPTY: dict[str, Any] = {
    **dict.fromkeys(DAY_OF),
    **dict.fromkeys(DAY_OF.values()),
    "last_on": None,
    "lost": None,
}
_BATCH = 500


def follow(
    transfer: Transfer, events: Sequence[Event] | None = None, standing: Journey | None = None
) -> None:
    """Measures a journey anew. `events` and `standing` (its replay): where they are at hand."""
    _after_any_rebuild()
    row = db.session.scalar(select(JourneyFigures).filter_by(transfer_id=transfer.id).with_for_update())
    if row is None and transfer.gone_by is None:
        return
    told = events if events is not None else recorded.events_of([transfer.id])[transfer.id]
    kept = journey_facts.kept_of([transfer])[transfer.id]
    made = columns(values(told, kept, standing), journey_facts.lost_on(transfer, told))
    before = cells(_said(row)) if row is not None else Counter()
    figures.changed(before, cells(made))
    if made["last_on"] is None:
        if row is not None:
            db.session.delete(row)
        return
    if row is None:
        row = JourneyFigures(transfer_id=transfer.id)
        db.session.add(row)
    row.home_id, row.hospital_id = transfer.home_id, transfer.hospital_id
    for name, value in made.items():
        setattr(row, name, value)
    db.session.flush()


def _after_any_rebuild() -> None:
    """Whoever counts everything anew holds the appended rows and then writes every journey's: on PostgreSQL a
    change that held its journey first and wanted to append then would wait for that, and that for it."""
    connection = db.session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"LOCK TABLE {FigureDelta.__tablename__} IN ROW EXCLUSIVE MODE"))


def follow_bag(bag: Bag) -> None:
    """Measures the journey anew that this bag was last taken for."""
    last = db.session.scalar(select(Transfer).filter_by(bag_id=bag.id).order_by(Transfer.id.desc()).limit(1))
    if last is not None:
        follow(last)


def leave(transfer_ids: Sequence[int]) -> None:
    """Takes these journeys out of the counts, with their rows: for journeys that are deleted."""
    _after_any_rebuild()
    figures.changed(_kept_cells(transfer_ids), {})
    db.session.execute(delete(JourneyFigures).where(JourneyFigures.transfer_id.in_(transfer_ids)))


def _kept_cells(transfer_ids: Sequence[int]) -> Cells:
    """What these journeys add to the counts by what is kept of them."""
    found: Cells = Counter()
    for row in db.session.scalars(select(JourneyFigures).where(JourneyFigures.transfer_id.in_(transfer_ids))):
        cells(_said(row), found)
    return found


def columns(measured: Mapping[str, Value], lost: Sequence[LostThing]) -> dict[str, Any]:
    """The columns of a row, save whose it is. `last_on` is None where there is nothing to keep."""
    made = dict(_EMPTY)
    for key, value in measured.items():
        made[key], made[DAY_OF[key]] = value.value, value.day
    if lost:
        made["lost"] = [[one.day.isoformat(), one.span, one.kind] for one in lost]
    made["last_on"] = max(
        [*(value.day for value in measured.values()), *(one.day for one in lost)], default=None
    )
    return made


def cells(row: Mapping[str, Any], into: Cells | None = None) -> Cells:
    """What a journey adds to the counts, to `into` where there is something already: each measure in the
    month of its day, each lost thing twice."""
    found: Cells = Counter() if into is None else into
    for key, day in DAY_OF.items():
        if row[key] is not None:
            found[key, ALL, "", first_day(row[day]), row[key]] += 1
    for day, span, kind in row["lost"] or ():
        month = first_day(date.fromisoformat(day))
        found[LOST, "span", span, month, 0] += 1
        found[LOST, "kind", kind, month, 0] += 1
    return found


def _said(row: JourneyFigures) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _EMPTY}


def measure_all() -> Iterator[tuple[int, Cells]]:
    """Measures every journey anew, batch by batch, and says what each batch adds to the counts."""
    last = 0
    while batch := _batch(last):
        last = batch[-1].id
        yield len(batch), refill(batch)
        db.session.expunge_all()


def _batch(after: int) -> list[Transfer]:
    wanted = select(Transfer).where(Transfer.id > after).order_by(Transfer.id).limit(_BATCH)
    return list(db.session.scalars(wanted))


def refill_all(ids: Sequence[int]) -> Cells:
    """The same as refill(), of journeys by id, batch by batch."""
    found: Cells = Counter()
    for start in range(0, len(ids), _BATCH):
        wanted = select(Transfer).where(Transfer.id.in_(ids[start : start + _BATCH])).order_by(Transfer.id)
        found.update(refill(list(db.session.scalars(wanted))))
        db.session.expunge_all()
    return found


def refill(transfers: Sequence[Transfer]) -> Cells:
    """Writes the rows of these journeys anew; what they add to the counts, which are left as they are.

    Of a person who was erased nothing is left to measure: their journeys' rows stay as they were.
    """
    asked = [transfer.id for transfer in transfers]
    erased = set(db.session.scalars(_of_erased().where(Transfer.id.in_(asked))))
    found = _kept_cells(sorted(erased)) if erased else Counter()
    ids = [number for number in asked if number not in erased]
    db.session.execute(delete(JourneyFigures).where(JourneyFigures.transfer_id.in_(ids)))
    rows = []
    gone = [one for one in transfers if one.gone_by is not None and one.id not in erased]
    for transfer, made in _measured(gone):
        found.update(cells(made))
        rows.append(
            {
                "transfer_id": transfer.id,
                "home_id": transfer.home_id,
                "hospital_id": transfer.hospital_id,
                **made,
            }
        )
    if rows:
        db.session.execute(insert(JourneyFigures), rows)
    return found


def _of_erased() -> Select[int]:
    erased = select(Resident.id).where(Resident.erased_at.is_not(None))
    return select(Transfer.id).where(Transfer.resident_id.in_(erased))


def _measured(transfers: Sequence[Transfer]) -> Iterable[tuple[Transfer, dict[str, Any]]]:
    told = recorded.events_of([transfer.id for transfer in transfers])
    kept = journey_facts.kept_of(transfers)
    for transfer in transfers:
        events = told[transfer.id]
        made = columns(values(events, kept[transfer.id]), journey_facts.lost_on(transfer, events))
        if made["last_on"] is not None:
            yield transfer, made


def _journeys() -> int:
    return db.session.scalar(select(func.count()).select_from(Transfer)) or 0


SOURCE = figures.Source(JOURNEYS, SERIES, _journeys, measure_all)
"""For counting everything anew (`python -m redbag reports rebuild`)."""
