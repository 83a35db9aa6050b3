"""An attack on every address: its description for schemathesis, and what no answer may ever be.

The description (OpenAPI) is made from the addresses themselves. The fields are those of the forms that stand
on the pages, and those that the views ask for by name.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests import page_tree

MARK = "kestrel"
SCRIPT = f"\"'></textarea></title><script>{MARK}()</script><b onmouseover={MARK}()>"
HOSTILE = (
    SCRIPT,
    "a\0b",
    "9" * 40,
    "-1",
    "²",
    "9" * 5000,
    "//evil.example/",
    "=HYPERLINK(1)",
    "name\r\nSet-Cookie: a=b",
    "' OR 1=1 --",
    "{{7*7}}%s%(x)s{0.__class__}",
    "\ud800".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
    "\u202e\u2066٣é",
    "..",
    "nan",
    "1e400",
    "31",
    "2024-02-30",
    "25:61",
    "",
)
Fields = dict[str, list[str]]
"""What a form's fields are called, and what stands in them or may be chosen."""


def forms_on(pages: Iterable[Element], at: str) -> Iterator[tuple[str, str, str, list[str]]]:
    """Method, address, field and contents for every field of every form of a page at the address `at`."""
    for form in pages:
        path = urlsplit(form.get("action") or at).path
        for one in form.iter():
            name = one.get("name")
            if name:
                yield form.get("method", "get").upper(), path, name, _contents(one)


def _contents(field: Element) -> list[str]:
    if field.tag == "select":
        return [option.get("value", "") for option in field.iter("option")]
    return [field.get("value", "on") if field.tag != "textarea" else "A word"]


def endpoint_at(app: Flask, path: str, method: str) -> str:
    """What answers there; "" for nothing."""
    try:
        found: str = app.url_map.bind("").match(path, method)[0]
    except HTTPException:
        return ""
    return found


_FORM = (
    r"""request\.(?:form|values)(?:\.get(?:list)?\(|\[)\s*"([\w-]+)"|"([\w-]+)" (?:not )?in request\.form"""
)
_FORM += r"""|form\.(?:text|all)\(\s*"([\w-]+)"|Field\(\s*"([\w-]+)\""""
_ARGS = (
    r"""request\.(?:args|values)(?:\.get(?:list)?\(|\[)\s*"([\w-]+)"|"([\w-]+)" (?:not )?in request\.args"""
)


@cache
def _said_in(path: str, pattern: str) -> tuple[str, ...]:
    found = re.findall(pattern, Path(path).read_text("utf-8"))
    return tuple(sorted({name for one in found for name in ([one] if isinstance(one, str) else one) if name}))


def asked_by(view: Callable[..., Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names that a view's file takes from an address, and from a form."""
    path = inspect.getsourcefile(inspect.unwrap(view)) or ""
    return _said_in(path, _ARGS), _said_in(path, _FORM)


def described(
    app: Flask, rule: Rule, path_values: Mapping[str, str], known: Mapping[tuple[str, str], Fields]
) -> dict[str, Any]:
    """One address for schemathesis: `path_values` is what really stands there, `known` the pages' forms."""
    method = "POST" if "POST" in (rule.methods or set()) else "GET"
    args, fields = asked_by(app.view_functions[rule.endpoint])
    on_pages = known.get((method, rule.endpoint), {})
    path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(rule))
    operation: dict[str, Any] = {
        "operationId": rule.endpoint,
        "parameters": [
            {"in": "path", "name": name, "required": True, "schema": _in_path(value)}
            for name, value in path_values.items()
        ],
        "responses": {"default": {"description": "a page"}},
    }
    queried = {name: on_pages.get(name, []) if method == "GET" else [] for name in (*args, *on_pages)}
    if method == "GET":
        operation["parameters"] += [
            {"in": "query", "name": name, "required": False, "schema": _hostile(values)}
            for name, values in queried.items()
        ]
    else:
        names: Fields = {**{name: [] for name in fields}, **on_pages}
        kind = {"application/x-www-form-urlencoded": {"schema": _body(names)}}
        operation["requestBody"] = {"required": True, "content": kind}
    return {path: {method.lower(): operation}}


def _in_path(value: str) -> dict[str, Any]:
    """Nearly always what is there: an address that is nobody's is refused before anything else is read."""
    strange = ["0", "99999999999999999999"] if value.isdecimal() else ["0" * 16, SCRIPT.replace("/", "")]
    return {"enum": [value, *strange]}


def _hostile(values: list[str]) -> dict[str, Any]:
    given = list(dict.fromkeys([*values[:4], *HOSTILE]))
    return {"anyOf": [{"enum": given}, {"type": "string", "maxLength": 60}]}


def _body(names: Fields) -> dict[str, Any]:
    """Nearly as the page sends it, which goes deepest; or nothing but what nobody would send."""
    nearly = {
        name: {"enum": list(dict.fromkeys([*values[:6], *values[:1], "A word", SCRIPT]))}
        for name, values in names.items()
    }
    hostile = {name: _hostile(values) for name, values in names.items()}
    always = [name for name in names if names[name]]
    return {
        "anyOf": [
            {"type": "object", "properties": nearly, "required": always, "additionalProperties": False},
            {"type": "object", "properties": hostile, "additionalProperties": False},
            {"type": "object", "properties": hostile, "required": list(names), "additionalProperties": False},
        ]
    }


def faults(answer: TestResponse, *, kept: bool = False) -> list[str]:
    """What is wrong with an answer, whatever was asked. `kept`: it is the same for everybody, and a browser
    may keep it."""
    found = []
    if answer.status_code >= 500:
        found.append(f"status {answer.status_code}")
    headers = answer.headers
    hardened = {
        "Content-Security-Policy": "default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "X-Frame-Options": "DENY",
        "Cache-Control": "no-cache" if kept and answer.status_code == 200 else "no-store",
    }
    found += [
        f"{name}: {headers.get(name)}" for name, said in hardened.items() if said not in headers.get(name, "")
    ]
    if "Set-Cookie: a=b" in str(headers) or headers.get("Set-Cookie", "").startswith("a=b"):
        found.append("a header that was typed")
    location = answer.location or ""
    if location and (not location.startswith("/") or location[1:2] in ("/", "\\")):
        found.append(f"leads to {location}")
    if answer.mimetype in ("text/html", "text/csv", "application/json", "text/plain"):
        found += _of_text(answer)
    return found


def _of_text(answer: TestResponse) -> list[str]:
    text = answer.get_data(as_text=True)
    found = [f"says {word!r}" for word in ("Traceback (most", "sqlalchemy.", "psycopg") if word in text]
    if answer.mimetype == "text/csv" and re.search(r'(^|,)"?=HYPERLINK', text, re.M):
        found.append("a cell starts a formula")
    if answer.mimetype != "text/html" or answer.status_code in (301, 302, 303):
        return found
    if f"<script>{MARK}" in text or f"<b onmouseover={MARK}" in text:
        found.append("what was typed is markup")
    try:
        page_tree.read(text)
    except page_tree.BrokenPageError as broken:
        found.append(f"not a whole page: {broken}")
    return found


def forms_of(client: FlaskClient, path: str) -> Iterator[tuple[str, str, str, list[str]]]:
    """What a person's page at this address asks for."""
    answer = client.get(path, follow_redirects=True)
    if answer.mimetype == "text/html" and answer.status_code == 200:
        tree = page_tree.read(answer.text)
        yield from forms_on(tree.iter("form"), answer.request.path)
