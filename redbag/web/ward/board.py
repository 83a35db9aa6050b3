"""On my ward from a care home: who is here, who is coming, who left with something unfinished."""

from __future__ import annotations

from datetime import timedelta

from flask import render_template
from flask.typing import ResponseReturnValue

from redbag.domain.london_time import london_day
from redbag.domain.permissions import Permission
from redbag.domain.transfer_states import IN_HOSPITAL, State
from redbag.queries import on_the_way, returning_medicines, transfers
from redbag.queries.transfers import Row
from redbag.web.guards import actor, audits, note_read, now, requires
from redbag.web.ward import blueprint

LATELY = timedelta(days=3)


@blueprint.get("/ward")
@requires(Permission.WARD_BOARD)
@audits
def board() -> ResponseReturnValue:
    """People from care homes: my own ward first, then the rest of the hospital."""
    rows = transfers.board(actor(), now())
    note_read("transfer.listed", ("organisation", actor().organisation_ref), count=len(rows))
    here = [row for row in rows if State(row.transfer.state) in IN_HOSPITAL]
    mine = [row for row in here if actor().ward_id and row.transfer.ward_id == actor().ward_id]
    left = [row for row in rows if _left_lately(row)]
    return render_template(
        "ward/board.html",
        mine=mine,
        others=[row for row in here if row not in mine],
        coming=on_the_way.on_the_way(actor()),
        left=left,
        unlisted=returning_medicines.unlisted([row.transfer.id for row in left]),
        today=london_day(now()),
        london_day=london_day,
    )


def _left_lately(row: Row) -> bool:
    """Out of hospital, and either only just or with the medicines list still to come."""
    transfer = row.transfer
    if State(transfer.state) in IN_HOSPITAL or transfer.ended_at is None:
        return False
    return now() - transfer.ended_at < LATELY or State(transfer.state) is State.GOING_HOME
