"""What set-up leaves of the design system's stylesheet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import frontend
import nhsuk_frontend_jinja
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
MACROS = Path(nhsuk_frontend_jinja.__file__).parent / "templates"
OURS = (("templates", "*.html"), ("redbag", "*.py"), ("static/js", "*.js"), ("static/css", "*.css"))


def _pages() -> Iterator[str]:
    """Everything that can put a class on a page: our own files, and the design system's macros they use."""
    own = [file.read_text(encoding="utf-8") for folder, kind in OURS for file in (ROOT / folder).rglob(kind)]
    yield from own
    wanted = {name for text in own for name in re.findall(r"nhsuk/components/([\w-]+)/", text)}
    seen: set[str] = set()
    while wanted - seen:
        name = (wanted - seen).pop()
        seen.add(name)
        for file in (MACROS / "nhsuk/components" / name).rglob("*.jinja"):
            text = file.read_text(encoding="utf-8")
            wanted |= set(re.findall(r"nhsuk/components/([\w-]+)/", text))
            yield text


def test_no_page_has_a_block_that_is_left_out() -> None:
    named = {name for text in _pages() for name in re.findall(r"nhsuk-[\w-]*\w", text)}
    assert "nhsuk-button" in named
    assert "nhsuk-password-input__input" in named or "nhsuk-password-input" in named
    left_out = {name for name in named if frontend.UNUSED.fullmatch(re.split("__|--", name)[0])}
    assert left_out == set()


@pytest.mark.parametrize(
    ("whole", "left"),
    [
        (".nhsuk-button{color:red}", ".nhsuk-button{color:red}"),
        (".nhsuk-card__link,.nhsuk-button--small:hover{color:red}", ".nhsuk-button--small:hover{color:red}"),
        (".nhsuk-table .nhsuk-card{color:red}a{color:blue}", "a{color:blue}"),
        (".nhsuk-list:not(.nhsuk-card){color:red}", ".nhsuk-list:not(.nhsuk-card){color:red}"),
        (".nhsuk-u-padding-4{padding:1px}.nhsuk-u-visually-hidden{top:0}", ".nhsuk-u-visually-hidden{top:0}"),
        (
            "@media (min-width:40em){.nhsuk-hero{top:0}a{top:1px}}@media print{.nhsuk-hero{top:0}}",
            "@media (min-width:40em){a{top:1px}}",
        ),
        ("@supports (top:0){.nhsuk-tag{top:0}}", "@supports (top:0){.nhsuk-tag{top:0}}"),
    ],
)
def test_a_rule_goes_where_all_that_it_speaks_of_is_left_out(whole: str, left: str) -> None:
    assert frontend.used_css(whole) == left


def test_what_is_laid_out_serves_no_block_that_is_left_out() -> None:
    served = (ROOT / "static/vendor/nhsuk-frontend.min.css").read_text(encoding="utf-8")
    assert served.startswith(frontend.CHARSET)
    assert ".nhsuk-button{" in served
    assert not re.search(r"\.nhsuk-(card|hero|u-padding-4)[{,]", served)
    assert len(served) < 160_000
