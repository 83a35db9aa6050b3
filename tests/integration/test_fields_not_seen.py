"""What a role may not see, looked for in every answer that it gets: pages, tables, workbooks, paper."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.cast import Cast
from tests.integration.reading import words
from tests.integration.test_permissions_matrix import Example, asked, examples

__all__ = ["examples"]
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
CLINICAL = ("warfarin", "penicillin", "dentures, upper", "fell in the", "found on the floor")
NAMES = ("Agnes Obi", "Obi, Agnes", "3 November 1938", "1938-11-03")
BLANK_PAPER = {"home.blank_pack", "home.printer_test"}


def found(app: Flask, cast: Cast, examples: dict[str, Example], part: str, area: str = "") -> dict[str, str]:
    """What the part reads at every address of the area that it is let into, by path."""
    client, answers = cast.browser(app, part), {}
    for rule, path, _ in asked(app, examples, writing=False):
        if rule.endpoint.startswith(area) and rule.endpoint not in BLANK_PAPER:
            answer = client.get(path)
            if answer.status_code == 200:
                answers[path] = words(answer)
    return answers


@pytest.mark.parametrize("part", ["administrator", "oversight"])
def test_who_looks_after_nobody_reads_no_name_and_nothing_clinical(
    app: Flask, cast: Cast, examples: dict[str, Example], part: str
) -> None:
    answers = found(app, cast, examples, part)
    assert len(answers) > 5
    faults = [
        f"{path}: {word}"
        for path, told in answers.items()
        for word in (*CLINICAL, *NAMES)
        if word in told or word in told.lower()
    ]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("part", ["manager", "hospital_manager"])
def test_managers_reports_carry_no_clinical_text(
    app: Flask, cast: Cast, examples: dict[str, Example], part: str
) -> None:
    """Nor do the files that are taken from them: CSV, workbooks and board papers."""
    answers = found(app, cast, examples, part, "reports.")
    assert len(answers) > 5
    faults = [
        f"{path}: {word}" for path, told in answers.items() for word in CLINICAL if word in told.lower()
    ]
    assert not faults, "\n".join(faults)
    pages = found(app, cast, examples, "manager", "home.resident")
    assert any("warfarin" in told.lower() for told in pages.values()), "what is looked for is there"
