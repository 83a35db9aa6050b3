"""A mixed day on the server that an operator starts, over a county's journeys: how fast, and any errors?

Everybody signs in, and then acts in turns with a pause between (a closed loop). Each answer is looked at: its
status, and the name or the words that must be on it. Afterwards what was saved must be there, each scan, edit
and print stands in the audit log once, and the chain is walked by the operator's own command.
"""

from __future__ import annotations

import io
import os
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from flask import Flask
from harnesses.server import Server
from harnesses.work import sign_in
from pypdf import PdfReader
from tqdm import tqdm

from benches import load_place
from benches.load_day import KINDS, MIX, SECTION, Person, Sample, parts, people
from redbag.database import db

PEOPLE, SECONDS, JOURNEYS, PAUSE = 200, 300.0, 100_000, 10.0
GROWTH = 0.05
"""How much more memory the workers may hold in the last fifth of a run than in its middle, if it is long
enough that every thread has met every kind of page and the database's pages by then."""
_LONG_ENOUGH = 120.0
_AT_THE_DOOR = 4  # passphrases are slow on purpose: so many sign in at once
_SEED = 6
_TOLD = {"label.scanned": "scan", "pack.printed": "pdf", "section.changed": "edit"}
"""What each of these acts leaves in the audit log, once."""
_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Day:
    """What is asked for. `pause`: seconds that somebody thinks between two acts, on average."""

    people: int = PEOPLE
    seconds: float = SECONDS
    journeys: int = JOURNEYS
    pause: float = PAUSE


@dataclass
class Watch:
    """What the server's workers and the bench itself used. `memory`: seconds since the start, and MB of all
    workers together; `cores`: processor seconds in each second, of the workers and of the bench."""

    memory: list[tuple[float, float]] = field(default_factory=list)
    cores: tuple[float, float] = (0.0, 0.0)
    workers: list[tuple[int, ...]] = field(default_factory=list)

    def between(self, begin: float, end: float) -> float:
        """The middle of what was held in this part of the run."""
        return median([held for at, held in self.memory if begin <= at <= end] or [0.0])


def main(day: Day, databases: Sequence[str], keep: Path | None) -> int:
    """Prints a table for each database; the exit status says whether all is well."""
    wrong: list[str] = []
    with tempfile.TemporaryDirectory(prefix="redbag-bench-") as temporary:
        folder = keep or Path(temporary)
        for kind in databases:
            with load_place.place(kind, folder, day.journeys, kept=keep is not None) as (server, _url):
                found = _played(server, kind, day)
            for one in found[:20]:
                print(f"  WRONG: {one}")
            print("  all is well\n" if not found else f"  {len(found)} things are wrong\n", flush=True)
            wrong += found
    return 1 if wrong else 0


def _played(server: Server, kind: str, day: Day) -> list[str]:
    app = load_place.application(server)
    with app.app_context():
        crowd = people(load_place.staff(parts(day.people), _SEED), server.port, _SEED)
        before = load_place.told([*_TOLD])
        db.session.remove()
    server.start()
    try:
        took = _all_in(crowd)
        threads, over = [], threading.Event()
        persons = [person for _, person in crowd]
        for person in persons:
            threads.append(threading.Thread(target=person.work, args=(over, day.pause)))
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        watch = _watched(server, day.seconds, kind)
        over.set()
        for thread in threads:
            thread.join()
        lasted = time.perf_counter() - began
    finally:
        server.stop()
    accounts = len({email for email, _ in crowd})
    print(
        f"{kind}, {day.journeys:,} journeys: {day.people} people ({accounts} accounts,"
        f" signed in within {took:.0f} s) for {lasted:.0f} s, {day.pause:g} s of thought between two acts"
    )
    return [*_table(persons, lasted, day), *_memory(watch, day), *_afterwards(server, app, persons, before)]


def _all_in(crowd: list[tuple[str, Person]]) -> float:
    began = time.perf_counter()
    with ThreadPoolExecutor(_AT_THE_DOOR) as door:
        for entered in [door.submit(sign_in, person.browser, email) for email, person in crowd]:
            entered.result()
    return time.perf_counter() - began


def _watched(server: Server, seconds: float, name: str) -> Watch:
    """Waits for the end of the day, and looks every second at what the workers hold."""
    watch, began = Watch(), time.perf_counter()
    cores, ours = _used(server), time.process_time()
    with tqdm(total=round(seconds), desc=name, unit=" s", mininterval=5) as bar:
        while (at := time.perf_counter() - began) < seconds:
            watch.memory.append((at, sum(map(_held, server.workers()))))
            watch.workers.append(tuple(sorted(server.workers())))
            bar.update(round(at) - bar.n)
            time.sleep(1)
        bar.update(round(seconds) - bar.n)
    lasted = time.perf_counter() - began
    watch.cores = ((_used(server) - cores) / lasted, (time.process_time() - ours) / lasted)
    return watch


def _held(process: int) -> float:
    """MB of memory that a process has for itself or shares with the others."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * _PAGE / 1024 / 1024


def _used(server: Server) -> float:
    """Processor seconds of the workers and of what they started and waited for."""
    told = [Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split() for one in server.workers()]
    return sum(int(part) for words in told for part in words[11:15]) / _TICK


def _table(persons: list[Person], lasted: float, day: Day) -> list[str]:
    samples = [one for person in persons for one in person.samples]
    wrong = [f"{problem}" for person in persons for problem in person.wrong]
    acts: Counter[str] = sum((Counter(person.done) for person in persons), Counter())
    print(f"  {'':<14}{'asked':>8}{'p50':>10}{'p95':>10}{'p99':>10}{'slowest':>11}{'first byte, p95':>18}")
    for kind in (*KINDS, "all"):
        _line(kind, [one for one in samples if kind in (one.kind, "all")])
    done = sum(acts.values())
    shares = ", ".join(f"{kind} {100 * acts[kind] / max(1, done):.0f} %" for kind in MIX)
    offered = f"; {day.people / day.pause:.1f} acts a second were offered" if day.pause else ""
    print(
        f"  {len(samples) / lasted:.1f} requests a second, {done / lasted:.1f} acts{offered} ({shares});"
        f" {len(wrong)} errors"
    )
    missing = [kind for kind in MIX if not acts[kind]]
    return [*wrong, *([f"nobody did {', '.join(missing)}"] if missing else [])]


def _line(kind: str, samples: list[Sample]) -> None:
    if not samples:
        return
    whole = sorted(one.whole * 1000 for one in samples)
    first = sorted(one.first * 1000 for one in samples)
    middle = "".join(f"{_share(whole, share):>7.0f} ms" for share in (0.5, 0.95, 0.99))
    print(f"  {kind:<14}{len(samples):>8,}{middle}{whole[-1]:>8.0f} ms{_share(first, 0.95):>15.0f} ms")


def _share(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _memory(watch: Watch, day: Day) -> list[str]:
    step = day.seconds / 5
    held = [watch.between(step * number, step * (number + 1)) for number in range(5)]
    table = "".join(f"{step * (number + 1):>8.0f} s {one:>5.0f} MB" for number, one in enumerate(held))
    grown = held[-1] / held[2] - 1 if held[2] else 0.0
    print(f"  memory of the workers, up to  {table}: {100 * grown:+.1f} % from the middle to the end")
    print(f"  of two cores the workers used {watch.cores[0]:.2f}, this bench {watch.cores[1]:.2f}")
    found = []
    if day.seconds >= _LONG_ENOUGH and grown > GROWTH:
        found.append(f"the workers hold {100 * grown:.0f} % more than in the middle")
    if len(set(watch.workers)) > 1:
        found.append(f"workers came and went: {sorted(set(watch.workers))}")
    return found


def _afterwards(server: Server, app: Flask, persons: list[Person], before: dict[str, int]) -> list[str]:
    """What was lost, or stands in the audit log not once; what the command says of its chain."""
    wrong = []
    saved = {ref: typed for person in persons for ref, typed in person.saved.items()}
    with app.app_context():
        there = load_place.written([*saved], SECTION)
        after = load_place.told([*_TOLD])
        db.session.remove()
        db.engine.dispose()
    lost = [ref for ref, typed in saved.items() if there.get(ref) != typed]
    wrong += [f"what was typed of {ref} is lost" for ref in lost]
    for kind, act in _TOLD.items():
        done = sum(person.done.get(act, 0) for person in persons)
        stands = after.get(kind, 0) - before.get(kind, 0)
        if stands != done:
            wrong.append(f"{done} times {act}, and {stands} x {kind}")
    for name, content in {ref: one for person in persons for ref, one in person.papers.items()}.values():
        said = PdfReader(io.BytesIO(content)).pages[0].extract_text()
        wrong += [] if name.split()[-1] in said else [f"a pack does not say {name}"]
    try:
        print(
            f"  {len(saved):,} records edited, all there; {server.command('audit', 'verify').splitlines()[0]}"
        )
    except RuntimeError as problem:
        wrong.append(str(problem))
    return wrong
