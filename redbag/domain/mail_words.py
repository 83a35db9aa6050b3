"""What an e-mail to a home or a hospital says: that something needs a look, and where. Nothing else.

E-mail is read on telephones, forwarded and kept by others: no name, no bag, no ward, no kind of trouble.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

# After each failed try; after the last the message is given up, and the list on the page still says it.
WAITS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=12),
)


@dataclass(frozen=True)
class Message:
    """One e-mail as it is read."""

    subject: str
    text: str


def message_for(place: str, count: int, base_url: str) -> Message:
    """`place`: the home or hospital by its name; `count`: how many things are told of at once."""
    what = "Something" if count == 1 else f"{count} things"
    needs = "needs" if count == 1 else "need"
    subject = f"{what} at {' '.join(place.split())} {needs} a look"
    text = (
        f"{subject}: sign in.\n\n{base_url}/attention\n\n"
        "This message names nobody on purpose, and nobody reads answers to it.\n"
        "A manager can change the address or switch it off: Needs attention, E-mail.\n"
    )
    return Message(subject, text)
