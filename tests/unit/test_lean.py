"""Scripts and styles without what only their reader needs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from redbag.web.offline.lean import lean

STATIC = Path(__file__).resolve().parents[2] / "static"
OURS = sorted([*STATIC.glob("js/**/*.js"), *STATIC.glob("css/*.css")])


def test_comments_and_indentation_go_and_the_rest_stays() -> None:
    whole = """// What this is for.
/**
 * Longer,
 * with * stars.
 */
export function twice(one) {
  /** Of a kind. */
  const url = "https://example.org/*";

  return `${one} // ${one}`; // stays
}
"""
    assert lean(whole) == (
        'export function twice(one) {\nconst url = "https://example.org/*";\n'
        "return `${one} // ${one}`; // stays\n}\n"
    )


@pytest.mark.parametrize("file", OURS, ids=lambda file: str(file.relative_to(STATIC)))
def test_nothing_of_ours_goes_over_lines_that_must_stay_as_they_are(file: Path) -> None:
    """A template literal of several lines may hold a line that looks like a comment, and its indentation
    counts. A comment that shares its lines would take code with it, or leave its end behind."""
    in_comment = False
    for number, line in enumerate(map(str.strip, file.read_text(encoding="utf-8").splitlines()), 1):
        in_comment = in_comment or line.startswith("/*")
        if in_comment:
            assert "*/" not in line[:-2], f"{file.name}:{number}: code after a comment's end"
            in_comment = not line.endswith("*/")
        elif not line.startswith("//"):
            assert len(re.findall(r"(?<!\\)`", line)) % 2 == 0, f"{file.name}:{number}: a template goes on"
            assert not line.endswith("\\"), f"{file.name}:{number}: a string goes on"
    assert not in_comment
