"""A browser without a screen over a real connection: keeps cookies, fills in forms, asks again."""

from __future__ import annotations

import http.client
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode
from uuid import uuid4

PAUSE_SECONDS = 0.3
_FORM = "application/x-www-form-urlencoded"
# A worker that died leaves connections that are refused, cut off, or never answered.
_CUT_OFF = (OSError, http.client.HTTPException)


@dataclass(frozen=True)
class Answer:
    """`first` and `whole`: seconds until its first byte was there, and its last."""

    status: int
    location: str
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    first: float = 0.0
    whole: float = 0.0


def unclear(path: str, answer: Answer) -> str:
    """What is wrong with an answer for the person who reads it; "" where it is a page or says what to do.

    A page that cannot be had says so with 503, when to try again, the number to read out, and what to do
    meanwhile; it is never a trace or a bare sentence of the server's.
    """
    if answer.status < 500:
        return "" if "Traceback" not in answer.text else f"{path}: a trace is shown"
    said = f"{path} answered {answer.status}"
    if answer.status != 503:
        return said
    number = answer.headers.get("X-Request-Id", "")
    wanted = (
        "cannot reach its records",
        "Use the printed pack",
        "Ring: the home",
        f"<strong>{number}</strong>",
    )
    missing = [words for words in wanted if words not in answer.text]
    if not number or not answer.headers.get("Retry-After", "").isdecimal():
        missing.append("its number and when to try again")
    if "Traceback" in answer.text or "sqlite3" in answer.text or "psycopg" in answer.text:
        missing.append("silence about its inside")
    return f"{said} without {', '.join(missing)}: {answer.text[:200]!r}" if missing else ""


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


def filled_in(page: Answer, path: str, action: str, typed: Mapping[str, str]) -> dict[str, str]:
    """The fields of the page's form with these answers. Raises RuntimeError where no such form is there."""
    form = _Form(action)
    form.feed(page.text)
    if "csrf_token" not in form.fields:
        raise RuntimeError(f"No form for {action} stands on {path} ({page.status}).")
    return form.fields | dict(typed)


class SignedOutError(Exception):
    """The session has ended: the page that came asks for a sign-in."""


class Browser:
    """One person's browser. A request is repeated until an answer comes that is not "try again", for at most
    `patience` seconds, which may be changed meanwhile.

    `seconds`: how long one answer is waited for; `unclear`: answers that leave a person standing there;
    `refused`: how often "try again" was answered.
    """

    def __init__(self, port: int, seconds: float = 20, patience: float = 60) -> None:
        self._port, self._seconds, self.patience = port, seconds, patience
        self._cookies: dict[str, str] = {}
        self.repeated = self.refused = 0
        self.unclear: list[str] = []

    def beside(self, seconds: float) -> Browser:
        """Another window of the same person, who waits so long for an answer."""
        other = Browser(self._port, seconds, self.patience)
        other._cookies = dict(self._cookies)
        return other

    def get(self, path: str) -> Answer:
        """The page, once it can be had."""
        return self._until_answered("GET", path, b"")

    def fill(self, path: str, action: str, typed: Mapping[str, str]) -> bytes:
        """The body of the page's form with these answers: to be sent once or again, the same each time.

        Raises SignedOutError where the page asks for a sign-in instead.
        """
        return urlencode(self._filled(path, action, typed)).encode()

    def attach(self, path: str, name: str, content: bytes) -> Answer:
        """Sends the page's form with one file."""
        mark = uuid4().hex
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()
            for field, value in self._filled(path, path, {}).items()
        ]
        head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        body = b"".join([*parts, head.encode(), content, f"\r\n--{mark}--\r\n".encode()])
        return self.once("POST", path, body, f"multipart/form-data; boundary={mark}")

    def _filled(self, path: str, action: str, typed: Mapping[str, str]) -> dict[str, str]:
        page = self.get(path)
        if page.status == 302 and "/sign-in" in page.location:
            raise SignedOutError
        return filled_in(page, path, action, typed)

    def send(self, path: str, body: bytes) -> Answer:
        """Sends a form, and the same again where no answer came: the server may have done it already."""
        return self._until_answered("POST", path, body)

    def _until_answered(self, method: str, path: str, body: bytes) -> Answer:
        began = time.monotonic()
        while True:
            try:
                answer = self.once(method, path, body)
            except _CUT_OFF:
                if time.monotonic() > began + self.patience:
                    raise
            else:
                if problem := unclear(f"{method} {path}", answer):
                    self.unclear.append(problem)
                if answer.status != 503 or time.monotonic() > began + self.patience:
                    return answer
                self.refused += 1
            self.repeated += 1
            time.sleep(PAUSE_SECONDS)

    def once(self, method: str, path: str, body: bytes = b"", kind: str = _FORM) -> Answer:
        """One request and its answer. Raises OSError or HTTPException where none came."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=self._seconds)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if body:
            headers["Content-Type"] = kind
        began = time.perf_counter()
        try:
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            first = time.perf_counter() - began
            content = answer.read()
            whole = time.perf_counter() - began
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie") or []:
            if found := re.match(r"([^=;]+)=([^;]*)", line):
                self._cookies[found[1]] = found[2]
        text = content.decode("utf-8", "replace")
        told = dict(answer.headers.items())
        return Answer(answer.status, answer.headers.get("Location", ""), text, told, content, first, whole)
