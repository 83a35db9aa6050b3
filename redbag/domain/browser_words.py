"""What kind of browser somebody uses, in a few plain words.

Browsers name themselves at length ("User-Agent"), which tells more of a person's device than anybody here
needs: only these words are kept.
"""

from __future__ import annotations

LONGEST = 40

# In this order: most browsers also claim to be those that come after them.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Chromium/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
_DEVICES = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "a Chromebook"),
    ("Linux", "Linux"),
)
_APPLE = "Macintosh"


def browser_words(named: str) -> str:
    """ "Chrome on Android" of a browser's own name for itself; "" where it says nothing that is known.

    An iPad's Safari calls itself a Macintosh, so of the two only both can be said.
    """
    browser = next((words for sign, words in _BROWSERS if sign in named), "")
    device = next((words for sign, words in _DEVICES if sign in named), "")
    if not device and _APPLE in named:
        device = "a Mac or iPad" if browser == "Safari" else "a Mac"
    if not browser:
        return f"A browser on {device}" if device else ""
    return f"{browser} on {device}" if device else browser
