"""The dictionary of medicines and devices (dm+d) as the operator loaded it. The same for every home."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from redbag.database import Base, UtcInstant

# Compared byte by byte on every database, so that "starts with" is a range of the index.
_WORD = String(60).with_variant(String(60, collation="C"), "postgresql")


class DmdRelease(Base):
    """One loading of a release: its name, and how much of it was new, changed or gone.

    `released_on`: the day that its files are named after; None where their names hold none.
    """

    __tablename__ = "dmd_releases"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    loaded_at: Mapped[datetime] = mapped_column(UtcInstant)
    concepts: Mapped[int]
    added: Mapped[int]
    changed: Mapped[int]
    discontinued: Mapped[int]
    released_on: Mapped[date | None]


class DmdConcept(Base):
    """A concept of dm+d: VTM (moiety), VMP (generic product) or AMP (a maker's product).

    `code`: its SNOMED CT identifier. `discontinued`: invalid in the newest release, or no longer in it;
    it is not offered any more, and stays for what was coded with it.
    """

    __tablename__ = "dmd_concepts"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(18), unique=True)
    level: Mapped[str] = mapped_column(String(3))
    name: Mapped[str] = mapped_column(String(700))
    parent_code: Mapped[str] = mapped_column(String(18), default="")
    discontinued: Mapped[bool] = mapped_column(default=False)


class DmdWord(Base):
    """One word of a concept's name, folded (domain/name_words.py), for finding by the start of any word.

    Concepts that are discontinued have none.
    """

    __tablename__ = "dmd_words"

    concept_id: Mapped[int] = mapped_column(ForeignKey("dmd_concepts.id"), primary_key=True)
    word: Mapped[str] = mapped_column(_WORD, primary_key=True)

    __table_args__ = (Index("ix_dmd_words_word_concept_id", "word", "concept_id"),)
