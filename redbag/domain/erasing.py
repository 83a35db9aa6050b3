"""What is asked of whoever erases a record for good, beside the preview (UK GDPR, Article 17)."""

from __future__ import annotations

from redbag.domain.record import Field, Kind

WHY = Field(
    "why",
    "Why it is erased",
    Kind.CHOICE,
    (
        ("asked", "The person asked for it, or somebody who may act for them"),
        ("years", "The years of keeping are over"),
        ("mistake", "The record was made by mistake"),
    ),
    required="Choose why it is erased.",
    hint="This alone stands in the audit log: no name, and nothing of the record",
)
FIGURES = Field(
    "figures",
    "Their stays in hospital",
    Kind.CHOICE,
    (
        ("keep", "Stay in the figures, as days without a person"),
        ("remove", "Leave the figures too: in a small home a day and a ward may still tell who it was"),
    ),
    required="Choose what becomes of their stays.",
)
SURE = Field(
    "sure",
    "There is no way back",
    Kind.CHOICES,
    (("yes", "I have read what goes, and looked at each place that names them"),),
    required="Tick this once you have looked.",
)
QUESTIONS = (WHY, FIGURES, SURE)
