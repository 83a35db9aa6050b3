"""A person who is here: the pack, their stay, what comes next, and what was recorded."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from redbag.domain import going_home, journey
from redbag.domain.custody import Step
from redbag.domain.permissions import Permission
from redbag.domain.transfer_states import ON_THE_HOSPITALS_CHART, Action, State
from redbag.queries import after_stay, packs, papers, returning_medicines, transfers, typed_wards
from redbag.services import belongings, events, journeys, reach
from redbag.services.reach import Reach
from redbag.web.guards import actor, audits, note_read, now, requires
from redbag.web.ward import blueprint
from redbag.web.ward.admission import stopped
from redbag.web.ward.overtaken import GRAVE

# What a person may set right: where and when somebody was. The rest is answered anew instead.
_TIMED = frozenset(
    {
        Action.ARRIVE,
        Action.ADMIT,
        Action.MOVE_WARD,
        Action.MOVE_HOSPITAL,
        Action.DISCHARGE,
        Action.SEND_BACK,
        Action.DISCHARGE_ELSEWHERE,
        Action.RECORD_DEATH,
    }
)


@blueprint.get("/ward/transfers/<ref>")
@requires(Permission.STAY_RECORD)
@audits
def patient(ref: str) -> ResponseReturnValue:
    """The pack first, as when it was scanned; then the stay and its next steps."""
    found = reach.for_reading(actor(), "", ref)
    transfer = found.transfer
    note_read("transfer.read", ("transfer", transfer.ref))
    if journeys.is_questioned(transfer):
        return stopped(found)
    pack = packs.latest(transfer.id)
    if pack is not None:
        note_read("pack.read", ("transfer", transfer.ref), version=pack.version)
    row = transfers.row_of(actor(), transfer, now())
    return render_template(
        "ward/patient.html",
        transfer=transfer,
        pack=pack,
        changed=packs.changed_since(transfer.id, pack, transfer.gone_by),
        state=State(transfer.state),
        charted=State(transfer.state) in ON_THE_HOSPITALS_CHART,
        attached=len(papers.summaries(transfer.id)),
        # The state line says how long they have been in hospital.
        troubles=[t for t in row.troubles if t.who == "hospital" and t.kind != "long_stay"],
        missing=transfers.missing_things([transfer.id]).get(transfer.id, []),
        things=belongings.list_for(transfer),
        standing=belongings.standing(transfer),
        typed_ward=typed_wards.of([transfer]).get(transfer.id, ""),
        valuables=belongings.valuables_told(transfer),
        after=after_stay.of(transfer),
        death=_death(found),
        history=transfers.history(transfer),
        steps=steps_done(found),
        **_leaving(found),
        **_correctable(found),
    )


def _leaving(found: Reach) -> dict[str, object]:
    """What the home said of meeting their needs, with its conditions, and where the summary is."""
    past = journey.effective(events.of(found.transfer))
    ended = (Action.DISCHARGE, Action.SEND_BACK, Action.DISCHARGE_ELSEWHERE)
    said = next((event.data for event in reversed(past) if event.action in ended), {})
    word = transfers.home_word(found.transfer.id)
    told = said if said.get("home_word") else {}
    if word is not None and not told:
        told = {"home_word": word.word, "home_word_by": word.who, "conditions": word.conditions}
    return {
        "home_word": dict(going_home.HOME_WORD).get(str(told.get("home_word") or ""), ""),
        "home_word_by": told.get("home_word_by") or "",
        "conditions": told.get("conditions") or "",
        "summary": dict(going_home.SUMMARY).get(str(said.get("summary") or ""), ""),
    }


def _death(found: Reach) -> dict[str, str]:
    """Who was told of a death, as it was written down; empty where nobody died."""
    past = journey.effective(events.of(found.transfer))
    said = next((event.data for event in reversed(past) if event.action is Action.RECORD_DEATH), {})
    return {key: str(said.get(key) or "") for key in ("kin_told", "home_told")} if said else {}


def steps_done(found: Reach) -> dict[str, bool]:
    """Which steps of the stay have been done."""
    past = journey.effective(events.of(found.transfer))
    checked = {event.data.get("step") for event in past if event.action is Action.CHECK_BELONGINGS}
    return {
        "belongings_in": Step.ADMISSION.value in checked,
        "belongings_out": Step.DISCHARGE.value in checked,
        "medicines": bool(returning_medicines.outcomes(found.transfer.id)),
        "nothing_sent": not returning_medicines.sent(found.transfer.id),
    }


def _correctable(found: Reach) -> dict[str, object]:
    """What this organisation may take back, and of what it may correct the time."""
    past = events.of(found.transfer)
    standing = journey.effective(past)
    last = journey.undoable(past)
    return {
        "undoable": last.id if last else None,
        "withdrawable": frozenset(event.id for event in journey.withdrawable(past)),
        "grave": GRAVE,
        "timed": frozenset(event.id for event in standing if event.action in _TIMED),
    }
