"""What the pages of a return share: its steps, and what the hospital says has changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import render_template, url_for

from redbag.domain.custody import Step
from redbag.domain.going_home import HANDOVER_HOME, PAPERS_MISSING, SUMMARY
from redbag.domain.journey import effective
from redbag.domain.pack import Alert, Entry
from redbag.domain.pack_sections import entries
from redbag.domain.record import Values
from redbag.domain.transfer_states import Action, State
from redbag.queries import allergies, recorded
from redbag.queries import returning_medicines as lists
from redbag.queries.after_stay import ward_and_number
from redbag.services import belongings, events
from redbag.web.forms import Form
from redbag.web.home import steps

STEPS = (
    ("home.return_medicines", "Medicines"),
    ("home.return_belongings", "Belongings"),
    ("home.close_transfer", "Needs, bag and close"),
)
_NOBODY_KNOWS = "The ward could not say. Ask before you rely on it."
_PERHAPS_NEW = {"new_allergy": "New allergy or reaction", "new_cpr": "New resuscitation decision"}


def next_step(transfer: Any) -> str:
    """The page of the first step that is still to do."""
    if State(transfer.state) is not State.BACK_HOME:
        return "home.close_transfer" if State(transfer.state) is not State.GOING_HOME else "home.receive"
    settled = lists.outcomes(transfer.id)
    if lists.sent(transfer.id) and not settled:
        return "home.list_medicines"
    if any(one.row.accepted_at is None for one in settled):
        return "home.return_medicines"
    if belongings.list_for(transfer) and not belongings.was_checked(transfer, Step.RETURN):
        return "home.return_belongings"
    return "home.close_transfer"


@dataclass(frozen=True)
class NewNeed:
    """Something that can harm and that the record must learn. `href`: the section to change, "" where the
    ward is to be asked first. `level`: danger; missing where nobody knows."""

    title: str
    text: str
    href: str
    level: str = "danger"


def leaving_data(transfer: Any) -> Values:
    """What was recorded as the person left hospital; empty where nothing was."""
    return recorded.leaving_data(transfer.id)


def papers_missing(transfer: Any) -> tuple[str, str]:
    """What the home found missing as the person came in, and what the ward had said of its summary."""
    standing = effective(events.of(transfer))
    came = next((event.data for event in reversed(standing) if event.action is Action.RECEIVE), {})
    missing = dict(PAPERS_MISSING).get(str(came.get("papers_missing") or ""), "")
    said = dict(SUMMARY).get(str(leaving_data(transfer).get("summary") or ""), "")
    return missing, said if missing else ""


def ward_to_ring(transfer: Any) -> str:
    """What to do about a time-critical medicine that the ward did not mention, with the ward's number."""
    return f"Ring {ward_and_number(transfer)} before the next dose"


def handover(transfer: Any) -> Values:
    """What the ward wrote for the home."""
    return dict(leaving_data(transfer).get("handover") or {})


def new_dangers(transfer: Any) -> list[NewNeed]:
    """A new allergy, a new CPR decision, an infection: alerts of the return."""
    told = handover(transfer)
    record = url_for("home.section", resident_ref=transfer.resident.ref, key="alerts")
    found = []
    if told.get("new_allergy") == "yes":
        found.append(
            NewNeed("New allergy or reaction", str(told.get("new_allergy_detail") or "ask the ward"), record)
        )
    if told.get("new_cpr") == "yes":
        found.append(
            NewNeed("New resuscitation decision", str(told.get("new_cpr_detail") or "ask the ward"), record)
        )
    for key, title in _PERHAPS_NEW.items():
        if told.get(key) == "not_known":
            found.append(
                NewNeed(
                    f"{title}: not known", "The ward could not say. Ask before you rely on it.", "", "missing"
                )
            )
    if told.get("infection"):
        found.append(NewNeed("Infection", str(told["infection"]), record))
    return found


def new_needs(transfer: Any) -> tuple[Entry, ...]:
    """Everything else that the ward wrote for the home; of allergies also “no”, and that nothing was said."""
    told = handover(transfer)
    if not told:
        return ()
    shown = (*_PERHAPS_NEW, "infection")
    settled = [
        Entry(title, {"no": "No", "": "Not recorded"}[str(told.get(key) or "")], key=key)
        for key, title in _PERHAPS_NEW.items()
        if str(told.get(key) or "") in ("no", "")
    ]
    return (*settled, *entries([q for q in HANDOVER_HOME.fields if q.key not in shown], told))


def allergies_before(transfer: Any) -> Alert:
    """The allergies as the pack had them; where the ward says that there may be more, only as of before."""
    alert = allergies.alert_of(transfer)
    if handover(transfer).get("new_allergy") not in ("yes", "not_known"):
        return alert
    level = alert.level if alert.level == "danger" else "missing"
    return replace(alert, title=f"Recorded before this journey: {alert.title}", level=level)


def page(template: str, transfer: Any, form: Form, endpoint: str, **more: Any) -> str:
    """One page of the return."""
    keys = [key for key, _ in STEPS]
    return render_template(
        f"home/return/{template}.html",
        transfer=transfer,
        who=steps.who(transfer.resident),
        form=form,
        errors=form.errors,
        back_home=State(transfer.state) is State.BACK_HOME,
        step_number=keys.index(endpoint) + 1,
        step_count=len(keys),
        dangers=new_dangers(transfer),
        papers_missing=papers_missing(transfer),
        **more,
    )
