"""Further boroughs after the first, for a demo the size of a country.

The first borough is told journey by journey. Each further one is copied from it inside the database, with
its own homes, hospitals, people and bags, and with its own choice of the first one's journeys: their events,
what these add up to, and none of their papers. Invented figures that resemble each other, at the size of a
country.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    FromClause,
    Table,
    and_,
    case,
    cast,
    func,
    insert,
    literal,
    null,
    or_,
    select,
)

from redbag.database import Base, db
from redbag.domain import resident_counts
from redbag.domain.permissions import OrganisationKind
from redbag.domain.stay_counts import Cells
from redbag.models import (
    Account,
    Bag,
    JourneyFigures,
    Membership,
    Organisation,
    Resident,
    Stay,
    Transfer,
    TransferEvent,
    Ward,
)
from redbag.queries import resident_facts, stay_facts
from redbag.services import figures, journey_figures
from redbag.services.demo.writer import Row, Writer
from redbag.services.stay_figures import cells

MOST = 99
_PLACES = (OrganisationKind.CARE_HOME.value, OrganisationKind.HOSPITAL.value)
_PLACE_ROWS: tuple[type[Base], ...] = (Organisation, Ward, Account, Membership, Bag, Resident)
_JOURNEY_ROWS: tuple[type[Base], ...] = (Transfer, TransferEvent, Stay)
_COPIED: tuple[type[Base], ...] = (*_PLACE_ROWS, *_JOURNEY_ROWS, JourneyFigures)
TABLES = tuple(model.__tablename__ for model in _COPIED)
"""What further boroughs are written to."""
_SHUFFLE, _PRIME = 48_271, 1_000_003
_CELLS_AT_ONCE = 750_000


def share(whole: int, parts: int, at: int) -> int:
    """How many of a whole number go to one of so many parts: no two differ by more than one."""
    return whole * (parts - at) // parts - whole * (parts - at - 1) // parts


@dataclass(frozen=True)
class First:
    """The first borough: its homes by id in their order, the highest ids of its tables, how many journeys can
    be copied (those up to `last_journey`: tonight's are told for their own places only), and what journeys
    with papers say of the pathway without them."""

    homes: tuple[int, ...]
    last_journey: int
    with_papers: Mapping[int, Row | None]


class Boroughs:
    """Writes the further boroughs, one after the other."""

    def __init__(self, first: First, writer: Writer) -> None:
        self._first, self._writer = first, writer
        self._connection: Connection = db.session.connection()
        self._tables = {model: Base.metadata.tables[model.__tablename__] for model in _COPIED}
        self._span = {table.name: self._highest(table) for table in self._tables.values()}
        self._cells: Cells = Counter()
        self.journeys = self.stays = 0

    def _highest(self, table: Table) -> int:
        return self._connection.scalar(select(func.max(table.c.id))) or 0

    def copy(self, number: int, homes: int, journeys: int) -> None:
        """Another borough (1 is the first that is copied) of so many homes, with so many journeys."""
        kept = _Kept(self._tables, self._first, homes)
        for place in _PLACE_ROWS:
            self._rows(place, number, kept, kept.of(place))
        chosen = and_(kept.of(Transfer), kept.drawn(number) <= self._cutoff(kept, number, journeys))
        for told in _JOURNEY_ROWS:
            self._rows(told, number, kept, chosen)
        self.journeys += self._connection.scalar(select(func.count()).where(chosen)) or 0
        self._figures(number, chosen)
        self._count(number)

    def _cutoff(self, kept: _Kept, number: int, journeys: int) -> int:
        """How far down the shuffled journeys this borough goes."""
        drawn = kept.drawn(number)
        wanted = select(drawn).where(kept.of(Transfer)).order_by(drawn).offset(max(0, journeys - 1)).limit(1)
        found = self._connection.scalar(wanted) if journeys else -1
        return _PRIME if found is None else int(found)

    def _rows(self, model: type[Base], number: int, kept: _Kept, condition: ColumnElement[bool]) -> None:
        table = self._tables[model]
        columns = {column.name: self._value(table, column, number) for column in table.c}
        columns |= kept.differs(model, number)
        # The first borough's rows alone: without an index the copies would be read too.
        first = table.c.id <= self._span[table.name]
        copied = select(*columns.values()).select_from(kept.source(model)).where(condition, first)
        self._connection.execute(insert(table).from_select(list(columns), copied.order_by(table.c.id)))

    def _value(self, table: Table, column: Column[Any], number: int) -> ColumnElement[Any]:
        if column.name == "id":
            return column + number * self._span[table.name]
        if column.foreign_keys:
            of = next(iter(column.foreign_keys)).column.table.name
            return column + number * self._span[of] if of in self._span else null()
        if column.name == "ref":
            return _ref(column, number)
        return column

    def _figures(self, number: int, chosen: ColumnElement[bool]) -> None:
        """What the copied journeys say of the pathway: of those that had papers, what they say without."""
        transfers = self._tables[Transfer]
        names = [column.name for column in self._tables[JourneyFigures].c if column.name != "id"]
        told = self._tables[JourneyFigures]
        found = self._connection.execute(
            select(transfers.c.id.label("copied"), *[told.c[name] for name in names])
            .select_from(transfers.outerjoin(told, told.c.transfer_id == transfers.c.id))
            .where(chosen)
        ).mappings()
        ids = {name: self._span[of] * number for name, of in _PLACED}
        for one in found.all():
            row = self._first.with_papers.get(one["copied"], dict(one))
            if row is None or row["transfer_id"] is None:
                continue
            journey_figures.cells(row, self._cells)
            copied = {name: row[name] for name in names}
            for name, span in ids.items():
                copied[name] = None if copied[name] is None else copied[name] + span
            self._writer.add(JourneyFigures, copied)
        self._writer.flush()

    def _count(self, number: int) -> None:
        """What the stays and the residents of this borough add to the counts of reports."""
        span = self._span[Stay.__tablename__]
        facts = stay_facts.where(
            self._connection, and_(Stay.id > number * span, Stay.id <= (number + 1) * span)
        )
        self.stays += len(facts)
        cells(facts, self._cells)
        span = self._span[Resident.__tablename__]
        people = and_(Resident.id > number * span, Resident.id <= (number + 1) * span)
        resident_counts.cells(resident_facts.where(self._connection, people), self._cells)
        if len(self._cells) > _CELLS_AT_ONCE:
            self.settle()

    def settle(self) -> None:
        """Adds what was counted so far to the counts."""
        figures.added(self._cells)
        self._cells = Counter()


_PLACED = (("transfer_id", "transfers"), ("home_id", "organisations"), ("hospital_id", "organisations"))


class _Kept:
    """Which rows of the first borough a further one has, with fewer homes and some of its journeys."""

    def __init__(self, tables: Mapping[type[Base], Table], first: First, homes: int) -> None:
        self._tables, self._last_journey = tables, first.last_journey
        # Homes come last among the places.
        self._last_home, self._last_place = first.homes[homes - 1], first.homes[-1]
        self._place, self._home, self._hospital = (
            tables[Organisation].alias(name) for name in ("place", "home", "hospital")
        )

    def drawn(self, number: int) -> ColumnElement[int]:
        """The place of a journey among those that are shuffled for one borough."""
        return (cast(self._tables[Transfer].c.id, BigInteger) * _SHUFFLE + number * 7919) % _PRIME

    def source(self, model: type[Base]) -> FromClause:
        """The rows with whatever says whether they are kept, or what they are called."""
        table, place, transfers = self._tables[model], self._place, self._tables[Transfer]
        if model is Stay:
            return transfers.join(table, table.c.transfer_id == transfers.c.id)
        if model is TransferEvent:
            home, hospital = self._home, self._hospital
            return (
                transfers.join(table, table.c.transfer_id == transfers.c.id)
                .join(home, home.c.id == transfers.c.home_id)
                .outerjoin(hospital, hospital.c.id == table.c.organisation_id)
            )
        if model is Account:
            members = self._tables[Membership]
            return table.join(members, members.c.account_id == table.c.id).join(
                place, place.c.id == members.c.organisation_id
            )
        of = {Ward: "organisation_id", Membership: "organisation_id", Bag: "home_id", Resident: "home_id"}
        return table if model not in of else table.join(place, place.c.id == table.c[of[model]])

    def of(self, model: type[Base]) -> ColumnElement[bool]:
        """Whether a row is kept."""
        if model is Transfer:
            transfers = self._tables[Transfer]
            return and_(transfers.c.id <= self._last_journey, transfers.c.home_id <= self._last_home)
        place: FromClause = self._tables[Organisation] if model is Organisation else self._place
        home = place.c.kind == OrganisationKind.CARE_HOME.value
        first = and_(place.c.id <= self._last_place, place.c.kind.in_(_PLACES))
        return and_(first, or_(~home, place.c.id <= self._last_home))

    def differs(self, model: type[Base], number: int) -> dict[str, ColumnElement[Any]]:
        """What is otherwise in a further borough, beside the numbers and references."""
        table, named = self._tables[model], literal(f", borough {number + 1}")
        if model is Organisation:
            ods = literal(f"Z{number:02d}") + func.substr(table.c.ods_code, 3)
            return {"name": table.c.name + named, "ods_code": ods}
        if model is Account:
            return {"email": literal(f"b{number + 1}.") + table.c.email}
        if model is Resident:
            return {"nhs_number": null(), "nhs_number_index": null()}
        if model is Transfer:
            return {"facts": literal({}, table.c.facts.type)}
        if model is TransferEvent:
            home, hospital = self._home.c.name, self._hospital.c.name
            told = func.replace(table.c.place, home, home + named)
            there = func.replace(told, hospital, hospital + named)
            return {"place": case((hospital.is_(None), told), else_=there)}
        return {}


def _ref(column: ColumnElement[str], number: int) -> ColumnElement[str]:
    """A reference of its own: what is random in it stays, and its beginning, with a letter that no reference
    of the first borough has, is the further borough's."""
    alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
    return literal("ilou"[number // 32] + alphabet[number % 32]) + func.substr(column, 3)
