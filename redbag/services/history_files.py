"""Files of earlier stays as they are read: a row at a time, onto the disk, with all that has to be said.

Of a file of a million rows no more than some thousand are in memory (storage/long_tables.py and scratch.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import IO, Any

from redbag.domain import history_columns
from redbag.domain.errors import Invalid, NotPermitted
from redbag.domain.history_rows import EarlierStay, Reader, Setting, Tally, WrongRows
from redbag.domain.import_rows import Fault
from redbag.domain.london_time import london_day
from redbag.domain.permissions import Actor, OrganisationKind, Permission, Role, can
from redbag.queries import history as queries
from redbag.services import labels
from redbag.storage import long_tables, scratch
from redbag.storage.scratch import Scratch

SHOWN = 10
_LONGEST_NAME = 200
_WORDS = 30  # different hospitals and reasons that a preview names
Progress = Callable[[int], object]


@dataclass(frozen=True)
class Asked:
    """What is asked beside the file. `home_id`: the home of a file that names none."""

    open_at_start: bool = False
    leave_out_recorded: bool = False
    home_id: int | None = None


@dataclass(frozen=True)
class Told:
    """What reading a file brought up beside its stays. `until`: the last day that it speaks of, ISO;
    `recorded`: rows that were left out, since Red Bag has those stays; `hospitals` and `reasons`: words
    that are not known here, with how often; `sample`: the first stays."""

    rows: int
    until: str
    recorded: int
    days_said: int
    said: list[Fault]
    young: int
    long: int
    hospitals: list[tuple[str, int]]
    reasons: list[tuple[str, int]]
    left_out: list[str]
    sample: list[list[Any]] = field(default_factory=list)

    @property
    def first_stays(self) -> list[EarlierStay]:
        return [scratch.unpacked(row) for row in self.sample]


@dataclass(frozen=True)
class File:
    """A file, as it was read."""

    name: str
    sha256: str
    asked: Asked
    told: Told


def read(
    actor: Actor | None,
    file: IO[bytes],
    name: str,
    asked: Asked,
    limits: long_tables.Limits,
    into: Scratch,
    now: datetime,
    progress: Progress = lambda _row: None,
) -> File:
    """Reads a file into a scratch. Nothing is written. `progress` is called with 1 for each row.

    `actor`: None for the operator's command. Raises NotPermitted, Invalid under "file" where it holds no
    stays, and WrongRows where rows in it cannot be loaded.
    """
    setting = _setting(actor, asked, london_day(now))
    tally = Tally()
    left_out: list[str] = []
    sample: list[EarlierStay] = []
    headed, until = 0, date.min
    sha256 = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    with long_tables.parts(file, limits) as parts:
        for part in parts:
            sheet = history_columns.head(part.name, part.lines)
            if sheet is None:
                left_out.append(f"sheet {part.name}" if part.name else "")
                continue
            headed += 1
            left_out += sheet.left_out
            reader = Reader(sheet, setting, tally)
            for line in sheet.rows:
                progress(1)
                stay = reader.read(line)
                if stay is None:
                    continue
                into.add(stay)
                until = max(until, stay.discharged or stay.admitted)
                if len(sample) < SHOWN:
                    sample.append(stay)
                if tally.rows > limits.rows:
                    raise Invalid({"file": f"The file has more than {limits.rows:,} rows. Divide it."})
    if not headed:
        wanted = "“Admission” and “Discharge”"
        raise Invalid({"file": f"No row of headings was found: there must be columns {wanted}."})
    if tally.wrong:
        raise WrongRows(tally)
    if not tally.rows:
        raise Invalid({"file": "Below the headings there is no row. Fill in at least one."})
    if not sample:
        recorded = f"all {tally.rows:,} rows are of stays that Red Bag has itself"
        raise Invalid({"file": f"There is nothing to load: {recorded}."})
    told = _told(tally, until, [one for one in left_out if one], sample)
    return File(name[:_LONGEST_NAME], sha256, asked, told)


def _setting(actor: Actor | None, asked: Asked, today: date) -> Setting:
    own = asked.home_id
    if actor is not None:
        if not can(actor, Permission.HISTORY_IMPORT):
            raise NotPermitted("Earlier stays are loaded by the manager of the home, or the administrator.")
        own = actor.organisation_id if actor.role is Role.HOME_MANAGER else own

    def hashed(home: int, person: str) -> str:
        return labels.first_key_hash("earlier-person", f"{home}|{person.casefold()}")[:32]

    return Setting(
        homes=queries.places(OrganisationKind.CARE_HOME),
        hospitals=queries.places(OrganisationKind.HOSPITAL),
        own_home=own,
        recorded_from=queries.recorded_from(),
        today=today,
        hashed=hashed,
        leave_out_recorded=asked.leave_out_recorded,
    )


def _told(tally: Tally, until: date, left_out: list[str], sample: list[EarlierStay]) -> Told:
    return Told(
        rows=tally.rows,
        until=until.isoformat(),
        recorded=tally.recorded,
        days_said=tally.days_said,
        said=tally.said,
        young=tally.young,
        long=tally.long,
        hospitals=tally.strange_hospitals.most_common(_WORDS),
        reasons=tally.other_reasons.most_common(_WORDS),
        left_out=left_out,
        sample=[scratch.packed(stay) for stay in sample],
    )
