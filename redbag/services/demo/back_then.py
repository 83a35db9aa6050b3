"""A standing record as it stood on an earlier day: an old pack must not quote what was written after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from redbag.domain.london_time import london_day
from redbag.domain.pack_source import SourceSection
from redbag.domain.record import SECTION_BY_KEY, Kind, Values

_DATES = {key: frozenset(f.key for f in s.fields if f.kind is Kind.DATE) for key, s in SECTION_BY_KEY.items()}


def as_of(sections: Mapping[str, SourceSection], moment: datetime) -> dict[str, SourceSection]:
    """Each section with the review, and the dates, that it had at `moment` (UTC): the same answers, one or
    more review intervals earlier."""
    return {key: _earlier(key, section, moment) for key, section in sections.items()}


def _earlier(key: str, section: SourceSection, moment: datetime) -> SourceSection:
    reviewed = section.reviewed_at
    if reviewed is None or reviewed <= moment:
        return section
    every = SECTION_BY_KEY[key].review_days
    back = timedelta(days=every * -(-((reviewed - moment).days + 1) // every))
    day = london_day(moment)
    return replace(section, reviewed_at=reviewed - back, answers=_dated(key, section.answers, day, back))


def _dated(key: str, answers: Values, day: date, back: timedelta) -> Values:
    found: dict[str, Any] = dict(answers)
    for name in _DATES[key] & found.keys():
        found[name] = _before(found[name], day, back)
    if "infections" in found:
        found["infections"] = [
            {**row, "date": _before(row["date"], day, back)} for row in found["infections"]
        ]
    return found


def _before(written: str, day: date, back: timedelta) -> str:
    """The date moved back with its review, if it lay after the day."""
    return (date.fromisoformat(written) - back).isoformat() if date.fromisoformat(written) > day else written
