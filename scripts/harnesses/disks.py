"""A small disk of a harness's own: it can be filled up, and made to take no writes. Needs root on Linux."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_MEGABYTES = 64
_FILLER = "filler"
_TOOLS = ("mkfs.ext4", "mount", "umount", "chattr")


class UnavailableError(Exception):
    """This machine cannot make the fault; the text says what it lacks."""


class Disk:
    """A file system in a file, mounted on `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self) -> None:
        """Leaves no byte to anybody."""
        with (self.folder / _FILLER).open("ab", buffering=0) as filler:
            for size in (1024 * 1024, 4096, 1):
                try:
                    while filler.write(b"\0" * size):
                        pass
                except OSError:
                    continue

    def clear(self) -> None:
        """There is room again."""
        (self.folder / _FILLER).unlink(missing_ok=True)

    def refuse_writes(self) -> None:
        """As a disk that turned read-only: neither what is open nor what is new can be written.

        All files but SQLite's shared memory, which is no write to the disk, and the folder itself.
        """
        self._attribute("+i")

    def take_writes(self) -> None:
        """As it was."""
        self._attribute("-i")

    def _attribute(self, change: str) -> None:
        files = [one for one in self.folder.rglob("*") if one.is_file() and not one.name.endswith("-shm")]
        folders = [self.folder, *(one for one in self.folder.rglob("*") if one.is_dir())]
        words = ["chattr", change, *map(str, [*files, *folders])]
        subprocess.run(words, check=False, capture_output=True)


@contextmanager
def small_disk(folder: Path, megabytes: int = _MEGABYTES) -> Iterator[Disk]:
    """A disk on `folder`, gone afterwards. Raises UnavailableError where this machine lets none be made."""
    if os.geteuid() != 0 or not all(map(shutil.which, _TOOLS)):
        raise UnavailableError("a disk of its own needs root, mkfs.ext4, mount and chattr")
    image = folder.with_name(f"{folder.name}.img")
    with image.open("wb") as file:
        file.truncate(megabytes * 1024 * 1024)
    folder.mkdir()
    for words in (
        ["mkfs.ext4", "-q", "-F", "-m", "0", str(image)],
        ["mount", "-o", "loop", str(image), str(folder)],
    ):
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode:
            raise UnavailableError(f"{words[0]}: {done.stderr.strip()}")
    disk = Disk(folder)
    try:
        yield disk
    finally:
        disk.take_writes()
        subprocess.run(["umount", "--lazy", str(folder)], check=False)
        image.unlink()
