"""Signatures of those who take the bag: kept beside the event of the handover, never a condition of it."""

from __future__ import annotations

from dataclasses import dataclass

from redbag.database import db
from redbag.domain.signature import DRAWN, REFUSED, Strokes
from redbag.models import Signature, TransferEvent


@dataclass(frozen=True)
class Signed:
    """What became of the question for a signature. Neither drawn nor refused: nobody asked."""

    strokes: Strokes = ()
    refused: bool = False

    @property
    def fact(self) -> dict[str, str]:
        """What the event says of it. "Would not sign" was tapped on purpose: it wins over a stray line."""
        answer = REFUSED if self.refused else DRAWN if self.strokes else ""
        return {"signature": answer} if answer else {}


NOT_ASKED = Signed()


def keep(event: TransferEvent, signed: Signed) -> None:
    """Keeps the drawing where the event says that there is one."""
    if event.data.get("signature") == DRAWN:
        db.session.add(Signature(event_id=event.id, strokes=[list(map(list, s)) for s in signed.strokes]))
        db.session.flush()
