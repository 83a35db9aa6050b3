"""What people do in a mixed day, one act after the other, and whether each answer is what it should be."""

from __future__ import annotations

import http.client
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urlencode

from harnesses.browser import Answer, Browser, filled_in

from benches.load_place import Carer, Nurse, Reader, Staff

MIX = {"scan": 60, "board": 20, "edit": 10, "report": 5, "pdf": 5}
"""Of a hundred acts. A nurse scans and looks at the ward's board, a carer at the home's, edits and prints."""
KINDS = ("scan", "board", "edit: open", "edit: save", "edit: shown", "report", "pdf")
"""What is asked for: an edit is three requests, the form, what is sent, and the page that shows it."""
SECTION = "about_me"
_CUT_OFF = (OSError, http.client.HTTPException)


@dataclass(frozen=True)
class Sample:
    """One answer: its kind, when it was asked for (seconds of a steady clock), and how long it took."""

    kind: str
    at: float
    first: float
    whole: float


@dataclass
class Person:
    """One person at work, in a browser of their own. `saved`: what they were told is saved, by resident."""

    browser: Browser
    acts: dict[str, tuple[int, Callable[[Person], None]]]
    dice: random.Random
    samples: list[Sample] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    done: dict[str, int] = field(default_factory=dict)
    saved: dict[str, str] = field(default_factory=dict)
    papers: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    def work(self, over: threading.Event, pause: float) -> None:
        """Acts until it is over, with a pause after each: half to one and a half times as long as `pause`."""
        over.wait(self.dice.uniform(0, pause))
        while not over.is_set():
            names = list(self.acts)
            name = self.dice.choices(names, [self.acts[one][0] for one in names])[0]
            try:
                self.acts[name][1](self)
                self.done[name] = self.done.get(name, 0) + 1
            except _CUT_OFF as problem:
                self.wrong.append(f"{name}: {type(problem).__name__}: {problem}")
            except WrongAnswerError as problem:
                self.wrong.append(f"{name}: {problem}")
            if pause:
                over.wait(self.dice.uniform(0.5, 1.5) * pause)

    def ask(self, kind: str, path: str, *words: str, status: int = 200, form: bytes = b"") -> Answer:
        """One request, timed. Raises WrongAnswerError where the answer is not what it should be."""
        at = time.perf_counter()
        answer = self.browser.once("POST" if form else "GET", path, form)
        self.samples.append(Sample(kind, at, answer.first, answer.whole))
        if answer.status != status:
            raise WrongAnswerError(f"{path} answered {answer.status} {answer.location}")
        if status == 200 and not words[0].startswith("%PDF"):
            said = unescape(answer.text)
            missing = [word for word in (*words, "</html>") if word not in said]
            if missing:
                raise WrongAnswerError(f"{path} does not say {missing}")
        return answer


class WrongAnswerError(Exception):
    """An answer that nobody can work with; its text says what was wrong."""


def people(staff: Staff, port: int, seed: int) -> list[tuple[str, Person]]:
    """Everybody with their e-mail address, not signed in yet."""

    def person(number: int, acts: dict[str, tuple[int, Callable[[Person], None]]]) -> Person:
        return Person(Browser(port, seconds=60), acts, random.Random(seed * 1000 + number))  # noqa: S311

    half = MIX["board"] // 2
    made: list[tuple[str, Person]] = []
    for nurse in staff.nurses:
        acts = {"scan": (MIX["scan"], _scan(nurse)), "board": (half, _ward)}
        made.append((nurse.email, person(len(made), acts)))
    for carer in staff.carers:
        acts = {"edit": (MIX["edit"], _edit(carer)), "board": (half, _home), "pdf": (MIX["pdf"], _pdf(carer))}
        made.append((carer.email, person(len(made), acts)))
    for reader in staff.readers:
        made.append((reader.email, person(len(made), {"report": (1, _report(reader))})))
    return made


def parts(many: int) -> tuple[int, int, int]:
    """How many nurses, carers and readers of figures a mixed day of so many people has; one at least."""
    readers = max(1, round(many * MIX["report"] / 100))
    carers = max(1, round(many * (MIX["edit"] + MIX["pdf"] + MIX["board"] // 2) / 100))
    return many - carers - readers, carers, readers


def _scan(nurse: Nurse) -> Callable[[Person], None]:
    def act(person: Person) -> None:
        token, name = person.dice.choice(nurse.bags)
        person.ask("scan", f"/B/{token}", name, "rb-state")

    return act


def _ward(person: Person) -> None:
    person.ask("board", "/ward", "From a care home")


def _home(person: Person) -> None:
    person.ask("board", "/transfers", "<h1>Transfers</h1>")


def _edit(carer: Carer) -> Callable[[Person], None]:
    def act(person: Person) -> None:
        ref, name = person.dice.choice(carer.residents)
        path = f"/residents/{ref}/record/{SECTION}"
        page = person.ask("edit: open", path, name, "Also worth knowing about me")
        typed = f"Likes a walk before tea, says load {person.dice.getrandbits(60):015x}."
        form = filled_in(page, path, path, {"also": typed})
        answer = person.ask("edit: save", path, status=303, form=urlencode(form).encode())
        person.saved[ref] = typed
        person.ask("edit: shown", answer.location.partition("#")[0], name, typed, "saved, and marked")

    return act


def _pdf(carer: Carer) -> Callable[[Person], None]:
    def act(person: Person) -> None:
        ref, name = person.dice.choice(carer.packs)
        answer = person.ask("pdf", f"/transfers/{ref}/pack.pdf", "%PDF")
        if not answer.body.startswith(b"%PDF-") or b"%%EOF" not in answer.body[-64:]:
            raise WrongAnswerError(f"the pack of {ref} is no whole PDF")
        person.papers[ref] = (name, answer.body)

    return act


def _report(reader: Reader) -> Callable[[Person], None]:
    def act(person: Person) -> None:
        path, heading = person.dice.choice(reader.pages)
        person.ask("report", path, heading, "<svg")

    return act
