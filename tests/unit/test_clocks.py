"""A site's own clocks: which it has, and which numbers make no sense together."""

from __future__ import annotations

from redbag.domain import clocks
from redbag.domain.permissions import OrganisationKind


def test_a_site_has_its_own_clocks_and_the_defaults_of_the_rest() -> None:
    own = {"packing_hours": 2, "review_days_alerts": 30, "not_scanned_hours": "soon"}
    limits = clocks.limits(own)
    assert (limits["packing_hours"], limits["not_scanned_hours"]) == (2, 6)
    assert "review_days_alerts" not in limits
    assert clocks.limits(None) == clocks.DEFAULTS
    hospital = {clock.key for clock in clocks.of_site(OrganisationKind.HOSPITAL)}
    assert "coming_hours" in hospital
    assert "packing_hours" not in hospital
    assert clocks.of_site(OrganisationKind.OVERSIGHT) == ()


def test_no_clock_runs_out_before_an_earlier_one_and_none_has_halves() -> None:
    assert clocks.faults(clocks.DEFAULTS) == {}
    assert clocks.faults({"home_contact_hours": 48, "home_contact_overdue_hours": 48}) == {
        "home_contact_overdue_hours": "This must come after “In hospital, and the home has not spoken to the "
        "ward” (48 hours)."
    }
    assert set(clocks.faults({**clocks.DEFAULTS, "long_stay_second_days": 7})) == {"long_stay_second_days"}
    assert set(clocks.faults({**clocks.DEFAULTS, "long_stay_second_days": 21})) == {"long_stay_third_days"}
    assert clocks.faults({"packing_hours": 1.5}) == {"packing_hours": "Write whole hours."}
