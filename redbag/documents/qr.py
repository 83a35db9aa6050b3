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
PARTS = 12
"""How finely a module is divided: into the printer dots that it has on a 62 mm roll at 203 dpi."""
CORNERS_OUT = 1
"""How far each edge of a label's corner squares is moved outwards, in parts of a module: a printer dot, so
that the squares are found a little longer when the picture gets worse (docs/adr/0009-the-labels-code.md)."""
_CORNER = 7  # modules of a corner square ("finder pattern")


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


def modules_across(matrix: list[list[bool]], out: int = 0) -> float:
    """Modules from edge to edge of the white around the code, `out` as for draw_code()."""
    return len(matrix) + 2 * QUIET_ZONE + 2 * out / PARTS


def draw_code(
    canvas: Canvas, matrix: list[list[bool]], x: float, y: float, size: float, out: int = 0
) -> None:
    """The code as one path of runs, filled at once: small, and without hairlines between modules.

    `size`: with four white modules on each side. `out`: how far the edges of each corner square are moved
    outwards, in parts of a module; the white around the code is counted from there.
    """
    module = size / modules_across(matrix, out)
    margin = (QUIET_ZONE + out / PARTS) * module
    canvas.saveState()
    # One unit is a part of a module: whole numbers are short, and cheap to write.
    canvas.translate(x + margin, y + size - margin)
    canvas.scale(module / PARTS, module / PARTS)
    canvas.setFillGray(0)
    blocks = [
        f"{column * PARTS} {(-row - tall) * PARTS} {width * PARTS} {tall * PARTS} re"
        for column, row, width, tall in _blocks(_without_corners(matrix) if out else matrix)
    ]
    blocks += _corner_squares(len(matrix), out) if out else []
    # Written as it stands in the file: the canvas would format each of a thousand numbers by itself.
    # Filled even-odd: of the rectangles within each other, every second is white.
    canvas.addLiteral(f"{' '.join(blocks)} f*")
    canvas.restoreState()


def _corners(modules: int) -> list[tuple[int, int]]:
    far = modules - _CORNER
    return [(0, 0), (far, 0), (0, far)]


def _without_corners(matrix: list[list[bool]]) -> list[list[bool]]:
    bare = [list(row) for row in matrix]
    for column, row in _corners(len(matrix)):
        for line in bare[row : row + _CORNER]:
            line[column : column + _CORNER] = [False] * _CORNER
    return bare


def _corner_squares(modules: int, out: int) -> list[str]:
    """Each corner square as three squares within each other: black, white, black."""
    squares = []
    for column, row in _corners(modules):
        for inset in (0, 1, 2):
            side = (_CORNER - 2 * inset) * PARTS + 2 * out
            left, top = (column + inset) * PARTS - out, (row + inset) * PARTS - out
            squares.append(f"{left} {-top - side} {side} {side} re")
    return squares


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
