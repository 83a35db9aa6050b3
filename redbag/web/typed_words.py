"""What a person had typed when their form could not be kept: shown once more, so that nothing is lost."""

from __future__ import annotations

from flask import current_app, request
from werkzeug.exceptions import HTTPException

from redbag.domain.going_home import HANDOVER_HOME
from redbag.domain.identity import IDENTITY
from redbag.domain.record import SECTIONS, Kind
from redbag.domain.todays_facts import TODAYS_SECTIONS


def page_of_form() -> str:
    """The page on which this form stands, where it has the form's own address; else the first page."""
    try:
        current_app.url_map.bind("").match(request.path, "GET")
    except HTTPException:
        return "/"
    return request.path


def typed() -> list[tuple[str, str]]:
    """What a person wrote by hand, beside its question, for copying: shown only to the browser that has
    just sent it to us from a page of our own. Where the question is not known: a word or more, for single
    letters and numbers say nothing alone."""
    kept = ((name, text.strip()) for name, text in request.form.items(multi=True) if not _secret(name))
    beside = [(_question_label(name), text) for name, text in kept if text]
    return [(label, text) for label, text in beside if label or " " in text]


_SECRETS = ("token", "idempotency", "pass", "pin", "code", "secret", "strokes", "signature")


def _secret(name: str) -> bool:
    """Whether a field of this name might hold what must never stand on a page."""
    return any(part in name.lower() for part in _SECRETS)


def _question_label(name: str) -> str:
    """The question that a field answers by hand; "" where it is none of the record's or today's."""
    key, _, column = name.removesuffix("_detail").partition("-")
    question = _QUESTIONS.get(key)
    if question is None:
        return ""
    if column:
        number, _, part = column.partition("-")
        found = next((one for one in question.columns if one.key == part), None)
        if found is None or found.kind not in _BY_HAND:
            return ""
        counted = number.isdecimal() and len(number) < 4  # nothing longer is a row of ours
        return f"{question.label} {int(number) + 1}, {found.label}" if counted else ""
    by_hand = question.kind in _BY_HAND or name.endswith("_detail")
    return question.label if by_hand else ""


_BY_HAND = (Kind.TEXT, Kind.LONG_TEXT, Kind.NUMBER)
_QUESTIONS = {
    question.key: question
    for section in (*SECTIONS, *TODAYS_SECTIONS.values(), HANDOVER_HOME)
    for question in section.fields
} | {question.key: question for question in IDENTITY}
