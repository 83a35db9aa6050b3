"""A typed code to the label's token, slowly for whoever guesses.

The code has 40 bits and shows a stranger nothing but the home's name; still nobody may walk through
codes. The check character catches slips of the finger without counting them.
"""

from __future__ import annotations

from datetime import datetime

from redbag.domain import bag_code
from redbag.domain.errors import Invalid
from redbag.domain.permissions import Origin
from redbag.services import audit, labels
from redbag.services.guessing import TOO_MANY, Guesser, count_guess, may_guess
from redbag.services.sessions import Limits


def token_for(
    text: str, who: str, origin: Origin, limits: Limits, now: datetime, hosts: frozenset[str]
) -> str:
    """The token of the label with this code, or with this address where one was pasted.

    `hosts`: which addresses are ours; another site's is no label, whatever stands behind its last stroke.
    Raises Invalid (field `code`) with what to look at. The caller commits all the same: a code that
    is whole but unknown stays counted, for `who` (a session or an address), and is audited.
    """
    guesser = Guesser("a label's code", who)
    if not may_guess(guesser, limits.throttle_key, now):
        raise Invalid({"code": f"{TOO_MANY} Or ring the home: its number is on the label."})
    _refuse_other_sites(text, hosts)
    whole = _whole(text) if "/" in text else ""
    label = labels.by_token(whole) if whole else labels.by_code(_checked(text))
    if label is None:
        count_guess(guesser, limits.throttle_key, now)
        audit.append(None, audit.Note("refused", outcome="refused", reason="no such label code"), now, origin)
        raise Invalid(
            {"code": "No label has this code. Look at the label again, or ring the home printed on it."}
        )
    return whole or labels.token_of(label)


def _refuse_other_sites(text: str, hosts: frozenset[str]) -> None:
    host = bag_code.host_of(text)
    if host and host not in hosts:
        raise Invalid({"code": f"This is not a red bag label: it leads to {host[:60]}. Nothing was opened."})


def _whole(text: str) -> str:
    try:
        return bag_code.normalise(text)
    except ValueError as problem:
        raise Invalid({"code": str(problem)}) from None


def _checked(text: str) -> str:
    try:
        return bag_code.parse_readable(text)
    except ValueError as problem:
        raise Invalid({"code": str(problem)}) from None
