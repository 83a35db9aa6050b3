"""What a pack does not say, most dangerous first, each in words that a nurse can act on."""

from __future__ import annotations

from datetime import datetime

from redbag.domain import doses as dose_rules
from redbag.domain.belongings import counted
from redbag.domain.pack import ObservationSet, PackMedicine
from redbag.domain.pack_sections import alert_entries
from redbag.domain.pack_source import PackSource
from redbag.domain.record import SECTIONS, Values

NOT_CONFIRMED = "Should go along; not confirmed in the bag"
CPR_PAPER = "Papers: the ReSPECT or DNACPR form should go along; not confirmed in the bag"
"""Where CPR is not recommended and nobody said that the signed form is in the bag, whatever the record says
of where it is kept."""
BAG_NOT_KNOWN = "Red bag: not known yet which one it is"
"""Somebody named a bag that could not be taken, and has not been asked yet (services/late_bag.py)."""
VALUABLES_UNTOLD = "Belongings: nobody named who was told of money and valuables"


def gaps(
    source: PackSource, medicines: tuple[PackMedicine, ...], observations: ObservationSet, as_of: datetime
) -> tuple[str, ...]:
    """Everything that is missing. `as_of` (UTC): when the pack is made, or when the person left before."""
    return (
        *_alert_gaps(source.answers("alerts")),
        *_today_gaps(source),
        *_dose_gaps(source, medicines, as_of),
        *_observation_gaps(observations),
        *_other_alert_gaps(source.answers("alerts")),
        *_lesser_gaps(source),
    )


def of_record(source: PackSource) -> tuple[str, ...]:
    """What the standing record lacks, whatever is typed today."""
    alerts = source.answers("alerts")
    return (*_alert_gaps(alerts), *_other_alert_gaps(alerts), *_paper_gaps(source), *_section_gaps(source))


def _alert_gaps(alerts: Values) -> list[str]:
    """Allergies, the CPR decision and infection: what is asked before anybody touches the person."""
    found = []
    if not alerts.get("allergies"):
        status = alerts.get("allergy_status")
        found += {"allergies": ["Allergies: not recorded to what"], None: ["Allergies not recorded"]}.get(
            status or None, []
        )
    if not alerts.get("cpr_decision"):
        found.append("CPR decision not recorded")
    if not alerts.get("infections"):
        said = alerts.get("infection")
        found += {"yes": ["Infection: not recorded which"], None: ["Infection risk not recorded"]}.get(
            said or None, []
        )
    return found


_SAID_ABOVE = frozenset({"allergy_status", "allergies", "cpr_decision", "infection", "infections"})


def _other_alert_gaps(alerts: Values) -> list[str]:
    """Every other alert question that is blank, on two lines: the CPR decision's own, and the rest."""
    blank = [e for e in alert_entries(alerts) if not e.known and e.key not in _SAID_ABOVE]
    details = [_CPR_DETAILS.get(e.key, e.label) for e in blank if e.key.startswith("cpr_")]
    rest = [e.label for e in blank if not e.key.startswith("cpr_")]
    found = []
    if details:
        found.append("CPR details not recorded: " + ", ".join(details))
    if rest:
        found.append("Not recorded: " + ", ".join(rest))
    return found


_CPR_DETAILS = {
    "cpr_form": "which form",
    "cpr_date": "date",
    "cpr_review_date": "review date",
    "cpr_clinician": "who signed",
    "cpr_original": "where the original is",
}


def _today_gaps(source: PackSource) -> list[str]:
    found = []
    if not source.reason and not source.today("why_now").get("situation"):
        found.append("Why the person is going is not written")
    if not source.medicines:
        found.append("No medicines listed: ask the home whether there are none")
    return found


def _dose_gaps(source: PackSource, medicines: tuple[PackMedicine, ...], as_of: datetime) -> list[str]:
    found = []
    unanswered = [m.name for m in medicines if not m.answered]
    if unanswered:
        found.append("Last dose not answered: " + ", ".join(unanswered))
    doses = source.today("doses")
    timeless = [
        m.line.name for m in source.medicines if dose_rules.own_time_missing(m.line, m.ref, doses, as_of)
    ]
    if any(dose_rules.planned_time_missing(m.line, m.ref, doses, as_of) for m in source.medicines):
        timeless.append("ordinary medicines")
    if timeless:
        found.append("Time of last dose not recorded: " + ", ".join(timeless))
    once = [m.line.name for m in source.medicines if dose_rules.counted_by_one(doses.get(m.ref) or {})]
    if once:
        found.append("Counted by one person, no second name: " + ", ".join(once))
    return found


def _observation_gaps(observations: ObservationSet) -> list[str]:
    if observations.news2 is None:
        return ["No observations taken"]
    return [] if observations.news2_complete else ["Observations incomplete"]


def _lesser_gaps(source: PackSource) -> list[str]:
    found = _paper_gaps(source)
    if source.today("bag_typed") and not source.bag_number:
        found.append(BAG_NOT_KNOWN)
    if not any(value for key, value in source.today("today").items() if key != "saved_at"):
        found.append("How they are today: not assessed")
    if not source.items:
        found.append("Belongings not listed")
    precious = [one.description for one in source.items if one.valuable or not counted(one.description)]
    if precious and not source.today("valuables").get("told"):
        found.append(f"{VALUABLES_UNTOLD} ({', '.join(precious)})")
    return [*found, *_section_gaps(source)]


def _paper_gaps(source: PackSource) -> list[str]:
    found = [] if source.person.nhs_number else ["NHS number not known"]
    refused = source.answers("alerts").get("cpr_decision") == "not_recommended"
    if refused and source.today("papers").get("cpr") in (None, "no"):
        found.append(CPR_PAPER)
    return found


def _section_gaps(source: PackSource) -> list[str]:
    return [
        f"{section.title}: nothing recorded"
        for section in SECTIONS
        if section.key != "alerts"
        and not any(v not in (None, "", []) for v in source.answers(section.key).values())
    ]
