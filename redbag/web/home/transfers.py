"""The home's board: who is out, where the bag is, since when, and what needs doing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from redbag.domain.attention import Trouble
from redbag.domain.bag_states import BagState, gone_words
from redbag.domain.permissions import Permission, can
from redbag.domain.transfer_states import STATE_WORDS, TO_HOSPITAL, State
from redbag.queries import lost as lost_queries
from redbag.queries import transfers as queries
from redbag.services import late_bag
from redbag.web.attention.acts import of_journey
from redbag.web.guards import actor, audits, note_read, now, requires
from redbag.web.home import blueprint, steps

PAGE_SIZE = 25
CUSTODY_WORDS = {
    "home": "at home",
    "crew": "with the crew",
    "hospital": "with the person in hospital",
    "transport": "on the way home with them",
}


@dataclass(frozen=True)
class Todo:
    """A trouble with the link that clears it."""

    words: str
    href: str
    act: str


@dataclass(frozen=True)
class BoardLine:
    """One journey on the board."""

    transfer: Any
    who: steps.Who
    state: str
    where: str
    bag: str
    since: Any
    todo: list[Todo]


def todo(transfer: Any, trouble: Trouble) -> Todo:
    """What clears this trouble, on a page of the journey."""
    act = of_journey(trouble.kind, "home", transfer)
    return Todo(trouble.words, act.href, act.words)


def once(troubles: Sequence[Trouble]) -> list[Trouble]:
    """Without the hospital's half of what stands in both places' lists: one missing thing is one line."""
    ours = {trouble.kind for trouble in troubles if trouble.who == "home"}
    twice = "missing" if "missing_in_hospital" in ours else ""
    return [trouble for trouble in troubles if trouble.who == "home" or trouble.kind != twice]


def bag_words(transfer: Any) -> str:
    """Where the bag is, in words."""
    if transfer.bag is None:
        return "Bag not known yet" if late_bag.typed(transfer) else "No bag"
    gone = gone_words(BagState(transfer.bag.state), transfer.bag.state_since)
    if gone:
        return f"Bag {transfer.bag.number}: {gone}"
    if transfer.bag.state != "out":
        return f"Bag {transfer.bag.number}: at home"
    if transfer.died_at is not None and transfer.custody == "hospital":
        return f"Bag {transfer.bag.number}: in the hospital"
    return f"Bag {transfer.bag.number}: {CUSTODY_WORDS.get(transfer.custody, transfer.custody)}"


def where_words(transfer: Any, typed_ward: str = "") -> str:
    """The hospital and ward, as far as they are known. `typed_ward`: one that is on no list."""
    if transfer.hospital is None:
        return "hospital not known yet"
    parts = (transfer.hospital.name, transfer.ward.name if transfer.ward else typed_ward, transfer.bed)
    return ", ".join(part for part in parts if part)


def _line(row: queries.Row) -> BoardLine:
    transfer = row.transfer
    return BoardLine(
        transfer=transfer,
        who=steps.who(transfer.resident),
        state=STATE_WORDS[State(transfer.state)],
        where=where_words(transfer),
        bag=bag_words(transfer),
        since=row.since,
        todo=[todo(transfer, trouble) for trouble in once(row.troubles)],
    )


@blueprint.get("/transfers", endpoint="transfers")
@requires(Permission.TRANSFER_OPEN)
@audits
def board() -> ResponseReturnValue:
    """Everybody who is out, gravest trouble first."""
    rows = queries.board(actor(), now())
    note_read("transfer.listed", ("organisation", actor().organisation_ref), count=len(rows))
    out = sum(State(row.transfer.state) in TO_HOSPITAL for row in rows)
    lost = lost_queries.standing(actor()) if can(actor(), Permission.HOME_MANAGE) else []
    return render_template(
        "home/transfers.html",
        lines=[_line(row) for row in rows],
        out=out,
        lost=len(lost),
    )


@blueprint.get("/transfers/closed")
@requires(Permission.TRANSFER_OPEN)
@audits
def closed_transfers() -> ResponseReturnValue:
    """Journeys that are over, a page at a time."""
    number = max(1, request.args.get("page", type=int, default=1))
    rows, total = queries.closed(actor(), page=number, size=PAGE_SIZE)
    note_read("transfer.listed", ("organisation", actor().organisation_ref), count=len(rows))
    return render_template(
        "home/transfers_closed.html",
        rows=[(row, steps.who(row.resident), where_words(row)) for row in rows],
        total=total,
        number=number,
        pages=max(1, -(-total // PAGE_SIZE)),
    )
