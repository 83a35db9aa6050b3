"""Kills the server at random moments under people at work, and looks whether anything was lost or done twice.

Each client adds a resident, sends them to hospital and writes an observation, over and over. A form that
got no answer is sent again as it was, as a browser's "try again" does. Afterwards every act that was answered
must be there once, and no other twice.
"""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine, create_engine, text
from tqdm import tqdm

from harnesses.browser import Answer, Browser
from harnesses.server import Server

CLIENTS = 20
SHORTEST, LONGEST = 0.1, 4.0
"""Seconds between the server's first answer and its death."""
_FAMILY = "Crashtest"


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


def crash(server: Server, database_url: str, kills: int, seed: int) -> list[str]:
    """What was lost, doubled or broken: nothing, if all is well. Prints what was done."""
    dice = random.Random(seed)  # noqa: S311 - when to kill, not a secret
    server.start()
    over = threading.Event()
    done = [Done() for _ in range(CLIENTS)]
    browsers = [_signed_in(server) for _ in range(CLIENTS)]
    workers = [
        threading.Thread(target=_work, args=(number, browser, mine, over))
        for number, (browser, mine) in enumerate(zip(browsers, done, strict=True))
    ]
    for worker in workers:
        worker.start()
    began = time.monotonic()
    try:
        for _ in tqdm(range(kills), unit=" kills"):
            time.sleep(dice.uniform(SHORTEST, LONGEST))
            server.kill()
            server.start()
        time.sleep(1)
    finally:
        over.set()
        for worker in workers:
            worker.join()
    took = time.monotonic() - began
    faults = [wrong for one in done for wrong in one.wrong] + _looked_over(server, database_url, done)
    acts = sum(len(one.residents) + len(one.transfers) + len(one.pulses) for one in done)
    again = sum(browser.repeated for browser in browsers)
    print(
        f"{kills} kills in {took:.0f} s under {CLIENTS} clients: {acts:,} acts were answered, "
        f"{again:,} requests had to be sent again."
    )
    return faults


def _signed_in(server: Server) -> Browser:
    browser = Browser(server.port)
    body = browser.fill(
        "/sign-in",
        "/sign-in",
        {"email": "carer@maple.example", "passphrase": "red bags go home again"},
    )
    answer = browser.send("/sign-in", body)
    if answer.status != 303:
        raise RuntimeError(f"Cannot sign in: {answer.status}")
    return browser


def _work(number: int, browser: Browser, done: Done, over: threading.Event) -> None:
    while not over.is_set():
        done.begun += 1
        name = f"C{number:02d}N{done.begun:05d}"
        try:
            _one_person(browser, name, done.begun, done)
        except Exception as problem:
            done.wrong.append(f"client {number}, {name}: {type(problem).__name__}: {problem}")
            return


def _one_person(browser: Browser, name: str, turn: int, done: Done) -> None:
    resident = _sent(
        browser,
        "/residents/new",
        {
            "given_name": name,
            "family_name": _FAMILY,
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
    if answer.status != 303 or found is None:
        raise RuntimeError(f"{path} answered {answer.status} {answer.location}")
    return found[1]


@contextmanager
def _engine(url: str) -> Iterator[Engine]:
    engine = create_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def _looked_over(server: Server, database_url: str, done: list[Done]) -> list[str]:
    faults: list[str] = []
    with _engine(database_url) as engine:
        checks: tuple[Callable[[Engine, list[Done]], list[str]], ...] = (_residents, _journeys, _whole)
        for check in checks:
            faults += check(engine, done)
    try:
        print(server.command("audit", "verify").splitlines()[0])
    except RuntimeError as problem:
        faults.append(str(problem))
    return faults


def _residents(engine: Engine, done: list[Done]) -> list[str]:
    """Each that was answered is there, under that reference; nobody is there twice."""
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT given_name, ref FROM residents WHERE family_name = :name"), {"name": _FAMILY}
        ).all()
    there: dict[str, list[str]] = {}
    for name, ref in rows:
        there.setdefault(name, []).append(ref)
    faults = [f"{name} is there {len(refs)} times" for name, refs in there.items() if len(refs) > 1]
    for one in done:
        faults += [f"{name} is lost" for name, ref in one.residents.items() if there.get(name) != [ref]]
    print(f"{len(rows):,} people were added.")
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
            {"name": _FAMILY},
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
    print(f"{len(rows):,} journeys were begun.")
    return faults


def _whole(engine: Engine, _done: list[Done]) -> list[str]:
    """The database's own word that it is whole, where it gives one."""
    if engine.dialect.name != "sqlite":
        return []
    with engine.connect() as connection:
        said = [str(row[0]) for row in connection.execute(text("PRAGMA integrity_check"))]
        hanging = connection.execute(text("PRAGMA foreign_key_check")).all()
    return [*(one for one in said if one != "ok"), *(f"a reference hangs: {tuple(one)}" for one in hanging)]


def run(folder: Path, database_url: str, kills: int, seed: int) -> list[str]:
    """Makes an installation in an empty folder and database, and crashes it."""
    server = Server(folder, database_url)
    server.command("db", "upgrade")
    server.command("demo", "load", "--homes", "3", "--transfers", "40")
    try:
        return crash(server, database_url, kills, seed)
    finally:
        server.stop()
