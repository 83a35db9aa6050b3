"""With no network: what is refused is not counted on, what is missing is named before the signature, what was
typed is said in words."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from redbag.domain.doses import wrong_counters
from tests.browser.conftest import Site, Visit
from tests.browser.dead_corner import in_the_dead_corner
from tests.browser.network import Wire
from tests.browser.test_offline_screens import REFUSE

Tablet = Callable[[str], Visit]


def judged(carer: Visit) -> None:
    for width in (320, 768):
        carer.page.set_viewport_size({"width": width, "height": 900})
        carer.judge()


def test_no_score_is_shown_of_a_value_that_is_refused(wire: Wire, resident: str, tablet: Tablet) -> None:
    carer = tablet("carer")
    page = carer.page
    in_the_dead_corner(carer, wire).step()
    carer.type("Breaths a minute", "22").type("Pulse", "999").tap("button", "Save and continue")
    expect(page.get_by_text("No NEWS2 yet: check Pulse (999).")).to_be_visible()
    assert "NEWS2 at least" not in carer.text
    assert "Saved at" not in carer.text, "nothing is called saved above an error"
    judged(carer)
    carer.tap("button", "The crew is here: go on, leaving out what is still wrong")
    expect(page.get_by_role("heading", name="Pack ready")).to_be_visible()
    carer.tap("button", "Read or print the pack")
    rows = page.locator(".rb-paper__measures tr")
    expect(rows).to_have_text(["Breaths22 a minute"])
    expect(page.get_by_text("NEWS2 at least 2, incomplete").first).to_be_visible()
    assert carer.faults == []


def test_readings_and_times_are_said_as_they_were_meant(wire: Wire, resident: str, tablet: Tablet) -> None:
    carer = tablet("carer")
    page = carer.page
    in_the_dead_corner(carer, wire).step()
    carer.type("Temperature", "38,2").type("Taken at", "0310 yesterday").tap("button", "Save and continue")
    expect(page.get_by_role("heading", name="Last doses")).to_be_visible()
    carer.tap("link", "Ready").tap("button", "Read or print the pack")
    said = page.locator(".rb-paper__measures").inner_text()
    assert "38.2 °C" in said
    assert "03:10" in said and "0310" not in said


def test_the_handover_says_where_to_and_what_is_missing_before_the_signature(
    wire: Wire, resident: str, tablet: Tablet
) -> None:
    carer = tablet("carer")
    page = carer.page
    in_the_dead_corner(carer, wire).step()
    carer.tap("button", "The crew is here now")
    expect(page.get_by_role("heading", name="Pack ready", exact=True)).to_be_visible()
    expect(page.locator("p.rb-missing")).to_contain_text("Missing: ")
    carer.tap("radio", "No bag goes along").tap("button", "Hand to crew")
    missing = page.locator(".rb-alert--missing", has_text="Missing from the pack (")
    expect(missing).to_contain_text("Last dose not answered: ")
    expect(missing).to_contain_text("Belongings not listed")
    assert missing.bounding_box()["y"] < page.locator(".rb-sign").bounding_box()["y"]  # type: ignore[index]
    expect(page.locator(".rb-identity")).to_contain_text("Going to")
    judged(carer)
    carer.tap("button", "This is the person")
    expect(page.get_by_role("heading", name="is handed to the crew")).to_be_visible()
    for words in ("Papers in the bag", "How they are today"):
        expect(page.locator("main").get_by_role("link", name=words)).to_be_visible()
    judged(carer)
    assert carer.faults == []


def test_what_was_typed_is_said_in_words(wire: Wire, resident: str, tablet: Tablet) -> None:
    carer = tablet("carer")
    page = carer.page
    walk = in_the_dead_corner(carer, wire)
    for _ in range(4):
        walk.step()
    page.evaluate(REFUSE, [0, {"problems": ["Agnes Obi no longer lives here."]}])
    page.evaluate(REFUSE, [2, {"problems": ["Look again."]}])
    page.evaluate(REFUSE, [3, {"problems": ["Look again."]}])
    carer.tap("link", "What was saved here")
    expect(page.get_by_text("What was typed").first).to_be_visible()
    for one in page.get_by_text("What was typed").all():
        one.click()
    typed = " ".join(page.locator(".rb-refused .nhsuk-details__text").all_inner_texts())
    for words in (
        "Main reason",
        "Fall",
        "Kind of journey",
        "Ordinary medicines",
        "Not known",
        "Red bag",
        "001",
    ):
        assert words in typed, words
    for raw in ("not_known", "emergency", "in_bag", "thing-", "_", resident):
        assert raw not in typed, raw
    judged(carer)
    assert carer.faults == []


def test_a_number_is_not_who_counted_it(site: Site, visit_as: Callable[..., Visit]) -> None:
    page = visit_as(None).go("/offline").page
    texts = ["", "14", " 14 ", "14 / 15", "Joy A, Sam B", "J", "Ольга", "14 by Joy"]
    said = page.evaluate(
        """async (texts) => {
          const [{ wrongDoses }, { Answers }] = await Promise.all(
            [import("/static/js/offline/views_doses.js"), import("/static/js/offline/answers.js")]);
          const alone = [{ ref: "m", title: "Morphine" }];
          return texts.map((text) =>
            wrongDoses(new Answers([["m-counted", text]]), alone, [], {})["m-counted"] ?? "");
        }""",
        texts,
    )
    assert said == [wrong_counters("Morphine", text.strip()) for text in texts]


COVERED = """() => {
  const bar = document.querySelector(".rb-onward").getBoundingClientRect();
  const one = document.activeElement;
  const at = one.getBoundingClientRect();
  return one.closest("form") && !one.closest(".rb-onward") && at.bottom > bar.top && at.top < bar.bottom
    ? one.name || one.textContent : "";
}"""


def test_the_bar_of_buttons_covers_no_field_that_the_keyboard_comes_to(
    wire: Wire, resident: str, tablet: Tablet
) -> None:
    carer = tablet("carer")
    page = carer.page
    page.set_viewport_size({"width": 768, "height": 1024})
    in_the_dead_corner(carer, wire).step()
    for screen in ("Observations", "Last doses", "Belongings and bag"):
        expect(page.get_by_role("heading", name=screen, level=1)).to_be_visible()
        page.locator("h1").focus()
        found = set()
        for _ in range(40):
            page.keyboard.press("Tab")
            found.add(page.evaluate(COVERED))
        assert found == {""}, screen
        carer.tap("button", "Save and continue")
