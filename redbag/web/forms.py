"""A page's form: what stands in its fields and what is wrong with them.

The questions are the tables of redbag/domain (record, todays_facts and each page's own), the checking
is redbag/domain/answers; this only carries answers to fields and fields back to answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime
from typing import Any

from flask import request

from redbag.domain import answers
from redbag.domain.errors import Invalid
from redbag.domain.london_time import to_london
from redbag.domain.record import Field, Kind, Values

SPARE_ROWS = 2


class Form:
    """Questions with what is kept (`start`) or, after sending, with what was typed."""

    def __init__(self, questions: Iterable[Field], start: Mapping[str, Any] | None = None) -> None:
        self.questions = tuple(questions)
        self.errors: dict[str, str] = {}
        self._sent = request.method == "POST"
        self._shown = {} if self._sent else as_shown(self.questions, start or {})

    def read(self, also: Mapping[str, str] | None = None, *, latest: datetime | None = None) -> Values:
        """The answers. Raises Invalid with everything that is wrong at once, and keeps its sentences.

        `also`: what the page itself found wrong, by field. `latest`: no moment may be after it.
        """
        errors, values = dict(also or {}), {}
        if latest is not None:
            errors |= self._after(latest)
        try:
            values = answers.read(self.questions, request.form.getlist)
        except Invalid as problem:
            errors |= problem.errors
        if errors:
            wrong = Invalid({name: errors[name] for name in self._in_page_order(errors)})
            self.fail(wrong)
            raise wrong
        return values

    def _after(self, latest: datetime) -> dict[str, str]:
        found = {}
        for question in self.questions:
            if question.kind is not Kind.MOMENT:
                continue
            with suppress(Invalid):
                at = answers.read((question,), request.form.getlist)[question.key]
                if at is not None and at > latest:
                    found[question.key] = "This time is in the future. Check the date and the time."
        return found

    def _in_page_order(self, errors: Iterable[str]) -> list[str]:
        order = {name: position for position, (name, _) in enumerate(self._every_question())}
        return sorted(errors, key=lambda name: order.get(name.removesuffix("_detail"), len(order)))

    def fail(self, problem: Invalid) -> None:
        """Shows these sentences beside their fields and in the summary."""
        self.errors.update(problem.errors)

    @property
    def wants_more_rows(self) -> bool:
        """Whether "Add another" was pressed instead of the main button (works without JavaScript)."""
        return "more_rows" in request.form

    def text(self, name: str) -> str:
        """What stands in a field."""
        if self._sent:
            return request.form.get(name, "")
        return self._shown.get(name, "")

    def all(self, name: str) -> list[str]:
        """What is ticked under one name."""
        if self._sent:
            return request.form.getlist(name)
        return [value for value in self._shown.get(name, "").split("\n") if value]

    def date_part(self, name: str, part: str) -> str:
        """One box of a date: day, month or year."""
        return self.text(f"{name}-{part}")

    def day_boxes(self, name: str, otherwise: str = "") -> dict[str, str]:
        """What stands in the three boxes of a day; the ISO day `otherwise` where all are empty."""
        boxes = {part: self.date_part(name, part) for part in answers.DAY_BOXES}
        if any(boxes.values()) or not otherwise:
            return boxes
        return _boxes(date.fromisoformat(otherwise))

    def wrong_box(self, name: str) -> str:
        """The box of a moment that its error is about: "time" where only the time cannot be read."""
        try:
            answers.parse_date(answers.typed_day(name, self.text))
        except ValueError:
            return "day"
        try:
            answers.parse_time(self.text(f"{name}-time").strip())
        except ValueError:
            return "time"
        return "day"

    def row_count(self, question: Field) -> int:
        """How many rows to show: those that are filled, and spare ones."""
        filled = 0
        for index in range(answers.MOST_ROWS):
            names = (f"{question.key}-{index}-{column.key}" for column in question.columns)
            if any(self.text(name) or self.date_part(name, "day") for name in names):
                filled = index + 1
        spare = SPARE_ROWS if self.wants_more_rows or filled == 0 else 1
        return min(filled + spare, answers.MOST_ROWS)

    def anchor(self, name: str) -> str:
        """The id of the field that an error belongs to: for a day its first box, for a time its own."""
        if f"{name}-time" in request.form:
            return f"{name}-{self.wrong_box(name)}"
        question = next((q for q in self._every_question() if q[0] == name), None)
        return f"{name}-day" if question is not None and question[1].kind is Kind.DATE else name

    def _every_question(self) -> Iterable[tuple[str, Field]]:
        for question in self.questions:
            yield question.key, question
            for column in question.columns:
                for index in range(answers.MOST_ROWS):
                    yield f"{question.key}-{index}-{column.key}", column


def as_shown(questions: tuple[Field, ...], start: Mapping[str, Any]) -> dict[str, str]:
    """What stands in each field for these answers; several ticks are lines of one text."""
    shown: dict[str, str] = {}
    for question in questions:
        _show(shown, question, question.key, start.get(question.key))
        if question.detail:
            shown[f"{question.key}_detail"] = str(start.get(f"{question.key}_detail") or "")
    return shown


def _show(shown: dict[str, str], question: Field, name: str, value: Any) -> None:
    if value in (None, "", []):
        return
    if question.kind is Kind.DATE:
        day = value if isinstance(value, date) else date.fromisoformat(str(value))
        shown |= {f"{name}-{part}": text for part, text in _boxes(day).items()}
    elif question.kind is Kind.MOMENT and isinstance(value, datetime):
        local = to_london(value)
        shown |= {f"{name}-{part}": text for part, text in _boxes(local.date()).items()}
        shown[f"{name}-time"] = local.strftime("%H:%M")
    elif question.kind is Kind.ROWS:
        for index, row in enumerate(value):
            for column in question.columns:
                _show(shown, column, f"{name}-{index}-{column.key}", row.get(column.key))
    elif question.kind is Kind.CHOICES:
        shown[name] = "\n".join(value)
    else:
        shown[name] = f"{value:g}" if isinstance(value, float) else str(value)


def _boxes(day: date) -> dict[str, str]:
    return {"day": str(day.day), "month": str(day.month), "year": str(day.year)}
