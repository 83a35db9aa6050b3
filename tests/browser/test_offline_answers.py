"""With no network: what is asked beside the way to Ready, what is asked once, how what was kept is named."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, Visit
from tests.browser.dead_corner import Walk, all_sent, on_server, waiting
from tests.browser.network import Wire
from tests.integration import household

Tablet = Callable[[str], Visit]
ALERTS = {
    "allergy_status": "none_known",
    "cpr_decision": "not_recommended",
    "cpr_original": "Blue folder",
    "infection": "no",
}


@pytest.fixture
def begun(tablet: Tablet, wire: Wire, site: Site, resident: str) -> Visit:
    """On the observations of a journey that was begun with no network; CPR is not recommended."""
    with site.app.app_context():
        household.record(site.cast, resident, "alerts", ALERTS, version=1)
        household.record(site.cast, resident, "needs", {"mobility": "slight"})
        household.medicine(site.cast, resident, "Lansoprazole", frequency="once a day", times="08:00")
    carer = tablet("carer")
    wire.set("down")
    carer.go("/residents")
    Walk(carer, wire).begin().step()
    expect(carer.page.get_by_role("heading", name="Observations")).to_be_visible()
    return carer


def judged(carer: Visit) -> None:
    for width in (320, 768):
        carer.page.set_viewport_size({"width": width, "height": 900})
        carer.judge()


def heading(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()


def test_papers_and_how_they_are_today_are_answered_with_no_network_and_sent(
    begun: Visit, wire: Wire, site: Site, resident: str
) -> None:
    carer, page = begun, begun.page
    carer.tap("button", "The crew is here now")
    heading(page, "Pack ready")
    expect(page.get_by_text("Photos: when the network is back.")).to_be_visible()
    carer.tap("link", "Papers: the ReSPECT or DNACPR form")
    heading(page, "Papers in the bag")
    judged(carer)
    page.locator("[name=cpr][value=original]").check()
    carer.tap("button", "Save and continue")
    heading(page, "Pack ready")
    expect(page.get_by_role("link", name="Papers: the ReSPECT")).to_have_count(0)
    carer.tap("link", "How they are today: not assessed")
    heading(page, "How they are today")
    page.locator("[name=mobility][value=worse]").check()
    page.locator("[name=mobility_detail]").fill("needs two people")
    judged(carer)
    carer.type("Last ate and drank", "Tea at 17:00").tap("button", "Save and continue")
    heading(page, "Pack ready")
    expect(page.get_by_role("link", name="How they are today: not assessed")).to_have_count(0)
    kept = waiting(page)
    carer.tap("button", "Read or print the pack")
    heading(page, "Pack of Agnes Obi")
    assert waiting(page) == kept == 4, "reading it is no step"
    for words in (
        "In the bag: original",
        "Today: Worse than usual: needs two people",
        "Tea at 17:00",
        "ReSPECT or DNACPR form",
    ):
        expect(page.locator(".rb-paper").get_by_text(words).first).to_be_visible()
    judged(carer)
    carer.tap("link", "Back").tap("link", "Papers in the bag")
    expect(page.locator("[name=cpr][value=original]")).to_be_checked()
    page.locator("[name=mar][value=copy]").check()
    carer.tap("button", "Save and continue")
    heading(page, "Pack ready")
    wire.set("up")
    all_sent(page)
    (journey,) = on_server(site, resident)
    assert journey.facts["papers"] == {"cpr": "original", "mar": "copy"}
    assert journey.facts["today"] == {
        "mobility": "worse",
        "mobility_detail": "needs two people",
        "last_ate": "Tea at 17:00",
    }
    assert carer.faults == []


def test_a_dose_that_was_given_is_asked_for_its_time_once(begun: Visit) -> None:
    carer, page = begun, begun.page
    carer.tap("button", "Save and continue")
    heading(page, "Last doses")
    carer.tap("radio", "Given", exact=True)
    page.get_by_text("Medicines that go in the bag").click()
    carer.tap("button", "Save and continue")
    expect(page.locator(".nhsuk-error-summary")).to_contain_text(
        "Morphine sulfate MR 10 mg: when was it given?"
    )
    expect(page.locator("details")).to_have_attribute("open", "")
    expect(page.locator("#ordinary_missed")).to_be_hidden()
    judged(carer)
    carer.tap("button", "Save and continue")
    heading(page, "Belongings and bag")
    carer.tap("link", "Last doses")
    expect(page.get_by_text("is offered up to")).to_be_visible()
    offered = page.locator(".rb-line__more strong").first.inner_text()
    expect(page.locator("[name=ordinary_upto]")).to_have_value(offered)
    carer.tap("radio", "All given as planned").type("Up to when", "yesterday 21:00")
    carer.tap("button", "Save and continue")
    carer.tap("button", "Save and continue")
    heading(page, "Belongings and bag")
    carer.tap("link", "Last doses")
    expect(page.locator("[name=ordinary_upto]")).to_have_value(re.compile(r"^\w{3} \d{1,2} \w{3}, 21:00$"))
    carer.tap("link", "What was saved here")
    doses = page.locator(".rb-outbox-words", has_text="Last doses")
    expect(doses).to_have_count(2)
    assert not doses.nth(0).inner_text().startswith("Last doses, changed again at")
    assert doses.nth(1).inner_text().startswith("Last doses, changed again at")
    assert carer.faults == []


def test_a_grave_score_is_as_loud_on_the_next_page(begun: Visit) -> None:
    carer, page = begun, begun.page
    carer.type("Breaths a minute", "22").type("Pulse", "131")
    page.locator("[name=consciousness]").select_option("C")
    carer.tap("button", "Save and continue")
    heading(page, "Last doses")
    expect(page.locator(".rb-alert--danger .rb-alert__title")).to_contain_text("NEWS2 at least 8")
    judged(carer)
    carer.tap("link", "Ready").tap("button", "Read or print the pack")
    row = page.locator(".rb-paper__measures tr")
    expect(row.first).to_have_text("Breaths22 a minute")
    assert carer.faults == []


def test_a_bag_that_is_not_in_stock_is_asked_about_once(begun: Visit) -> None:
    carer, page = begun, begun.page
    carer.tap("link", "Ready")
    page.locator("[name=bag]").fill("777")
    carer.tap("button", "Hand to crew")
    expect(page.locator("#bag-error")).to_contain_text("Is it bag 777? It was not in stock")
    judged(carer)
    page.locator("[name=bag]").fill("778")
    carer.tap("button", "Hand to crew")
    expect(page.locator("#bag-error")).to_contain_text("Is it bag 778?")
    carer.tap("button", "Hand to crew")
    heading(page, "Hand to crew")
    assert carer.faults == []
