"""Two homes and two hospitals act at random through the pages; after every step nobody reads a word of a home
that is not theirs, or of a journey that they never had.

Each resident has a word of their own in every free text and in their name. Homes must never meet the other's
words; a hospital none of a journey that it has not had.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count, product

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from redbag.database import begin_write, db
from redbag.domain.permissions import Role
from redbag.models import Account, Organisation, Resident, Transfer, TransferEvent
from redbag.services import accounts, labels
from redbag.services.accounts import RoleAt
from tests.cast import Cast
from tests.integration.household import QUIET_MORNING
from tests.visitor import Visitor, filled

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

RUNS, STEPS = (int(one) for one in os.environ.get("REDBAG_MACHINE", "2x6").split("x"))
HOMES = {"home": ("carer", "manager"), "other_home": ("outsider", "other_manager")}
HOSPITALS = {"hospital": ("nurse", "hospital_manager"), "other_hospital": ("other_nurse",)}
STEMS = {"home": "Zephyrquill", "other_home": "Brackenmoth"}
LISTS = (
    *("/residents", "/residents?q={word}", "/residents/left", "/residents/to-review", "/transfers"),
    *("/transfers/closed", "/attention", "/bags", "/lost-belongings", "/overview", "/labels", "/people"),
    *(
        "/reports",
        "/reports/stays",
        "/reports/pathway",
        "/reports/length-of-stay.csv",
        "/reports/pathway.csv",
    ),
)
WARD_LISTS = ("/ward", "/ward?q={word}", "/attention", "/reports", "/reports/stays", "/reports/pathway.csv")
OF_A_RESIDENT = (
    "",
    "/edit",
    "/record/alerts",
    "/papers",
    "/who-looked",
    "/who-looked.csv",
    "/whole-record.zip",
    "/send",
)
OF_A_JOURNEY = (
    "",
    "/pack.pdf",
    "/why",
    "/belongings",
    "/custody",
    "/tell",
    "/ward-code",
    "/receive",
    "/settle",
)
OF_A_STAY = ("", "/card", "/medicines", "/packing-sheet", "/check-in", "/leave")


@dataclass
class Person:
    """A resident: their word, their home, and what became of them. `had`: hospitals that have had the bag."""

    word: str
    home: str
    ref: str
    journey: str = ""
    had: set[str] = field(default_factory=set)


class TwoOrganisations(RuleBasedStateMachine):
    """What may happen, in any order. A step that is not possible now is answered and changes nothing."""

    app: Flask
    cast: Cast
    made = count()

    def __init__(self) -> None:
        super().__init__()
        self.people: list[Person] = []
        self.open: dict[str, Visitor] = {}

    def as_(self, part: str) -> Visitor:
        if part not in self.open:
            self.open[part] = Visitor(self.cast.browser(self.app, part))
        return self.open[part]

    def send(
        self, part: str, page: str, typed: dict[str, object], button: str = "", action: str | None = None
    ) -> int:
        """Fills in the form of a page as a person does, where it is there."""
        visitor = self.as_(part)
        visitor.open(page)
        try:
            form = visitor.page.form(action)
        except AssertionError:
            return visitor.page.status
        names = {one.get("name", "") for one in form.iter()}
        return visitor.press(
            {k: v for k, v in typed.items() if k in names}, action=action, button=button
        ).status

    @initialize()
    def begin(self) -> None:
        """Somebody of each home is on the way, and one of them in hospital."""
        for number, home in enumerate(sorted(HOMES)):
            self.add_resident(home)
            self.send_to_hospital(number)
        self.scan(0, "hospital")
        self.admit(0, "hospital")

    @precondition(lambda self: len(self.people) < 4)
    @rule(home=st.sampled_from(sorted(HOMES)))
    def add_resident(self, home: str) -> None:
        # Nobody of an earlier run has the same word: they are still there.
        word = f"{STEMS[home]}{next(self.made):04}".translate(str.maketrans("0123456789", "zyxwvutsrq"))
        day = {"date_of_birth-day": "3", "date_of_birth-month": "11", "date_of_birth-year": "1938"}
        typed = {"given_name": "Ida", "family_name": word, **day, "nhs_not_known": "yes", "room": "7"}
        self.send(HOMES[home][0], "/residents/new", typed)
        with self.app.app_context():
            ref = db.session.scalar(select(Resident.ref).order_by(Resident.id.desc()).limit(1))
        assert ref
        self.people.append(Person(word, home, ref))

    def one(self, number: int) -> Person:
        return self.people[number % len(self.people)]

    numbers = st.integers(0, 7)
    somebody = precondition(lambda self: bool(self.people))
    away = precondition(lambda self: any(one.journey for one in self.people))

    def travelling(self, number: int) -> Person:
        gone = [one for one in self.people if one.journey]
        return gone[number % len(gone)]

    @somebody
    @rule(number=numbers)
    def record(self, number: int) -> None:
        one = self.one(number)
        page = f"/residents/{one.ref}/record/alerts"
        self.send(HOMES[one.home][0], page, {"allergy_status": "none_known", "choking_detail": one.word})

    @somebody
    @rule(number=numbers)
    def send_to_hospital(self, number: int) -> None:
        one = self.one(number)
        carer = HOMES[one.home][0]
        typed = {"situation": f"Found on the floor {one.word}", "started": "02:50 yesterday"}
        self.send(carer, f"/residents/{one.ref}/send", typed, button="reason=fall")
        with self.app.app_context():
            journey = db.session.scalar(
                select(Transfer.ref)
                .join(Resident)
                .filter(Resident.ref == one.ref)
                .order_by(Transfer.id.desc())
            )
        one.journey = journey or ""
        if not journey:
            return
        visitor = self.as_(carer)
        if not visitor.open(f"/transfers/{journey}/ready").path.endswith("/ready"):
            return  # they had left before
        data = {**dict(filled(visitor.page.form(), {})), "bag_choice": "none"}
        visitor.client.post(f"/transfers/{journey}/print", data=data)
        self.send(carer, f"/transfers/{journey}/handover", {"crew": one.word[:8]})

    @away
    @rule(number=numbers, hospital=st.sampled_from(sorted(HOSPITALS)))
    def scan(self, number: int, hospital: str) -> None:
        one = self.travelling(number)
        nurse, token = HOSPITALS[hospital][0], self.token(one)
        if not token:
            return
        one.had.add(hospital)
        self.as_(nurse).open(f"/b/{token}")
        self.send(nurse, f"/b/{token}", {}, action=f"/b/{token}/arrive")

    @away
    @rule(number=numbers, hospital=st.sampled_from(sorted(HOSPITALS)))
    def admit(self, number: int, hospital: str) -> None:
        one = self.travelling(number)
        token = self.token(one)
        if not token:
            return
        one.had.add(hospital)
        ward = next(iter(self.cast.places[hospital].wards.values()))
        self.send(HOSPITALS[hospital][0], f"/b/{token}/admit", {"bed": one.word[:20], "ward": ward})

    @away
    @rule(number=numbers, what=st.sampled_from(["check-in", "leave", "spoke", "home-word", "where-bag"]))
    def on_the_ward(self, number: int, what: str) -> None:
        one = self.travelling(number)
        for hospital in sorted(one.had):
            nurse = HOSPITALS[hospital][0]
            typed = {"note": one.word, "valuables": one.word, "transport": one.word, "to_whom": one.word}
            self.send(nurse, f"/ward/transfers/{one.journey}/{what}", typed)

    @away
    @rule(number=numbers, what=st.sampled_from(["receive", "custody", "late-handover", "close", "why"]))
    def at_home(self, number: int, what: str) -> None:
        one = self.travelling(number)
        typed = {"bag_came": "no", "note": one.word, "situation": one.word}
        self.send(HOMES[one.home][0], f"/transfers/{one.journey}/{what}", typed)

    @away
    @rule(number=numbers, what=st.sampled_from(["found", "not_coming"]))
    def lose(self, number: int, what: str) -> None:
        one = self.travelling(number)
        self.send(HOMES[one.home][1], "/lost-belongings", {"note": one.word}, button=f"said={what}")

    def token(self, one: Person) -> str:
        with self.app.app_context():
            label = labels.current(db.session.scalars(select(Transfer).filter_by(ref=one.journey)).one())
            return labels.token_of(label) if label else ""

    def sent_to(self, one: Person) -> set[str]:
        """Where the home said that they go, and where they are: a hospital's board shows both."""
        with self.app.app_context():
            row = db.session.execute(
                select(Organisation.name)
                .join(Transfer, Transfer.hospital_id == Organisation.id)
                .where(Transfer.ref == one.journey)
            ).scalar_one_or_none()
        return {key for key in HOSPITALS if self.cast.places[key].name == row}

    @invariant()
    def homes_never_meet(self) -> None:
        for home, other in (("home", "other_home"), ("other_home", "home")):
            if not any(one.home == other for one in self.people):
                continue
            for part, page in product(HOMES[home][1:], LISTS):  # the manager: who sees most
                self.reads_nothing(part, page.format(word=STEMS[other][:6]), [STEMS[other]])

    @invariant()
    def a_hospital_reads_only_what_it_has_had(self) -> None:
        for one in self.people:
            one.had |= self.sent_to(one) if one.journey else set()
        for hospital, staff in HOSPITALS.items():
            strange = [one.word for one in self.people if hospital not in one.had]
            for part, page in product(staff[:1] if strange else (), WARD_LISTS):
                self.reads_nothing(part, page.format(word=strange[0][:6]), strange)

    def teardown(self) -> None:
        """At the end everything that has an address, asked for by everybody to whom it does not belong."""
        for home, other in (("home", "other_home"), ("other_home", "home")):
            for page in LISTS[:10]:
                self.reads_nothing(HOMES[home][0], page.format(word=STEMS[other][:6]), [STEMS[other]])
        for one in self.people:
            other = "other_home" if one.home == "home" else "home"
            for part, path in product(HOMES[other], self.addresses(one)):
                self.is_refused(part, path)
            for hospital, staff in HOSPITALS.items():
                if hospital not in one.had:
                    for part, path in product(staff, self.addresses(one)):
                        self.is_refused(part, path)

    def addresses(self, one: Person) -> Iterator[str]:
        yield from (f"/residents/{one.ref}{more}" for more in OF_A_RESIDENT)
        if one.journey:
            yield from (f"/transfers/{one.journey}{more}" for more in OF_A_JOURNEY)
            yield from (f"/ward/transfers/{one.journey}{more}" for more in OF_A_STAY)

    def is_refused(self, part: str, path: str) -> None:
        status = self.as_(part).client.get(path).status_code
        assert status in (403, 404), f"{part} gets {status} at {path}"

    def reads_nothing(self, part: str, path: str, words: list[str]) -> None:
        answer = self.as_(part).client.get(path)
        read = answer.get_data(as_text=True).casefold()
        met = [word for word in words if word.casefold() in read]
        assert not met, f"{part} reads {met} at {path} ({answer.status_code})"


def with_two_managers(cast: Cast) -> Cast:
    """The cast, and a manager at the other home. Needs an application context."""
    begin_write()
    at = RoleAt(cast.places["other_home"].ref, Role.HOME_MANAGER)
    ref = accounts.invite(None, "other_manager@example.org", "Una Moss", at, QUIET_MORNING).account_ref
    account_id = db.session.scalars(select(Account.id).filter_by(ref=ref)).one()
    db.session.commit()
    beside = cast.people["outsider"]
    who = {"account_id": account_id, "account_ref": ref, "name": "Una Moss", "role": Role.HOME_MANAGER}
    una = replace(beside, email="other_manager@example.org", actor=replace(beside.actor, **who))
    return Cast({**cast.people, "other_manager": una}, cast.places)


def test_neither_homes_nor_hospitals_ever_read_what_is_not_theirs(app: Flask, cast: Cast) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        TwoOrganisations.app, TwoOrganisations.cast = app, with_two_managers(cast)
    asked = settings(
        max_examples=RUNS,  # the first one is the simplest there is
        stateful_step_count=STEPS,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(TwoOrganisations, settings=asked)
    with app.app_context():
        steps = set(db.session.scalars(select(TransferEvent.action)))
    assert {"open", "admit"} <= steps, steps
