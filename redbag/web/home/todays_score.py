"""NEWS2 of today's observations as a page says it: beside the usual score, and grave when it is grave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from redbag.domain import news2, pack_observations
from redbag.domain.london_time import format_day

LOW_SCORE = "A low score does not rule out serious illness: say what worries you."
# Royal College of Physicians (2017), NEWS2: 5 and more, or a single 3, ask for an urgent response.
_URGENT = 5


@dataclass(frozen=True)
class Said:
    """The score in sentences, the score itself first. `urgent`: 5 or more, or 3 by a single observation."""

    sentences: tuple[str, ...]
    urgent: bool

    @property
    def score(self) -> str:
        """The score's own sentence."""
        return self.sentences[0]


def said(transfer: Any) -> Said | None:
    """The score beside (never minus) the usual one; None where nothing that scores was observed."""
    measured = transfer.facts.get("observations") or {}
    result = pack_observations.score(measured)
    if not any(part is not None for part in result.parts.values()):
        return None
    urgent = result.total >= _URGENT or bool(result.red)
    scale = f"{news2.scale_words(measured.get('spo2_scale'))}." if measured.get("spo2") is not None else ""
    parts = (result.sentence, scale, usual_words(transfer.resident), "" if urgent else LOW_SCORE)
    return Said(tuple(part for part in parts if part), urgent)


def usual_words(person: Any) -> str:
    """The score of the person when well, or that nobody wrote it down."""
    if person.usual_news2 is None:
        return "Usual NEWS2 score not recorded."
    on = f" ({format_day(person.usual_news2_on)})" if person.usual_news2_on else ""
    return f"Usual NEWS2 score {person.usual_news2}{on}."
