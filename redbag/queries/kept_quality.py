"""How sure the records of the whole country's stays are, from what is kept of them."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import and_

from redbag.domain import data_quality
from redbag.domain.data_quality import DataQuality
from redbag.domain.report_filter import NOT_RECORDED, ReportFilter
from redbag.domain.stay_counts import CLOSED
from redbag.queries import kept_cells

_FACETS = ("source", "age", "bag", "reason")


def of_closed(chosen: ReportFilter, n_open: int, open_long: int) -> DataQuality:
    """The stays that ended in the chosen months; of those still open only how many, and how many for long."""
    found: dict[str, Counter[str]] = {facet: Counter() for facet in _FACETS}
    for facet, value, n in kept_cells.sums(
        lambda table: [table.facet, table.facet_value],
        lambda table: and_(
            table.series == CLOSED,
            table.facet.in_(_FACETS),
            table.month.between(chosen.first, chosen.last),
        ),
    ):
        found[facet][value] += int(n)
    sources = Counter[str]()
    for source, number in found["source"].items():
        sources[source if source in data_quality.SOURCE_WORDS else ""] += number
    return DataQuality(
        n=found["source"].total() + n_open,
        sources=sources,
        without_discharge=n_open,
        open_long=open_long,
        without_age=found["age"][NOT_RECORDED],
        without_bag=found["bag"]["unknown"],
        without_reason=found["reason"][NOT_RECORDED],
    )
