"""A person's rights at their record, in a real browser: taken away whole, restricted, lifted, erased."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from redbag.database import begin_write, db
from tests.browser.conftest import TABLET, Site, Visit
from tests.cast import PASSPHRASE
from tests.integration import household

NARROW = {"width": 320, "height": 640}
SCREENS = pytest.mark.parametrize("screen", [NARROW, TABLET], ids=["320", "768"])
VisitAs = Callable[..., Visit]


@pytest.fixture
def somebody(site: Site) -> str:
    """A resident of the home whose record nobody else needs."""
    with site.app.app_context():
        return household.add(site.cast, "Vera", "Blum")


@SCREENS
def test_a_whole_record_is_taken_away_as_a_file(
    visit_as: VisitAs, somebody: str, screen: dict[str, int], tmp_path: Path
) -> None:
    manager = visit_as("manager", screen)
    manager.go(f"/residents/{somebody}").judge()
    manager.tap("link", "Take the whole record away").judge()
    with manager.page.expect_download() as coming:
        manager.tap("link", "Take it away (zip)")
    file = tmp_path / "record.zip"
    coming.value.save_as(file)
    with zipfile.ZipFile(io.BytesIO(file.read_bytes())) as record:
        assert "read-me-first.html" in record.namelist()
        assert "Vera Blum" in record.read("read-me-first.html").decode()
    assert manager.faults == []


@SCREENS
def test_restricted_sent_to_hospital_from_there_and_lifted(
    visit_as: VisitAs, somebody: str, screen: dict[str, int]
) -> None:
    manager, carer = visit_as("manager", screen), visit_as("carer", screen)
    person = f"/residents/{somebody}"
    manager.go(person).tap("link", "Restrict this record").judge()
    manager.tap("button", "Restrict the record").judge()
    assert "Say why." in manager.text
    manager.type("Why", "Says that the allergies are wrong").tap("button", "Restrict the record").judge()
    assert "This record is restricted, since" in manager.text
    carer.go(person).judge()
    assert "This record is restricted" in carer.heading
    assert "ask Tom Price" in carer.text
    carer.tap("link", "Send to hospital").judge()
    assert carer.page.url.endswith("/send")
    manager.tap("link", "Lift the restriction").judge()
    manager.tap("button", "They were told: lift the restriction").judge()
    carer.go(person).judge()
    assert "Vera Blum" in carer.heading
    assert manager.faults + carer.faults == []


@SCREENS
def test_erased_by_whoever_shows_once_more_who_they_are(
    site: Site, visit_as: VisitAs, somebody: str, screen: dict[str, int]
) -> None:
    manager = visit_as("manager", screen)
    with site.app.app_context():
        begin_write()
        db.session.execute(db.text("UPDATE user_sessions SET shown_at = NULL"))
        db.session.commit()
    manager.go(f"/residents/{somebody}/erase").judge()
    assert "Is it still you?" in manager.heading
    manager.type("Your passphrase", PASSPHRASE)
    manager.page.locator("main").get_by_role("button", name="Go on").first.click()
    manager.page.wait_for_url("**/erase")
    manager.judge()
    manager.tap("button", "Erase for good").judge()
    assert "Choose why it is erased." in manager.text
    manager.tap("radio", "The record was made by mistake")
    manager.tap("checkbox", "I have read what goes").tap("button", "Erase for good").judge()
    assert "rows are gone" in manager.text
    assert "Vera Blum" not in manager.page.content()
    assert manager.faults == []


@SCREENS
def test_the_administrators_pages(visit_as: VisitAs, somebody: str, screen: dict[str, int]) -> None:
    admin = visit_as("administrator", screen)
    admin.go("/admin/organisations").tap("link", "A person’s record").judge()
    admin.type("Reference of the record", "nobody").tap("button", "Open").judge()
    assert "No record has this reference" in admin.text
    admin.type("Reference of the record", somebody).tap("button", "Open").judge()
    admin.tap("link", "Erase this record").judge()
    assert "Vera" not in admin.page.content()
    assert admin.faults == []
