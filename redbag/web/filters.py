"""How values read on pages, and what every template may ask."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from flask import Flask, g
from flask_login import current_user

from redbag.domain import london_time, nhs_number
from redbag.domain.due_passed import by_now, round_now, still_to_come
from redbag.domain.length_of_stay import days_in_hospital
from redbag.domain.pack import PackMedicine, Person, TransferPack
from redbag.domain.pack_changes import in_short
from redbag.domain.pack_gaps import CPR_PAPER, NOT_CONFIRMED, VALUABLES_UNTOLD
from redbag.domain.pack_observations import taken_words
from redbag.domain.permissions import ROLE_WORDS, Permission, Subject, can
from redbag.domain.record import choice_label
from redbag.domain.transfer_states import ACTION_WORDS, STATE_WORDS, Action, State
from redbag.web import guards, outbox


def register(app: Flask) -> None:
    """Adds the filters and the names that every template may use."""
    app.add_template_filter(_moment, "moment")
    app.add_template_filter(_clock, "clock")
    app.add_template_filter(_day, "day")
    app.add_template_filter(london_time.format_birth_date, "birth_date")
    app.add_template_filter(_iso_day, "iso_day")
    app.add_template_filter(_ago, "ago")
    app.add_template_filter(_days, "days")
    app.add_template_filter(_days_in_hospital, "days_in_hospital")
    app.add_template_filter(_age_today, "age_today")
    app.add_template_filter(_when_next, "when_next")
    app.add_template_filter(_due, "due")
    app.add_template_filter(_to_come, "to_come")
    app.add_template_filter(_next_round, "next_round")
    app.add_template_filter(taken_words, "taken_words")
    app.add_template_filter(_nhs, "nhs_number")
    app.add_template_filter(_state, "state_words")
    app.add_template_filter(_bed, "bed_words")
    app.add_template_filter(_action, "action_words")
    app.add_template_filter(in_short, "in_short")
    app.add_template_global(choice_label)
    app.add_template_global(_may, "may")
    app.add_template_global(_form_key, "form_key")
    app.add_template_global(outbox.kept_fields, "kept_fields")
    app.add_template_global(Permission, "Permission")
    app.jinja_env.globals["ROLE_WORDS"] = ROLE_WORDS
    app.jinja_env.globals |= {
        "CPR_PAPER": CPR_PAPER,
        "CPR_UNCONFIRMED": NOT_CONFIRMED,
        "VALUABLES_UNTOLD": VALUABLES_UNTOLD,
    }
    app.context_processor(_every_page)


def _bed(place: str) -> str:
    """A bed as it was typed, called a bed unless the typist said bed, bay or room."""
    said = place.casefold()
    return place if any(word in said for word in ("bed", "bay", "room", "chair")) else f"bed {place}"


def _every_page() -> dict[str, Any]:
    person = current_user if current_user.is_authenticated else None
    return {
        "person": person,
        "worker": person.actor if person else None,
        "cspNonce": g.get("csp_nonce", ""),
        "demo": g.settings.is_demo if "settings" in g else False,
        "asks_second_factor": g.settings.asks_second_factor if "settings" in g else True,
        "right_now": guards.now(),
    }


def _moment(instant: datetime | None) -> str:
    return london_time.format_moment(instant) if instant else "not recorded"


def _clock(instant: datetime | None) -> str:
    return london_time.format_time(instant) if instant else ""


def _day(day: date | datetime | str | None) -> str:
    if isinstance(day, str):
        day = date.fromisoformat(day) if day else None
    if isinstance(day, datetime):
        day = london_time.london_day(day)
    return london_time.format_day(day) if day else "not recorded"


def _iso_day(instant: datetime) -> str:
    """The London day as a date field takes it: 2026-11-03."""
    return london_time.london_day(instant).isoformat()


def _ago(instant: datetime | None) -> str:
    """How long ago, in the largest unit that says enough: "5 minutes", "3 hours", "4 days".

    Days are London midnights crossed, as stays are counted.
    """
    if instant is None:
        return ""
    minutes = max(0, int((guards.now() - instant).total_seconds() // 60))
    if minutes == 0:
        return "less than a minute"
    if minutes >= 2 * 1440:
        return _days(days_in_hospital(instant, guards.now()))
    if minutes >= 60:
        hours = minutes // 60
        return f"{hours} hour{'s' if hours != 1 else ''}"
    return f"{minutes} minute{'s' if minutes != 1 else ''}"


def _days(number: int) -> str:
    return f"{number:,} day{'s' if number != 1 else ''}"


def _days_in_hospital(transfer: Any) -> str:
    """How long a journey's stay has lasted, or lasted until it ended: "9 days"; empty before admission."""
    started = transfer.decision_to_admit_at or transfer.admitted_at
    return _days(days_in_hospital(started, transfer.ended_at or guards.now())) if started else ""


def _age_today(of: Person | date) -> int | None:
    """How old somebody is now, by their day of birth or as the person of a pack: the pack itself holds the
    age of the day it was made."""
    today = london_time.london_day(guards.now())
    return london_time.age_on(of, today) if isinstance(of, date) else of.age_on(today)


def _due(medicine: PackMedicine, phone: str) -> str:
    """When a dose of the pack is due, unless that has long passed. `phone`: the home's, to be asked."""
    return by_now(medicine.due, guards.now(), phone)


def _to_come(medicine: PackMedicine) -> str:
    """The next dose by the home's MAR, for a ward that gives the medicines now; "" once its time has come."""
    return still_to_come(medicine.due, guards.now())


def _next_round(pack: TransferPack) -> str:
    """When the medicines that are not named one by one are, or were, due by the home's MAR."""
    return round_now(pack.next_by_mar, guards.now(), pack.home.night_phone)


def _when_next(medicine: PackMedicine, phone: str) -> str:
    """When to give it next; where what was computed has long passed, what the MAR says."""
    return replace(medicine, due=_due(medicine, phone)).when_next


def _nhs(number: str | None) -> str:
    return nhs_number.format_334(number) if number else "not known"


def _state(state: str) -> str:
    return STATE_WORDS[State(state)]


def _action(action: str) -> str:
    return ACTION_WORDS[Action(action)]


def _may(permission: Permission, subject: Subject | None = None) -> bool:
    """The same question that services ask, for showing a button."""
    if not current_user.is_authenticated or current_user.actor is None:
        return False
    return can(current_user.actor, permission, subject)


def _form_key(kept: bool = True) -> str:
    """A fresh idempotency key for one rendering of a form; the same one while somebody settles what a tablet
    had kept."""
    return (outbox.kept_key() if kept else "") or secrets.token_urlsafe(18)
