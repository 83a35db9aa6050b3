"""Where the browser is, and how it is started: for the browser tests and the tour."""

from __future__ import annotations

import os
import shutil

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium() -> str:
    """The path of a Chromium. Raises FileNotFoundError, saying what to do."""
    for name in (os.environ.get("REDBAG_CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name) if name else None
        if found:
            return found
    raise FileNotFoundError("Chromium is missing: start scripts/test, which brings it or says how.")
