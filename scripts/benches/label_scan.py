"""The share of damaged labels that three decoders read: ours, beside the same address as `qrcode` would
have made it (level M, lower case), in the same place of the same label, as wide, hurt in the same way.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
import pypdfium2
import qrcode
from tqdm import tqdm

from benches import decoders
from benches.damage import KINDS, Print
from redbag.documents.label import PAPERS, LabelCard, code_size, label_pdf
from redbag.documents.qr import QUIET_ZONE, label_matrix, qr_matrix
from redbag.domain.bag_code import ALPHABET

DOTS = 203 / 72
"""Dots of a label printer in a point."""
TOKENS = 12
AT_ONCE = 50
LEVELS = {
    "L": qrcode.constants.ERROR_CORRECT_L,
    "M": qrcode.constants.ERROR_CORRECT_M,
    "Q": qrcode.constants.ERROR_CORRECT_Q,
    "H": qrcode.constants.ERROR_CORRECT_H,
}
OURS, THEIRS = "ours", "qrcode"


@dataclass(frozen=True)
class Wanted:
    """`images`: damaged pictures of each design, dealt to the base URLs in turn: what a level and a case cost
    depends on how long an address is. `levels`: each level in capitals too, for choosing."""

    images: int
    seed: int
    base_urls: tuple[str, ...]
    levels: bool = False

    @property
    def designs(self) -> tuple[str, ...]:
        return (THEIRS, OURS, *(LEVELS if self.levels else ()))

    def urls(self) -> list[str]:
        """The addresses of a dozen labels of each host, so that no one pattern of modules decides."""
        dice = random.Random(self.seed)  # noqa: S311 - made-up tokens, the same each time
        tokens = ["".join(dice.choices(ALPHABET, k=26)) for _ in range(TOKENS)]
        return [f"{base}/b/{token}".lower() for token in tokens for base in self.base_urls]


@dataclass(frozen=True)
class _Job:
    wanted: Wanted
    kind: str
    design: str
    numbers: range


Reads = dict[tuple[str, str, str], list[bool]]
"""Which pictures were read, by kind of damage, design and decoder."""


def matrix(design: str, url: str) -> list[list[bool]]:
    """The modules of an address in this design."""
    if design == OURS:
        return label_matrix(url)
    if design in LEVELS:
        return qr_matrix(url, LEVELS[design])
    code = qrcode.QRCode()
    code.add_data(url)
    code.make()
    modules: list[list[bool]] = code.modules
    return modules


@cache
def clean(design: str, url: str) -> Print:
    """The whole label of a 62 mm roll as a printer prints it: ours as it is, or with the code of another
    design in its place."""
    card = LabelCard(
        url, "012", "7K2M-9QX4-P", "Maple House", ("12 Station Road", "Sutton, SM1 4ZZ"), "020 7946 0999"
    )
    document = pypdfium2.PdfDocument(label_pdf(card, "62mm"))
    try:
        page = np.array(document[0].render(scale=DOTS, grayscale=True).to_pil().convert("L"))
    finally:
        document.close()
    side = round(code_size(label_matrix(url), PAPERS["62mm"][0]) * DOTS)
    left = (page.shape[1] - side) // 2
    quiet = QUIET_ZONE * side // (len(label_matrix(url)) + 2 * QUIET_ZONE)
    first = np.flatnonzero((page[:, left + quiet : left + side - quiet] < 128).mean(axis=1) > 0.30)
    top = int(first[first > page.shape[0] // 8][0]) - quiet
    if design != OURS:
        modules = np.pad(np.array(matrix(design, url), bool), QUIET_ZONE)
        fine = np.kron(np.where(modules, 0, 255), np.ones((24, 24))).astype(np.uint8)
        code = cv2.resize(fine, (side, side), interpolation=cv2.INTER_AREA)
        page[top : top + side, left : left + side] = code
    return Print(page, left, top, side)


def _read(job: _Job) -> tuple[_Job, dict[str, list[bool]]]:
    cv2.setNumThreads(1)
    urls = job.wanted.urls()
    kind = list(KINDS).index(job.kind)
    asked = [urls[number % len(urls)] for number in job.numbers]
    pictures = [
        KINDS[job.kind](clean(job.design, url), np.random.default_rng([job.wanted.seed, kind, number]))
        for number, url in zip(job.numbers, asked, strict=True)
    ]
    return job, {name: decode(pictures, asked) for name, decode in decoders.present().items()}


def _jobs(wanted: Wanted) -> Iterator[_Job]:
    each = -(-wanted.images // len(KINDS))
    for start in range(0, each, AT_ONCE):
        for kind in KINDS:
            for design in wanted.designs:
                yield _Job(wanted, kind, design, range(start, min(start + AT_ONCE, each)))


def read_all(wanted: Wanted) -> Reads:
    """Hurts and reads every label, on all processors, with a bar that says how far it is."""
    found: Reads = {}
    jobs = list(_jobs(wanted))
    with (
        ProcessPoolExecutor(os.cpu_count()) as workers,
        tqdm(total=sum(len(job.numbers) for job in jobs), unit=" labels", leave=False) as bar,
    ):
        for job, reads in workers.map(_read, jobs):
            for decoder, read in reads.items():
                found.setdefault((job.kind, job.design, decoder), []).extend(read)
            bar.update(len(job.numbers))
    return found


def _of(found: Reads, place: int, hosts: int) -> Reads:
    """Only the pictures of one host: they are dealt in turn."""
    return {key: read[place::hosts] for key, read in found.items()}


def _share(reads: Iterable[Sequence[bool]]) -> float:
    """In hundredths, over every picture and decoder."""
    return 100 * float(np.mean([np.mean(read) for read in reads]))


def _error(found: Reads, kind: str, names: Sequence[str]) -> float:
    """One standard error of the difference, in points, pictures taken in pairs: the same damage."""
    ours = np.mean([found[kind, OURS, name] for name in names], axis=0)
    theirs = np.mean([found[kind, THEIRS, name] for name in names], axis=0)
    return 100 * float(np.std(ours - theirs) / np.sqrt(len(ours)))


def _ahead(found: Reads, names: Sequence[str]) -> tuple[float, float]:
    """By how many points ours is ahead over all rows, with one standard error."""
    rows = [
        _share([found[kind, OURS, name] for name in names])
        - _share([found[kind, THEIRS, name] for name in names])
        for kind in KINDS
    ]
    errors = [_error(found, kind, names) for kind in KINDS]
    return float(np.mean(rows)), float(np.sqrt(np.sum(np.square(errors))) / len(errors))


def table(wanted: Wanted) -> bool:
    """Prints the table; whether ours is level or ahead in every row.

    Level: not behind by more than three points beside the sampling error.
    """
    found = read_all(wanted)
    names = sorted({decoder for _, _, decoder in found})
    pictures = len(found[next(iter(found))]) * len(KINDS)
    print(f"{pictures:,} damaged labels of each design, seed {wanted.seed}, addresses like")
    for url in wanted.urls()[: len(wanted.base_urls)]:
        sizes = ", ".join(f"{design} {len(matrix(design, url))}" for design in wanted.designs)
        print(f"  {url}: modules across: {sizes}")
    if "zbar" not in names:
        print("  zbar is not installed (Debian: apt install zbar-tools): its share is left out.")
    heads = [f"{design} {name}" for name in names for design in (OURS, THEIRS)]
    print(f"\n{'% decoded':<24}" + "".join(f"{head:>18}" for head in heads) + f"{'ahead by':>18}")
    level = True
    for kind in KINDS:
        cells = [_share([found[kind, design, name]]) for name in names for design in (OURS, THEIRS)]
        ahead = float(np.mean(cells[::2]) - np.mean(cells[1::2]))
        error = _error(found, kind, names)
        holds = ahead >= -3 - error
        level = level and holds
        print(
            f"{kind:<24}" + "".join(f"{cell:>18.1f}" for cell in cells) + f"{ahead:>+10.1f} ± {error:.1f}"
            f"{'' if holds else '  BEHIND'}"
        )
    ahead, error = _ahead(found, names)
    print(f"{'mean of all rows':<24}" + " " * 36 * len(names) + f"{ahead:>+10.1f} ± {error:.1f}")
    for design in wanted.designs:
        print(f"mean of all rows, {design:<8}{_mean(found, design):>6.1f}")
    hosts = len(wanted.base_urls)
    for place, base_url in enumerate(wanted.base_urls) if hosts > 1 else ():
        part = _of(found, place, hosts)
        ahead, error = _ahead(part, names)
        means = ", ".join(f"{design} {_mean(part, design):.1f}" for design in wanted.designs)
        print(f"  {base_url}: {means}: {ahead:+.1f} ± {error:.1f}")
    return level


def _mean(found: Reads, design: str) -> float:
    return _share(read for (_, which, _), read in found.items() if which == design)


def main(images: int, base_urls: Sequence[str], seed: int, *, levels: bool) -> int:
    """The table, with its exit status: 0 where ours is level or ahead in every row."""
    addresses = tuple(base_url.rstrip("/") for base_url in base_urls)
    return 0 if table(Wanted(images, seed, addresses, levels)) else 1
