"""A browser without a screen over a real connection: keeps cookies, fills in forms, asks again."""

from __future__ import annotations

import http.client
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urlencode

PAUSE_SECONDS = 0.3
# A worker that died leaves connections that are refused, cut off, or never answered.
_CUT_OFF = (OSError, http.client.HTTPException)


@dataclass(frozen=True)
class Answer:
    status: int
    location: str
    text: str


class _Form(HTMLParser):
    """The fields of the form of a page that sends to `action`, as a browser would send them untouched."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._action, self._inside, self._select, self._area = action, False, "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = given.get("action") in (self._action, "", None) and given.get("method") == "post"
        elif self._inside and tag == "input" and given.get("name"):
            chosen = given.get("type") not in ("checkbox", "radio", "file") or "checked" in given
            if chosen:
                self.fields[given["name"]] = given.get("value", "")
        elif self._inside and tag == "select":
            self._select = given.get("name", "")
        elif self._inside and tag == "option" and "selected" in given:
            self.fields[self._select] = given.get("value", "")
        elif self._inside and tag == "textarea":
            self._area = given.get("name", "")
            self.fields[self._area] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area] += data


class Browser:
    """One person's browser. Every request is repeated until an answer comes or `over` says so."""

    def __init__(self, port: int, seconds: float = 20) -> None:
        self._port, self._seconds = port, seconds
        self._cookies: dict[str, str] = {}
        self.repeated = 0

    def get(self, path: str) -> Answer:
        """The page, once it can be had."""
        return self._until_answered("GET", path, b"")

    def fill(self, path: str, action: str, typed: Mapping[str, str]) -> bytes:
        """The body of the page's form with these answers: to be sent once or again, the same each time."""
        page = self.get(path)
        form = _Form(action)
        form.feed(page.text)
        if "csrf_token" not in form.fields:
            raise RuntimeError(f"No form for {action} stands on {path} ({page.status}).")
        return urlencode(form.fields | dict(typed)).encode()

    def send(self, path: str, body: bytes) -> Answer:
        """Sends a form, and the same again where no answer came: the server may have done it already."""
        return self._until_answered("POST", path, body)

    def _until_answered(self, method: str, path: str, body: bytes) -> Answer:
        until = time.monotonic() + 60
        while True:
            try:
                answer = self._once(method, path, body)
            except _CUT_OFF:
                if time.monotonic() > until:
                    raise
                self.repeated += 1
                time.sleep(PAUSE_SECONDS)
            else:
                return answer

    def _once(self, method: str, path: str, body: bytes) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=self._seconds)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie") or []:
            if found := re.match(r"([^=;]+)=([^;]*)", line):
                self._cookies[found[1]] = found[2]
        return Answer(answer.status, answer.headers.get("Location", ""), text)
