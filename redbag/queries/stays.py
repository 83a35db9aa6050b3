"""The length-of-stay report of the place that an actor may read figures of."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

import numpy as np
from sqlalchemy import func, select

from redbag.database import db
from redbag.domain import (
    data_quality,
    readmissions_of_columns,
    resident_days,
    stay_columns,
    stay_groups,
    stay_report,
)
from redbag.domain.length_of_stay import last_complete_day
from redbag.domain.permissions import Actor, Role
from redbag.domain.readmissions import Readmissions
from redbag.domain.report_filter import ReportFilter
from redbag.domain.stay_columns import StayColumns
from redbag.domain.stay_periods import homes_behind, in_both, periods
from redbag.domain.stay_report import Beside, StayReport
from redbag.domain.stays_by_month import Figures, is_hidden
from redbag.models import Organisation, Stay
from redbag.queries import kept_stays, stay_facts, stay_rows
from redbag.queries.stay_rows import NamedPlaces, since_joining

ALL_HOMES = "All care homes"


def report(
    actor: Actor,
    now: datetime,
    chosen: ReportFilter | None = None,
    named: NamedPlaces | None = None,
    *,
    answer_only: bool = False,
) -> StayReport:
    """The length-of-stay report of the actor's own place, at the last complete London day.

    `chosen`: what it is narrowed down to, with the places that it chose from (`named`, of stay_rows.places);
    an oversight reader has no filters, whatever is asked for. `answer_only`: for a front page, which asks
    whether stays changed and nothing of what a report says beside the stays.
    """
    as_of = last_complete_day(now)
    if chosen is None or actor.role is Role.OVERSIGHT:
        chosen = ReportFilter.usual(as_of)
    if actor.role is Role.OVERSIGHT and kept_stays.how_many(chosen) > kept_stays.ROWS_AT_MOST:
        stay_rows.reads(actor)
        return _of_the_country(chosen, as_of, answer_only=answer_only)
    named = named or NamedPlaces()
    everybody = stay_rows.columns(actor, chosen.before.start, named.first_days)
    facts = everybody.chosen(chosen, named.number)
    first_days = stay_rows.first_days(actor, everybody)
    began = _began(actor, chosen, named, first_days)
    same = _of_same_homes(facts, chosen, began)
    counts = stay_columns.count(facts, as_of)
    sending = first_days if actor.role is not Role.HOSPITAL_MANAGER else set(facts.home.tolist())
    return stay_report.build(
        ALL_HOMES if actor.role is Role.OVERSIGHT else actor.organisation_name,
        chosen,
        counts,
        counts if same is facts else stay_columns.count(same, as_of),
        records_began=began,
        homes=homes_behind([first_days.get(home) for home in sending], chosen, began),
        found=stay_report.difference_of(same, as_of, by_home=actor.role is Role.OVERSIGHT),
        more=Beside()
        if answer_only
        else _beside(actor, chosen, named, as_of, began, everybody, facts, first_days),
    )


def _began(
    actor: Actor, chosen: ReportFilter, named: NamedPlaces, first_days: Mapping[int, date | None]
) -> date | None:
    """When the records begin that a report is of: of one chosen home on its own first day."""
    home = named.number(chosen.home_ref) if chosen.home_ref else None
    own = first_days.get(home) if home is not None else None
    return own or stay_rows.records_began(actor)


def _of_same_homes(stays: StayColumns, chosen: ReportFilter, began: date | None) -> StayColumns:
    """The stays of the homes whose records are whole in both periods; the same value where that is all."""
    days = [(day, date.fromordinal(day) if day else None) for day in np.unique(stays.joined).tolist()]
    late = [day for day, joined in days if not in_both(joined, chosen, began)]
    return stays.where(~np.isin(stays.joined, late)) if late else stays


def _of_the_country(chosen: ReportFilter, as_of: date, *, answer_only: bool) -> StayReport:
    homes = kept_stays.homes_by_first_day()
    kept = kept_stays.KeptStays(chosen, as_of, homes)
    return stay_report.build(
        ALL_HOMES,
        chosen,
        kept.everything,
        kept.of_same_homes,
        records_began=kept.began,
        homes=homes_behind(homes, chosen, kept.began),
        found=kept.difference(),
        more=Beside() if answer_only else kept.beside(),
    )


def _beside(
    actor: Actor,
    chosen: ReportFilter,
    named: NamedPlaces,
    as_of: date,
    began: date | None,
    everybody: StayColumns,
    facts: StayColumns,
    first_days: stay_facts.FirstDays,
) -> Beside:
    now, then = periods(chosen)
    seen = stay_rows.attendances(actor, now, then, chosen, named, first_days)
    there = {day for day in {one.joined_on for one in seen} if in_both(day, chosen, began)}
    came = [one for one in seen if one.joined_on in there]
    everyone = None if chosen.has_factors else stay_rows.lived(actor, then.start, now.end)
    lived = [one for one in everyone or () if in_both(one.joined, chosen, began)]
    shown = {month for month in chosen.months if not is_hidden(month, began)}
    country = actor.role is Role.OVERSIGHT  # whose tables by place are a page of their own
    factors = [one for one in stay_groups.FACTORS if not (country and one in stay_groups.PLACES)]
    return Beside(
        attendances=(sum(one.n for one in came if one.now), sum(one.n for one in came if one.then)),
        resident_days=(
            resident_days.count(lived, now.start, now.end),
            resident_days.count(lived, then.start, then.end),
        )
        if lived
        else None,
        readmissions=_readmissions(actor, chosen, named, as_of, everybody),
        summaries=None if chosen.has_factors else stay_columns.summaries(facts, now.start, now.end),
        quality=data_quality.count_columns(facts, now.start, now.end, as_of),
        groups=stay_columns.by_factor(facts if country else facts.settled, factors, shown, as_of),
        settled=not country,
        names=named.names,
        ended_before=0 if chosen.has_factors else stay_rows.ended_before(actor, everybody),
    )


def _readmissions(
    actor: Actor, chosen: ReportFilter, named: NamedPlaces, as_of: date, everybody: StayColumns
) -> Readmissions:
    now, _ = periods(chosen)
    # Who left before this period is nobody's readmission in it.
    others = stay_rows.elsewhere(actor, now.start, everybody)
    ours = np.concatenate((everybody.keeps(chosen, named.number), np.zeros(len(others), np.bool_)))
    return readmissions_of_columns.count(everybody.and_(others), ours, now.start, now.end, as_of)


def figures_by(by: str, start: date, end: date, as_of: date) -> list[tuple[str, Figures]]:
    """Closed stays discharged from `start` to `end` (complete days up to `as_of`), for the operator:
    by "month" of discharge, by "home" or by "hospital". Names of places, never of people."""
    place = {"home": Stay.home_id, "hospital": Stay.hospital_id}.get(by)
    columns = [Stay.admitted_on, Stay.discharged_on, *([] if place is None else [place])]
    counted = (
        select(*columns, func.count())
        .join(Organisation, Organisation.id == Stay.home_id)
        .where(
            Stay.discharged_on.between(start, min(end, as_of)),
            Stay.discharged_on >= Stay.admitted_on,
            since_joining(),
        )
    )
    lengths: dict[Any, Counter[int]] = defaultdict(Counter)
    found: Iterable[Any] = db.session.execute(counted.group_by(*columns))
    for admitted, discharged, *where, number in found:
        key = where[0] if where else discharged.replace(day=1)
        lengths[key][(discharged - admitted).days] += number
    if place is None:
        return [(f"{month:%Y-%m}", Figures.of(lengths[month])) for month in sorted(lengths)]
    names = {row.id: row.name for row in db.session.scalars(select(Organisation))}
    named = [(names.get(key, "not recorded"), Figures.of(counts)) for key, counts in lengths.items()]
    return sorted(named, key=lambda pair: pair[0])
