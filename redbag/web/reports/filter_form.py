"""The form that narrows a report down: what can be chosen, what is, and what is not known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from flask import redirect, request
from werkzeug.wrappers import Response

from redbag.domain import report_filter
from redbag.domain.record import Choices
from redbag.domain.report_filter import Places, ReportFilter


@dataclass(frozen=True)
class Question:
    """One field. `any_words`: what choosing nothing means; `error`: why what was asked for is not known."""

    name: str
    label: str
    any_words: str
    choices: Choices
    value: str
    error: str


@dataclass(frozen=True)
class FilterForm:
    """The questions, and what is chosen in words. `is_open`: something is chosen or wrong."""

    questions: tuple[Question, ...]
    chosen: ReportFilter
    errors: Mapping[str, str]

    @classmethod
    def of(
        cls,
        chosen: ReportFilter,
        errors: Mapping[str, str],
        places: Places,
        as_of: date,
        began: date | None,
        *,
        without: tuple[str, ...] = (),
    ) -> FilterForm:
        """The form of a report. `without`: factors that the page cannot be narrowed down by."""
        months = report_filter.months_to_choose(as_of, began)
        asked: tuple[tuple[str, str, str, Choices], ...] = (
            ("from", "From", "Twelve months before the last", months),
            ("to", "To", "The last complete month", months),
            ("home", "Home", "All homes", places.homes),
            ("hospital", "Hospital", "All hospitals", places.hospitals),
            ("ward", "Ward", "All wards", places.wards),
            ("reason", "Why they went", "Any reason", report_filter.STAY_REASONS),
            ("age", "Age on admission", "Any age", report_filter.AGE_BANDS),
            ("bag", "Red bag", "With or without", report_filter.BAGS),
            ("weekday", "Day they left hospital", "Any day", report_filter.WEEKDAYS),
        )
        kept = chosen.query()
        questions = tuple(
            Question(name, label, any_words, choices, kept.get(name, ""), errors.get(name, ""))
            for name, label, any_words, choices in asked
            if choices and name not in without
        )
        return cls(questions, chosen, dict(errors))

    @property
    def is_open(self) -> bool:
        return bool(self.errors)

    @property
    def in_summary(self) -> list[dict[str, str]]:
        """The errors for the summary on top, each with a link to its field where the page has it."""
        there = {one.name for one in self.questions}
        return [
            {"text": said, "href": f"#filter-{name}" if name in there else "#filter"}
            for name, said in self.errors.items()
        ]


def without_blanks() -> Response | None:
    """The same page by a shorter address, where a form has sent fields in which nothing is chosen: a form
    sends every field, and an address that is passed on keeps what was chosen."""
    if all(request.args.values()):
        return None
    kept = urlencode({name: said for name, said in request.args.items() if said})
    return redirect(f"{request.path}?{kept}".rstrip("?"))
