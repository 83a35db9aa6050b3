"""A transfer pack made from what the home knows: the person, the record, the medicines, today.

Pure: everything it needs comes in as one PackSource, so that a pack can be made, compared and tested
without a database. A pack is never blocked by what is missing; what is missing becomes its gaps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from redbag.domain import doses as dose_rules
from redbag.domain import news2, pack_alerts
from redbag.domain.london_time import age_on, format_birth_date, format_day, format_moment, london_day
from redbag.domain.medicine_line import Line
from redbag.domain.medicine_risk import HighRisk
from redbag.domain.next_due import stands_first
from redbag.domain.nhs_number import format_334
from redbag.domain.pack import (
    Entry,
    HomeCard,
    ObservationSet,
    PackItem,
    PackMedicine,
    PackSection,
    Person,
    TransferPack,
)
from redbag.domain.pack_sections import alert_entries, entries, entry, needs_entries
from redbag.domain.papers import PackFile
from redbag.domain.record import ABOUT_ME, ALERTS, HISTORY, NEEDS, PEOPLE, SECTIONS, WISHES, Values
from redbag.domain.todays_facts import (
    CARRIED,
    JOURNEY_TYPES,
    OBSERVATIONS,
    PAPER_KINDS,
    PAPER_TRAVELS,
    REASONS,
    TODAY,
    WHY_NOW,
)

# Situation, background, assessment, request: the order in which a handover is told.
_SBAR = (
    "situation",
    "started",
    "last_seen_well",
    "called",
    "background",
    "assessment",
    "request",
    "wishes_today",
)
VALUABLES_LINE = "told that the hospital keeps no responsibility for valuables unless they are handed in"


@dataclass(frozen=True)
class SourcePerson:
    """The resident as the home knows them."""

    name: str
    preferred_name: str
    date_of_birth: date
    nhs_number: str
    gender: str
    room: str
    gp_practice: str
    first_language: str
    interpreter: str
    usual_news2: int | None
    usual_news2_on: date | None


@dataclass(frozen=True)
class SourceMedicine:
    """One medicine of the standing list, with what a Line does not hold."""

    ref: str
    line: Line
    indication: str = ""
    as_needed_rules: str = ""
    allergy_conflict: str = ""
    started_on: date | None = None
    review_on: date | None = None
    paused: str = ""


@dataclass(frozen=True)
class SourceSection:
    """The kept answers of one section and its last review."""

    answers: Values
    reviewed_at: datetime | None = None
    reviewed_by: str = ""


@dataclass(frozen=True)
class PackSource:
    """Everything that a pack is made from. `departed_at` (UTC): None before the person has left."""

    transfer_ref: str
    journey_type: str
    reason: str
    home: HomeCard
    hospital: str
    bag_number: str
    person: SourcePerson
    sections: Mapping[str, SourceSection] = field(default_factory=dict)
    medicines: tuple[SourceMedicine, ...] = ()
    facts: Mapping[str, Values] = field(default_factory=dict)
    items: tuple[PackItem, ...] = ()
    files: tuple[PackFile, ...] = ()
    departed_at: datetime | None = None

    def answers(self, key: str) -> Values:
        """The kept answers of a section of the record; empty where nobody wrote any."""
        found = self.sections.get(key)
        return found.answers if found else {}

    def today(self, key: str) -> Values:
        """Today's answers of one kind; empty where there are none. `saved_at`: when they were kept."""
        answers = self.facts.get(key) or {}
        saved_at = (self.facts.get("saved_at") or {}).get(key)
        return {**answers, "saved_at": saved_at} if saved_at and answers else answers


def build(source: PackSource, *, version: int, made_at: datetime, made_by: str) -> TransferPack:
    """The pack as it stands at `made_at` (UTC)."""
    alerts_answers = source.answers("alerts")
    day_words = pack_alerts.dates_in_words(alerts_answers)
    # What is due after the person has left is for the hospital's chart to say.
    as_of = min(made_at, source.departed_at or made_at)
    medicines = tuple(_medicine(m, source.today("doses"), as_of) for m in source.medicines)
    critical = tuple(_critical_line(m) for m in medicines if m.time_critical)
    insulin = any(HighRisk.INSULIN in m.line.kinds for m in source.medicines)
    observations = _observations(source)
    return TransferPack(
        transfer_ref=source.transfer_ref,
        version=version,
        made_at=made_at,
        made_by=made_by,
        journey_type=dict(JOURNEY_TYPES).get(source.journey_type, source.journey_type),
        reason=dict(REASONS).get(source.reason, source.reason),
        home=source.home,
        hospital=source.hospital,
        bag_number=source.bag_number,
        person=_person(source.person, made_at),
        resuscitation=pack_alerts.resuscitation(alerts_answers, day_words),
        observations=observations,
        alerts=pack_alerts.alerts_for(alerts_answers, critical, insulin, day_words),
        why_now=entries((WHY_NOW.field(key) for key in _SBAR), source.today("why_now")),
        time_critical=critical,
        medicines=medicines,
        sections=_sections(source),
        papers=_papers(source.today("papers")),
        files=source.files,
        belongings=source.items,
        told=_told(source.today("told"), source.today("valuables")),
        gaps=_gaps(source, medicines, observations),
    )


def _person(person: SourcePerson, made_at: datetime) -> Person:
    return Person(
        name=person.name,
        preferred_name=person.preferred_name,
        date_of_birth=format_birth_date(person.date_of_birth),
        age=age_on(person.date_of_birth, london_day(made_at)),
        nhs_number=format_334(person.nhs_number) if person.nhs_number else "",
        gender=person.gender,
        room=person.room,
        gp_practice=person.gp_practice,
        first_language=person.first_language,
        interpreter=person.interpreter,
    )


def _medicine(source: SourceMedicine, doses: Values, as_of: datetime) -> PackMedicine:
    line = source.line
    last, answered = dose_rules.last_dose_words(line, source.ref, doses)
    own = doses.get(source.ref) or {}
    warnings = dose_rules.warnings(line)
    return PackMedicine(
        ref=source.ref,
        name=line.name,
        form=line.form,
        strength=line.strength,
        dose=line.dose,
        route=line.route,
        frequency=line.frequency,
        times=", ".join(line.times),
        indication=source.indication,
        as_needed=line.as_needed,
        as_needed_rules=source.as_needed_rules,
        warnings=(*warnings, f"Paused: {source.paused}") if source.paused else warnings,
        time_critical=line.time_critical,
        last_dose=last,
        answered=answered,
        next_due=dose_rules.next_due_words(line),
        started=format_day(source.started_on) if source.started_on else "",
        review=format_day(source.review_on) if source.review_on else "",
        allergy_conflict=source.allergy_conflict,
        sent=dose_rules.sent_words(own),
        stands_first=stands_first(line),
        due=dose_rules.due_words(line, source.ref, doses, as_of, source.started_on, source.paused),
    )


def _critical_line(medicine: PackMedicine) -> str:
    """A time-critical medicine by the MAR's own times: an alert changes only when somebody changes it."""
    return ", ".join(
        part
        for part in (
            f"{medicine.title} {medicine.dose}".strip(),
            medicine.next_due,
            f"last dose: {medicine.last_dose.lower()}",
        )
        if part
    )


def _observations(source: PackSource) -> ObservationSet:
    answers = source.today("observations")
    person = source.person
    usual = "Usual score not recorded"
    if person.usual_news2 is not None:
        on = f" ({format_day(person.usual_news2_on)})" if person.usual_news2_on else ""
        usual = f"Usual score {person.usual_news2}{on}"
    measured = [answers.get(key) for key in _NEWS2_FIELDS]
    if all(value is None for value in measured):
        return ObservationSet(
            _measured(answers), None, False, "No observations recorded", usual, _taken(answers)
        )
    result = score(answers)
    return ObservationSet(
        entries=_measured(answers),
        news2=result.total,
        news2_complete=result.complete,
        news2_words=result.sentence,
        usual_words=usual,
        taken=_taken(answers),
    )


def _measured(answers: Values) -> tuple[Entry, ...]:
    """What was measured; blood pressure as one fact, as it is read: 98/61 mmHg. When stands beside it."""
    found = entries((f for f in OBSERVATIONS.fields if f.key != "taken_at"), answers)
    upper, lower = answers.get("systolic_bp"), answers.get("diastolic_bp")
    if upper is None or lower is None:
        return found
    pressure = Entry("Blood pressure", f"{upper:g}/{lower:g} mmHg", key="systolic_bp")
    return tuple(pressure if e.key == "systolic_bp" else e for e in found if e.key != "diastolic_bp")


def _taken(answers: Values) -> str:
    """When they were taken, as typed, and when that was written down: a clock time alone goes stale."""
    parts = [str(answers.get("taken_at") or "")]
    if answers.get("saved_at"):
        parts.append(f"written {format_moment(datetime.fromisoformat(answers['saved_at']))}")
    return ", ".join(part for part in parts if part)


_NEWS2_FIELDS = ("respiratory_rate", "spo2", "systolic_bp", "pulse", "consciousness", "temperature")


def score(answers: Values) -> news2.Score:
    """NEWS2 of today's observations. Air or oxygen unanswered leaves that part unscored."""
    on_oxygen = {"yes": True, "no": False}.get(str(answers.get("on_oxygen")))
    return news2.score(
        respiratory_rate=answers.get("respiratory_rate"),
        spo2=answers.get("spo2"),
        on_oxygen=on_oxygen,
        systolic_bp=answers.get("systolic_bp"),
        pulse=answers.get("pulse"),
        consciousness=answers.get("consciousness"),
        temperature=answers.get("temperature"),
        scale=2 if answers.get("spo2_scale") == "2" else 1,
    )


def _sections(source: PackSource) -> tuple[PackSection, ...]:
    today = source.today("today")
    made = []
    for section in (ALERTS, NEEDS, ABOUT_ME, PEOPLE, HISTORY, WISHES):
        kept = source.sections.get(section.key)
        answers = kept.answers if kept else {}
        if section is NEEDS:
            found = (
                *needs_entries(section.fields, answers, today),
                *(e for q in TODAY.fields[-3:] if (e := entry(q, today))),
            )
        else:
            found = alert_entries(answers) if section is ALERTS else entries(section.fields, answers)
        made.append(PackSection(section.key, section.title, found, _reviewed(kept)))
    return tuple(made)


def _reviewed(kept: SourceSection | None) -> str:
    if kept is None or kept.reviewed_at is None:
        return "Never reviewed"
    by = f" by {kept.reviewed_by}" if kept.reviewed_by else ""
    return f"Reviewed {format_day(london_day(kept.reviewed_at))}{by}"


def _papers(papers: Values) -> tuple[Entry, ...]:
    travels = dict(PAPER_TRAVELS)
    return tuple(
        Entry(label, travels[papers[key]], key=key)
        for key, label in PAPER_KINDS
        if papers.get(key) in travels
    )


def _told(told: Values, valuables: Values) -> tuple[Entry, ...]:
    rows = [
        Entry(str(row.get("who") or ""), str(row.get("when") or "told")) for row in told.get("rows") or []
    ]
    if valuables.get("told"):
        rows.append(Entry(str(valuables["told"]), VALUABLES_LINE))
    return tuple(rows)


def _gaps(
    source: PackSource, medicines: tuple[PackMedicine, ...], observations: ObservationSet
) -> tuple[str, ...]:
    """What is missing, most dangerous first, each in words that a nurse can act on."""
    alerts = source.answers("alerts")
    gaps = []
    if not alerts.get("allergy_status") and not alerts.get("allergies"):
        gaps.append("Allergies not recorded")
    if not alerts.get("cpr_decision"):
        gaps.append("CPR decision not recorded")
    if not source.reason and not source.today("why_now").get("situation"):
        gaps.append("Why the person is going is not written")
    if not source.medicines:
        gaps.append("No medicines listed: ask the home whether there are none")
    unanswered = [m.name for m in medicines if not m.answered]
    if unanswered:
        gaps.append("Last dose not answered: " + ", ".join(unanswered))
    if observations.news2 is None:
        gaps.append("No observations taken")
    elif not observations.news2_complete:
        gaps.append("Observations incomplete")
    unasked = pack_alerts.never_answered(alerts)
    if unasked:
        gaps.append("Not recorded: " + ", ".join(unasked))
    if not source.person.nhs_number:
        gaps.append("NHS number not known")
    if alerts.get("cpr_decision") == "not_recommended" and source.today("papers").get("cpr") in (
        None,
        "no",
    ):
        gaps.append("Papers: the ReSPECT or DNACPR form is not listed as going along")
    if not any(value for key, value in source.today("today").items() if key != "saved_at"):
        gaps.append("How they are today: not assessed")
    if not source.items:
        gaps.append("Belongings not listed")
    gaps += [
        f"{section.title}: nothing recorded"
        for section in SECTIONS
        if section.key != "alerts"
        and not any(v not in (None, "", []) for v in source.answers(section.key).values())
    ]
    return tuple(gaps)


def item(ref: str, description: str, quantity: int, valuable: bool, carried: str) -> PackItem:
    """A belonging as the pack names it; `carried` is worn, in_bag or in_hand."""
    return PackItem(ref, description, quantity, valuable, dict(CARRIED).get(carried, carried))
