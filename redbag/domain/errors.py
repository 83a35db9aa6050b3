"""What can go wrong, in the pathway's own terms. web/errors.py alone turns these into answers."""

from __future__ import annotations

from collections.abc import Mapping


class RedBagError(Exception):
    """Any refusal that has a meaning for the person at the screen."""


class NotFound(RedBagError):
    """There is no such record, or it belongs to another organisation: the two look the same."""


class NotPermitted(RedBagError):
    """The record is visible, but this role may not do this to it."""


class Restricted(NotPermitted):
    """The record is kept and not used (domain/restriction.py): whoever may not open it may still have to send
    the person to hospital. `resident_ref`: whose it is."""

    def __init__(self, message: str, resident_ref: str) -> None:
        super().__init__(message)
        self.resident_ref = resident_ref


class IllegalTransition(RedBagError):
    """The step does not follow from the state that the journey is in now."""


class Stale(RedBagError):
    """Somebody else changed the record after this person opened it.

    `theirs` holds what stands now, field by field, so that both versions can be shown.
    """

    def __init__(self, message: str, theirs: Mapping[str, object] | None = None) -> None:
        super().__init__(message)
        self.theirs = dict(theirs or {})


class Invalid(RedBagError):
    """What was typed cannot be kept. `errors` maps a field's name to a sentence for beside the field."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = dict(errors)


class Unsealable(RedBagError):
    """What was sealed does not open: its key is missing, it was changed, or it was moved from elsewhere."""
