"""The ward card: one A4 side for the bedside, from the same frozen pack as the page and the paper."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from redbag.domain.errors import NotFound
from redbag.domain.permissions import Permission
from redbag.domain.transfer_states import ON_THE_HOSPITALS_CHART, State
from redbag.queries import after_stay, packs
from redbag.services import journeys, reach
from redbag.web.guards import actor, audits, note_read, requires
from redbag.web.ward import blueprint
from redbag.web.ward.admission import stopped


@blueprint.get("/b/<token>/card", endpoint="card")
@blueprint.get("/ward/transfers/<ref>/card", endpoint="card")
@requires(Permission.LABEL_SCAN)
@audits
def show_card(token: str = "", ref: str = "") -> ResponseReturnValue:
    """What whoever stands at the bed needs, to be printed and put there."""
    found = reach.for_reading(actor(), token, ref)
    transfer = found.transfer
    if journeys.is_questioned(transfer):
        note_read("transfer.read", ("transfer", transfer.ref))
        return stopped(found)
    pack = packs.latest(transfer.id)
    if pack is None:
        raise NotFound("The home has not made the pack yet: there is no card to print.")
    note_read("pack.printed", ("transfer", transfer.ref), version=pack.version)
    return render_template(
        "ward/card.html",
        pack=pack,
        reach=found,
        transfer=transfer,
        charted=State(transfer.state) in ON_THE_HOSPITALS_CHART,
        after=after_stay.of(transfer),
    )
