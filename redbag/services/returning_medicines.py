"""Medicines on the way home: the hospital's answer to every line, and the home's acceptance.

There is no default: every line of the sent list, and every line that the hospital adds, ends as one
outcome that somebody chose. The home accepts against the summary or the dispensed labels, two names;
then the standing record takes the new list.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import update

from redbag.database import db
from redbag.domain.errors import Invalid
from redbag.domain.london_time import london_day
from redbag.domain.medicine_allergies import conflict_words, met
from redbag.domain.medicine_unsaid import left_unsaid
from redbag.domain.medicines import (
    Answer,
    Caution,
    ListSource,
    Outcome,
    cautions,
    is_as_needed,
    validate_outcomes,
)
from redbag.domain.permissions import Actor
from redbag.domain.transfer_states import Action
from redbag.models import Medicine, MedicineLine, MedicineOutcome, Transfer
from redbag.queries import allergies
from redbag.queries import returning_medicines as lists
from redbag.queries.medicine_lines import travelling
from redbag.queries.returning_medicines import Settled
from redbag.services import audit, events, journeys, records
from redbag.services.events import Happening

TEXT_FIELDS = ("name", "form", "strength", "dose", "route", "frequency", "times")


@dataclass(frozen=True)
class Said:
    """What the hospital said of one sent line. `new`: the medicine as it is now, for changed and
    replaced ones (name, form, strength, dose, route, frequency, times)."""

    sent_ref: str
    outcome: Outcome
    reason: str = ""
    restart: str = ""
    decides: str = ""
    new: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Started:
    """A medicine that was not on the sent list."""

    new: Mapping[str, str]
    reason: str = ""


class ToConfirm(Invalid):
    """The list is in order, and holds what must be confirmed once: a time-critical medicine that is not
    mentioned, a recorded allergy met, two medicines that may be one. `cautions`: all of them."""

    def __init__(self, cautions: Sequence[Caution]) -> None:
        super().__init__({"confirm": "Not saved yet: confirm what stands below, or correct the list."})
        self.cautions = tuple(cautions)


def record_list(
    actor: Actor,
    transfer: Transfer,
    *,
    said: Sequence[Said],
    started: Sequence[Started],
    source: str,
    now: datetime,
    informant: str = "",
    confirmed: Collection[str] = (),
) -> None:
    """Keeps the hospital's list. A list recorded again takes the place of the one before, which stays.

    `source`: a ListSource. `confirmed`: the messages of the cautions that the person ticked. Raises Invalid
    with a sentence beside each line (`line-<ref>` for sent lines, `started-<n>` for new ones), and ToConfirm
    where all is well but for a caution that nobody has confirmed.
    """
    journeys.refuse_while_questioned(transfer)
    sent = lists.sent(transfer.id)
    by_ref = {row.ref: position for position, row in enumerate(sent)}
    returned: list[MedicineLine] = []
    answers: list[Answer] = []
    for one in said:
        position = by_ref.get(one.sent_ref)
        if position is None:
            raise Invalid({"form": "The list that the home sent has changed. Open this page again."})
        made = _returned_line(transfer, sent[position], one, len(returned))
        if made is not None:
            returned.append(made)
        answers.append(
            Answer(
                one.outcome,
                position,
                len(returned) - 1 if made else None,
                one.reason,
                one.restart,
                one.decides,
            )
        )
    for new in started:
        returned.append(_line(transfer, new.new, len(returned)))
        answers.append(Answer(Outcome.STARTED, None, len(returned) - 1, new.reason))
    _check(sent, returned, answers, len(returned) - len(started))
    if source != ListSource.STAFF.value:  # nobody typed a list: the home reads the cautions and asks
        _ask_once(transfer, sent, returned, answers, confirmed)
    _replace(actor, transfer, sent, returned, answers, source, now)
    data = {"source": source, "lines": len(answers), **({"told_by": informant} if informant else {})}
    what = Happening(
        Action.LIST_MEDICINES,
        now,
        data,
        source="phone" if source == "telephone" else "page",
        organisation_id=transfer.hospital_id,
        ward_id=transfer.ward_id,
        place=actor.organisation_name,
    )
    events.record(actor, transfer, what, now)


def _ask_once(
    transfer: Transfer,
    sent: Sequence[MedicineLine],
    returned: Sequence[MedicineLine],
    answers: Sequence[Answer],
    confirmed: Collection[str],
) -> None:
    """Two medicines that were both given before are only shown: the hospital changed nothing about them."""
    before, after = [travelling(line) for line in sent], [travelling(line) for line in returned]
    marked = lists.time_critical(transfer.id)
    critical = {position for position, line in enumerate(sent) if line.id in marked}
    found = left_unsaid(before, answers, critical)
    found += cautions(before, after, answers, allergies.known(transfer))
    asked = [caution for caution in found if not caution.old]
    if any(caution.message not in confirmed for caution in asked):
        raise ToConfirm(asked)


def _line(transfer: Transfer, new: Mapping[str, str], position: int) -> MedicineLine:
    texts = {name: str(new.get(name) or "").strip() for name in TEXT_FIELDS}
    return MedicineLine(transfer_id=transfer.id, side="returned", position=position, **texts)


def _returned_line(transfer: Transfer, sent: MedicineLine, one: Said, position: int) -> MedicineLine | None:
    if one.outcome is Outcome.UNCHANGED:
        same = {name: getattr(sent, name) for name in TEXT_FIELDS}
        return _line(transfer, same, position)
    if one.outcome in (Outcome.CHANGED, Outcome.REPLACED_BY):
        return _line(transfer, one.new, position)
    return None


def _check(
    sent: Sequence[MedicineLine],
    returned: Sequence[MedicineLine],
    answers: Sequence[Answer],
    first_started: int,
) -> None:
    errors: dict[str, str] = {}
    for number, line in enumerate(returned[first_started:]):
        if not line.name:
            errors[f"started-{number}-name"] = "Write the name of the medicine."
    for answer in answers:
        made = returned[answer.returned] if answer.returned is not None else None
        if made is not None and not made.name and answer.sent is not None:
            errors[f"line-{sent[answer.sent].ref}"] = "Write the medicine as it is now."
    problems = validate_outcomes(
        [travelling(line) for line in sent], [travelling(line) for line in returned], answers
    )
    for problem in problems:
        if problem.sent is not None:
            errors.setdefault(f"line-{sent[problem.sent].ref}", problem.message)
        elif problem.returned is not None and problem.returned >= first_started:
            errors.setdefault(f"started-{problem.returned - first_started}-name", problem.message)
        else:
            errors.setdefault("form", problem.message)
    if errors:
        raise Invalid(errors)


def _replace(
    actor: Actor,
    transfer: Transfer,
    sent: Sequence[MedicineLine],
    returned: Sequence[MedicineLine],
    answers: Sequence[Answer],
    source: str,
    now: datetime,
) -> None:
    db.session.execute(
        update(MedicineOutcome)
        .where(MedicineOutcome.transfer_id == transfer.id, MedicineOutcome.superseded_at.is_(None))
        .values(superseded_at=now)
    )
    db.session.execute(
        update(MedicineLine)
        .where(
            MedicineLine.transfer_id == transfer.id,
            MedicineLine.side == "returned",
            MedicineLine.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=now)
    )
    db.session.add_all(returned)
    db.session.flush()
    for answer in answers:
        db.session.add(
            MedicineOutcome(
                transfer_id=transfer.id,
                sent_line_id=sent[answer.sent].id if answer.sent is not None else None,
                returned_line_id=returned[answer.returned].id if answer.returned is not None else None,
                outcome=answer.outcome.value,
                reason=answer.reason,
                restart=answer.restart,
                decides=answer.decided_by,
                source=source,
                entered_at=now,
                entered_by=f"{actor.name}, {actor.organisation_name}",
            )
        )
    db.session.flush()


def unsettled(transfer: Transfer) -> list[str]:
    """What of the medicines stops the journey from closing, in words; empty when nothing does."""
    sent, settled = lists.sent(transfer.id), lists.outcomes(transfer.id)
    if not sent and not settled:
        return []
    if not settled:
        return ["The medicines the person came home with have not been recorded."]
    if any(one.row.accepted_at is None for one in settled):
        return ["The medicines have not been accepted line by line."]
    return []


def accept(
    actor: Actor,
    transfer: Transfer,
    *,
    witness: str,
    against: str,
    settled_as: Mapping[str, Outcome],
    settled_why: Mapping[str, str],
    acknowledged: frozenset[str],
    now: datetime,
) -> None:
    """The home accepts the list, line by line, against the summary or the dispensed labels, two names.

    `settled_as`: for each line that the hospital did not mention, what a person found out (unchanged,
    stopped or paused), by the outcome's reference, with `settled_why`. `acknowledged`: the references
    of the changed lines that were ticked. The standing record then takes the new list.
    """
    current = lists.outcomes(transfer.id)
    errors = _acceptance_errors(actor, current, witness, against, settled_as, settled_why, acknowledged)
    if errors:
        raise Invalid(errors)
    for one in current:
        _take_over(actor, transfer, one, settled_as.get(one.row.ref), settled_why.get(one.row.ref, ""), now)
        one.row.accepted_at, one.row.accepted_by = now, actor.name
        one.row.witnessed_by, one.row.accepted_against = witness.strip(), against
    records.medicines_accepted(actor, transfer.resident, now)
    what = Happening(Action.SETTLE_MEDICINES, now, {"witness": witness.strip(), "against": against})
    events.record(actor, transfer, what, now)


def _acceptance_errors(
    actor: Actor,
    current: Sequence[Settled],
    witness: str,
    against: str,
    settled_as: Mapping[str, Outcome],
    settled_why: Mapping[str, str],
    acknowledged: frozenset[str],
) -> dict[str, str]:
    errors: dict[str, str] = {}
    if not current:
        errors["form"] = "Record the medicines the person came home with first."
    if not witness.strip():
        errors["witness"] = "A second person checks the list with you: write their name."
    elif witness.strip().casefold() == actor.name.casefold():
        errors["witness"] = "The second name must be somebody else’s."
    if against not in ("summary", "dispensed_label", "telephone"):
        errors["against"] = "Say what you compared the list with."
    for one in current:
        name = f"line-{one.row.ref}"
        if one.outcome is Outcome.NOT_MENTIONED:
            if one.row.ref not in settled_as:
                errors[name] = f"{one.title}: the hospital did not mention it. Ring, then say what is right."
            elif not settled_why.get(one.row.ref, "").strip():
                errors[name] = f"{one.title}: write who said so."
        elif one.outcome is not Outcome.UNCHANGED and one.row.ref not in acknowledged:
            errors[name] = f"{one.heading}: tick that you have read this change."
    return errors


def _take_over(
    actor: Actor, transfer: Transfer, one: Settled, settled: Outcome | None, why: str, now: datetime
) -> None:
    """Brings the standing record in line with one outcome."""
    outcome = settled or one.outcome
    medicine = db.session.get(Medicine, one.sent.medicine_id) if one.sent and one.sent.medicine_id else None
    reason = one.row.reason or why
    if settled is not None:
        one.row.settled_as = f"{settled.value}: {why.strip()}"[:500]
    if outcome is Outcome.STARTED and one.returned is not None:
        _start(actor, transfer, one.returned, reason, now)
    if medicine is None or medicine.stopped_on is not None:
        return
    if outcome is Outcome.CHANGED and one.returned is not None:
        for name in TEXT_FIELDS:
            setattr(medicine, name, getattr(one.returned, name))
        medicine.changed_at, medicine.changed_by = now, actor.name
        _note(actor, "medicine.changed", medicine, now, {"fields": "changed in hospital"})
    elif outcome is Outcome.PAUSED:
        medicine.paused_until = (one.row.restart or why or "ask the GP")[:200]
        _note(actor, "medicine.changed", medicine, now, {"fields": "paused in hospital"})
    elif outcome in (Outcome.STOPPED, Outcome.REPLACED_BY):
        medicine.stopped_on, medicine.stopped_why = london_day(now), (reason or "Stopped in hospital")[:300]
        _note(actor, "medicine.stopped", medicine, now)
        if outcome is Outcome.REPLACED_BY and one.returned is not None:
            _start(actor, transfer, one.returned, reason, now, instead_of=medicine)


def _start(
    actor: Actor,
    transfer: Transfer,
    line: MedicineLine,
    reason: str,
    now: datetime,
    *,
    instead_of: Medicine | None = None,
) -> None:
    """Puts a new medicine on the record, with the marks that the page showed as two people accepted it."""
    value = travelling(line)
    kinds = value.kinds_or_suggested()
    known = met(value, allergies.known(transfer))
    medicine = Medicine(
        resident_id=transfer.resident_id,
        indication=reason[:300],
        started_on=london_day(now),
        as_needed=is_as_needed(value),
        high_risk=",".join(sorted(kind.value for kind in kinds)),
        time_critical=bool(value.time_critical_kinds() or (instead_of and instead_of.time_critical)),
        allergy_conflict=f"{conflict_words(known)}; listed by the hospital"[:300] if known else "",
        changed_at=now,
        changed_by=actor.name,
        **{name: getattr(line, name) for name in TEXT_FIELDS},
    )
    db.session.add(medicine)
    db.session.flush()
    _note(actor, "medicine.added", medicine, now)


def _note(
    actor: Actor, kind: str, medicine: Medicine, now: datetime, details: Mapping[str, object] | None = None
) -> None:
    audit.append(actor, audit.Note(kind, ("medicine", medicine.ref), details=details), now)
