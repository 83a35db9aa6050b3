"""Today's observations, typed as tired people type them: what cannot be kept is said beside its field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.integration.pathway import Pathway
from tests.integration.sending import begun, the_transfer
from tests.visitor import Visitor

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]
SLIPS = ("72.5", "72,5", "7_2", "7e1", "nan", "seventy", "٧٢", "9" * 3000)


def observed(app: Flask) -> dict[str, Any]:
    with app.app_context():
        return dict(the_transfer().facts.get("observations") or {})


def test_what_is_no_count_is_said_beside_its_field_and_stays_there(
    app: Flask, visit: Visit, way: Pathway
) -> None:
    carer = visit("carer")
    path = begun(carer, way)
    for field in ("respiratory_rate", "spo2", "systolic_bp", "diastolic_bp", "pulse"):
        for typed in SLIPS:
            carer.open(f"{path}/observations")
            page = carer.press({field: typed, "temperature": "37,4"})
            assert page.status == 422, (field, typed)
            box = page.tree.find(f".//input[@id='{field}']")
            assert box is not None
            assert box.get("value") == typed
            assert page.tree.find(f".//*[@id='{field}-error']") is not None, (field, typed)
            assert page.links().keys() & {error_of(page.tree, field)}, "the summary leads to it"
    assert not observed(app)
    carer.press(
        {"pulse": "72", "respiratory_rate": "18", "spo2": "96", "systolic_bp": "120", "diastolic_bp": "70"}
    )
    kept = observed(app)
    assert (kept["pulse"], kept["respiratory_rate"], kept["temperature"]) == (72, 18, 37.4)
    assert carer.open(f"{path}/ready").status == 200


def error_of(tree: Any, field: str) -> str:
    """The sentence beside a field, without the hidden word before it."""
    said = " ".join("".join(tree.find(f".//*[@id='{field}-error']").itertext()).split())
    return said.removeprefix("Error: ")


def test_a_wrong_count_keeps_nobody_who_is_in_a_hurry(app: Flask, visit: Visit, way: Pathway) -> None:
    carer = visit("carer")
    path = begun(carer, way)
    carer.open(f"{path}/observations")
    carer.press({"respiratory_rate": "18.5", "pulse": "80"})
    assert carer.press(button="crew=anyway").status == 200
    kept = observed(app)
    assert (kept.get("respiratory_rate"), kept["pulse"]) == (None, 80)
