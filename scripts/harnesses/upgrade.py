"""A rolling upgrade under people at work: the old program serves, the new tables come in, both serve.

Nobody may be refused anything (harnesses/browser.py: unclear), and what was done by either is there after.
"""

from __future__ import annotations

import time
from pathlib import Path

from harnesses.server import Server
from harnesses.work import Crew, Done, looked_over

CLIENTS = 3
_AT_LEAST = 9
"""Acts in each part of the way, so that every client has done a whole round."""
_SECONDS = 90.0


def _until_done(crews: list[Crew]) -> None:
    """Waits until each crew has got on with its work, or has met something wrong."""
    until = time.monotonic() + _SECONDS
    wanted = [crew.acts + _AT_LEAST for crew in crews]
    while time.monotonic() < until and not any(crew.wrong() for crew in crews):
        if all(crew.acts >= enough for crew, enough in zip(crews, wanted, strict=True)):
            return
        time.sleep(0.1)
    if not any(crew.wrong() for crew in crews):
        raise RuntimeError(f"Nobody gets on: {[crew.acts for crew in crews]} acts.")


def run(folder: Path, url: str, old_code: Path) -> list[str]:
    """What went wrong: nothing, if all is well. Prints what was done in each part of the way."""
    old, new = Server(folder, url, old_code), Server(folder, url)
    old.install()
    old.start()
    crews = [Crew(old, CLIENTS)]
    try:
        crews[0].start()
        _until_done(crews)
        print(f"  the old program serves: {crews[0].acts} acts")
        print(f"  {new.command('db', 'upgrade').strip().splitlines()[0]}")
        _until_done(crews)
        print(f"  on the new tables: {crews[0].acts} acts")
        new.start()
        crews.append(Crew(new, CLIENTS, first=CLIENTS))
        crews[1].start()
        _until_done(crews)
        print(f"  both serve: {crews[0].acts} acts by the old program, {crews[1].acts} by the new one")
    finally:
        for crew in crews:
            crew.stop()
        old.stop()
    try:
        refused = sum(browser.refused for crew in crews for browser in crew.browsers)
        faults = [wrong for crew in crews for wrong in crew.wrong()]
        if refused:
            faults.append(f"{refused} requests were told to try again")
        done: list[Done] = [one for crew in crews for one in crew.done]
        return faults + looked_over(new, url, done)
    finally:
        new.stop()
