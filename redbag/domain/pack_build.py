"""A transfer pack made from what the home knows: the person, the record, the medicines, today.

Pure: everything it needs comes in as one PackSource, so that a pack can be made, compared and tested
without a database. A pack is never blocked by what is missing; what is missing becomes its gaps.
"""

from __future__ import annotations

from datetime import datetime

from redbag.domain import doses as dose_rules
from redbag.domain import pack_alerts, pack_gaps, pack_next, pack_observations
from redbag.domain.london_time import age_on, format_birth_date, format_day, london_day
from redbag.domain.medicine_risk import HighRisk
from redbag.domain.next_due import stands_first
from redbag.domain.nhs_number import format_334
from redbag.domain.pack import (
    Entry,
    PackItem,
    PackMedicine,
    PackSection,
    Person,
    TransferPack,
)
from redbag.domain.pack_sections import alert_entries, entries, entry, needs_entries
from redbag.domain.pack_source import PackSource, SourceMedicine, SourcePerson, SourceSection
from redbag.domain.record import ABOUT_ME, ALERTS, HISTORY, NEEDS, PEOPLE, WISHES, Values
from redbag.domain.todays_facts import (
    CARRIED,
    JOURNEY_TYPES,
    PAPER_KINDS,
    PAPER_TRAVELS,
    REASONS,
    SBAR,
    TODAY,
    WHY_NOW,
)

VALUABLES_LINE = "told that the hospital keeps no responsibility for valuables unless they are handed in"


def build(source: PackSource, *, version: int, made_at: datetime, made_by: str) -> TransferPack:
    """The pack as it stands at `made_at` (UTC)."""
    alerts_answers = source.answers("alerts")
    day_words = pack_alerts.dates_in_words(alerts_answers)
    # What is due after the person has left is for the hospital's chart to say.
    as_of = min(made_at, source.departed_at or made_at)
    medicines = tuple(_medicine(m, source.today("doses"), as_of) for m in source.medicines)
    critical = tuple(_critical_line(m) for m in medicines if m.time_critical)
    insulin = any(HighRisk.INSULIN in m.line.kinds | m.line.unchecked for m in source.medicines)
    observations = pack_observations.observed(source)
    limits = str(source.answers("wishes").get("limits") or "")
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
        resuscitation=pack_alerts.resuscitation(alerts_answers, day_words, limits),
        observations=observations,
        alerts=pack_alerts.alerts_for(
            alerts_answers, critical, insulin, day_words, infection_told=source.infection_told
        ),
        why_now=entries((WHY_NOW.field(key) for key in SBAR), source.today("why_now")),
        time_critical=critical,
        medicines=medicines,
        sections=_sections(source),
        papers=_papers(source.today("papers")),
        files=source.files,
        belongings=source.items,
        told=_told(source.today("told"), source.today("valuables")),
        gaps=pack_gaps.gaps(source, medicines, observations, as_of),
        next_by_mar=pack_next.next_by_mar(source.medicines, as_of),
        next_of_kin=pack_next.next_of_kin(source.answers("people")),
        companion=str(source.today("today").get("companion") or ""),
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
    last, answered = dose_rules.last_dose_words(
        line, source.ref, doses, as_of, source.started_on, source.paused
    )
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
        code=line.code or "",
    )


def _critical_line(medicine: PackMedicine) -> str:
    """A time-critical medicine by the MAR's own times: an alert changes only when somebody changes it."""
    return ", ".join(
        part
        for part in (
            f"{medicine.title} {medicine.dose}".strip(),
            medicine.next_due,
            f"last dose: {medicine.last_dose[:1].lower()}{medicine.last_dose[1:]}"
            if medicine.answered
            else "last dose not answered",
        )
        if part
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
        second = f"; second name: {valuables['witness']}" if valuables.get("witness") else ""
        rows.append(Entry(f"{valuables['told']}{second}", VALUABLES_LINE))
    return tuple(rows)


def item(ref: str, description: str, quantity: int, valuable: bool, carried: str) -> PackItem:
    """A belonging as the pack names it; `carried` is worn, in_bag or in_hand."""
    return PackItem(ref, description, quantity, valuable, dict(CARRIED).get(carried, carried))
