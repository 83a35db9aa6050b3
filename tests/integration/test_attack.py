"""Schemathesis against every address, as people of every role: whatever is sent, a page and no fault.

The long form is `scripts/harness attack`.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from schemathesis.core import NOT_SET
from tqdm import tqdm
from werkzeug.routing import Rule

from redbag.domain.permissions import Permission, can
from tests.cast import Cast
from tests.integration import attack
from tests.integration.test_permissions_matrix import ANYBODY, Example, asked, enter, example_for, examples

__all__ = ["examples"]

_SHORT = 2
EXAMPLES = int(os.environ.get("REDBAG_ATTACK_EXAMPLES", _SHORT))
SEED = int(os.environ.get("REDBAG_ATTACK_SEED", "1"))
DATABASES = os.environ.get("REDBAG_ATTACK_DATABASES", "sqlite").split()
PART, PARTS = (int(one) for one in os.environ.get("REDBAG_ATTACK_PART", "1/1").split("/"))
"""The k-th of n shares of the addresses, for a machine that others need in between."""
ATTACKERS = (
    "carer",
    "nurse",
    "manager",
    "hospital_manager",
    "administrator",
    "oversight",
    "guest",
    "stranger",
)

KEPT = {"offline.worker", "offline.manifest", "offline.shell", "offline.files"}
"""What a tablet keeps for a time without network: nobody is on it."""

pytestmark = pytest.mark.parametrize("database_url", DATABASES, indirect=True)


class Attackers:
    """A browser for each; signed in again where what was sent has signed it out."""

    def __init__(self, app: Flask, cast: Cast, there: dict[str, Example]) -> None:
        self._app, self._cast, self._there = app, cast, there
        self._open: dict[str, FlaskClient] = {}

    def browser(self, part: str) -> FlaskClient:
        if part not in self._open:
            self.enter(part)
        return self._open[part]

    def of(self, rule: Rule, there: dict[str, Example]) -> Iterator[str]:
        """In turn: two of those who may and whose record it is, for they get deepest, and one of all."""
        needed = getattr(self._app.view_functions[rule.endpoint], "required_permission", None)
        owners = ANYBODY.intersection(*(example_for(rule, name, there).owners for name in rule.arguments))
        own = [
            part for part in ATTACKERS if needed is None or (part in owners and part in self._able(needed))
        ] or list(ATTACKERS)
        first = zlib.crc32(rule.endpoint.encode())  # not the same ones at every address
        for turn in count(first):
            yield ATTACKERS[turn % len(ATTACKERS)] if (turn - first) % 3 == 2 else own[turn % len(own)]

    def _able(self, needed: Permission) -> set[str]:
        staff = set(ATTACKERS) - {"guest", "stranger"}
        able = {part for part in staff if can(self._cast.actor(part), needed)}
        return able | ({"guest"} if needed is Permission.LABEL_OPEN else set())

    def enter(self, part: str) -> None:
        if part == "stranger":
            self._open[part] = self._app.test_client()
        else:
            self._open[part] = enter(self._app, self._cast, part, self._there)[0]


def test_whatever_is_sent_to_whatever_address_is_answered_by_a_page(
    app: Flask, cast: Cast, examples: dict[str, Example]
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    people = Attackers(app, cast, examples)
    known = _forms(app, examples, people)
    # Pages first: what is sent may end the journey that they show, and sessions last.
    rules = sorted(app.url_map.iter_rules(), key=lambda rule: ("POST" in (rule.methods or ()), _ends(rule)))
    rules = rules[PART - 1 :: PARTS]
    found: list[str] = []
    # The long form takes minutes: how far it is shows with `-s`, as scripts/harness runs it.
    for rule in tqdm(rules, unit=" addresses", disable=EXAMPLES <= _SHORT, mininterval=5):
        if rule.endpoint != "static":
            found += _attacked(app, rule, examples, known, people)
    assert not found, f"{len(found)} faults\n" + "\n".join(found[:60])


def _ends(rule: Rule) -> bool:
    return rule.endpoint.startswith(("account.", "admin."))


def _forms(
    app: Flask, examples: dict[str, Example], people: Attackers
) -> dict[tuple[str, str], attack.Fields]:
    known: dict[tuple[str, str], attack.Fields] = {}
    for rule, path, _ in asked(app, examples, writing=False):
        browser = people.browser(next(people.of(rule, examples)))
        for method, at, name, contents in attack.forms_of(browser, path):
            fields = known.setdefault((method, attack.endpoint_at(app, at, method)), {})
            fields[name] = list(dict.fromkeys([*fields.get(name, []), *contents]))
    return known


def _attacked(
    app: Flask,
    rule: Rule,
    examples: dict[str, Example],
    known: dict[tuple[str, str], attack.Fields],
    people: Attackers,
) -> list[str]:
    values = {name: example_for(rule, name, examples).value for name in rule.arguments}
    raw = {
        "openapi": "3.1.0",
        "info": {"title": "Red Bag", "version": "1"},
        "paths": attack.described(app, rule, values, known),
    }
    [operation] = [one.ok() for one in schemathesis.openapi.from_dict(raw).get_all_operations()]
    attackers = people.of(rule, examples)
    found: dict[str, None] = {}

    @seeded(SEED)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def send(case: Any) -> None:
        part = next(attackers)
        body = None if case.body is NOT_SET else case.body
        answer = people.browser(part).open(
            case.formatted_path, method=case.method, query_string=case.query or None, data=body
        )
        for fault in attack.faults(answer, kept=rule.endpoint in KEPT):
            found[f"{part} {case.method} {rule}: {fault}"] = None
        if answer.status_code == 401 or (answer.location or "").startswith("/sign-in"):
            people.enter(part)

    send()
    return list(found)
