"""Loads an invented borough: homes, residents, and two years of journeys with every ending.

The same seed and the same moment give the same borough. Of many journeys, the newest 10,000 have their
packs, belongings, medicine lists and audit entries; all have their events and what these add up to. Beyond
100,000 journeys there are several boroughs, the further ones copied from the first (boroughs.py).
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate

from sqlalchemy import exists, func, select, true

from redbag.config import Mode
from redbag.database import begin_write, db, expect_many_rows
from redbag.domain import readmission_counts, resident_counts
from redbag.domain.errors import Invalid, NotPermitted
from redbag.domain.london_time import london_day, start_of_day
from redbag.domain.permissions import ROLE_WORDS
from redbag.domain.stays_by_month import add_months, first_day
from redbag.domain.transfer_states import Action
from redbag.models import Organisation, Resident, Transfer
from redbag.queries import resident_facts, stay_facts
from redbag.services import audit, figures, journey_figures
from redbag.services.demo import beside, boroughs, story
from redbag.services.demo.dice import Dice
from redbag.services.demo.in_hospital import REASONS, fits
from redbag.services.demo.journal import Journal
from redbag.services.demo.papers import Papers
from redbag.services.demo.photos import Album
from redbag.services.demo.places import DEMO_PASSPHRASE, NAMED, RESIDENTS_A_HOME, Borough, Home, StockBag
from redbag.services.demo.residents import Person, Residents
from redbag.services.demo.story import Case, Ending
from redbag.services.demo.teller import Teller
from redbag.services.demo.tonight import TONIGHT, Script
from redbag.services.demo.writer import Writer
from redbag.storage.bulk import filled_at_once

__all__ = ["DEMO_PASSPHRASE", "Loaded", "load", "people"]

FULL_JOURNEYS = 10_000
BOROUGH_JOURNEYS = 100_000
_SPARE = 1.15
"""How many journeys the first borough has for each that a further one copies: so that no two are alike."""
LEAST_MONTHS, MOST_MONTHS = 27, 120
"""Two years that can be compared, after the three months that read too short; or longer, for more."""
JOURNEYS_A_YEAR = 1.15
MOST_A_YEAR = 8.0
MAPLE_WEIGHT = 1.6
_ODD_BAGS = ((2, "quarantined", "C. difficile on the ward it came from"), (3, "to_clean", ""))
_MAPLE_QUIET = timedelta(days=40)


@dataclass(frozen=True)
class Loaded:
    """What a load has written."""

    homes: int
    residents: int
    transfers: int
    stays: int
    since: date


def people() -> list[tuple[str, str, str, str]]:
    """Who can sign in by the printed list, all with DEMO_PASSPHRASE: e-mail, name, role in words, place."""
    return [(one.email, one.name, ROLE_WORDS[one.role], one.place) for one in NAMED.values()]


def load(
    homes: int,
    transfers: int,
    seed: int,
    now: datetime,
    progress: Callable[[int], object],
    *,
    mode: Mode,
    with_papers: int | None = None,
    saying: Callable[[str], object] = lambda _: None,
) -> Loaded:
    """Writes the demo to an empty database, in one transaction that the caller commits.

    `progress` is called with how many journeys were written since it was last called, `saying` with what else
    is being done. `with_papers`: how many
    of the newest have their packs and what goes with them; usually FULL_JOURNEYS. Raises NotPermitted
    where the installation is not a demonstration or has organisations already, Invalid for numbers that
    no borough has.
    """
    _check(homes, transfers, mode)
    begin_write()
    expect_many_rows()
    if db.session.scalar(select(exists(select(Organisation.id)))):
        raise NotPermitted(
            "This database has organisations already: the demo goes into an empty database only. "
            "Delete instance/redbag-demo.sqlite3, or name another database."
        )
    count = min(boroughs.MOST + 1, math.ceil(transfers / BOROUGH_JOURNEYS), homes)
    if count <= 1:
        return _Years(homes, transfers, seed, now, progress).play(with_papers)
    told = min(transfers, math.ceil(transfers / count * _SPARE))
    first = _Years(math.ceil(homes / count), told, seed, now, progress)
    sizes = [boroughs.share(homes, count, at) for at in range(1, count)]
    return first.play(with_papers, sizes, transfers, saying)


def _check(homes: int, transfers: int, mode: Mode) -> None:
    if mode is not Mode.DEMO:
        raise NotPermitted(
            "Invented people may only stand where every page says so: set REDBAG_MODE=demo for the demo."
        )
    if homes < 1 or transfers < 0:
        raise Invalid({"homes": "Ask for at least one home, and no fewer than no journeys."})
    most = int(homes * RESIDENTS_A_HOME * MOST_A_YEAR * MOST_MONTHS / 12)
    if transfers > most:
        least = math.ceil(transfers / (RESIDENTS_A_HOME * MOST_A_YEAR * MOST_MONTHS / 12))
        raise Invalid({"transfers": f"So many journeys need more homes: at least --homes {least}."})


class _Years:
    """The two years, day by day."""

    def __init__(
        self, homes: int, transfers: int, seed: int, now: datetime, progress: Callable[[int], object]
    ) -> None:
        self.now, self.today, self.seed = now, london_day(now), seed
        self.wanted, self.progress = transfers, progress
        self.dice = Dice(seed)
        self.writer = Writer()
        yearly = homes * RESIDENTS_A_HOME * JOURNEYS_A_YEAR
        months = min(MOST_MONTHS, max(LEAST_MONTHS, math.ceil(12 * transfers / yearly)))
        self.started = add_months(first_day(self.today), -months)
        self.borough = Borough(self.dice, self.writer, homes, self.started, now)
        self.residents = Residents(self.dice, self.writer, seed, self.today)
        self.journal = Journal(self.dice, self.writer, self.residents)
        self.album = Album(self.journal.desk, seed)
        self.written = 0
        # Nobody from Maple House is away but by the scripts, so that a visitor finds what is told of it.
        self._quiet = self.borough.homes[0] if homes > 3 else None
        self._settle_in()
        self._queue_homes()

    def play(
        self,
        with_papers: int | None = None,
        further: Sequence[int] = (),
        journeys: int = 0,
        saying: Callable[[str], object] = lambda _: None,
    ) -> Loaded:
        """Everything, to the end. `further`: the number of homes of each further borough; `journeys`: how
        many there are to be in all of them together with the first."""
        scripts = TONIGHT[: self.wanted]
        self._full_from = self.wanted - (FULL_JOURNEYS if with_papers is None else with_papers)
        self._past(self.wanted - len(scripts))
        last = self.writer.last(Transfer)
        for script in sorted(scripts, key=lambda one: -one.opened):
            self._script(script)
        bags = [bag for home in self.borough.homes for bag in home.bags]
        self._odd_bags()
        self.journal.finish(bags)
        self.residents.finish()
        self._count_people()
        figures.added(self.journal.cells)
        self.journal.cells.clear()
        copied = self._copy(further, journeys, last, saying)
        self.writer.finish()
        figures.say_all_there()
        figures.added(journey_figures.refill_all(list(self.journal.with_papers)))
        audit.append_all(self.journal.audit_entries())
        self.journal.stays += beside.add(self.borough.homes, Dice(self.seed), self.now)
        self._say_so()
        living = select(func.count()).select_from(Resident).where(Resident.left_on.is_(None))
        return Loaded(
            len(self.borough.homes) + sum(further),
            db.session.scalar(living) or 0,
            self.written,
            self.journal.stays + copied,
            self.started,
        )

    def _count_people(self) -> None:
        """What the counts of reports hold of the first borough's people rather than of single stays. Nobody
        else is in the database then."""
        connection = db.session.connection()
        stays = stay_facts.where(connection, true())
        readmission_counts.cells(map(readmission_counts.spell, stays), self.journal.cells)
        resident_counts.cells(resident_facts.where(connection, true()), self.journal.cells)

    def _copy(self, further: Sequence[int], journeys: int, last: int, saying: Callable[[str], object]) -> int:
        """The further boroughs; how many stays they have."""
        if not further:
            return 0
        homes = tuple(home.id for home in self.borough.homes)
        first = boroughs.First(homes, last, self.journal.with_papers)
        copies = boroughs.Boroughs(first, self.writer)
        left = journeys - self.written
        with filled_at_once(db.session.connection(), boroughs.TABLES, saying):
            for place, size in enumerate(further):
                before = copies.journeys
                copies.copy(place + 1, size, boroughs.share(left, len(further), place))
                self.progress(copies.journeys - before)
        copies.settle()
        self.written += copies.journeys
        return copies.stays

    def _settle_in(self) -> None:
        """Those who live in the homes on the day the home joins."""
        for home in self.borough.homes:
            known = start_of_day(home.joined_on) + timedelta(hours=9)
            for _ in range(home.size):
                moved_in = home.joined_on - timedelta(days=round(self.dice.skewed(500, 0.8)))
                self.residents.move_in(home, moved_in, known)

    def _queue_homes(self) -> None:
        self._queue = sorted(self.borough.homes, key=lambda home: (home.joined_on, home.id))
        maple = self.borough.homes[0]
        weights = (home.size * (MAPLE_WEIGHT if home is maple else 1.0) for home in self._queue)
        self._weights = list(accumulate(weights))
        self._joined = [home.joined_on for home in self._queue]

    # The past

    def _past(self, count: int) -> None:
        days = [self.started + timedelta(days=place) for place in range((self.today - self.started).days)]
        weights = [self._busy(day) for day in days]
        total, so_far, made = sum(weights), 0.0, 0
        for day, weight in zip(days, weights, strict=True):
            so_far += weight
            due = round(count * so_far / total) if total else 0
            self.residents.turn_over(day)
            for at in self._moments(day, due - made):
                made += self._one(day, at)
            self.writer.flush_when_full()

    def _busy(self, day: date) -> float:
        """How many journeys a day has, against others: winters are busier, and so is a larger scheme."""
        winter = 1.22 if day.month in (12, 1, 2) else 0.92 if day.month in (6, 7, 8) else 1.0
        monday = 1.1 if day.weekday() == 0 else 1.0
        place = bisect.bisect_right(self._joined, day)
        return winter * monday * (self._weights[place - 1] if place else 0.0)

    def _moments(self, day: date, count: int) -> list[datetime]:
        start = start_of_day(day)
        hours = ((self.dice.chance() + self.dice.chance()) / 2 for _ in range(count))
        # More by day than by night, with the peak late in the morning.
        return sorted(start + timedelta(minutes=int(((share * 24 + 23.5) % 24) * 60)) for share in hours)

    def _one(self, day: date, at: datetime) -> int:
        for _ in range(20):
            home = self._home(day)
            quiet = home is self._quiet and self.now - at < _MAPLE_QUIET
            person = None if quiet else self._somebody(home, at)
            if person is not None:
                self._journey(person, at)
                return 1
        return 0

    def _home(self, day: date) -> Home:
        place = bisect.bisect_right(self._joined, day)
        return self._queue[bisect.bisect_right(self._weights, self.dice.chance() * self._weights[place - 1])]

    def _somebody(self, home: Home, at: datetime) -> Person | None:
        for _ in range(6):
            if not home.residents:
                return None
            person: Person = self.dice.pick(home.residents)
            if person.free_from <= at:
                return person
        return None

    def _journey(self, person: Person, at: datetime) -> None:
        dice, home = self.dice, person.home
        ending = dice.draw(story.ENDINGS)
        reason, why = self._reason(person)
        full = self.written >= self._full_from
        bag = self._bag(home, at) if ending is not Ending.NOT_TAKEN or dice.happens(0.5) else None
        kind = dice.chance()
        outpatient = ending is Ending.SENT_BACK and kind < 0.16
        case = Case(
            person,
            at,
            ending,
            reason,
            bag,
            full,
            journey_type="outpatient" if outpatient else "planned" if kind > 0.955 else "emergency",
            nights=self._nights(home, at, ending),
            told_by_phone=dice.happens(0.11),
            other_hospital=dice.happens(0.035),
            with_bag=self._with_bag(bag),
            papers=Papers(dice, person, at, why, reason) if full else None,
        )
        if home is self._quiet and self.now - at < 3 * _MAPLE_QUIET:
            case.nights = min(case.nights, 20)
        self._keep(case, None)

    def _reason(self, person: Person) -> tuple[str, str]:
        """Why they go: a reason that can be true of them."""
        while True:
            reason, why = self.dice.draw(REASONS)
            if fits(why, person.answers):
                return reason, why

    def _nights(self, home: Home, at: datetime, ending: Ending) -> int:
        """Days of stay: half are over by about 8, a tenth last beyond 25; a little shorter each month for
        the first year and a quarter after the home joined. All of it is made up."""
        months = (london_day(at) - home.joined_on).days / 30.4
        sooner = 1.1 - 0.22 * min(1.0, max(0.0, months / 15))
        median = 6.5 if ending is Ending.DIED_IN_STAY else 10.6
        short = self.dice.happens(0.12)
        nights = self.dice.whole(0, 2) if short else round(self.dice.skewed(median * sooner, 0.82))
        weekday = (london_day(at) + timedelta(days=nights)).weekday()
        if weekday >= 5 and nights and ending is Ending.HOME and self.dice.happens(0.45):
            nights += 7 - weekday
        return min(nights, 160)

    def _with_bag(self, bag: StockBag | None) -> bool | None:
        if bag is None:
            return False
        chance = self.dice.chance()
        return True if chance < 0.8 else None if chance < 0.84 else False

    def _bag(self, home: Home, at: datetime) -> StockBag | None:
        free = [bag for bag in home.bags if bag.free_from <= at]
        return self.dice.pick(free) if free else None

    def _keep(self, case: Case, last: Action | None) -> None:
        told = Teller(self.dice, case).tell()
        self.journal.keep(told, story.until(told.steps, self.now, last))
        self.written += 1
        self.progress(1)

    # Tonight

    def _script(self, script: Script) -> None:
        at = script.opened_at(self.now.replace(second=0, microsecond=0))
        home = self._place_for(script, at)
        if home is None:
            self._journey_somewhere(at)
            return
        free = [person for person in home.residents if person.free_from <= at]
        if "medicines" in script.quirks:
            person = min(free, key=lambda one: (-one.worth_settling, one.id))
        else:
            able = [one for one in free if one.medicines and fits(script.why, one.answers)]
            deaf = [one for one in able if one.wears_hearing_aids]
            person = self.dice.pick((deaf if "missing" in script.quirks else able) or able or free)
        self.album.photograph(person, at)
        bag = self._bag(home, at)
        case = Case(
            person,
            at,
            script.ending,
            script.reason,
            bag,
            full=True,
            leaves_at=script.leaves_at(self.now),
            told_by_phone=script.phone,
            with_bag=not script.without_bag and bag is not None,
            quirks=script.quirks,
            papers=Papers(self.dice, person, at, script.why, script.reason),
        )
        self._keep(case, script.last)

    def _place_for(self, script: Script, at: datetime) -> Home | None:
        """The home of the script, or the next one with a bag in stock and somebody at home."""
        homes = self.borough.homes
        first = script.home % len(homes)
        for home in (*homes[first:], *homes[:first]):
            at_home = any(person.free_from <= at for person in home.residents)
            if at_home and any(bag.free_from <= at for bag in home.bags):
                return home
        return None

    def _journey_somewhere(self, at: datetime) -> None:
        """In a borough too small for every script: another journey in its place, where anybody is free."""
        for home in self.borough.homes:
            person = self._somebody(home, at)
            if person is not None:
                self._journey(person, at)
                return

    def _odd_bags(self) -> None:
        """Two bags that are at home and not in stock: one put aside after an infection, one to be cleaned."""
        for number, state, note in _ODD_BAGS:
            homes = self.borough.homes[number : number + 1]
            idle = [bag for home in homes for bag in home.bags if bag.state == "in_stock"]
            for bag in idle[:1]:
                self.journal.put_aside(bag, homes[0].manager, state, note, self.now - timedelta(hours=20))

    def _say_so(self) -> None:
        details = {"homes": len(self.borough.homes), "transfers": self.written, "seed": self.seed}
        note = audit.Note("demo.loaded", details=details)
        audit.append(self.borough.operator.actor, note, self.now)
