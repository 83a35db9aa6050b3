"""A record that is kept and not used: restriction of processing (UK GDPR, Article 18).

The manager of the home goes on seeing it, since somebody must settle what is in dispute and answer the
person; the home's carers read only that it is there. Whoever is on a journey to hospital is looked after as
anybody else: their record and their pack are open to both ends until the journey is closed (vital interests,
Articles 6(1)(d) and 9(2)(c)), and a restricted person can be sent to hospital at any time.
"""

from __future__ import annotations

from redbag.domain.permissions import Actor, Permission, Subject, can

LONGEST_REASON = 300
REFUSED = (
    "This record is restricted: it is kept and not used. Only the manager of the home opens it. "
    "If the person is unwell now, choose Send to hospital on the list of residents: that opens everything."
)


def decides(actor: Actor, home_id: int) -> bool:
    """Whether somebody decides that a record is restricted, used again or erased: the manager of the home,
    and the administrator, who reads nothing of it."""
    return can(actor, Permission.HOME_MANAGE, Subject(home_id=home_id)) or can(actor, Permission.ADMIN_EDIT)


def reads(actor: Actor, home_id: int, *, restricted: bool, away: bool) -> bool:
    """Whether somebody of the home reads a record. `away`: a journey of theirs is open."""
    if not restricted or away:
        return True
    return can(actor, Permission.HOME_MANAGE, Subject(home_id=home_id))
