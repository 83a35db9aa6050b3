"""docs/permissions.md: what every address answered every role, as the walk of the matrix saw it."""

from __future__ import annotations

import os
from collections.abc import Sequence

from flask import Flask
from werkzeug.routing import Rule

from tests.databases import ROOT

DOCUMENT = ROOT / "docs" / "permissions.md"
PART_WORDS = {
    "carer": "Carer",
    "manager": "Home manager",
    "outsider": "Carer of another home",
    "nurse": "Ward nurse",
    "hospital_manager": "Discharge team",
    "other_nurse": "Nurse of another hospital",
    "administrator": "Administrator",
    "oversight": "Oversight reader",
    "guest": "Access code",
}
_HEAD = """# Who may do what

Written by `tests/integration/test_permissions_matrix.py`, which asks for every address as every role and
holds the answers to the policy (`redbag/domain/permissions.py`): each with records of the carer's and the
manager's home and of the nurse's hospital in its address. The test fails where this table says anything else
than what was answered; with `REDBAG_WRITE_DOCS=1` before it, `scripts/test` with its name writes it anew.

- **yes**: answered, or let in to the step (“not at this step of the journey” included). Of forms that the
  role may send on its own records this says what the policy allows; what they then do has tests of its own.
- **–**: refused (403).
- **not there**: the role may do this, but not with another organisation's record, which does not exist for
  it (404).

"""
_seen: dict[tuple[str, str], dict[str, str]] = {}
_permissions: dict[tuple[str, str], str] = {}


def seen(app: Flask, rule: Rule, part: str, status: int | None) -> None:
    """Keeps one answer. `status`: None of a form that the role may send, which is not sent by the walk."""
    verbs = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    view = app.view_functions[rule.endpoint]
    needed = getattr(view, "required_permission", None)
    for verb in verbs:
        line = str(rule), verb
        _permissions[line] = (
            needed.value if needed else "anybody" if getattr(view, "public", False) else "signed in"
        )
        _seen.setdefault(line, {})[part] = {403: "–", 404: "not there"}.get(status or 0, "yes")


def still_to_walk(app: Flask, parts: Sequence[str]) -> list[str]:
    """The parts that have not yet asked for every address in this process."""
    rules = [(str(rule), verb) for rule in app.url_map.iter_rules() for verb in (rule.methods or set())]
    wanted = [line for line in rules if line[1] not in ("HEAD", "OPTIONS")]
    return [part for part in parts if any(part not in _seen.get(line, {}) for line in wanted)]


def check(app: Flask, parts: Sequence[str]) -> None:
    """Holds the document to what was seen."""
    assert not still_to_walk(app, parts)
    said = _document(parts)
    if os.environ.get("REDBAG_WRITE_DOCS") == "1":
        DOCUMENT.write_text(said, encoding="utf-8")
    there = DOCUMENT.read_text(encoding="utf-8") if DOCUMENT.exists() else ""
    assert there == said, "docs/permissions.md differs: REDBAG_WRITE_DOCS=1 writes it anew"


def _document(parts: Sequence[str]) -> str:
    names = [PART_WORDS[part] for part in parts]
    lines = [
        f"| Address | | Permission | {' | '.join(names)} |",
        f"|---|---|---|{'---|' * len(parts)}",
    ]
    for (address, verb), answers in sorted(_seen.items()):
        cells = " | ".join(answers[part] for part in parts)
        lines.append(f"| `{address}` | {verb} | {_permissions[address, verb]} | {cells} |")
    return _HEAD + "\n".join(lines) + "\n"
