"""Medicine rows that are not in the tables yet, as the lines and packs that the rules make of them."""

from __future__ import annotations

from redbag.domain.medicine_line import Line
from redbag.domain.pack_source import SourceMedicine
from redbag.queries.medicine_lines import kinds_of, times_of
from redbag.services.demo.writer import Row


def source_medicine(row: Row) -> SourceMedicine:
    """A standing medicine as a pack is made from it."""
    line = Line(
        name=row["name"],
        form=row["form"],
        strength=row["strength"],
        dose=row["dose"],
        route=row["route"],
        frequency=row["frequency"],
        times=times_of(row["times"]),
        as_needed=row["as_needed"],
        time_critical=row["time_critical"],
        controlled=row["controlled"],
        kinds=kinds_of(row["high_risk"]),
    )
    return SourceMedicine(
        ref=row["ref"],
        line=line,
        indication=row["indication"],
        as_needed_rules=row["as_needed_rules"],
        started_on=row["started_on"],
        paused=row["paused_until"],
    )
