"""Where the bag is, and the span in which an item was lost."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redbag.domain.custody import Counts, Custody, Handover, ItemCheck, Spell, Status, Step, custody

START = datetime(2026, 11, 3, 8, 0, tzinfo=UTC)
HOLDERS = ["Crew 7", "ED", "AMU", "Ward 5", "Ward 9", "Lounge", "Transport", "The Elms"]  # eight handovers


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def check(
    hours: float, status: Status, step: Step = Step.OPENED, item: str = "dentures", holder: str = ""
) -> ItemCheck:
    return ItemCheck(item, step, status, at(hours), holder)


def hand(hours: float, giver: str, taker: str) -> Handover:
    return Handover(at(hours), giver, taker)


def of(handovers: list[Handover], checks: list[ItemCheck]) -> Custody:
    return custody("The Elms", START, handovers, checks)


# Home until 1, crew 1–2, emergency department 2–5, ward 5–48, transport 48–49, home again.
JOURNEY = [
    hand(1, "The Elms", "Crew 7"),
    hand(2, "Crew 7", "ED"),
    hand(5, "ED", "Ward 5"),
    hand(48, "Ward 5", "Transport"),
    hand(49, "Transport", "The Elms"),
]


def test_the_bag_is_at_home_until_handed_over() -> None:
    here = of([], [])
    assert (here.holder, here.since) == ("The Elms", START)
    assert here.counts == Counts(None, None, None, None)
    assert here.items == ()


def test_where_the_bag_is_and_since_when() -> None:
    here = of(JOURNEY[:3], [])
    assert (here.holder, here.since) == ("Ward 5", at(5))
    assert [s.holder for s in here.spells] == ["The Elms", "Crew 7", "ED", "Ward 5"]
    assert here.spells[1] == Spell("Crew 7", at(1), at(2))
    assert here.spells[-1].until is None


def test_a_handover_recorded_twice_does_not_begin_a_new_spell() -> None:
    for again in (hand(6, "ED", "Ward 5"), hand(6, "", "Ward 5"), hand(6, "Ward 5", "Ward 5")):
        here = of([*JOURNEY[:3], again], [])
        assert (here.holder, here.since) == ("Ward 5", at(5))


def test_a_bag_that_comes_back_had_gone_out_unseen() -> None:
    here = of([*JOURNEY[:3], hand(6, "X-ray", "Ward 5")], [])
    assert (here.holder, here.since) == ("Ward 5", at(6))
    assert here.held_between(at(5), at(6)) == ("Ward 5", "X-ray")


def test_an_unrecorded_handover_leaves_two_who_may_have_held_it() -> None:
    here = of([hand(1, "The Elms", "Crew 7"), hand(5, "ED", "Ward 5")], [])
    assert [(s.holder, s.unrecorded) for s in here.spells] == [
        ("The Elms", False),
        ("Crew 7", False),
        ("ED", True),
        ("Ward 5", False),
    ]
    assert here.held_between(at(2), at(3)) == ("Crew 7", "ED")


def test_late_entries_are_ordered_by_when_they_happened() -> None:
    late = replace(JOURNEY[1], recorded_at=at(60))
    assert of([JOURNEY[0], JOURNEY[2], late], []).spells == of(JOURNEY[:3], []).spells


def test_something_before_the_opening_moves_the_start_back() -> None:
    here = of([hand(-1, "The Elms", "Crew 7")], [])
    assert here.spells[0] == Spell("The Elms", at(-1), at(-1))
    assert (here.holder, here.since) == ("Crew 7", at(-1))


def test_what_came_home_is_not_lost() -> None:
    steps = (Step.PACKING, 0.5), (Step.ADMISSION, 6), (Step.DISCHARGE, 47), (Step.RETURN, 50)
    here = of(JOURNEY, [check(hours, Status.PRESENT, step) for step, hours in steps])
    assert here.lost == ()
    assert here.counts == Counts(1, 1, 1, 1)
    assert here.items[0].last_seen is not None
    assert here.items[0].last_seen.step is Step.RETURN


def test_the_span_of_a_loss_and_who_held_the_bag_in_it() -> None:
    here = of(
        JOURNEY,
        [
            check(0.5, Status.PRESENT, Step.PACKING, holder="The Elms"),
            check(6, Status.MISSING, Step.ADMISSION, holder="Ward 5"),
            check(47, Status.MISSING, Step.DISCHARGE),
            check(50, Status.MISSING, Step.RETURN),
        ],
    )
    (lost,) = here.lost
    assert (lost.last_seen.at, lost.first_missing.at) == (at(0.5), at(6))
    assert lost.held_by == ("The Elms", "Crew 7", "ED", "Ward 5")
    assert lost.sentence == (
        "Lost between packing (Tue 3 Nov 2026, 08:30) and the belongings check at admission "
        "(Tue 3 Nov 2026, 14:00). "
        "The bag was with: The Elms, Crew 7, ED, Ward 5."
    )
    assert here.counts == Counts(1, 0, 0, 0)


def test_who_checks_at_the_moment_of_receiving_did_not_hold_it_in_the_span() -> None:
    (lost,) = of(
        JOURNEY,
        [check(1, Status.PRESENT, holder="The Elms"), check(2, Status.MISSING, holder="ED")],
    ).lost
    assert lost.held_by == ("Crew 7",)


def test_a_check_by_someone_without_a_handover_names_them() -> None:
    (lost,) = of(
        JOURNEY[:1],
        [check(1.5, Status.PRESENT, holder="ED"), check(3, Status.MISSING, holder="Ward 5")],
    ).lost
    assert lost.held_by == ("ED", "Crew 7", "Ward 5")


@pytest.mark.parametrize("status", [Status.USED_UP, Status.KEPT_BY_FAMILY])
def test_used_up_and_kept_by_family_are_no_loss(status: Status) -> None:
    packed = check(0.5, Status.PRESENT)
    for checks in (
        [packed, check(6, status)],
        [packed, check(6, Status.MISSING), check(7, status)],
    ):
        here = of(JOURNEY, checks)
        assert here.lost == ()
        assert here.items[0].status is status


def test_the_newest_answer_counts_where_a_thing_was_said_to_be_with_the_family() -> None:
    here = of(
        JOURNEY,
        [check(0.5, Status.PRESENT), check(6, Status.KEPT_BY_FAMILY), check(6.1, Status.MISSING)],
    )
    assert here.items[0].status is Status.MISSING
    (lost,) = here.lost
    assert (lost.last_seen.at, lost.first_missing.at) == (at(0.5), at(6.1))


def test_back_from_the_family_and_then_lost_is_a_loss() -> None:
    checks = [
        check(0.5, Status.PRESENT),
        check(6, Status.KEPT_BY_FAMILY),
        check(20, Status.PRESENT),
        check(47, Status.MISSING),
    ]
    (lost,) = of(JOURNEY, checks).lost
    assert (lost.last_seen.at, lost.first_missing.at) == (at(20), at(47))
    assert lost.held_by == ("Ward 5",)


def test_found_again_later_is_settled() -> None:
    checks = [check(0.5, Status.PRESENT), check(6, Status.MISSING), check(30, Status.PRESENT)]
    here = of(JOURNEY, checks)
    assert here.lost == ()
    assert here.items[0].status is Status.PRESENT
    (lost,) = of(JOURNEY, [*checks, check(50, Status.MISSING)]).lost
    assert (lost.last_seen.at, lost.first_missing.at) == (at(30), at(50))


def test_damaged_and_added_items_have_been_seen() -> None:
    here = of(
        JOURNEY,
        [
            check(6, Status.ADDED, Step.ADMISSION, "shawl"),
            check(47, Status.DAMAGED, Step.DISCHARGE, "shawl"),
            check(50, Status.MISSING, Step.RETURN, "shawl"),
        ],
    )
    assert here.counts == Counts(None, 1, 1, 0)
    (lost,) = here.lost
    assert lost.last_seen.status is Status.DAMAGED


def test_listed_but_never_packed_is_not_lost_on_the_way() -> None:
    here = of(JOURNEY, [check(0.5, Status.MISSING, Step.PACKING)])
    assert here.lost == ()
    assert here.items[0].never_seen
    assert here.items[0].first_missing is not None


def test_a_late_sighting_narrows_the_span() -> None:
    checks = [check(0.5, Status.PRESENT), check(47, Status.MISSING)]
    late = replace(check(20, Status.PRESENT), recorded_at=at(90))
    (lost,) = of(JOURNEY, [*checks, late]).lost
    assert (lost.last_seen.at, lost.first_missing.at) == (at(20), at(47))


def test_checked_twice_at_one_step_counts_as_last_found() -> None:
    checks = [check(6, Status.MISSING, Step.ADMISSION), check(6.5, Status.PRESENT, Step.ADMISSION)]
    assert of(JOURNEY, checks).counts.arrived == 1


def test_a_correction_takes_the_place_of_what_it_corrects() -> None:
    wrong = replace(check(6, Status.MISSING), ref="c1")
    packed = check(0.5, Status.PRESENT)
    right = replace(check(6, Status.PRESENT), ref="c2", corrects="c1", recorded_at=at(8))
    assert of(JOURNEY, [packed, wrong, right]).lost == ()
    # Corrected a second time, and the correction corrected: the one recorded last stands.
    again = replace(check(6, Status.MISSING), ref="c3", corrects="c2", recorded_at=at(9))
    assert len(of(JOURNEY, [packed, wrong, right, again]).lost) == 1
    last = replace(check(6, Status.PRESENT), ref="c4", corrects="c1", recorded_at=at(10))
    assert of(JOURNEY, [packed, last, wrong, again, right]).lost == ()


def test_a_handover_taken_back_never_happened() -> None:
    wrong = replace(hand(3, "ED", "Ward 9"), ref="h1")
    back = replace(wrong, ref="h2", corrects="h1", withdrawn=True, recorded_at=at(4))
    assert of([*JOURNEY, wrong, back], []).spells == of(JOURNEY, []).spells


def test_corrections_that_go_round_in_a_circle_do_no_harm() -> None:
    one = replace(hand(1, "The Elms", "Crew 7"), ref="a", corrects="b")
    other = replace(hand(1, "The Elms", "Crew 8"), ref="b", corrects="a", recorded_at=at(2))
    assert of([one, other], []).holder in {"Crew 7", "Crew 8"}


def test_a_settled_thing_stays_lost_between_the_same_two_moments() -> None:
    seen = check(1, Status.PRESENT, Step.PACKING)
    missing = check(5, Status.MISSING, Step.ADMISSION)
    item = of(JOURNEY, [seen, missing, check(90, Status.SETTLED, Step.AFTERWARDS)]).items[0]
    assert item.status is Status.SETTLED
    assert item.lost is not None
    assert (item.lost.last_seen, item.lost.first_missing) == (seen, missing)


def test_labels() -> None:
    assert [s.label for s in Status] == [
        "Present",
        "Missing",
        "Damaged",
        "Added",
        "Used up",
        "Kept by family",
        "Settled",
        "Listed",
    ]
    assert Step.OPENED.label == "when the bag was opened"


@pytest.mark.parametrize("lost_in", range(8))
def test_eight_handovers_with_one_item_lost_at_each_in_turn(lost_in: int) -> None:
    """The span holds the true loss and no check of the item lies inside it."""
    handovers = [
        hand(hour + 1, giver, taker)
        for hour, (giver, taker) in enumerate(zip(["The Elms", *HOLDERS], HOLDERS, strict=False))
    ]
    loss = lost_in + 1.25  # just after handover number lost_in + 1
    looked = [0.5, 3.5, 7.5, 8.5]
    checks = [check(hour, Status.PRESENT if hour < loss else Status.MISSING) for hour in looked]
    (lost,) = of(handovers, checks).lost
    assert lost.last_seen.at < at(loss) < lost.first_missing.at
    assert lost.last_seen.at == at(max(hour for hour in looked if hour < loss))
    assert lost.first_missing.at == at(min(hour for hour in looked if hour > loss))
    assert HOLDERS[lost_in] in lost.held_by


hours = st.integers(0, 200)
names = st.sampled_from([*HOLDERS, "Crew 8"])
handover_events = st.builds(
    lambda h, giver, taker, late: Handover(at(h), giver, taker, recorded_at=at(h + late)),
    hours,
    names,
    names,
    st.integers(0, 50),
)
check_events = st.builds(
    lambda item, step, status, h, late: ItemCheck(item, step, status, at(h), recorded_at=at(h + late)),
    st.sampled_from(["dentures", "glasses", "watch"]),
    st.sampled_from(Step),
    st.sampled_from(Status),
    hours,
    st.integers(0, 50),
)


@given(st.lists(handover_events, max_size=12), st.lists(check_events, max_size=20))
def test_custody_never_contradicts_itself(handovers: list[Handover], checks: list[ItemCheck]) -> None:
    here = of(handovers, checks)
    assert here.spells[-1] == Spell(here.holder, here.since, None)
    assert all(s.until is not None and s.since <= s.until for s in here.spells[:-1])
    plain = [s for s in here.spells if not s.unrecorded]
    assert all(one.until == other.since for one, other in pairwise(plain))
    assert {i.item for i in here.items} == {c.item for c in checks}
    for lost in here.lost:
        # What was settled and then missed once more is lost anew: what was said before that is over.
        before = [c for c in checks if c.item == lost.item and c.at < lost.first_missing.at]
        settled = max((c.at for c in before if c.status.is_settled), default=lost.last_seen.at)
        inside = [
            c
            for c in before
            if (c.status.is_seen and c.at > lost.last_seen.at)
            or (c.status is Status.MISSING and c.at > max(settled, lost.last_seen.at))
        ]
        assert inside == []
        assert lost.held_by
        assert not any(
            c.status.is_seen for c in checks if c.item == lost.item and c.at > lost.first_missing.at
        )


@given(
    st.lists(handover_events, max_size=8, unique_by=lambda h: h.at),
    st.lists(check_events, max_size=12, unique_by=lambda c: (c.item, c.at)),
    st.randoms(),
)
def test_the_order_in_which_things_arrive_does_not_matter(
    handovers: list[Handover], checks: list[ItemCheck], order: random.Random
) -> None:
    mixed, looked = list(handovers), list(checks)
    order.shuffle(mixed)
    order.shuffle(looked)
    assert of(mixed, looked) == of(handovers, checks)


@given(
    st.lists(st.floats(0.1, 99, allow_nan=False), min_size=1, max_size=8, unique=True),
    st.lists(st.floats(0.1, 99, allow_nan=False), min_size=1, max_size=8, unique=True),
    st.floats(0.05, 99),
)
def test_the_span_always_holds_the_true_loss(moves: list[float], looks: list[float], loss: float) -> None:
    takers = [f"Place {n}" for n in range(len(moves))]
    handovers = [
        hand(h, giver, taker)
        for h, giver, taker in zip(sorted(moves), ["The Elms", *takers], takers, strict=False)
    ]
    checks = [check(0, Status.PRESENT)]
    checks += [check(h, Status.PRESENT if h < loss else Status.MISSING) for h in sorted(looks)]
    here = of(handovers, checks)
    if any(h >= loss for h in looks):
        (lost,) = here.lost
        assert lost.last_seen.at <= at(loss) <= lost.first_missing.at
        holding = [
            s.holder for s in here.spells if s.since <= at(loss) and (not s.until or at(loss) < s.until)
        ]
        assert lost.first_missing.at == at(loss) or set(holding) & set(lost.held_by)
    else:
        assert here.lost == ()


def test_of_two_handovers_at_one_moment_the_one_said_to_be_first_counts_first() -> None:
    """A handover to the crew written down after the arrival, in the same minute."""
    arrived = replace(hand(2, "Crew 7", "ED"), order=1)
    late = replace(hand(2, "The Elms", "Crew 7"), recorded_at=at(60), order=0)
    here = of([arrived, late], [])
    assert here.holder == "ED"
    assert [s.unrecorded for s in here.spells] == [False, False, False]


def test_the_sentence_of_a_loss_has_both_times_of_a_late_entry() -> None:
    checks = [
        check(0.5, Status.PRESENT, Step.PACKING),
        replace(check(6, Status.MISSING, Step.ADMISSION), recorded_at=at(30)),
    ]
    (lost,) = of(JOURNEY, checks).lost
    assert "(Tue 3 Nov 2026, 14:00, written down Wed 4 Nov 2026, 14:00)" in lost.sentence
    assert "08:30)" in lost.sentence
