"""What a written line says became of its medicine: stopped, changed, or replaced by another.

It only quotes the words that stand there; what became of the medicine is said by a person. A word too
many is a question too many; a word too few would let a stopped medicine pass as the same.
"""

import re

_NOT = r"(?<!then )(?<!not )(?<!never )(?<!no )"
_STOPPED = (
    r"(?:stop(?:ped)?|discontinued?|ceased?|withheld|withhold|on hold|held|(?-i:HOLD)|paused?"
    r"|suspended?|omit(?:ted)?|(?:do not|don['’]t) (?:give|take|use|continue|restart)"
    r"|not to be (?:given|taken|used|continued)|no longer|d/c['’]?(?:e?d)?|dc['’]d)"
)
_CHANGED = (
    r"(?:newly started|new|(?:re-?)?started|(?:dose )?(?:reduced?|decreased?|increased?|changed)"
    r"|replaced (?:by|with)|switched to|swapped (?:for|to|with)|converted to)"
)
STATUS = (
    rf"(?:newly started|new|started|{_STOPPED}|continued?|continuing|no change|unchanged|changed|increased?"
    r"|reduced?|decreased?|dose (?:increased|reduced|changed)|restart(?:ed)?)"
)
"""Every status that may stand before or behind a medicine, as a pattern (to be used without case)."""
_SAYS_STOPPED = re.compile(rf"{_NOT}(?<![\w/]){_STOPPED}(?!\w)", re.IGNORECASE)
_SAYS = re.compile(rf"{_NOT}(?<![\w/])(?:{_STOPPED}|{_CHANGED})(?!\w)", re.IGNORECASE)
INSTEAD = re.compile(
    r"(?<!\w)(?:replaced (?:by|with)|switched to|changed to|swapped (?:for|to|with)|converted to)(?!\w):?"
    r"|→|[-=]+>",
    re.IGNORECASE,
)
"""Stands between a medicine and the one that takes its place ("changed to" also before a new dose)."""
REPLACES = re.compile(
    r"(?<!\w)(?:replaces|replacing|to replace|instead of|in place of)(?!\w):?", re.IGNORECASE
)
"""Stands between a medicine and the one whose place it takes."""
_AN_AMOUNT = re.compile(r"\d\s*(?:mg|g|mcg|micrograms?|nanograms?|ml|units?|iu|%)(?!\w)", re.IGNORECASE)
_REASON = re.compile(
    rf"{_NOT}(?<![\w/])(?:{_STOPPED}|{_CHANGED})(?!\w)"
    rf"(?:[^()]*?\((?P<beside>[^()]+)\)\W*$|\s*[:–—-]\s*(?P<after>\w.*)$"
    r"|[^()]*?\b(?:due to|because of|because|owing to)\s+(?P<because>\w.*)$)",
    re.IGNORECASE,
)


_DOSE_CHANGED = re.compile(rf"{_NOT}(?<!\w)dose (?:increased|reduced|decreased)(?!\w)", re.IGNORECASE)


def says_stopped(text: str) -> bool:
    """Whether the words say that a medicine is not given now: stopped, withheld, paused."""
    return bool(_SAYS_STOPPED.search(text))


def reason_said(text: str) -> str:
    """Why a line says that its medicine was stopped or changed, as written ("STOPPED (falls)"); else "".

    Words with an amount in them are another medicine or another dose, not a reason. "Dose increased" by
    itself stands where nothing better was written.
    """
    match = _REASON.search(text)
    found = match and (match["beside"] or match["after"] or match["because"])
    if found and not _AN_AMOUNT.search(found):
        return found.strip(" .,;()")
    dose = None if found else _DOSE_CHANGED.search(text)
    return dose[0].capitalize() if dose else ""


def status_said(text: str) -> str:
    """The words of a text that speak against "unchanged", each once and as written; "" for none."""
    return ", ".join(dict.fromkeys(match[0] for match in _SAYS.finditer(text)))
