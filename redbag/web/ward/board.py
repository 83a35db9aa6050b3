"""On my ward from a care home: who is here, who is coming, who left with something unfinished."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from redbag.domain.permissions import Permission
from redbag.queries import on_the_way, returning_medicines, typed_wards, ward_board
from redbag.web.guards import actor, audits, note_read, now, requires
from redbag.web.ward import blueprint


@blueprint.get("/ward")
@requires(Permission.WARD_BOARD)
@audits
def board() -> ResponseReturnValue:
    """People from care homes: those of my own ward, or of the ward that was chosen; a search finds all."""
    words, ward = request.args.get("q", "").strip(), request.args.get("ward", "")
    number = request.args.get("page", 1, type=int)
    band = request.args.get("show", "")
    band = band if band in ward_board.BANDS else ""
    found = ward_board.look(actor(), now(), words=words, ward=ward, band=band, number=number)
    note_read(
        "transfer.listed",
        ("organisation", actor().organisation_ref),
        count=len(found.lines) + len(found.left),
    )
    return render_template(
        "ward/board.html",
        board=found,
        words=words,
        ward=ward,
        band=band,
        all_wards=ward == ward_board.ALL_WARDS or not (ward or actor().ward_id),
        ward_name=next((one.name for one in found.choices if one.value == ward), "this ward"),
        coming=on_the_way.on_the_way(actor()),
        places=typed_wards.of([line.row.transfer for line in found.lines]),
        unlisted=returning_medicines.unlisted([row.transfer.id for row in found.left]),
    )
