"""The reader of pages in tests finds what a browser would mend in silence."""

import pytest

from tests.page_tree import BrokenPageError, read


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("<p>Words<div></div></p>", "<div> in <p>"),
        ("<p>One<p>Two</p></p>", "<p> in <p>"),
        ('<a href="/"><a href="/x">x</a></a>', "<a> in <a>"),
        ("<form><div><form></form></div></form>", "<form> in <form>"),
        ("<div>", "</html> where <div> is open"),
        ("<div/>", "not closed by its slash"),
        ('<i id="a" id="b"></i>', "an attribute twice"),
        ("</b>", "</b> where <html> is open"),
        ("<table><td></td></table>", "<td> in <table>"),
        ("<li>One</li>", "<li> in <html>"),
    ],
)
def test_what_a_browser_would_mend_is_a_fault(body: str, fault: str) -> None:
    with pytest.raises(BrokenPageError, match=fault):
        read(f"<html>{body}</html>")


def test_a_whole_page_is_read_as_it_stands() -> None:
    tree = read(
        '<!doctype html>\r\n<html><body><svg><path d="M0"/></svg><br><input checked value="a&amp;b">'
        "<textarea>\r\nTwo\r\nlines</textarea></body></html>"
    )
    box = tree.find(".//input")
    assert box is not None
    assert (box.get("value"), box.get("checked"), box.get("disabled")) == ("a&b", "", None)
    assert tree.findtext(".//textarea") == "\nTwo\nlines"
    assert tree.find(".//svg/path") is not None


def test_an_element_left_open_at_the_end_is_a_fault() -> None:
    with pytest.raises(BrokenPageError, match="<html> is not closed"):
        read("<html>")
