"""Kills the server at random moments under people at work, and looks whether anything was lost or done twice.

Afterwards every act that was answered must be there once, and no other twice (harnesses/work.py).
"""

from __future__ import annotations

import math
import random
import time
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from harnesses.server import Server
from harnesses.work import Crew, looked_over

SHORTEST = 0.1
_PATIENCE_SECONDS = 900
"""A form is sent again for so long after the last death. Before it without end: on a slow machine a server
that lives for a second answers nobody for a long time, and that is no fault of what it keeps."""


@dataclass(frozen=True)
class Plan:
    """How to kill. `longest`: the longest life between two kills, in seconds; the shortest is `SHORTEST`.

    `whole_every`: one of so many kills takes the server with its workers, the others all its workers, which
    hold everything that is under way: connections, transactions, locks.
    """

    kills: int = 200
    seed: int = 1
    longest: float = 4.0
    clients: int = 20
    whole_every: int = 1


def crash(server: Server, database_url: str, plan: Plan) -> list[str]:
    """What was lost, doubled or broken: nothing, if all is well. Prints what was done."""
    dice = random.Random(plan.seed)  # noqa: S311 - when to kill, not a secret
    server.start()
    crew = Crew(server, plan.clients, patience=math.inf)
    crew.start()
    began, whole = time.monotonic(), 0
    try:
        for number in tqdm(range(plan.kills), unit=" kills", mininterval=10):
            time.sleep(dice.uniform(SHORTEST, plan.longest))
            if number % plan.whole_every == 0:
                whole += 1
                server.kill()
                server.start()
            else:
                server.kill_workers()
                server.wait()
        _until_all_got_on(crew)
    finally:
        for browser in crew.browsers:
            browser.patience = 0
        crew.stop()
    print(
        f"  {plan.kills} kills in {time.monotonic() - began:.0f} s under {plan.clients} clients, {whole} of"
        f" the server with its workers and {plan.kills - whole} of all its workers:\n  {crew.acts:,} acts"
        f" were answered, {crew.repeated:,} requests had to be sent again."
    )
    idle = [] if crew.acts else ["nobody got anything done"]
    return idle + crew.wrong() + looked_over(server, database_url, crew.done)


def _until_all_got_on(crew: Crew) -> None:
    """After the last death the server lives on, until everybody has been answered once more."""
    until, before = time.monotonic() + _PATIENCE_SECONDS, [one.acts for one in crew.done]
    while time.monotonic() < until and not crew.wrong():
        if all(one.acts > acts for one, acts in zip(crew.done, before, strict=True)):
            return
        time.sleep(0.2)


def run(folder: Path, database_url: str, plan: Plan) -> list[str]:
    """Makes an installation in an empty folder and database, and crashes it."""
    server = Server(folder, database_url)
    server.install()
    try:
        return crash(server, database_url, plan)
    finally:
        server.stop()
