"""Breaks what the server stands on while people work, and looks what they are told, and whether it gets well.

For each fault, with the server as an operator starts it: while it lasts, every page that cannot be had says
what to do now (harnesses/browser.py: unclear); afterwards everything works again without a restart, nothing
is lost, doubled or half done, and the audit log is whole.
"""

from __future__ import annotations

import http.client
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

from harnesses.browser import Browser, SignedOutError, unclear
from harnesses.server import Server
from harnesses.sites import Fault, Site
from harnesses.work import Crew, looked_over, sign_in

CLIENTS = 6
WELL_WITHIN_SECONDS = 60.0
"""From the end of a fault until every page works again."""
_CUT_OFF = (OSError, http.client.HTTPException)
_ANSWERED_WITHIN_SECONDS = 20.0


@dataclass
class Round:
    """What somebody who walks through the pages is answered. `statuses`: how often each, since emptied;
    `whole`: the number of rounds in which every page could be had; `failed`: pages that could not."""

    statuses: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    whole: int = 0
    failed: set[str] = field(default_factory=set)


class Walker:
    """Somebody who opens one page after the other: signed in, and as a stranger."""

    def __init__(self, server: Server, pages: list[str], seconds: float) -> None:
        self.round = Round()
        self._person, self._stranger = Browser(server.port, seconds), Browser(server.port, seconds)
        self._pages = pages
        self._over = threading.Event()
        sign_in(self._person)
        self._thread = threading.Thread(target=self._walk)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _walk(self) -> None:
        while not self._over.is_set():
            try:
                had = [self._look(self._person, page) for page in self._pages]
                had += [self._look(self._stranger, page) for page in ("/sign-in", "/scan", "/nowhere")]
                self.round.whole += all(had)
            except SignedOutError:
                sign_in(self._person)
            except Exception as problem:
                self.round.wrong.append(f"the walker: {type(problem).__name__}: {problem}")
                return
            time.sleep(0.05)

    def _look(self, who: Browser, page: str) -> bool:
        if self._over.is_set():
            return False
        try:
            answer = who.once("GET", page)
        except _CUT_OFF as problem:
            self.round.statuses[f"no answer ({type(problem).__name__})"] += 1
            return False
        if answer.status == 302 and "/sign-in" in answer.location:
            raise SignedOutError
        self.round.statuses[str(answer.status)] += 1
        if said := unclear(f"GET {page}", answer):
            self.round.wrong.append(said)
        had = answer.status < 400 or (page == "/nowhere" and answer.status == 404)
        if not had:
            self.round.failed.add(page)
        return had


def endure(site: Site, fault: Fault) -> list[str]:
    """What went wrong under one fault: nothing, if all is well. Prints what was seen."""
    within = fault.within or _ANSWERED_WITHIN_SECONDS
    crew = Crew(site.server, CLIENTS, patience=fault.seconds + WELL_WITHIN_SECONDS, seconds=within)
    walker = Walker(site.server, site.pages(), within)
    crew.start()
    walker.start()
    try:
        faults = _under(site, fault, crew, walker.round)
    finally:
        crew.stop()
        walker.stop()
    faults += crew.wrong() + walker.round.wrong
    if not site.server.stands:
        faults.append("the server had to be started again")
    return list(dict.fromkeys(faults)) + looked_over(site.server, site.url, crew.done) + site.look()


def _under(site: Site, fault: Fault, crew: Crew, seen: Round) -> list[str]:
    if not _works(crew, seen):
        return [f"nothing worked before the fault: {dict(seen.statuses)}"]
    before = crew.acts
    seen.statuses.clear()
    seen.failed.clear()
    fault.begin(site)
    try:
        time.sleep(fault.seconds)
        met = dict(sorted(seen.statuses.items()))
        during, failed = crew.acts - before, set(seen.failed)
    finally:
        fault.end(site)
    ended = time.monotonic()
    if not _works(crew, seen):
        return [f"not well {WELL_WITHIN_SECONDS:.0f} s after the fault: {dict(seen.statuses)}"]
    well = time.monotonic() - ended
    refused = sum(browser.refused for browser in crew.browsers)
    print(
        f"  for {fault.seconds:.0f} s: pages answered {met}, {during:,} acts were done and {refused:,} told"
        f" to try again; well again {well:.1f} s after its end, {crew.acts:,} acts in all.",
        flush=True,
    )
    unanswered = [f"{times} x {said}" for said, times in met.items() if "no answer" in said]
    if fault.within and unanswered:
        return [f"no page within {fault.within:.0f} s: {', '.join(unanswered)}"]
    needless = [page for page in failed if fault.spares and fault.spares not in page]
    if needless:
        return [f"could not be had, though it does not need what was away: {', '.join(needless)}"]
    bites = not fault.is_felt or met.get("503", 0) or refused or any("no answer" in one for one in met)
    return [] if bites else [f"nobody felt the fault: {met}"]


def _works(crew: Crew, seen: Round) -> bool:
    """Whether every page can be had, and people get on with their work, before long."""
    until, rounds, acts = time.monotonic() + WELL_WITHIN_SECONDS, seen.whole, crew.acts
    while time.monotonic() < until:
        if seen.whole > rounds and crew.acts > acts + CLIENTS:
            return True
        time.sleep(0.1)
    return False
