"""Photos and papers in a real browser: taken in on a tablet, read on a phone, refused beside the field."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests import papers
from tests.browser.conftest import PHONE, TABLET, Site, Visit
from tests.integration.walk import Walk

SMALL, LARGE = {"width": 320, "height": 640}, {"width": 1280, "height": 900}
TOO_LARGE = "The file is larger than 15 MB."


@pytest.fixture
def walk(site: Site) -> Walk:
    return Walk(site.app, site.cast)


def sent(name: str, content: bytes, kind: str = "image/jpeg") -> dict[str, object]:
    return {"name": name, "mimeType": kind, "buffer": content}


def test_carer_adds_photo_and_paper_and_the_ward_reads_them(
    walk: Walk, visit_as: Callable[..., Visit]
) -> None:
    carer = visit_as("carer", TABLET)
    home = f"/residents/{walk.way.resident_ref}"
    carer.go(home).tap("link", "Photo and papers").tap("link", "Add a photo of the person").judge()
    carer.page.locator("#file").set_input_files(sent("face.jpg", papers.jpeg_with_place(6)))  # type: ignore[arg-type]
    carer.tap("button", "Keep this photo").judge()
    face = carer.page.get_by_role("img", name="Photo of Agnes Obi")
    assert face.evaluate("image => image.complete && image.naturalWidth") == 64
    carer.tap("link", "Photo and papers").tap("radio", "Lasting power of attorney")
    chart = sent("lpa.pdf", papers.pdf(2), "application/pdf")
    carer.page.locator("#file").set_input_files([chart, sent("last.jpg", papers.jpeg())])  # type: ignore[list-item]
    carer.tap("button", "Add the paper").judge()
    assert "Lasting power of attorney: 3 pages added." in carer.text
    for screen in (SMALL, LARGE):
        carer.page.set_viewport_size(screen)  # type: ignore[arg-type]
        carer.judge().go("/residents").judge().go(home).judge().go(f"{home}/papers").judge()
    carer.page.locator("a.rb-paper").first.click()
    carer.judge()
    walk.to("packed", "left")

    nurse = visit_as("nurse", PHONE)
    nurse.go(f"/b/{walk.token}").judge()
    assert nurse.page.get_by_role("img", name="Photo of Agnes Obi").is_visible()
    nurse.page.set_viewport_size(SMALL)  # type: ignore[arg-type]
    nurse.judge()
    nurse.page.locator("#papers").get_by_role("link", name="Lasting power of attorney").first.click()
    assert "Lasting power of attorney" in nurse.heading
    page = nurse.judge().page.get_by_role("img", name="Lasting power of attorney, page 1 of 2")
    assert page.evaluate("image => image.decode().then(() => image.naturalHeight)") == 2200
    assert [*carer.faults, *nurse.faults] == []


def test_file_that_is_too_large_is_said_at_once_and_by_the_server_too(
    walk: Walk, visit_as: Callable[..., Visit], tmp_path: Path
) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(papers.jpeg() + bytes(40 * 2**20))
    carer = visit_as("carer", TABLET).go(f"/residents/{walk.way.resident_ref}/photo")
    carer.page.locator("#file").set_input_files(photo)
    assert TOO_LARGE in carer.page.get_by_role("alert").inner_text()
    carer.tap("button", "Keep this photo").judge()
    assert "There is a problem" not in carer.text  # it was not sent
    # What a browser without the script sends is answered by the form again.
    carer.page.locator("form[enctype]").evaluate("form => HTMLFormElement.prototype.submit.call(form)")
    carer.page.get_by_text("There is a problem").wait_for()
    assert TOO_LARGE in carer.page.locator("#file-error").inner_text()
    assert carer.judge().faults == []


def test_summary_is_attached_by_the_ward_and_read_by_the_home(
    walk: Walk, visit_as: Callable[..., Visit]
) -> None:
    walk.to("packed", "left", "arrived", "admitted")
    nurse = visit_as("nurse", SMALL).go(f"/ward/transfers/{walk.ref}/discharge").judge()
    nurse.tap("link", "Attach the discharge summary").judge()
    summary = sent("summary.pdf", papers.pdf(1, "Discharge summary"), "application/pdf")
    nurse.page.locator("#file").set_input_files(summary)  # type: ignore[arg-type]
    nurse.tap("button", "Attach the summary").judge()
    assert "The discharge summary is attached" in nurse.text
    carer = visit_as("carer", SMALL).go(f"/transfers/{walk.ref}").judge()
    carer.tap("link", "Discharge summary, 1 page").judge()
    assert carer.heading == "Discharge summary"
    assert [*nurse.faults, *carer.faults] == []


def test_photos_of_what_travels_fit_every_screen(walk: Walk, visit_as: Callable[..., Visit]) -> None:
    walk.to("packed")
    carer = visit_as("carer", SMALL).go(f"/transfers/{walk.ref}/belongings/photos").judge()
    carer.tap("link", "Glasses").judge()
    # As on a tablet, where the camera's own way stands first.
    carer.page.locator(".rb-files__camera").evaluate("way => way.style.display = 'block'")
    carer.judge()
    carer.page.get_by_label("Take a photo now").set_input_files(
        sent("glasses.png", papers.png(), "image/png")
    )  # type: ignore[arg-type]
    carer.tap("button", "Keep this photo").judge()
    assert "Glasses: the photo is kept." in carer.text
    for screen in (TABLET, LARGE):
        carer.page.set_viewport_size(screen)  # type: ignore[arg-type]
        carer.judge().go(f"/transfers/{walk.ref}/papers").judge().go(
            f"/transfers/{walk.ref}/belongings/photos"
        )
    assert carer.faults == []
