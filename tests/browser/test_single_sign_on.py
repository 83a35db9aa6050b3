"""Signing in with the organisation's own account in a real browser, and seeing where one is signed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from redbag.database import begin_write, db
from redbag.domain.permissions import Role
from redbag.security import single_sign_on as mechanism
from redbag.services import accounts, sign_in_services
from redbag.services.accounts import RoleAt
from tests.browser.conftest import PHONE, TABLET, Site, Visit
from tests.integration.county import invite_joy
from tests.sign_in_service import SECRET, Service, running

NARROW = {"width": 320, "height": 640}
WIDE = {"width": 1280, "height": 900}


@pytest.fixture
def service(site: Site) -> Iterator[Service]:
    settings = site.app.config["REDBAG"]
    site.app.config["REDBAG"] = replace(settings, sign_in_secrets=(("test", SECRET),))
    mechanism.forget_services()
    with running(site.address) as there:
        invite_joy(site.app, site.cast, there)
        yield there


def by_service(visit: Visit) -> Visit:
    visit.go("/sign-in?next=/account").judge()
    visit.tap("link", "Sign in with County Login")
    visit.type("Name", "joy").tap("button", "Go on")
    visit.page.wait_for_url("**/account")
    return visit


@pytest.mark.parametrize("screen", [NARROW, TABLET, WIDE])
def test_in_by_the_service_and_out_everywhere_else(
    visit_as: Callable[..., Visit], service: Service, screen: dict[str, int]
) -> None:
    here, there = by_service(visit_as(None, screen)), by_service(visit_as(None, PHONE))
    here.page.reload()
    here.judge().tap("link", "See where you are signed in").judge()
    assert "Chrome on Linux" in here.text
    assert "County Login" in here.text
    rows = here.page.get_by_role("listitem").filter(has=here.page.get_by_role("button"))
    expect(rows).to_have_count(1)
    button = rows.get_by_role("button")
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    button.focus()
    here.page.keyboard.press("Enter")
    expect(here.page.get_by_text("Ended. With the next tap there")).to_be_visible()
    here.judge()
    there.go("/account")
    assert there.heading == "Sign in"
    assert (here.faults, there.faults) == ([], [])


@pytest.mark.parametrize("screen", [NARROW, WIDE])
def test_a_service_that_is_away_is_said_plainly(
    visit_as: Callable[..., Visit], service: Service, screen: dict[str, int]
) -> None:
    visit = visit_as(None, screen)
    visit.go("/sign-in").tap("link", "Sign in with County Login")
    visit.page.wait_for_url(f"{service.issuer}/**")
    service.stop()
    mechanism.forget_services()
    visit.go("/sign-in").tap("link", "Sign in with County Login").judge()
    assert visit.heading == "County Login does not answer"
    visit.tap("link", "Other ways to sign in")
    expect(visit.page.get_by_label("E-mail address")).to_be_visible()
    assert visit.faults == []


def test_a_manager_ends_a_colleagues_session(visit_as: Callable[..., Visit], service: Service) -> None:
    joy, manager = by_service(visit_as(None)), visit_as("manager", NARROW)
    manager.go("/people").tap("link", "Joy Adeyemi", nth=1)
    if "Chrome on Linux" not in manager.text:  # the other of that name
        manager.go("/people").tap("link", "Joy Adeyemi")
    manager.judge()
    assert "County Login" in manager.text
    manager.page.get_by_role("button", name="End this session").click()
    expect(manager.page.get_by_text("Nowhere at present.")).to_be_visible()
    joy.go("/account")
    assert joy.heading == "Sign in"
    assert manager.faults == []


@pytest.mark.parametrize("screen", [NARROW, TABLET])
def test_pages_that_lead_to_the_service(
    site: Site, visit_as: Callable[..., Visit], service: Service, screen: dict[str, int]
) -> None:
    with site.app.app_context():
        begin_write()
        sign_in_services.sign_in_at("test", "Rowan House", datetime.now(UTC), insists=True)
        at = RoleAt(site.cast.places["home"].ref, Role.CARER)
        link = accounts.invite(None, "may@nhs.example", "May Hill", at, datetime.now(UTC)).token
        db.session.commit()
    visit = visit_as(None, screen)
    visit.go(f"/join/{link}").judge()
    assert visit.heading == "Sign in with County Login"
    by_service(visit).go("/account/confirm?next=/account").judge()
    visit.tap("link", "Show it with County Login").type("Name", "joy").tap("button", "Go on")
    visit.page.wait_for_url("**/account")
    visit.go("/sign-in/with/test/back").judge()
    assert visit.heading == "Start this sign-in again"
    assert visit.faults == []
