"""Kills the server at random moments under people at work, and looks whether anything was lost or done twice.

Afterwards every act that was answered must be there once, and no other twice (harnesses/work.py).
"""

from __future__ import annotations

import random
import time
from pathlib import Path

from tqdm import tqdm

from harnesses.server import Server
from harnesses.work import Crew, looked_over

CLIENTS = 20
SHORTEST, LONGEST = 0.1, 4.0
"""Seconds between the server's first answer and its death."""


def crash(
    server: Server, database_url: str, kills: int, seed: int, longest: float, clients: int
) -> list[str]:
    """What was lost, doubled or broken: nothing, if all is well. Prints what was done."""
    dice = random.Random(seed)  # noqa: S311 - when to kill, not a secret
    server.start()
    crew = Crew(server, clients)
    crew.start()
    began = time.monotonic()
    try:
        for _ in tqdm(range(kills), unit=" kills", mininterval=10):
            time.sleep(dice.uniform(SHORTEST, longest))
            server.kill()
            server.start()
        time.sleep(1)
    finally:
        crew.stop()
    took = time.monotonic() - began
    print(
        f"  {kills} kills in {took:.0f} s under {clients} clients: {crew.acts:,} acts were answered, "
        f"{crew.repeated:,} requests had to be sent again."
    )
    return crew.wrong() + looked_over(server, database_url, crew.done)


def run(folder: Path, database_url: str, kills: int, seed: int, longest: float, clients: int) -> list[str]:
    """Makes an installation in an empty folder and database, and crashes it. `longest`: the longest life of
    the server between two kills, in seconds."""
    server = Server(folder, database_url)
    server.install()
    try:
        return crash(server, database_url, kills, seed, longest, clients)
    finally:
        server.stop()
