"""What the audit log says of one person, in words for whoever answers for their record."""

from __future__ import annotations

WORDS: dict[str, str] = {
    "bags.swapped": "Said that two bags were swapped",
    "custody.exported": "Took the custody record away",
    "custody.issued": "Had a custody record made",
    "emergency.opened": "Asked for the pack without the bag, with a reason",
    "emergency.read": "Read the pack without the bag",
    "emergency.reviewed": "Reviewed a look at the pack without the bag",
    "guest.code_renewed": "Read a fresh access code to a ward",
    "guest.code_shown": "Opened the access code, to read it out",
    "guest.code_used": "Came in by the access code in the bag",
    "guest.named": "Said who they are, after the access code",
    "label.bound": "Put a label from the drawer on the bag",
    "label.issued": "Had a label made",
    "label.printed": "Printed the label",
    "label.revoked": "The label stopped working",
    "label.scanned": "Scanned the label and saw the pack",
    "medicine.added": "Wrote a medicine down",
    "medicine.changed": "Changed a medicine",
    "medicine.stopped": "Stopped a medicine",
    "pack.printed": "Printed the pack",
    "pack.read": "Read the pack",
    "pack.versioned": "Made a new version of the pack",
    "paper.added": "Added a photo or a paper",
    "paper.put_back": "Put a photo or a paper back",
    "paper.read": "Looked at a photo or a paper",
    "paper.removed": "Took a photo or a paper away",
    "person.erased": "Erased the person",
    "person.exported": "Took the whole record away",
    "person.kept_longer": "Decided to keep the record longer",
    "person.restricted": "Restricted the record",
    "person.unrestricted": "Lifted the restriction of the record",
    "resident.changed": "Changed who they are",
    "resident.created": "Put them on the list",
    "resident.left": "Said that they no longer live here",
    "resident.read": "Read the record",
    "section.changed": "Changed the record",
    "section.reviewed": "Reviewed the record",
    "task.done": "Said that something was done",
    "transfer.changed": "Changed what is new today",
    "transfer.event": "Recorded a step of the journey",
    "transfer.read": "Read a journey",
}
"""Every kind of entry that can name a person, a journey, a paper or a medicine of theirs."""

READING = frozenset(
    {
        "emergency.read",
        "label.scanned",
        "pack.printed",
        "pack.read",
        "paper.read",
        "person.exported",
        "resident.read",
        "transfer.read",
    }
)
"""Those by which somebody has seen something, and changed nothing."""


def words(kind: str, section: str = "") -> str:
    """What was done, as a sentence begins; `section`: the title of the part of the record it was done to."""
    said = WORDS.get(kind, kind)
    return f"{said}: {section}" if section else said
