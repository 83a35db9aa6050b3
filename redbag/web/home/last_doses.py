"""Last doses: ordinary medicines in one tap, every high-risk and as-needed one by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue

from redbag.domain import doses as rules
from redbag.domain.errors import Invalid, Stale
from redbag.domain.london_time import format_moment, to_london
from redbag.domain.medicine_line import Line, answered_alone, is_as_needed
from redbag.domain.permissions import Permission
from redbag.domain.record import Field, Kind, Values
from redbag.domain.todays_facts import why_not_yet
from redbag.domain.typed_moment import dated, read
from redbag.queries import packs, transfers
from redbag.queries.medicine_lines import standing
from redbag.services import transfers as services
from redbag.web.conflict import differences
from redbag.web.forms import Form
from redbag.web.guards import actor, audits, commits, note_read, now, requires
from redbag.web.home import blueprint, steps
from redbag.web.outbox import happened, tell_tablet

_ORDINARY = (
    Field("ordinary", "Ordinary medicines", Kind.CHOICE, rules.ORDINARY),
    Field("ordinary_upto", "Up to when", hint="For example: 22:00 last night", longest=60, clock=True),
    Field("ordinary_note", "If you cannot say which: what you know", longest=300),
)
_MISSED = "ordinary_missed"
_OFFERED = "offered_upto"
"""Hidden on the page: the time that it offered, so that an offer nobody took is not kept."""


@dataclass(frozen=True)
class Asked:
    """One medicine on the page. `alone`: its last dose is answered by itself."""

    ref: str
    title: str
    directions: str
    warnings: tuple[str, ...]
    alone: bool
    controlled: bool
    planned: Line | None
    """What the MAR plans, for reading its times; None while it is paused."""

    def questions(self) -> tuple[Field, ...]:
        """The fields of this medicine, each under its reference."""
        found = [Field(f"{self.ref}-sent", f"In the bag: {self.title}", longest=120)]
        if self.controlled:
            found.append(Field(f"{self.ref}-counted", f"Counted by (two names): {self.title}", longest=120))
        if self.alone:
            found += [
                Field(f"{self.ref}-answer", self.title, Kind.CHOICE, rules.GIVEN),
                Field(f"{self.ref}-when", f"When: {self.title}", longest=60, clock=True),
            ]
        found.append(Field(f"{self.ref}-note", f"Note: {self.title}", longest=300))
        return tuple(found)


def _asked(transfer: Any) -> list[Asked]:
    return asked_about(packs.current_medicines(transfer.resident_id))


def asked_about(medicines: Sequence[Any]) -> list[Asked]:
    """These medicines, those that are answered by themselves first."""
    found = [_one(m.ref, standing(m), m.paused_until) for m in medicines]
    return sorted(found, key=lambda asked: not asked.alone)


def _one(ref: str, line: Line, paused: str) -> Asked:
    told = list(rules.warnings(line))
    if is_as_needed(line):
        told.append("As needed")
    if paused:
        told.append(f"Paused: {paused}")
    parts = (line.dose, line.route, line.frequency, ", ".join(line.times))
    directions = ", ".join(part for part in parts if part)
    return Asked(
        ref,
        line.title,
        directions,
        tuple(told),
        answered_alone(line),
        line.controlled,
        None if paused else line,
    )


def questions(asked: Sequence[Asked]) -> tuple[Field, ...]:
    """Every field of the page."""
    ordinary = tuple((one.ref, one.title) for one in asked if not one.alone)
    return (
        *_ORDINARY,
        Field(_MISSED, "Not given", Kind.CHOICES, ordinary),
        Field(_OFFERED, "Time offered", longest=60),
        *(question for one in asked for question in one.questions()),
    )


_PARTS = ("answer", "when", "note", "sent", "counted")
_KEPT = (*(question.key for question in _ORDINARY), _MISSED)


def flat(doses: Values, asked: Sequence[Asked]) -> Values:
    """The kept answers as the fields of the page."""
    shown = {key: doses.get(key) for key in _KEPT}
    for one in asked:
        own = doses.get(one.ref) or {}
        shown |= {f"{one.ref}-{part}": own.get(part) for part in _PARTS}
    return shown


def _folded(typed: Values, asked: Sequence[Asked]) -> Values:
    """The fields of the page as they are kept with the transfer. A tick, and the why beside it, count only
    under "some were not given": whoever then taps "all given" takes them back."""
    doses: Values = {key: typed.get(key) for key in _KEPT}
    if typed.get("ordinary") != "some_missed":
        doses |= {_MISSED: None, "ordinary_note": None}
    for one in asked:
        own = {part: typed[f"{one.ref}-{part}"] for part in _PARTS if typed.get(f"{one.ref}-{part}")}
        if not one.alone and one.ref not in (doses[_MISSED] or ()):
            own.pop("note", None)
        if own:
            doses[one.ref] = own
    return {key: value for key, value in doses.items() if value}


def _start(transfer: Any, asked: Sequence[Asked]) -> Values:
    """What is kept; before anything is, "up to when" stands at the last planned time (domain/doses.py)."""
    kept = transfer.facts.get("doses") or {}
    start = flat(kept, asked)
    if not kept:
        start["ordinary_upto"] = start[_OFFERED] = format_moment(_offered(transfer, asked) or _then(transfer))
    return start


def _then(transfer: Any) -> datetime:
    """What the home can answer for: until now, or until they left."""
    return transfer.gone_by or happened()


def _offered(transfer: Any, asked: Sequence[Asked]) -> datetime | None:
    why = transfer.facts.get("why_now") or {}
    ill = read(str(why.get("started") or ""), transfer.opened_at)
    planned = [one.planned for one in asked if not one.alone and one.planned is not None]
    return rules.offered_upto(planned, ill.instant if ill else None, _then(transfer))


def _without_offer(typed: Values) -> Values:
    """The time that the page offered belongs to what was given: without that, nobody said it."""
    given = typed.get("ordinary") in ("all_given", "some_missed")
    unused = not given and typed.get("ordinary_upto") == typed.get(_OFFERED)
    return {**typed, "ordinary_upto": None} if unused else typed


def _with_days(typed: Values, asked: Sequence[Asked]) -> Values:
    """Each clock time with its day, so that it means the same when the page is saved again tomorrow."""
    names = ("ordinary_upto", *(f"{one.ref}-when" for one in asked))
    return {**typed, **{name: dated(typed[name], happened()) for name in names if typed.get(name)}}


def _check(typed: Values, asked: Sequence[Asked]) -> None:
    """A time or a note says nothing until somebody has said whether the dose was given; and "all given"
    says nothing of medicines with different times until somebody has said up to when."""
    errors = {}
    if typed.get("ordinary") == "all_given" and not typed.get("ordinary_upto"):
        errors["ordinary_upto"] = "Say up to when all was given: day and time."
    errors |= _check_missed(typed, asked)
    for name in ("ordinary_upto", *(f"{one.ref}-when" for one in asked)):
        if typed.get(name) and (wrong := why_not_yet(typed[name], happened())):
            errors[name] = wrong
    for one in asked:
        if wrong := rules.wrong_counters(one.title, typed.get(f"{one.ref}-counted") or ""):
            errors[f"{one.ref}-counted"] = wrong
        said = typed.get(f"{one.ref}-when") or typed.get(f"{one.ref}-note")
        if one.alone and said and not typed.get(f"{one.ref}-answer"):
            errors[f"{one.ref}-answer"] = f"{one.title}: choose given, not given or not known."
    if not typed.get("ordinary") and any(typed.get(key) for key in _KEPT):
        errors["ordinary"] = "Ordinary medicines: choose one of the answers."
    if errors:
        raise Invalid(errors)


def _check_missed(typed: Values, asked: Sequence[Asked]) -> dict[str, str]:
    """Which were not given: ticked one by one, the others then count as given up to the time above."""
    errors = {}
    ticked = typed.get(_MISSED) or []
    if typed.get("ordinary") != "some_missed":
        said = dict(rules.ORDINARY).get(str(typed.get("ordinary") or ""), "").lower()
        return (
            {"ordinary": f"You chose “{said}” and ticked one below. Which is right?"}
            if ticked and said
            else {}
        )
    for one in asked:
        if not one.alone and typed.get(f"{one.ref}-note") and one.ref not in ticked:
            errors[f"{one.ref}-note"] = f"{one.title}: tick it if it was not given, or take the reason out."
    if not ticked and not typed.get("ordinary_note"):
        errors[_MISSED] = "Tick each one that was not given; if you cannot say which, write what you know."
    elif ticked and not typed.get("ordinary_upto"):
        errors["ordinary_upto"] = "Say up to when the others were given: day and time."
    return errors


@blueprint.get("/transfers/<ref>/doses")
@requires(Permission.TRANSFER_PACK)
@audits
def doses(ref: str) -> ResponseReturnValue:
    """Asks when the last doses were given."""
    transfer = transfers.get(actor(), ref)
    note_read("transfer.read", ("transfer", ref))
    asked = _asked(transfer)
    form = Form(questions(asked), _start(transfer, asked))
    return _render(transfer, form, asked, services.print_of(transfer, "doses"))


@blueprint.post("/transfers/<ref>/doses")
@requires(Permission.TRANSFER_PACK)
@commits
def save_doses(ref: str) -> ResponseReturnValue:
    """Keeps the last doses."""
    transfer = transfers.get(actor(), ref)
    asked = _asked(transfer)
    form = Form(questions(asked))
    seen = request.form.get("seen", "")
    try:
        typed = steps.what_can_be_kept(form.questions) if steps.goes_on_anyway() else form.read()
        typed = _with_days(_without_offer(typed), asked)
        if not steps.goes_on_anyway():
            _check(typed, asked)
    except Invalid as problem:
        form.fail(problem)
        return _render(transfer, form, asked, seen), 422
    try:
        saved = services.save_facts(actor(), ref, "doses", _folded(typed, asked), seen, now(), happened())
    except Stale as stale:
        both = differences(form.questions, flat(stale.theirs, asked), typed)
        seen = services.print_of(transfer, "doses")
        return _render(transfer, form, asked, seen, conflict=both), 409
    tell_tablet(seen={"doses": services.print_of(saved, "doses")})
    flash("Saved.", "done")
    return redirect(steps.next_address(saved, "doses"), 303)


def _render(transfer: Any, form: Form, asked: Sequence[Asked], seen: str, **more: Any) -> str:
    return steps.page(
        "doses",
        transfer,
        form,
        "doses",
        alone=[one for one in asked if one.alone],
        ordinary=[one for one in asked if not one.alone],
        ordinary_answers=rules.ORDINARY,
        given=rules.GIVEN,
        planned=_offered(transfer, asked),
        wrong_in_bag=any(name.endswith(("-sent", "-counted")) for name in form.errors),
        example="18:00 yesterday" if to_london(now()).hour < 19 else "18:00 today",
        seen=seen,
        **more,
    )
