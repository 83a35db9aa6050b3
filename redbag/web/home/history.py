"""What happened on a journey, in words, with what corrects what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from redbag.domain.going_home import ANSWER_WORDS, BAG_AFTER, BAG_STATES, ELSEWHERE, HOME_WORD, LOST
from redbag.domain.journey import Event
from redbag.domain.london_time import format_day, format_moment
from redbag.domain.permissions import Actor
from redbag.domain.todays_facts import REASONS
from redbag.domain.transfer_states import ACTION_WORDS, Action
from redbag.queries import custody, transfers

_SOURCES = {"phone": "told by telephone", "scan": "by scanning the label"}
# Opening and closing are not timed again: they happen when they are pressed.
_NOT_TIMED = (
    Action.CHECK_BELONGINGS,
    Action.SETTLE_LOST,
    Action.LIST_MEDICINES,
    Action.SETTLE_MEDICINES,
    Action.OPEN,
    Action.CLOSE,
    Action.CANCEL,
    Action.CORRECT,
    Action.CHANGE_PACK,
    Action.WRONG_PERSON,
    Action.SWAP_BAGS,
)


@dataclass(frozen=True)
class Line:
    """One event. `note`: its facts in words; `crossed_out`: taken back; `may_correct`: by this person;
    `timed`: its time may be corrected.

    `who`: name, role and own organisation of who wrote it; `place`: where it happened, if elsewhere;
    `signature`: the path of what whoever took the bag drew."""

    ref: str
    words: str
    at: datetime
    late: datetime | None
    who: str
    place: str
    note: str
    corrected: str
    crossed_out: bool
    may_correct: bool
    timed: bool
    signature: str = ""


def lines(transfer: Any, undoable: Iterable[Event], actor: Actor) -> list[Line]:
    """The history, newest first. `undoable`: what can be taken back."""
    ids = frozenset(event.id for event in undoable)
    drawn = custody.signatures(transfer.id)
    return [
        replace(_line(entry, ids, actor), signature=drawn.get(entry.event.id, ""))
        for entry in transfers.history(transfer)
    ]


def _line(entry: transfers.HistoryLine, undoable: frozenset[int], actor: Actor) -> Line:
    event, action = entry.event, Action(entry.event.action)
    ours = event.actor_organisation_id == actor.organisation_id
    late = event.recorded_at if (event.recorded_at - event.occurred_at).total_seconds() >= 600 else None
    corrected = entry.corrected_by
    withdrawn = bool(corrected and corrected.data.get("withdrawn"))
    return Line(
        ref=event.ref,
        words=_words(entry, action),
        at=event.occurred_at,
        late=None if action is Action.CORRECT else late,
        who=", ".join(p for p in (event.actor_name, event.actor_role, entry.organisation) if p),
        place=_elsewhere(action, event.place, entry.organisation),
        note=note(action, event.data, event.source),
        corrected=_corrected_words(corrected) if corrected else "",
        crossed_out=withdrawn,
        may_correct=ours and not withdrawn and (action not in _NOT_TIMED or event.id in undoable),
        timed=action not in _NOT_TIMED,
    )


def _elsewhere(action: Action, place: str, organisation: str) -> str:
    """Where it happened, if that says more than the organisation of who wrote it down."""
    if not place or place == organisation:
        return ""
    if action is Action.HAND_TO_CREW:
        return place
    return f"at {place.removeprefix(f'{organisation}, ')}"


def _words(entry: transfers.HistoryLine, action: Action) -> str:
    if action is Action.CORRECT and entry.corrects is not None:
        corrected = ACTION_WORDS[Action(entry.corrects.action)]
        done = "taken back" if entry.event.data.get("withdrawn") else "time corrected"
        return f"“{corrected}” {done}"
    if action is Action.SETTLE_LOST:
        return f"{ANSWER_WORDS[entry.event.data['answer']].capitalize()}: {entry.event.data['thing']}"
    return ACTION_WORDS[action]


def _corrected_words(correction: Any) -> str:
    if correction.data.get("withdrawn"):
        return "taken back"
    return f"corrected to {format_moment(correction.occurred_at)}"


def note(action: Action, data: Mapping[str, Any], source: str) -> str:
    """The facts of an event, in words that a person can check."""
    in_words = ("thing", "answer") if action is Action.SETTLE_LOST else ()
    parts = [_fact(action, key, value) for key, value in data.items() if key not in in_words]
    if source == "phone" and data.get("told_by") and "phone" not in str(data["told_by"]).casefold():
        told = _TEXTS["told_by"] + str(data["told_by"])
        parts[parts.index(told)] = f"{told}, by telephone"
    # Who told it says how, in one breath; a call to the ward is a call by its own name.
    if source in _SOURCES and not data.get("told_by") and action is not Action.HOME_CONTACT:
        parts.append(_SOURCES[source])
    return "; ".join(part for part in parts if part)


def _fact(action: Action, key: str, value: Any) -> str:
    if action is Action.OPEN and key == "reason":
        return dict(REASONS).get(str(value), str(value))
    if key in _DAYS and value:
        return f"{_DAYS[key]} {format_day(date.fromisoformat(str(value)))}".strip()
    if key in _MOMENTS and value:
        return f"{_MOMENTS[key]} {format_moment(datetime.fromisoformat(str(value)))}"
    if key == "missing":
        return f"missing: {', '.join(value)}" if value else "nothing missing"
    if key in _YES_NO and isinstance(value, bool):
        return _YES_NO[key][0 if value else 1]
    if key in _CHOICES and value:
        return f"{_CHOICES[key][0]}{_CHOICES[key][1].get(str(value), str(value))}"
    if key in _TEXTS and value:
        return f"{_TEXTS[key]}{value}"
    return ""


# At which step the belongings were looked through.
CHECK_WORDS = {
    "admission": "at admission",
    "opened": "the bag was opened",
    "discharge": "when they left",
    "return": "at home again",
}
SIGNATURE_WORDS = {"drawn": "signed on the tablet", "refused": "would not sign, or could not"}
_DAYS = {"day": ""}
_MOMENTS = {"decision_to_admit_at": "decided to admit"}
_YES_NO = {
    "with_bag": ("with the bag", "without the bag"),
    "bag_came": ("the bag came too", "the bag did not come"),
    "infection_told": ("crew told of the infection", ""),
    "time_known": ("", "time not known"),
}
_CHOICES: dict[str, tuple[str, dict[str, str]]] = {
    "home_word": ("home’s word: ", dict(HOME_WORD)),
    "word": ("", dict(HOME_WORD)),
    "destination": ("", {**dict(ELSEWHERE), "home": "to the home"}),
    "bag": ("bag: ", {**dict(BAG_STATES), **dict(BAG_AFTER)}),
    "lost": ("", dict(LOST)),
    "signature": ("", SIGNATURE_WORDS),
    "step": ("", CHECK_WORDS),
    "papers_missing": ("", {"summary": "no discharge summary came", "all": "no papers came at all"}),
    "original_came": ("CPR original: ", {"yes": "here", "no": "missing", "none": "none travelled"}),
}
_TEXTS = {
    "crew": "crew ",
    "version": "version ",
    "told": "spoke to ",
    "told_by": "told by ",
    "note": "",
    "why": "",
    "reason": "why: ",
    "bed": "bed ",
    "who": "said by ",
    "conditions": "conditions: ",
    "to": "to ",
    "kin_told": "next of kin: ",
    "home_told": "home told: ",
    "witness": "second name: ",
    "transport": "transport: ",
    "brought_by": "brought by ",
    "signed_out": "belongings with: ",
    "valuables": "valuables: ",
}
