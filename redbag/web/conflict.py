"""Two people changed one thing: what stands now beside what was typed, so that a person decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import request

from redbag.domain.pack_sections import entry
from redbag.domain.record import Field, Values


@dataclass(frozen=True)
class Difference:
    """One question on which the two disagree, in words."""

    label: str
    now: str
    typed: str


def version_sent() -> int:
    """The version that the form was opened with; one that matches nothing where it was taken out."""
    return request.form.get("version", type=int, default=-1)


def differences(
    questions: Iterable[Field], theirs: Mapping[str, Any], typed: Mapping[str, Any]
) -> tuple[Difference, ...]:
    """The questions whose answers differ, with both answers as they read."""
    found = []
    for question in questions:
        stands, wanted = _words(question, dict(theirs)), _words(question, dict(typed))
        if stands != wanted:
            found.append(Difference(question.label, stands, wanted))
    return tuple(found)


def _words(question: Field, answers: Values) -> str:
    shown = entry(question, answers, keep_blank=True)
    return shown.text if shown else ""
