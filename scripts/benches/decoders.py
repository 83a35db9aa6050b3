"""Three decoders that share no code: zxing-cpp, OpenCV and zbar."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import zxingcpp
from defusedxml.ElementTree import fromstring

from benches.damage import Picture

_AT_ONCE = 100
_XML = "{http://zbar.sourceforge.net/2008/barcode}"


def zxing(pictures: Sequence[Picture], urls: Sequence[str]) -> list[bool]:
    """Which of the pictures zxing-cpp reads, as a telephone's browser does by zxing-wasm."""
    formats = zxingcpp.BarcodeFormat.QRCode
    return [
        any(code.text.upper() == url.upper() for code in zxingcpp.read_barcodes(picture, formats))
        for picture, url in zip(pictures, urls, strict=True)
    ]


def opencv(pictures: Sequence[Picture], urls: Sequence[str]) -> list[bool]:
    """Which of the pictures OpenCV's detector reads."""
    detector = cv2.QRCodeDetector()
    found = []
    for picture, url in zip(pictures, urls, strict=True):
        try:
            text = detector.detectAndDecode(picture)[0]
        except (cv2.error, UnicodeDecodeError):
            text = ""
        found.append(text.upper() == url.upper())
    return found


def zbar(pictures: Sequence[Picture], urls: Sequence[str]) -> list[bool]:
    """Which of the pictures zbarimg reads; many pictures a call, since each call starts a process."""
    found: list[bool] = []
    with tempfile.TemporaryDirectory() as folder:
        for start in range(0, len(pictures), _AT_ONCE):
            some = pictures[start : start + _AT_ONCE]
            paths = [Path(folder) / f"{number}.pgm" for number in range(len(some))]
            for path, picture in zip(paths, some, strict=True):
                cv2.imwrite(str(path), picture)
            command = ["zbarimg", "--quiet", "--xml", "-Sdisable", "-Sqrcode.enable", *map(str, paths)]
            # It ends with 4 when at least one picture held nothing.
            said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
            found += _told_by_zbar(said, urls[start : start + _AT_ONCE])
    return found


def _told_by_zbar(said: str, urls: Sequence[str]) -> list[bool]:
    found = [False] * len(urls)
    for source in fromstring(said).iter(f"{_XML}source"):
        number = int(Path(source.get("href", "")).stem)
        texts = [(data.text or "").strip() for data in source.iter(f"{_XML}data")]
        found[number] = any(text.upper() == urls[number].upper() for text in texts)
    return found


Decoder = Callable[[Sequence[Picture], Sequence[str]], list[bool]]


def present() -> dict[str, Decoder]:
    """The decoders that are here: zbar comes with the system, not from a package registry."""
    found: dict[str, Decoder] = {"zxing-cpp": zxing, "OpenCV": opencv}
    return found | ({"zbar": zbar} if shutil.which("zbarimg") else {})
