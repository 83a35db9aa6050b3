"""What became of a file from outside: pages as JPEGs, drawn anew by a process that can do nothing else.

The decoders of pictures and PDFs are where a crafted file does its harm. They run in a process of their
own, without our keys in its environment, with limits on time and memory (opening.py), so that the worst a
file can do is to be refused.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass

from redbag.config import ROOT
from redbag.domain.papers import MOST_BYTES, PAGE_SIDE, REASONS, SMALL_SIDE, Content, Refused, content_of
from redbag.storage.opening import SECONDS

_HEAD = 16
_TOLD = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONHOME", "LANG")
_MODULE = "redbag.storage.opening"


@dataclass(frozen=True)
class Drawn:
    """A paper as it is kept: its pages and the first of them small, all JPEG."""

    pages: tuple[bytes, ...]
    small: bytes


def draw_anew(
    name: str, data: bytes, *, side: int = PAGE_SIDE, pictures_only: bool = False, seconds: float = SECONDS
) -> Drawn:
    """The file with this name and these bytes, drawn anew within so many seconds, or Refused
    (domain/papers.py). How many are drawn at once is for the caller to limit: turns.py."""
    if len(data) > MOST_BYTES:
        raise Refused("too_large")
    content = content_of(name, data[:_HEAD])
    if pictures_only and content is Content.PDF:
        raise Refused("not_picture")
    if seconds <= 0:
        raise Refused("too_slow")
    return _read_answer(_ask(data, content, side, seconds))


def environment() -> dict[str, str]:
    """What that process is told of this one: where programs are, and neither keys nor addresses."""
    return {name: os.environ[name] for name in _TOLD if name in os.environ}


def _ask(data: bytes, content: Content, side: int, seconds: float) -> bytes:
    asked = json.dumps({"content": content.value, "side": side, "small": SMALL_SIDE})
    command = [sys.executable, "-m", _MODULE, asked]
    try:
        done = subprocess.run(  # noqa: S603 - our own module; the file goes in as bytes, never as a name
            command,
            input=data,
            cwd=ROOT,
            env=environment(),
            capture_output=True,
            timeout=seconds,  # the process is killed
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Refused("too_slow") from None
    if done.returncode != 0:
        # Ended by its limits, or by a decoder that fell over the file.
        raise Refused("too_slow" if done.returncode < 0 else "damaged")
    return done.stdout


def _read_answer(answer: bytes) -> Drawn:
    line, _, rest = answer.partition(b"\n")
    try:
        head = json.loads(line)
    except ValueError:
        raise Refused("damaged") from None
    if head.get("refused"):
        reason = str(head["refused"])
        raise Refused(reason if reason in REASONS else "damaged")
    parts = []
    for length in head["lengths"]:
        parts.append(rest[:length])
        rest = rest[length:]
    return Drawn(tuple(parts[:-1]), parts[-1])
