"""One home's copy as its tablet reads it: plain JSON, made by what makes the pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from redbag.domain import doses, next_due, pack_build, pack_gaps, standing_alerts
from redbag.domain.london_time import age_on, format_birth_date, format_moment, london_day
from redbag.domain.medicine_line import is_as_needed
from redbag.domain.nhs_number import format_334
from redbag.domain.pack import Entry, PackMedicine, TransferPack
from redbag.domain.pack_sections import entries
from redbag.domain.pack_source import PackSource, SourceMedicine
from redbag.domain.record import CARE_ACTIVITIES, CPR_ONLY, Field, Values
from redbag.domain.todays_facts import CARRIED, JOURNEY_TYPES, REASONS
from redbag.domain.transfer_states import STATE_WORDS, State
from redbag.queries import residents_list
from redbag.queries.offline_copy import HomeCopy, Record
from redbag.services import belongings, residents, transfers
from redbag.web.forms import as_shown
from redbag.web.home.label import LABEL_CODE
from redbag.web.home.last_doses import Asked, asked_about, flat, questions
from redbag.web.home.late_handover import CREW
from redbag.web.home.packed_belongings import Line, lines_of
from redbag.web.home.packing import OBSERVED, PAPERS, TODAYS, WHY, FactPage
from redbag.web.home.ready import infections
from redbag.web.home.residents import FACTS
from redbag.web.home.steps import is_packing
from redbag.web.home.telephones import of_record
from redbag.web.home.todays_score import usual_words

Json = dict[str, Any]

_WORDS: Json = {
    "reasons": REASONS,
    "journey_types": JOURNEY_TYPES,
    "ordinary": doses.ORDINARY,
    "given": doses.GIVEN,
    "carried": CARRIED,
    "cpr_only": CPR_ONLY,
    "activities": [one.key for one in CARE_ACTIVITIES],
}
_PAGES = (WHY, OBSERVED, TODAYS, PAPERS)


def of_home(found: HomeCopy, now: datetime) -> Json:
    """Everything that the tablet takes along, without the time at which it was made."""
    home = found.home
    phones = {"phone": home.phone, "night_phone": home.night_phone or home.phone}
    return {
        "home": {"ref": home.ref, "name": home.name, "address": home.address, **phones},
        "words": _WORDS
        | {
            **{page.step: [_field(one) for one in page.questions] for page in _PAGES},
            "intros": {page.step: page.intro for page in _PAGES},
            "crew": _field(CREW),
            "label_code": _field(LABEL_CODE),
        },
        "hospitals": [{"ref": one.ref, "name": one.name} for one in found.hospitals],
        "usual_hospital": found.usual_hospital.ref if found.usual_hospital else "",
        "bags": [{"ref": one.ref, "number": one.number} for one in found.stock],
        "residents": [_resident(one, found, now) for one in found.records],
    }


def _field(question: Field) -> Json:
    names = (
        "key",
        "label",
        "hint",
        "unit",
        "longest",
        "detail",
        "least",
        "most",
        "clock",
        "required",
        "whole",
    )
    told = {name: getattr(question, name) for name in names}
    return {**told, "kind": question.kind.value, "choices": question.choices}


def _resident(record: Record, found: HomeCopy, now: datetime) -> Json:
    resident, source = record.resident, record.source
    named = {"ref": resident.ref, "name": resident.full_name, "room": resident.room, "closed": record.closed}
    if source is None:
        return named
    pack = pack_build.build(source, version=1, made_at=now, made_by="")
    asked, born = asked_about(record.medicines), resident.date_of_birth
    alerts = standing_alerts.of(source.answers("alerts"), [one.line for one in source.medicines])
    number = resident.nhs_number
    return named | {
        "preferred": resident.preferred_name,
        "born": format_birth_date(born),
        "born_iso": born.isoformat(),
        "age": age_on(born, london_day(now)),
        "nhs_number": format_334(number) if number else "",
        "usual": usual_words(resident),
        "alike": "; ".join(_like(one) for one in record.alike),
        "alerts": [
            {"kind": one.kind, "level": one.level, "title": one.title, "text": one.text} for one in alerts
        ],
        "cpr": _cpr(pack),
        "sections": _sections(record, pack),
        "needs": {one.key: one.text for one in entries(CARE_ACTIVITIES, source.answers("needs"))},
        "medicines": _medicines(asked, pack, source),
        "belongings": [_line(one) for one in lines_of((), record.before, found.usually)],
        "people": [
            {name: getattr(one, name) for name in ("name", "relation", "number", "dial", "note")}
            for one in of_record(source.answers("people"))
        ],
        "infections": infections(pack),
        "gaps": pack_gaps.of_record(source),
        "seen": _NOTHING_SEEN,
        "journey": _journey(record, asked, found) if record.journey else None,
    }


def _like(other: residents_list.Alike) -> str:
    one = other.resident
    room = f", room {one.room}" if one.room else ""
    return f"{one.full_name}, born {format_birth_date(one.date_of_birth)}{room} ({other.reason.lower()})"


def _cpr(pack: TransferPack) -> Json:
    names = ("decision", "words", "details", "original", "limits")
    return {name: getattr(pack.resuscitation, name) for name in names}


def _sections(record: Record, pack: TransferPack) -> list[Json]:
    facts = entries(FACTS, residents.identity_of(record.resident), keep_blank=True)
    who = {"key": "who", "title": "Who they are", "reviewed": "", "entries": _entries(facts)}
    kept = [
        {
            "key": one.key,
            "title": one.title,
            "reviewed": one.reviewed,
            "entries": _entries(one.entries),
        }
        for one in pack.sections
    ]
    return [who, *kept]


def _entries(found: Sequence[Entry]) -> list[Json]:
    return [{"label": one.label, "text": one.text, "known": one.known} for one in found]


def _medicines(asked: Sequence[Asked], pack: TransferPack, source: PackSource) -> list[Json]:
    known = {one.ref: one for one in pack.medicines}
    kept = {one.ref: one for one in source.medicines}
    return [_medicine(one, known[one.ref], kept[one.ref]) for one in asked]


def _medicine(one: Asked, kept: PackMedicine, line: SourceMedicine) -> Json:
    return {
        "ref": one.ref,
        "title": one.title,
        "directions": one.directions,
        "warnings": one.warnings,
        "alone": one.alone,
        "controlled": one.controlled,
        "indication": kept.indication,
        "allergy_conflict": kept.allergy_conflict,
        # The MAR's words stay true: nothing that was computed for the moment of the copy.
        "next": replace(kept, due="").when_next,
        "first": kept.stands_first,
        **by_the_mar(line),
    }


def by_the_mar(medicine: SourceMedicine) -> Json:
    """What a tablet needs to say by itself when a dose is due and which was the last (due.js)."""
    line = medicine.line
    fixed = () if is_as_needed(line) else next_due.fixed_times(line)
    every = None if is_as_needed(line) else next_due.patch_days(line)
    told = {
        "patch": next_due.is_patch(line),
        "every": every,
        "started": medicine.started_on.isoformat() if medicine.started_on else "",
        "paused": medicine.paused,
    }
    return {
        "slots": [(f"{slot.clock:%H:%M}", slot.weekday) for slot in fixed],
        "mar": doses.mar_words(line),
        **{name: value for name, value in told.items() if value},
    }


def _line(line: Line) -> Json:
    names = ("name", "ref", "note", "counted", "valuable", "carried", "ticked", "quantity")
    return {name: getattr(line, name) for name in names}


_PRINTED = (*(page.key for page in _PAGES), "doses")
_NOTHING_SEEN = {
    **{key: transfers.print_of_answers({}) for key in _PRINTED},
    "belongings": belongings.print_of_things(()),
}


def _journey(record: Record, asked: Sequence[Asked], found: HomeCopy) -> Json:
    journey = record.journey
    assert journey is not None  # noqa: S101 - narrows the type
    since = residents_list.reached_at(journey)
    lines = lines_of(record.listed, record.before, found.usually)
    return {
        "ref": journey.ref,
        "state": journey.state,
        "state_words": STATE_WORDS[State(journey.state)],
        "since_words": f"since {format_moment(since)}" if since else "",
        "reason": dict(REASONS).get(journey.reason, journey.reason),
        "journey_type": journey.journey_type,
        "hospital": journey.hospital.ref if journey.hospital else "",
        "bag": record.bag_number,
        "label_serial": record.label_serial,
        "packing": is_packing(journey),
        "seen": {
            **{key: transfers.print_of(journey, key) for key in _PRINTED},
            "belongings": belongings.print_of_things(record.listed),
        },
        "typed": {
            **{page.key: _typed(page, journey) for page in _PAGES},
            "doses": _filled(
                as_shown(questions(asked), flat(_facts(journey, "doses"), asked)),
            ),
        },
        "doses_at": _facts(journey, "saved_at").get("doses"),
        "belongings": [_line(one) for one in lines],
    }


def _typed(page: FactPage, journey: Any) -> dict[str, str]:
    start = _facts(journey, page.key)
    if page is WHY:
        start = {**start, "reason": journey.reason}
    return _filled(as_shown(page.questions, start))


def _facts(journey: Any, key: str) -> Values:
    return dict(journey.facts.get(key) or {})


def _filled(shown: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in shown.items() if text}
