"""The sheet for packing the bag: a box for everything that goes in, comes out, or is to be looked for."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask import Flask

from redbag.domain.custody import Status, Step
from tests.cast import Cast
from tests.integration.walk import Walk
from tests.visitor import Visitor


def test_there_is_a_box_for_what_goes_in_what_is_missing_and_what_comes_out(
    app: Flask, cast: Cast, visit: Callable[[str], Visitor]
) -> None:
    way = Walk(app, cast).to("packed", "left", "arrived", "admitted", "medicines_listed")
    way.look(lambda: way.way.checked("nurse", Step.ADMISSION, glasses=Status.MISSING))
    page = visit("nurse").open(f"/ward/transfers/{way.ref}/packing-sheet")
    lists = re.findall(r'<ul class="rb-sheet__boxes">(.*?)</ul>', page.response.text, re.S)
    boxes = [[" ".join(box.split()) for box in re.findall(r"<li>(.*?)</li>", one, re.S)] for one in lists]
    _originals, packed, missing, medicines, out = boxes
    assert packed == ["Dentures, upper"]
    assert missing == ["Glasses: found"]
    assert any(line.startswith("Ramipril") for line in medicines)
    assert any("(not mentioned)" in line for line in out)
    assert "Take out of the bag, or ask" in page.text
