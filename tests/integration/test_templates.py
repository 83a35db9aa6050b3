"""Templates: what a person typed never becomes markup, and a mistyped name never prints nothing."""

from __future__ import annotations

import pytest
from flask import Flask, render_template, render_template_string
from jinja2 import UndefinedError

from redbag.config import ROOT

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SCRIPT = "<script>alert(1)</script>"
TEMPLATES = sorted(path.relative_to(ROOT / "templates") for path in (ROOT / "templates").rglob("*.html"))


def render(app: Flask, source: str, **values: object) -> str:
    with app.test_request_context("/"):
        app.preprocess_request()
        return render_template_string(source, **values)


def test_what_was_typed_is_escaped_in_our_own_templates(app: Flask) -> None:
    assert render(app, "{{ text }}", text=SCRIPT) == "&lt;script&gt;alert(1)&lt;/script&gt;"


@pytest.mark.parametrize(
    "source",
    [
        '{% from "nhsuk/components/summary-list/macro.jinja" import summaryList %}'
        '{{ summaryList({"rows": [{"key": {"text": text}, "value": {"text": text}}]}) }}',
        '{% from "nhsuk/components/input/macro.jinja" import input %}'
        '{{ input({"id": "a", "name": "a", "label": {"text": text}, "value": text}) }}',
        '{% from "nhsuk/components/radios/macro.jinja" import radios %}'
        '{{ radios({"name": "a", "items": [{"value": text, "text": text}]}) }}',
        '{% from "nhsuk/components/textarea/macro.jinja" import textarea %}'
        '{{ textarea({"id": "a", "name": "a", "label": {"text": text}, "value": text}) }}',
        '{% from "nhsuk/components/error-summary/macro.jinja" import errorSummary %}'
        '{{ errorSummary({"titleText": text, "errorList": [{"text": text, "href": "#a"}]}) }}',
        '{% from "nhsuk/components/back-link/macro.jinja" import backLink %}'
        '{{ backLink({"href": "/", "text": text}) }}',
    ],
)
def test_what_was_typed_is_escaped_in_the_design_systems_components(app: Flask, source: str) -> None:
    """Their files end in .jinja, which Flask does not escape unless it is told."""
    shown = render(app, source, text=SCRIPT)
    assert "&lt;script&gt;" in shown
    assert "<script" not in shown


def test_no_template_switches_escaping_off(app: Flask) -> None:
    for template in TEMPLATES:
        text = (ROOT / "templates" / template).read_text(encoding="utf-8")
        for bad in ("|safe", "| safe", "autoescape false", "Markup("):
            assert bad not in text, f"{template} has {bad}"


def test_every_template_compiles(app: Flask) -> None:
    for template in TEMPLATES:
        assert app.jinja_env.get_template(str(template)) is not None


@pytest.mark.parametrize(
    "source", ["{{ alergies }}", "{% for a in alergies %}x{% endfor %}", "{{ alergies ~ '' }}"]
)
def test_mistyped_name_raises_instead_of_printing_nothing(app: Flask, source: str) -> None:
    with pytest.raises(UndefinedError, match="alergies"):
        render(app, source)


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("{{ given.classes }}", ""),
        ("{{ given.attributes.class.first }}", ""),
        ("{% if alergies %}yes{% else %}no{% endif %}", "no"),
        ("{{ alergies | default('none') }}", "none"),
        ("{% for one in given.things %}x{% endfor %}", ""),
    ],
)
def test_optional_parts_of_given_values_chain_as_components_need(app: Flask, source: str, shown: str) -> None:
    assert render(app, source, given={"a": 1}) == shown


def test_error_page_escapes_its_message(app: Flask) -> None:
    with app.test_request_context("/"):
        app.preprocess_request()
        page = render_template("layouts/error.html", title="T", message=SCRIPT, status=404, request_id="r")
    assert "&lt;script&gt;alert(1)" in page
