"""Medicines of the tables as the lines that the rules work on."""

from __future__ import annotations

from redbag.domain.medicine_fields import LOOKED_AT
from redbag.domain.medicine_line import Line
from redbag.domain.medicine_risk import HighRisk, high_risk_kind
from redbag.models import Medicine, MedicineLine


def times_of(text: str) -> tuple[str, ...]:
    """Clock times kept as "08:00, 20:00"."""
    return tuple(part.strip() for part in text.replace(";", ",").split(",") if part.strip())


def kinds_of(text: str) -> frozenset[HighRisk]:
    """High-risk kinds kept as "opioid,patch"."""
    return frozenset(HighRisk(part) for part in text.split(",") if part and part != LOOKED_AT)


def standing(row: Medicine) -> Line:
    """A medicine of the standing list."""
    return Line(
        name=row.name,
        form=row.form,
        strength=row.strength,
        dose=row.dose,
        route=row.route,
        frequency=row.frequency,
        times=times_of(row.times),
        code=row.code or None,
        as_needed=row.as_needed,
        time_critical=row.time_critical,
        controlled=row.controlled,
        kinds=kinds_of(row.high_risk),
        unchecked=frozenset(suggested(row)),
    )


def travelling(row: MedicineLine) -> Line:
    """A line of a sent or returned list."""
    return Line(
        name=row.name,
        form=row.form,
        strength=row.strength,
        dose=row.dose,
        route=row.route,
        frequency=row.frequency,
        times=times_of(row.times),
        code=row.code or None,
    )


def suggested(row: Medicine) -> list[HighRisk]:
    """The kinds that the medicine's name and form suggest and that nobody has marked; to be asked about.

    Empty once somebody has answered, whatever the answer was.
    """
    if LOOKED_AT in row.high_risk.split(","):
        return []
    marked = kinds_of(row.high_risk)
    return [kind for kind in high_risk_kind(row.name, row.form) if kind not in marked]
