"""Whose files are read now: few at once on this machine, and one form at a time of each account.

Reading a file takes up to a gigabyte, a core and 15 seconds. Whoever sends many at once, by mistake or by
intent, must not hold the pages that a crew waits for: so fewer threads of a worker than it has may be busy
with files (`QUEUE`), fewer still read at the same time (`AT_ONCE`, over all workers), and who finds no place
within `WAIT_SECONDS` is told so.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from redbag.domain.papers import Refused

QUEUE = 3  # threads of one worker that read or wait: gunicorn.conf.py gives it 4
AT_ONCE = 2  # on this machine
WAIT_SECONDS = 5.0
_LOOK_AGAIN_SECONDS = 0.1

_queue = threading.BoundedSemaphore(QUEUE)
_places = threading.BoundedSemaphore(AT_ONCE)
_accounts: set[int] = set()
_accounts_lock = threading.Lock()


@contextmanager
def turn(account_id: int, folder: Path | None) -> Iterator[None]:
    """Holds a place while files are read. Raises Refused: "busy", or "busy_own" when the account reads
    already.

    `folder`: where the workers of this machine see each other's places, as locks that end with their
    process; without one, places are those of this process.
    """
    with ExitStack() as held:
        held.enter_context(_one_of(account_id))
        if not _queue.acquire(blocking=False):
            raise Refused("busy")
        held.callback(_queue.release)
        if folder is not None and not _lock(held, folder / f"account-{account_id}"):
            raise Refused("busy_own")
        _take_place(held, folder)
        yield


@contextmanager
def _one_of(account_id: int) -> Iterator[None]:
    with _accounts_lock:
        if account_id in _accounts:
            raise Refused("busy_own")
        _accounts.add(account_id)
    try:
        yield
    finally:
        with _accounts_lock:
            _accounts.discard(account_id)


def _take_place(held: ExitStack, folder: Path | None) -> None:
    until = time.monotonic() + WAIT_SECONDS
    if not _places.acquire(timeout=WAIT_SECONDS):
        raise Refused("busy")
    held.callback(_places.release)
    while folder is not None and not any(_lock(held, folder / f"place-{n}") for n in range(AT_ONCE)):
        if time.monotonic() > until:
            raise Refused("busy")
        time.sleep(_LOOK_AGAIN_SECONDS)


def _lock(held: ExitStack, path: Path) -> bool:
    """Whether the lock of this file is ours now, until `held` ends; False while another has it."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError:
        return True  # a disk that is full or read-only: the places of this process still hold
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return False
    held.callback(os.close, descriptor)
    return True
