"""The alerts that a nurse would see if the person left now, from the standing record alone."""

from __future__ import annotations

from collections.abc import Iterable

from redbag.domain import pack_alerts
from redbag.domain.medicine_line import Line
from redbag.domain.medicine_risk import HighRisk
from redbag.domain.pack import Alert, Resuscitation
from redbag.domain.record import Values

DANGER_LEVELS = frozenset({"danger", "missing"})


def of(answers: Values, medicines: Iterable[Line]) -> tuple[Alert, ...]:
    """Every alert, most dangerous first. `medicines`: those that the person takes now."""
    lines = tuple(medicines)
    critical = tuple(_critical(line) for line in lines if line.time_critical)
    insulin = any(HighRisk.INSULIN in line.kinds | line.unchecked for line in lines)
    return pack_alerts.alerts_for(answers, critical, insulin, pack_alerts.dates_in_words(answers))


def resuscitation(answers: Values) -> Resuscitation:
    """The CPR decision in words."""
    return pack_alerts.resuscitation(answers, pack_alerts.dates_in_words(answers))


def _critical(line: Line) -> str:
    times = f"due {', '.join(line.times)} by the home’s MAR" if line.times else "times not recorded"
    return f"{line.title}: {times}"
