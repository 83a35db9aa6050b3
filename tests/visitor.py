"""A person at a browser without a screen: opens pages, fills in the forms that stand there, presses buttons.

Every page that is opened is looked over: a whole tree, one heading, a title of its own, no id twice,
labels that point somewhere, nothing inline that the content policy would refuse.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from xml.etree.ElementTree import Element

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from redbag.domain.london_time import to_london
from tests import page_tree

Fields = list[tuple[str, str]]


@dataclass
class Page:
    """What the visitor sees now."""

    response: TestResponse
    tree: Element

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def path(self) -> str:
        return self.response.request.path

    @property
    def text(self) -> str:
        """The words of the page's main part, with single spaces."""
        main = self.tree.find(".//main")
        return " ".join("".join((main if main is not None else self.tree).itertext()).split())

    @property
    def heading(self) -> str:
        return " ".join("".join(self.tree.find(".//h1").itertext()).split())  # type: ignore[union-attr]

    def links(self) -> dict[str, str]:
        """Where each link of the page leads, by its words."""
        return {" ".join("".join(a.itertext()).split()): a.get("href", "") for a in self.tree.iter("a")}

    def form(self, action: str | None = None) -> Element:
        """The main part's form that sends to `action`; the first that posts where none is named."""
        main = self.tree.find(".//main")
        assert main is not None
        for form in main.iter("form"):
            if action is not None and form.get("action", "") == action:
                return form
            if action is None and form.get("method", "get").lower() == "post":
                return form
        raise AssertionError(f"No form {action or 'that posts'} on {self.path}: {self.text[:300]}")


class Visitor:
    """One browser. `press` sends the form that stands on the page, as it stands, with what was typed."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.page: Page = None  # type: ignore[assignment] - no page before the first `open`

    def open(self, path: str) -> Page:
        return self._look(self.client.get(path, follow_redirects=True))

    def press(
        self, typed: dict[str, Any] | None = None, *, action: str | None = None, button: str = ""
    ) -> Page:
        """Sends a form. `typed`: new contents by field name; a list ticks several. `button`: name=value."""
        form = self.page.form(action)
        fields = filled(form, typed or {}, self._beside(form))
        if button:
            name, _, value = button.partition("=")
            fields.append((name, value))
        return self.post(form.get("action") or self.page.response.request.full_path, fields)

    def _beside(self, form: Element) -> list[Element]:
        """The fields that stand elsewhere on the page and go with this form."""
        name = form.get("id")
        return [element for element in self.page.tree.iter() if name and element.get("form") == name]

    def post(self, path: str, fields: Fields) -> Page:
        data: dict[str, list[str]] = {}
        for name, value in fields:
            data.setdefault(name, []).append(value)
        return self._look(self.client.post(path, data=data, follow_redirects=True))

    def _look(self, response: TestResponse) -> Page:
        assert response.mimetype == "text/html", response.mimetype
        self.page = Page(response, page_tree.read(response.text))
        look_over(self.page)
        return self.page


def day(name: str, on: date) -> dict[str, str]:
    """What is typed in the three boxes of a day."""
    return {f"{name}-day": str(on.day), f"{name}-month": str(on.month), f"{name}-year": str(on.year)}


def moment(name: str, at: datetime) -> dict[str, str]:
    """What is typed in the boxes of a London day and its clock time."""
    local = to_london(at)
    return {**day(name, local.date()), f"{name}-time": f"{local:%H:%M}"}


def filled(form: Element, typed: dict[str, Any], beside: Sequence[Element] = ()) -> Fields:
    """What a browser would send: what stands in the form's fields, changed by what was typed."""
    fields: Fields = []
    names = set()
    for element in (*form.iter(), *beside):
        name = element.get("name", "")
        if not name or element.tag == "button":
            continue
        names.add(name)
        if name in typed:
            continue
        fields += [(name, value) for value in _stands_in(element)]
    unknown = set(typed) - names
    assert not unknown, f"The form has no field {sorted(unknown)}; it has {sorted(names)}"
    for name, value in typed.items():
        fields += [(name, str(one)) for one in (value if isinstance(value, list) else [value])]
    return fields


def _stands_in(element: Element) -> list[str]:
    if element.tag == "textarea":
        return [(element.text or "").removeprefix("\n")]
    if element.tag == "select":
        options = list(element.iter("option"))
        picked = [o for o in options if o.get("selected") is not None] or options[:1]
        return [o.get("value", "") for o in picked]
    if element.get("type") in ("checkbox", "radio"):
        return [element.get("value", "on")] if element.get("checked") is not None else []
    return [element.get("value", "")] if element.tag == "input" else []


def look_over(page: Page) -> None:
    """Raises when the page is not whole."""
    tree = page.tree
    where = f"{page.path} ({page.status})"
    assert len(list(tree.iter("h1"))) == 1, f"{where} has not one h1"
    title = tree.find(".//title")
    assert title is not None, where
    assert (title.text or "").strip().endswith("– Red Bag"), f"{where}: {title.text!r}"
    assert not (title.text or "").strip().startswith("–"), f"{where} has no title of its own"
    ids = Counter(element.get("id") for element in tree.iter() if element.get("id") is not None)
    assert all(ids), f"{where} has an empty id"
    assert max(ids.values(), default=1) == 1, f"{where} has ids twice: {[i for i, n in ids.items() if n > 1]}"
    for label in tree.iter("label"):
        assert label.get("for") is None or label.get("for") in ids, f"{where}: label for {label.get('for')}"
    for element in tree.iter():
        inline = [a for a in element.keys() if a == "style" or str(a).startswith("on")]  # noqa: SIM118
        assert not inline, f"{where}: inline {inline} on <{element.tag}>"
    assert "Content-Security-Policy" in page.response.headers, where
