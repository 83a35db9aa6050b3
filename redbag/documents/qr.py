"""QR codes as vectors: an address in capitals, drawn as one path of whole modules."""

from __future__ import annotations

from itertools import groupby

import qrcode
from qrcode.constants import ERROR_CORRECT_H, ERROR_CORRECT_M, ERROR_CORRECT_Q
from reportlab.pdfgen.canvas import Canvas

QUIET_ZONE = 4
"""White modules around the code (ISO/IEC 18004)."""
TORN_OR_STAINED = ERROR_CORRECT_Q
"""Mends a quarter of the code: for a label that travels."""
ON_CLEAN_PAPER = ERROR_CORRECT_M
"""Mends a seventh: for a page that lies in the bag, so that the modules are larger."""


def qr_matrix(url: str, level: int = TORN_OR_STAINED) -> list[list[bool]]:
    """The modules of the code for an address in capitals, so that it takes the alphanumeric mode.

    Raises ValueError for an address with characters that would need the larger byte mode.
    """
    code = _holding(url, level)
    code.make(fit=True)
    matrix: list[list[bool]] = code.modules
    return matrix


def label_matrix(url: str) -> list[list[bool]]:
    """The code of a label: level Q, or H where that needs no more modules. Raises ValueError as above."""
    stronger = _size(url, ERROR_CORRECT_H) == _size(url, TORN_OR_STAINED)
    return qr_matrix(url, ERROR_CORRECT_H if stronger else TORN_OR_STAINED)


def _size(url: str, level: int) -> int:
    """Which of the 40 sizes the address needs; 41 where none holds it."""
    try:
        version: int = _holding(url, level).best_fit()
    except qrcode.exceptions.DataOverflowError:
        return 41
    return version


def _holding(url: str, level: int) -> qrcode.QRCode:
    code = qrcode.QRCode(error_correction=level, border=0)
    data = qrcode.util.QRData(url.upper().encode())
    if data.mode != qrcode.util.MODE_ALPHA_NUM:
        raise ValueError("A label's address has only capital letters, digits and $%*+-./: in it.")
    code.add_data(data, optimize=0)
    return code


def draw_code(canvas: Canvas, matrix: list[list[bool]], x: float, y: float, size: float) -> None:
    """The code as one path of runs, filled at once: small, and without hairlines between modules."""
    module = size / (len(matrix) + 2 * QUIET_ZONE)
    canvas.saveState()
    # One unit is one module: whole numbers are short, and cheap to write.
    canvas.translate(x + QUIET_ZONE * module, y + size - QUIET_ZONE * module)
    canvas.scale(module, module)
    canvas.setFillGray(0)
    blocks = " ".join(
        f"{column} {-row - tall} {width} {tall} re" for column, row, width, tall in _blocks(matrix)
    )
    # Written as it stands in the file: the canvas would format each of a thousand numbers by itself.
    canvas.addLiteral(f"{blocks} f")
    canvas.restoreState()


def _blocks(matrix: list[list[bool]]) -> list[tuple[int, int, int, int]]:
    """The dark modules as rectangles (column, row, width, height): a run that stands again in the next
    row grows downwards."""
    done: list[tuple[int, int, int, int]] = []
    growing: dict[tuple[int, int], int] = {}
    for row, modules in enumerate([*matrix, []]):
        runs = set(_runs(modules))
        for run in [run for run in growing if run not in runs]:
            first = growing.pop(run)
            done.append((run[0], first, run[1], row - first))
        for run in runs:
            growing.setdefault(run, row)
    return sorted(done)


def _runs(modules: list[bool]) -> list[tuple[int, int]]:
    """Where each run of dark modules starts in a row, and how many there are."""
    found = []
    column = 0
    for dark, group in groupby(modules):
        length = len(list(group))
        if dark:
            found.append((column, length))
        column += length
    return found


def any_matrix(text: str) -> list[list[bool]]:
    """The modules of the code for a text of any characters, to be shown on a screen."""
    code = qrcode.QRCode(error_correction=ON_CLEAN_PAPER, border=0)
    code.add_data(text)
    code.make(fit=True)
    matrix: list[list[bool]] = code.modules
    return matrix


def svg_path(matrix: list[list[bool]]) -> str:
    """The dark modules as the path of an SVG whose unit is one module, with the quiet zone around them."""
    return "".join(
        f"M{column + QUIET_ZONE} {row + QUIET_ZONE}h{width}v{tall}h-{width}z"
        for column, row, width, tall in _blocks(matrix)
    )


def svg_size(matrix: list[list[bool]]) -> int:
    """How many modules wide the picture is, quiet zone included."""
    return len(matrix) + 2 * QUIET_ZONE
