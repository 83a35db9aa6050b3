"""Labels for a drawer: made, found again by scan or code, bound while packing, thrown away."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from redbag.database import db
from redbag.domain.errors import IllegalTransition, Invalid, NotFound
from redbag.models import Label
from redbag.queries import blank_labels as reads
from redbag.services import blank_labels, labels
from redbag.services import transfers as services
from tests.cast import Cast
from tests.integration.walk import Walk


@pytest.fixture
def way(app: Flask, cast: Cast) -> Walk:
    """Packed in bag 012, with the label that was printed for it."""
    return Walk(app, cast).to("packed")


def made(way: Walk, count: int = 1, bag: str = "") -> list[str]:
    """References of new labels for the drawer."""
    carer = way.cast.actor("carer")
    return way.write(lambda: [row.ref for row in blank_labels.make(carer, count, bag, way.way.now)])


def bound(way: Walk, label_ref: str) -> None:
    carer = way.cast.actor("carer")
    way.write(lambda: blank_labels.bind(carer, way.ref, label_ref, way.way.now))


def the(label_ref: str) -> Label:
    return db.session.query(Label).filter_by(ref=label_ref).one()


def test_numbers_go_on_from_the_last_and_each_home_has_its_own(way: Walk) -> None:
    made(way, 3)
    second = made(way, 2, "12")
    outsider = way.cast.actor("outsider")
    others = way.write(lambda: [row.serial for row in blank_labels.make(outsider, 1, "", way.way.now)])
    assert others == [1]
    assert way.look(lambda: [the(ref).serial for ref in second]) == [4, 5]
    assert way.look(lambda: the(second[0]).bag.number) == "012"  # type: ignore[union-attr]
    assert way.look(lambda: len(reads.unused(way.cast.actor("manager")))) == 5
    assert way.look(lambda: reads.unused(way.cast.actor("nurse"))) == []


@pytest.mark.parametrize("told", ["address", "token", "code"])
def test_a_bound_label_is_the_journeys_and_the_earlier_one_stops(way: Walk, told: str) -> None:
    old = way.token
    [ref] = made(way)
    carer = way.cast.actor("carer")

    def found() -> str:
        label = the(ref)
        text = {
            "address": labels.address_of(label, "https://redbag.example"),
            "token": labels.token_of(label).lower(),
            "code": labels.code_of(label),
        }[told]
        return blank_labels.typed(carer, text).ref

    assert way.look(found) == ref
    bound(way, ref)
    bound(way, ref)
    assert way.look(lambda: labels.current(way.way.transfer).ref) == ref  # type: ignore[union-attr]
    assert way.look(lambda: labels.by_token(old).revoked_why) == "replaced"  # type: ignore[union-attr]
    assert way.look(lambda: (the(ref).number, the(ref).bag.number)) == (2, "012")  # type: ignore[union-attr]
    assert way.audited("label.bound") == [(way.ref, {"number": 2, "serial": 1})]
    assert way.look(lambda: reads.unused(carer)) == []
    with pytest.raises(Invalid, match="on a journey already"):
        way.look(lambda: blank_labels.typed(carer, labels.code_of(the(ref))))


def test_a_label_that_is_lost_or_of_another_home_cannot_be_bound(way: Walk) -> None:
    first, second = made(way, 2)
    carer, outsider = way.cast.actor("carer"), way.cast.actor("outsider")
    way.write(lambda: blank_labels.throw_away(carer, first, way.way.now))
    with pytest.raises(Invalid, match="no longer works"):
        bound(way, first)
    code = way.look(lambda: labels.code_of(the(second)))
    with pytest.raises(Invalid, match="No label of your home"):
        way.look(lambda: blank_labels.typed(outsider, code))
    with pytest.raises(NotFound):
        way.write(lambda: blank_labels.throw_away(outsider, second, way.way.now))
    with pytest.raises(NotFound):
        way.write(lambda: blank_labels.bind(outsider, way.ref, second, way.way.now))
    bound(way, second)
    with pytest.raises(IllegalTransition):
        way.write(lambda: blank_labels.throw_away(carer, second, way.way.now))


def test_a_bags_own_label_takes_that_bag_and_no_other(way: Walk) -> None:
    carer = way.cast.actor("carer")
    [ref] = made(way, bag="012")
    way.write(lambda: services.cancel(carer, way.ref, why="opened twice", now=way.way.now))
    way.way.now += timedelta(minutes=5)

    def begin() -> None:
        new = services.open_(
            carer,
            way.way.resident_ref,
            reason="fall",
            journey_type="emergency",
            why_now={},
            now=way.way.now,
        )
        way.way.ref = new.ref

    way.write(begin)
    bound(way, ref)
    assert way.look(lambda: (way.way.transfer.bag.number, way.way.transfer.bag.state)) == ("012", "out")  # type: ignore[union-attr]
    assert way.look(lambda: db.session.query(Label).filter_by(transfer_id=way.way.transfer.id).count()) == 1
    way.write(lambda: setattr(the(ref), "revoked_at", None))
    other = made(way, bag="012")[0]
    way.write(lambda: setattr(the(other), "bag_id", None))  # a label that leaves its number open fits any bag
    bound(way, other)
    assert way.look(lambda: the(ref).revoked_at) is not None


def test_a_label_bound_before_the_bag_was_known_stays_on_it(way: Walk) -> None:
    carer = way.cast.actor("carer")
    way.write(lambda: services._put_back(carer, way.way.transfer, "tried", way.way.now))
    [ref] = made(way)
    bound(way, ref)
    way.write(lambda: services.choose_bag(carer, way.ref, "12", way.way.now))
    assert way.look(lambda: (labels.current(way.way.transfer).ref, the(ref).bag.number)) == (ref, "012")  # type: ignore[union-attr]


def test_too_many_at_once_and_a_bag_that_is_not_there_are_refused(way: Walk) -> None:
    for count, bag, field in ((0, "", "count"), (25, "", "count"), (1, "77", "bag")):
        with pytest.raises(Invalid) as refused:
            made(way, count, bag)
        assert field in refused.value.errors


def test_the_bag_has_left_and_its_label_stays(way: Walk) -> None:
    [ref] = made(way)
    way.to("left")
    with pytest.raises(IllegalTransition, match="has left"):
        bound(way, ref)
