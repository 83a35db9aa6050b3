"""People at work on a running installation, and the look afterwards: was anything lost, doubled or half done?

Each client adds a resident, sends them to hospital and writes an observation, over and over. A form that got
no answer, or was told to try again, is sent again as it was, as a browser's "try again" does.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Engine, create_engine, text

from harnesses.browser import Answer, Browser, SignedOutError
from harnesses.server import Server

CARER = "carer@maple.example"
PASSPHRASE = "red bags go home again"  # noqa: S105 - the demo's, printed for everybody
FAMILY = "Crashtest"


@dataclass
class Done:
    """What one client was told is done."""

    residents: dict[str, str] = field(default_factory=dict)
    """Given name to reference."""
    transfers: dict[str, str] = field(default_factory=dict)
    """Given name to the reference of the journey."""
    pulses: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    begun: int = 0

    @property
    def acts(self) -> int:
        return len(self.residents) + len(self.transfers) + len(self.pulses)


def sign_in(browser: Browser, email: str = CARER) -> None:
    """Signs somebody of the demo in. Raises RuntimeError where the server does not let them."""
    body = browser.fill("/sign-in", "/sign-in", {"email": email, "passphrase": PASSPHRASE})
    answer = browser.send("/sign-in", body)
    if answer.status != 303:
        raise RuntimeError(f"Cannot sign in: {answer.status}")


class Crew:
    """Clients in threads of their own, who work until they are told to stop. `first`: the first one's number,
    where there are others at work. `seconds`: how long each waits for one answer."""

    def __init__(
        self, server: Server, many: int, *, patience: float = 60, first: int = 0, seconds: float = 20
    ) -> None:
        self._first = first
        self.done = [Done() for _ in range(many)]
        self.browsers = [Browser(server.port, seconds, patience) for _ in range(many)]
        self._over = threading.Event()
        for browser in self.browsers:
            sign_in(browser)
        self._threads = [threading.Thread(target=self._work, args=(number,)) for number in range(many)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Tells everybody to stop, and waits until they have."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    @property
    def acts(self) -> int:
        return sum(one.acts for one in self.done)

    @property
    def repeated(self) -> int:
        return sum(browser.repeated for browser in self.browsers)

    def wrong(self) -> list[str]:
        """What the clients met that they should not have."""
        return [
            *(wrong for one in self.done for wrong in one.wrong),
            *(unclear for browser in self.browsers for unclear in browser.unclear),
        ]

    def _work(self, number: int) -> None:
        browser, done = self.browsers[number], self.done[number]
        while not self._over.is_set():
            done.begun += 1
            name = f"C{self._first + number:02d}N{done.begun:05d}"
            try:
                _one_person(browser, name, done.begun, done)
            except SignedOutError:
                sign_in(browser)
            except Exception as problem:
                done.wrong.append(f"client {number}, {name}: {type(problem).__name__}: {problem}")
                return


def _one_person(browser: Browser, name: str, turn: int, done: Done) -> None:
    resident = _sent(
        browser,
        "/residents/new",
        {
            "given_name": name,
            "family_name": FAMILY,
            "date_of_birth-day": "3",
            "date_of_birth-month": "11",
            "date_of_birth-year": "1938",
            "nhs_not_known": "yes",
        },
        r"/residents/([0-9a-z]{16})",
    )
    done.residents[name] = resident
    journey = _sent(browser, f"/residents/{resident}/send", {"reason": "fall"}, r"/transfers/([0-9a-z]{16})")
    done.transfers[name] = journey
    pulse = 50 + turn % 100
    _sent(browser, f"/transfers/{journey}/observations", {"pulse": str(pulse)}, r"/transfers/([0-9a-z]{16})")
    done.pulses[name] = pulse


def _sent(browser: Browser, path: str, typed: dict[str, str], where: str) -> str:
    """The reference in the address that the answer leads to."""
    body = browser.fill(path, path, typed)
    answer: Answer = browser.send(path, body)
    found = re.search(where, answer.location)
    if answer.status in (400, 401) and "signed out before you saved" in answer.text:
        raise SignedOutError
    if answer.status not in (302, 303) or found is None:  # 302: the answer it got already
        raise RuntimeError(f"{path} answered {answer.status} {answer.location}")
    return found[1]


@contextmanager
def _engine(url: str) -> Iterator[Engine]:
    engine = create_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def looked_over(server: Server, database_url: str, done: list[Done]) -> list[str]:
    """What was lost, doubled or left half done: nothing, if all is well. Prints what is there."""
    faults: list[str] = []
    with _engine(database_url) as engine:
        checks: tuple[Callable[[Engine, list[Done]], list[str]], ...] = (
            _residents,
            _journeys,
            _traces,
            _whole,
        )
        for check in checks:
            faults += check(engine, done)
    try:
        print(f"  {server.command('audit', 'verify').splitlines()[0]}")
    except RuntimeError as problem:
        faults.append(str(problem))
    return faults


def _residents(engine: Engine, done: list[Done]) -> list[str]:
    """Each that was answered is there, under that reference; nobody is there twice."""
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT given_name, ref FROM residents WHERE family_name = :name"), {"name": FAMILY}
        ).all()
    there: dict[str, list[str]] = {}
    for name, ref in rows:
        there.setdefault(name, []).append(ref)
    faults = [f"{name} is there {len(refs)} times" for name, refs in there.items() if len(refs) > 1]
    for one in done:
        faults += [f"{name} is lost" for name, ref in one.residents.items() if there.get(name) != [ref]]
    print(f"  {len(rows):,} people were added.")
    return faults


def _journeys(engine: Engine, done: list[Done]) -> list[str]:
    """Each person was sent once, and what was written last of them is there."""
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT r.given_name, t.ref, t.facts, t.state,"
                " (SELECT count(*) FROM transfer_events e WHERE e.transfer_id = t.id)"
                " FROM residents r JOIN transfers t ON t.resident_id = r.id WHERE r.family_name = :name"
            ),
            {"name": FAMILY},
        ).all()
    there: dict[str, list[tuple[str, str]]] = {}
    faults = []
    for name, ref, facts, state, events in rows:
        there.setdefault(name, []).append((ref, str(facts)))
        if state != "packing" or events != 1:
            faults.append(f"{name}: {state} after {events} events")
    faults += [f"{name} was sent {len(found)} times" for name, found in there.items() if len(found) > 1]
    for one in done:
        for name, ref in one.transfers.items():
            if [known for known, _ in there.get(name, [])] != [ref]:
                faults.append(f"the journey of {name} is lost")
        for name, pulse in one.pulses.items():
            if not any(re.search(rf"""["']pulse["']: ["']?{pulse}\b""", facts) for _, facts in there[name]):
                faults.append(f"the observation of {name} is lost")
    print(f"  {len(rows):,} journeys were begun.")
    return faults


_TOLD = {
    subject: f"SELECT t.ref, count(a.id) FROM {subject}s t JOIN residents r ON {whose}"  # noqa: S608 - our names
    " LEFT JOIN audit_entries a ON a.subject_kind = :subject AND a.subject_ref = t.ref AND a.kind = :kind"
    " WHERE r.family_name = :name GROUP BY t.ref HAVING count(a.id) <> 1"
    for subject, whose in (("resident", "r.id = t.id"), ("transfer", "r.id = t.resident_id"))
}
_UNDONE = {
    subject: "SELECT count(*) FROM audit_entries a WHERE a.kind = :kind AND a.subject_kind = :subject"  # noqa: S608
    f" AND NOT EXISTS (SELECT 1 FROM {subject}s t WHERE t.ref = a.subject_ref)"
    for subject in ("resident", "transfer")
}


def _traces(engine: Engine, _done: list[Done]) -> list[str]:
    """What was done stands in the audit log once, and nothing stands there that was not done."""
    faults = []
    with engine.connect() as connection:
        for subject, kind in (("resident", "resident.created"), ("transfer", "transfer.event")):
            told = {"subject": subject, "kind": kind, "name": FAMILY}
            found = connection.execute(text(_TOLD[subject]), told).all()
            faults += [f"{subject} {ref} stands in the audit log {times} times" for ref, times in found]
            if many := connection.execute(text(_UNDONE[subject]), told).scalar():
                faults.append(f"{many} audit entries tell of a {subject} that is not there")
    return faults


def _whole(engine: Engine, _done: list[Done]) -> list[str]:
    """The database's own word that it is whole, where it gives one."""
    if engine.dialect.name != "sqlite":
        return []
    with engine.connect() as connection:
        said = [str(row[0]) for row in connection.execute(text("PRAGMA integrity_check"))]
        hanging = connection.execute(text("PRAGMA foreign_key_check")).all()
    return [*(one for one in said if one != "ok"), *(f"a reference hangs: {tuple(one)}" for one in hanging)]
