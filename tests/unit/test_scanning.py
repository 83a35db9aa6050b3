"""What a label opens: every state of a journey, every role, at the places that it concerns and at others."""

from __future__ import annotations

import pytest

from redbag.domain.permissions import ROLES_BY_KIND, Actor, OrganisationKind, Role, Subject
from redbag.domain.scanning import NEXT_WORDS, Next, next_step
from redbag.domain.transfer_states import State

HOME, HOSPITAL, ELSEWHERE = 1, 2, 3
SUBJECT = Subject(home_id=HOME, hospital_id=HOSPITAL)
HOME_ROLES = ROLES_BY_KIND[OrganisationKind.CARE_HOME]
HOSPITAL_ROLES = ROLES_BY_KIND[OrganisationKind.HOSPITAL]
OTHERS = (Role.ADMINISTRATOR, Role.OVERSIGHT)

# state: at the bag's own home, in the hospital of the journey, in another hospital; then a guest, let in by
# the code from inside the bag: in the hospital of the journey, and in another one
TABLE = {
    State.PACKING: (Next.PACK, Next.ARRIVE, Next.ARRIVE, Next.ARRIVE, Next.ARRIVE),
    State.HANDED_TO_CREW: (Next.FOLLOW, Next.ARRIVE, Next.ARRIVE, Next.ARRIVE, Next.ARRIVE),
    State.ARRIVED: (Next.FOLLOW, Next.ADMIT, Next.ADMIT, Next.ADMIT, Next.ADMIT),
    State.ADMITTED: (Next.FOLLOW, Next.STAY, Next.ADMIT, Next.BELONGINGS, Next.READ),
    State.GOING_HOME: (Next.RECEIVE, Next.STAY, Next.READ, Next.READ, Next.READ),
    State.BACK_HOME: (Next.SETTLE, Next.STAY, Next.NO_PACK, Next.NO_PACK, Next.NO_PACK),
    State.STAYED_HOME: (Next.SETTLE, Next.NO_PACK, Next.NO_PACK, Next.NO_PACK, Next.NO_PACK),
    State.WENT_ELSEWHERE: (Next.SETTLE, Next.STAY, Next.NO_PACK, Next.NO_PACK, Next.NO_PACK),
    State.DIED: (Next.SETTLE, Next.STAY, Next.NO_PACK, Next.NO_PACK, Next.NO_PACK),
    State.CLOSED: (Next.OLD_LABEL, Next.STAY, Next.NO_PACK, Next.NO_PACK, Next.NO_PACK),
    State.CANCELLED: (Next.OLD_LABEL, Next.NO_PACK, Next.NO_PACK, Next.NO_PACK, Next.NO_PACK),
}


def somebody(role: Role, organisation: int) -> Actor:
    kinds = (kind for kind, roles in ROLES_BY_KIND.items() if role in roles)
    kind = next(kinds, OrganisationKind.HOSPITAL)  # a guest's: where they say they work
    return Actor(1, "a", "A", role, organisation, "o", "O", kind)


def opens(role: Role, organisation: int, state: State | None, **more: bool) -> Next:
    subject = SUBJECT if state is not None else None
    return next_step(somebody(role, organisation), HOME, state, subject, **more)


def test_the_table_has_every_state_and_the_words_every_step():
    assert set(TABLE) == set(State)
    assert set(NEXT_WORDS) == set(Next)


@pytest.mark.parametrize("state", State)
def test_what_a_label_opens_in_every_state_to_every_role(state):
    at_home, theirs, other, guest_there, guest_elsewhere = TABLE[state]
    for role in HOME_ROLES:
        assert opens(role, HOME, state) is at_home, role
        assert opens(role, ELSEWHERE, state) is Next.WHOSE, role
    for role in HOSPITAL_ROLES:
        assert opens(role, HOSPITAL, state) is theirs, role
        assert opens(role, ELSEWHERE, state) is other, role
    assert opens(Role.GUEST, HOSPITAL, state) is guest_there
    assert opens(Role.GUEST, ELSEWHERE, state) is guest_elsewhere
    for role in OTHERS:
        assert opens(role, ELSEWHERE, state) is Next.WHOSE, role
    assert next_step(None, HOME, state, SUBJECT) is Next.WHOSE


@pytest.mark.parametrize("state", [None, *State])
def test_a_label_that_was_replaced_opens_nothing_to_anybody(state):
    for role in Role:
        for organisation in (HOME, HOSPITAL, ELSEWHERE):
            own = role in HOME_ROLES and organisation == HOME
            wanted = Next.OLD_LABEL if own else Next.REPLACED
            assert opens(role, organisation, state, replaced=True) is wanted
    assert next_step(None, HOME, state, SUBJECT, replaced=True) is Next.REPLACED


def test_a_blank_label_is_known_to_its_own_home_alone():
    for role in HOME_ROLES:
        assert opens(role, HOME, None) is Next.BLANK
        assert opens(role, ELSEWHERE, None) is Next.WHOSE
    for role in HOSPITAL_ROLES:
        assert opens(role, HOSPITAL, None) is Next.NO_PACK


@pytest.mark.parametrize("state", State)
def test_not_this_person_stops_hospital_staff_wherever_they_would_read_the_pack(state):
    for role in HOSPITAL_ROLES:
        for organisation in (HOSPITAL, ELSEWHERE):
            reads = opens(role, organisation, state) is not Next.NO_PACK
            wanted = Next.QUESTIONED if reads else Next.NO_PACK
            assert opens(role, organisation, state, questioned=True) is wanted
