"""A document that says “proved by this test” names tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
NAMED = re.compile(r"\b(test_\w+)::(test_\w+)")


def test_every_test_that_a_document_names_is_there() -> None:
    named = {
        found
        for document in (ROOT / "docs").glob("*.md")
        for found in NAMED.findall(document.read_text(encoding="utf-8"))
    }
    assert len(named) > 60
    texts: dict[str, str] = {}
    for path in (ROOT / "tests").glob("*/test_*.py"):
        texts[path.stem] = texts.get(path.stem, "") + path.read_text(encoding="utf-8")
    missing = [f"{file}::{name}" for file, name in sorted(named) if f"def {name}(" not in texts.get(file, "")]
    assert not missing
