"""Needs attention on the smallest telephone: said in full, and nothing is wider than the screen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from tests.browser.conftest import Site, Visit
from tests.integration.pathway import Pathway

SMALLEST = {"width": 320, "height": 640}


def test_a_long_stay_is_named_on_the_smallest_telephone(site: Site, visit_as: Callable[..., Visit]) -> None:
    with site.app.app_context():
        way = Pathway(site.cast, datetime.now(UTC) - timedelta(days=15)).packed().left().after(hours=1)
        way.admitted()
    team = visit_as("hospital_manager", SMALLEST).go("/attention").judge()
    assert team.page.get_by_text("A look at the plan is due since").first.is_visible()
    assert team.faults == []
