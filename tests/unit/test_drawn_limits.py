"""What is kept of a file stays within its limits, whatever the file does: bytes, time, turns."""

from __future__ import annotations

import contextlib
import io
import runpy
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pypdf
import pytest
from PIL import Image

from redbag.config import ROOT
from redbag.documents.pack_pdf import lay_out_pack, pack_pdf, papers_pdf
from redbag.documents.papers import Behind
from redbag.domain.papers import (
    MOST_KEPT_BYTES,
    MOST_PAGE_BYTES,
    MOST_PRINTED_BYTES,
    MOST_PRINTED_PAGES,
    MOST_SMALL_BYTES,
    PAGE_SIDE,
    PackFile,
    Print,
    Refused,
    to_print,
)
from redbag.storage import drawn, opening, turns
from redbag.storage.turns import AT_ONCE, QUEUE, turn
from tests import papers
from tests.unit.example_packs import fullest


def test_picture_of_noise_is_kept_coarser_and_smaller_until_it_fits() -> None:
    made = drawn.draw_anew("noise.jpg", papers.noise(2200, 1600))
    assert len(made.pages[0]) <= MOST_PAGE_BYTES
    assert len(made.small) <= MOST_SMALL_BYTES
    assert max(Image.open(io.BytesIO(made.pages[0])).size) > 900  # and no smaller than it must be


def test_plain_page_keeps_all_its_pixels() -> None:
    made = drawn.draw_anew("chart.pdf", papers.pdf(1))
    assert max(Image.open(io.BytesIO(made.pages[0])).size) == PAGE_SIDE


def test_pages_share_what_one_file_may_take(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "MOST_KEPT_BYTES", 400_000)
    sent = papers.pdf_of_noise(4)
    assert len(sent) < 400_000
    pages, _ = opening.draw(sent, opening.Content.PDF, PAGE_SIDE, 240)
    assert len(pages) == 4
    assert 200_000 < sum(map(len, pages)) <= 400_000
    assert MOST_KEPT_BYTES >= 30 * 200_000  # thirty pages at once still have room to be read


def test_file_that_has_no_time_left_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("redbag.storage.drawn._ask", lambda *_: pytest.fail("opened"))
    with pytest.raises(Refused) as caught:
        drawn.draw_anew("chart.pdf", papers.pdf(1), seconds=0)
    assert caught.value.reason == "too_slow"


def test_process_is_given_what_time_is_left_and_its_end_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    given = []

    def too_slow(*_args: object, timeout: float, **_how: object) -> object:
        given.append(timeout)
        raise subprocess.TimeoutExpired("drawing", timeout)

    monkeypatch.setattr("redbag.storage.drawn.subprocess.run", too_slow)
    with pytest.raises(Refused) as caught:
        drawn.draw_anew("chart.pdf", papers.pdf(1), seconds=3.5)
    assert (caught.value.reason, given) == ("too_slow", [3.5])


@pytest.fixture(params=["one worker", "several workers"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    return tmp_path / "turns" if request.param == "several workers" else None


@contextlib.contextmanager
def turns_of(accounts: range, folder: Path | None) -> Iterator[None]:
    with contextlib.ExitStack() as held:
        for account in accounts:
            held.enter_context(turn(account, folder))
        yield


def refused(account: int, folder: Path | None) -> str:
    with pytest.raises(Refused) as caught, turn(account, folder):
        pass
    return caught.value.reason


def test_account_reads_one_form_at_a_time(folder: Path | None) -> None:
    with turn(1, folder):
        assert refused(1, folder) == "busy_own"
        with turn(2, folder):
            pass
    with turn(1, folder):
        pass


def test_who_finds_no_place_is_told_so(folder: Path | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "WAIT_SECONDS", 0.0)
    with turns_of(range(AT_ONCE), folder):
        assert refused(AT_ONCE, folder) == "busy"
    with turns_of(range(AT_ONCE), folder):
        pass


def test_turn_ends_also_when_the_work_fails(folder: Path | None) -> None:
    with contextlib.suppress(ZeroDivisionError), turn(1, folder):
        raise ZeroDivisionError
    with turns_of(range(1, AT_ONCE + 1), folder):
        pass


_HOLDING = """
import sys
from pathlib import Path
from redbag.storage.turns import turn
with turn(7, Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_places_are_shared_by_the_workers_of_a_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "WAIT_SECONDS", 0.0)
    command = [sys.executable, "-c", _HOLDING, str(tmp_path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe) as other:  # noqa: S603 - our own module
        assert other.stdin is not None
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        assert refused(7, tmp_path) == "busy_own"
        with turns_of(range(AT_ONCE - 1), tmp_path):
            assert refused(AT_ONCE, tmp_path) == "busy"
        other.stdin.close()
        assert other.wait() == 0
    with turn(7, tmp_path):
        pass


def test_each_worker_keeps_a_thread_for_everything_else() -> None:
    served = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
    assert AT_ONCE <= QUEUE < served["threads"]


def paper(ref: str, pages: int) -> PackFile:
    return PackFile(ref, "lpa", f"Paper {ref}", "0" * 64, pages, "2 Jul 2026")


def test_print_holds_only_so_many_pages_and_bytes() -> None:
    long, short, last = paper("a", MOST_PRINTED_PAGES - 1), paper("b", 2), paper("c", 1)
    face = replace(paper("f", 1), kind="photo")
    assert to_print([face, long, short, last], {}) == Print((long, last), (short,))
    sizes = {"a": MOST_PRINTED_BYTES, "b": 1, "c": 0}
    assert to_print([long, short, last], sizes) == Print((long, last), (short,))


def test_print_names_what_is_not_behind_it_and_reads_a_page_only_to_draw_it() -> None:
    short, long = paper("short", 2), paper("long", 30)
    pack = replace(fullest(), files=(short, long))
    read = []

    def pages(file: PackFile) -> Iterator[bytes]:
        for number in range(file.pages):
            read.append((file.ref, number))
            yield papers.jpeg()

    behind = Behind(Print((short,), (long,)), pages)
    whole = pypdf.PdfReader(io.BytesIO(pack_pdf(pack, None, behind)))
    words = "".join(page.extract_text() for page in whole.pages)
    assert "Papers that are not behind this pack" in words
    assert "Paper long" in words
    assert read == [("short", 0), ("short", 1)]
    assert len(whole.pages) == len(lay_out_pack(pack, behind=behind)) + 2
    alone = pypdf.PdfReader(io.BytesIO(papers_pdf(pack, Behind(Print((long,)), pages))))
    assert len(alone.pages) == 30
    assert "page 30 of 30" in alone.pages[-1].extract_text()
