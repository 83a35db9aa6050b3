"""Twenty people write and two hundred read at once, on the real server: who is told that something is locked?

Nobody may be answered anything but a page: no 500, no 503, no connection that breaks off. What was written is
looked over afterwards, as after a crash (harnesses/work.py).
"""

from __future__ import annotations

import http.client
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from harnesses.browser import Browser, unclear
from harnesses.server import Server
from harnesses.sites import Site
from harnesses.work import Crew, looked_over

SECONDS, WRITERS, READERS = 30.0, 20, 200
_SESSIONS = 20
"""Readers share so many sign-ins, ten browsers each, as one ward's people share a tablet: signing 200 in
would take longer than the crowd."""
_LONGEST_ANSWER = 60.0


@dataclass
class Read:
    """What the readers were answered. `took`: seconds of each answer."""

    statuses: Counter[int] = field(default_factory=Counter)
    took: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def _reading(browser: Browser, pages: list[str], number: int, over: threading.Event, read: Read) -> None:
    turn = number
    while not over.is_set():
        page, turn = pages[turn % len(pages)], turn + 1
        began = time.monotonic()
        try:
            answer = browser.once("GET", page)
        except (OSError, http.client.HTTPException) as problem:
            read.wrong.append(f"GET {page}: {type(problem).__name__}: {problem}")
            continue
        read.took.append(time.monotonic() - began)
        read.statuses[answer.status] += 1
        if problem_seen := unclear(f"GET {page}", answer):
            read.wrong.append(problem_seen)


def crowd(server: Server, url: str, seconds: float, writers: int, readers: int) -> list[str]:
    """What went wrong: nothing, if all is well. Prints what was answered and how fast."""
    pages = Site(server, url).pages()
    crew = Crew(server, writers)
    signed_in = crew.browsers[:_SESSIONS]
    reads = [Read() for _ in range(readers)]
    over = threading.Event()
    threads = [
        threading.Thread(
            target=_reading,
            args=(signed_in[number % len(signed_in)].beside(_LONGEST_ANSWER), pages, number, over, read),
        )
        for number, read in enumerate(reads)
    ]
    began = time.monotonic()
    crew.start()
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    over.set()
    for thread in threads:
        thread.join()
    crew.stop()
    took = time.monotonic() - began
    statuses = sum((read.statuses for read in reads), Counter[int]())
    refused = sum(browser.refused for browser in crew.browsers)
    answers = sorted(one for read in reads for one in read.took)
    told = ", ".join(f"{status}: {times:,}" for status, times in sorted(statuses.items()))
    print(
        f"  {writers} writers and {readers} readers for {took:.0f} s: {crew.acts:,} acts done,"
        f" {crew.repeated:,} requests sent again, {refused:,} refused.",
        flush=True,
    )
    if answers:
        print(f"  Pages answered {told}; {_spread(answers)}.", flush=True)
    faults = crew.wrong() + [one for read in reads for one in read.wrong]
    if refused or statuses[503]:
        faults.append(f"{refused + statuses[503]} answers said that the records cannot be reached")
    if not crew.acts:
        faults.append("nobody got anything done")
    return list(dict.fromkeys(faults)) + looked_over(server, url, crew.done)


def _spread(ordered: list[float]) -> str:
    shown = [_share(ordered, 0.5), _share(ordered, 0.95), ordered[-1]]
    half, most, slowest = (f"{one:.2f} s" if one >= 0.1 else f"{1000 * one:.1f} ms" for one in shown)
    return f"half within {half}, 95 of 100 within {most}, the slowest in {slowest}"


def _chain(times: Path) -> list[str]:
    """Prints how long the audit chain was waited for and held, append by append; what is wrong with that."""
    lines = [line.split() for file in sorted(times.iterdir()) for line in file.read_text().splitlines()]
    if not lines:
        return ["nothing was appended to the audit log"]
    waited, held = (sorted(float(line[part]) for line in lines) for part in (0, 1))
    print(f"  {len(lines):,} appends to the audit log. Waited for its end: {_spread(waited)}.")
    print(f"  Held, until the commit came back: {_spread(held)}.", flush=True)
    return []


def _share(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def run(folder: Path, url: str, seconds: float, writers: int, readers: int) -> list[str]:
    """Makes an installation in an empty folder and database, and lets the crowd in."""
    times = folder.with_name("times")
    times.mkdir()
    server = Server(folder, url, times=times)
    server.install()
    server.start()
    try:
        return crowd(server, url, seconds, writers, readers) + _chain(times)
    finally:
        server.stop()
