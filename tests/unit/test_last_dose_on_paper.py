"""The last dose on the pack's first page, said once in words that stand."""

from __future__ import annotations

from redbag.documents import pack_now
from redbag.domain.doses import NOBODY_ANSWERED
from tests.unit import example_packs


def test_an_unanswered_dose_is_not_called_a_last_dose_twice() -> None:
    unanswered = example_packs.medicine(
        "a", "Levodopa", time_critical=True, last_dose=NOBODY_ANSWERED, answered=False
    )
    assert pack_now._last(unanswered) == "Last dose: not answered: ring the home"
