"""Which lines are proposed as one medicine, which are asked, and which never."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redbag.domain.medicine_line import Line
from redbag.domain.medicine_pairing import REPEATED, SEVERAL, Pairing, never_same
from redbag.domain.medicine_risk import HighRisk
from redbag.domain.medicines import pair


def pairs(pairing: Pairing) -> list[tuple[int, int]]:
    return [(p.sent, p.returned) for p in pairing.proposals]


@pytest.mark.parametrize(
    ("sent", "returned"),
    [
        ("Paracetamol 500mg tabs", "paracetamol tablets 500 mg"),
        ("Levothyroxine sodium 25microgram tablets", "thyroxine 25 mcg tabs"),
        ("Metformin 500mg MR tablets", "Metformin 500mg modified-release tablets"),
        ("Lantus 100units/ml SoloStar pen", "LANTUS SoloStar 100 units/mL pens"),
        ("Co-codamol 30/500 tablets", "codeine/paracetamol 30mg/500mg tablets"),
    ],
)
def test_the_same_medicine_however_written(sent: str, returned: str) -> None:
    pairing = pair([sent], [returned])
    assert pairs(pairing) == [(0, 0)]
    assert pairing.proposals[0].by == "text"
    assert pairing.proposals[0].differs == ()
    assert pairing.questions == ()
    assert pairing.sent_left == pairing.returned_left == ()


@pytest.mark.parametrize(
    ("sent", "returned"),
    [
        # modified and immediate release
        ("Morphine 10mg MR tablets", "Morphine 10mg tablets"),
        ("Metformin 500mg tablets", "Metformin SR 500mg tablets"),
        ("Tramadol SR 100mg capsules", "Tramadol XL 100mg capsules"),
        ("Sodium valproate 200mg gastro-resistant tablets", "Sodium valproate 200mg MR tablets"),
        ("Aspirin EC 75mg tablets", "Aspirin 75mg tablets"),
        # two insulins
        ("Lantus 100units/ml", "Abasaglar 100units/ml"),
        ("Insulin glargine 100units/ml", "Insulin glargine 300units/ml"),
        ("Insulin glargine 100units/ml", "Insulin detemir 100units/ml"),
        ("NovoMix 30", "NovoMix 50"),
        ("NovoRapid", "NovoMix 30"),
        ("Humulin M3", "Humulin I"),
        ("Lantus 100units/ml pen", "Lantus 100units/ml vial"),
        ("Lantus 100units/ml", "Lantus"),
        # brands that matter
        ("Tegretol 200mg tablets", "Carbamazepine 200mg tablets"),
        ("Tacrolimus (Adoport) 1mg capsules", "Tacrolimus (Prograf) 1mg capsules"),
        ("Epilim 500mg", "Episenta 500mg"),
        # two ways of giving
        ("Fentanyl 25mcg/hr patches", "Fentanyl 100mcg lozenges"),
        ("Hydrocortisone 10mg tablets", "Hydrocortisone 1% cream"),
        ("Salbutamol 100mcg inhaler", "Salbutamol 2.5mg nebules"),
        ("Chloramphenicol 0.5% eye drops", "Chloramphenicol 5% ear drops"),
        # an opioid by another, or by another strength
        ("Morphine 10mg MR tablets", "Oxycodone 5mg MR tablets"),
        ("Oxycodone 5mg capsules", "Oxycodone 10mg capsules"),
        # overlapping medicines
        ("Paracetamol 500mg tablets", "Co-codamol 30/500 tablets"),
        ("Apixaban 5mg tablets", "Warfarin 3mg tablets"),
    ],
)
def test_never_proposed_but_asked(sent: str, returned: str) -> None:
    for one, other in ((sent, returned), (returned, sent)):
        pairing = pair([one], [other])
        assert pairing.proposals == ()
        assert [(q.sent, q.returned) for q in pairing.questions] == [((0,), (0,))]
        assert pairing.sent_left == pairing.returned_left == (0,)


@pytest.mark.parametrize(
    ("sent", "returned"),
    [
        ("Carbimazole 5mg tablets", "Carbamazepine 5mg tablets"),
        ("Chlorpromazine 25mg tablets", "Chlorphenamine 25mg tablets"),
        ("Folic acid 5mg tablets", "Alendronic acid 5mg tablets"),
        ("Sodium chloride", "Potassium chloride"),
        ("", ""),
        ("tablets 5mg", "tablets 5mg"),
    ],
)
def test_nothing_in_common(sent: str, returned: str) -> None:
    pairing = pair([sent], [returned])
    assert pairing.proposals == () == pairing.questions


def test_modified_and_immediate_release_side_by_side_find_their_own() -> None:
    sent = ["Morphine 10mg MR tablets", "Morphine 10mg tablets"]
    assert pairs(pair(sent, list(reversed(sent)))) == [(0, 1), (1, 0)]


def test_an_ordinary_change_is_proposed_with_what_differs() -> None:
    sent = Line("Ramipril", "capsules", "2.5mg", "1 capsule", "oral", "once a day", ("08:00",))
    returned = replace(sent, form="tablets", strength="5mg", dose="1 tablet", times=("22:00",))
    (proposal,) = pair([sent], [returned]).proposals
    assert [d.what for d in proposal.differs] == ["dose", "strength", "form", "times"]
    liquid = Line("Ramipril 2.5mg/5ml oral solution")
    assert pairs(pair([Line("Ramipril 2.5mg tablets")], [liquid])) == [(0, 0)]


def test_two_candidates_are_asked() -> None:
    pairing = pair(["Levothyroxine 100mcg tablets"], ["Levothyroxine 25mcg tabs", "Levothyroxine 50mcg tabs"])
    assert pairing.proposals == ()
    assert [(q.sent, q.returned, q.why) for q in pairing.questions] == [((0,), (0, 1), SEVERAL)]


def test_two_lines_alike_in_ingredient_form_and_strength_are_asked_though_one_dose_agrees() -> None:
    line = Line("Paracetamol 500mg tablets", dose="1 tablet", frequency="qds")
    pairing = pair([line], [line, replace(line, dose="2 tablets")])
    assert pairing.proposals == ()
    assert pairing.questions[0].why == SEVERAL


def test_the_same_medicine_twice_with_two_strengths() -> None:
    sent = ["Warfarin 1mg tablets", "Warfarin 3mg tablets"]
    assert pairs(pair(sent, ["warfarin 3 mg tabs", "warfarin 1 mg tabs"])) == [(0, 1), (1, 0)]
    assert pairs(pair(sent, ["Warfarin 3mg tablets", "Warfarin 5mg tablets"])) == [(1, 0)]
    leftover = pair(sent, ["Warfarin 3mg tablets", "Warfarin 5mg tablets"]).questions
    assert [(q.sent, q.returned, q.why) for q in leftover] == [((0,), (1,), SEVERAL)]


def test_one_line_too_many_of_a_medicine_is_asked_about() -> None:
    pairing = pair(["Paracetamol 500mg tablets"], ["Paracetamol 500mg tablets", "Paracetamol 500mg capsules"])
    assert pairs(pairing) == [(0, 0)]
    assert [(q.sent, q.returned, q.why) for q in pairing.questions] == [((), (1,), REPEATED)]
    assert pairing.returned_left == (1,)


def test_a_medicine_at_two_times_with_two_doses_finds_its_own_lines() -> None:
    morning = Line("Co-careldopa 25/100 tablets", dose="1 tablet", times=("07:00",))
    noon = Line("Co-careldopa 25/100 tablets", dose="2 tablets", times=("12:00",))
    assert pairs(pair([morning, noon], [noon, morning])) == [(0, 1), (1, 0)]
    changed = replace(noon, dose="3 tablets")
    pairing = pair([morning, noon], [morning, changed])
    assert pairing.proposals == ()
    assert pairing.questions[0].sent == (0, 1)


def test_the_code_comes_first() -> None:
    sent = [Line("Ramipril 5mg", code="A1"), Line("Ramipril 5mg")]
    returned = [Line("Ramipril 5mg"), Line("Ramipril 5mg", code="A1")]
    pairing = pair(sent, returned)
    assert [(p.sent, p.returned, p.by) for p in pairing.proposals] == [(0, 1, "code"), (1, 0, "text")]


def test_a_code_never_overrules_what_the_text_forbids() -> None:
    for one, other in (
        ("Morphine 10mg MR tablets", "Morphine 10mg tablets"),
        ("Lantus", "Toujeo"),
        ("Tegretol 200mg", "Carbamazepine 200mg"),
        ("Warfarin 1mg", "Apixaban 5mg"),
    ):
        pairing = pair([Line(one, code="A1")], [Line(other, code="A1")])
        assert pairing.proposals == ()
        assert pairing.questions[0].sent == (0,)


def test_one_code_on_two_lines_is_asked_unless_form_and_strength_tell_them_apart() -> None:
    two = [Line("Paracetamol 500mg tablets", code="A1"), Line("Paracetamol 500mg capsules", code="A1")]
    assert pairs(pair(two, list(reversed(two)))) == [(0, 1), (1, 0)]
    same = [two[0], two[0]]
    assert pair([two[0]], same).questions[0].why == SEVERAL


def test_a_brand_recorded_as_mattering_is_enough() -> None:
    sent = Line("Ramipril 5mg", brand_specific=True, code="A1")
    assert pair([sent], [Line("Ramipril 5mg", code="B2")]).proposals == ()
    assert pairs(pair([sent], [Line("Ramipril 5mg", code="A1")])) == [(0, 0)]


def test_a_brand_that_matters_and_is_not_written_is_noted() -> None:
    (proposal,) = pair(["Phenytoin 100mg capsules"], ["Phenytoin 100mg caps"]).proposals
    assert "brand matters" in proposal.notes[0]
    (named,) = pair(["Phenytoin (Epanutin) 100mg caps"], ["Phenytoin (Epanutin) 100mg capsules"]).proposals
    assert named.notes == ()


def test_a_kind_recorded_by_a_person_counts_like_one_in_the_name() -> None:
    sent = Line("Trial drug X", kinds=frozenset({HighRisk.OPIOID}))
    assert pair([sent], ["Morphine 10mg tablets"]).questions[0].sent == (0,)


def test_an_opioid_replaced_by_another_is_one_question() -> None:
    pairing = pair(
        ["Paracetamol 1g", "Morphine 10mg MR tablets"], ["Oxycodone 5mg MR tablets", "Paracetamol 1g"]
    )
    assert pairs(pairing) == [(0, 1)]
    assert [(q.sent, q.returned) for q in pairing.questions] == [((1,), (0,))]
    assert "replaced by the other" in pairing.questions[0].why


def test_empty_lists() -> None:
    assert pair([], []) == Pairing((), (), (), ())
    assert pair(["Ramipril"], []).sent_left == (0,)


def test_the_reason_why_not() -> None:
    assert never_same(Line("Ramipril 5mg"), Line("Ramipril 5mg")) == ""
    assert "insulins" in never_same(Line("Lantus"), Line("Toujeo"))
    assert "released" in never_same(Line("Metformin MR"), Line("Metformin"))


MEDICINES = [
    "Paracetamol 500mg tabs",
    "paracetamol tablets 500 mg",
    "Paracetamol 250mg/5ml oral suspension",
    "Co-codamol 30/500 tablets",
    "Morphine 10mg MR tablets",
    "Morphine 10mg tablets",
    "Zomorph 10mg capsules",
    "Lantus 100units/ml",
    "Toujeo 300units/ml",
    "Tegretol 200mg tablets",
    "Carbamazepine 200mg tablets",
    "Warfarin 1mg tablets",
    "Warfarin 3mg tablets",
    "Ramipril 5mg capsules",
    "Ramipril 10mg capsules",
    "Fentanyl 25mcg/hr patch",
    "",
]
lines = st.builds(
    Line,
    st.sampled_from(MEDICINES),
    dose=st.sampled_from(["", "1 tablet", "2 tablets"]),
    code=st.sampled_from([None, "A1", "B2"]),
)
lists = st.lists(lines, max_size=7)


@given(lists, lists)
def test_every_line_is_in_one_place_only(sent: list[Line], returned: list[Line]) -> None:
    pairing = pair(sent, returned)
    for side, left, length in (
        ("sent", pairing.sent_left, len(sent)),
        ("returned", pairing.returned_left, len(returned)),
    ):
        proposed = [getattr(p, side) for p in pairing.proposals]
        asked = [i for q in pairing.questions for i in getattr(q, side)]
        assert sorted([*proposed, *left]) == list(range(length))
        assert len(set(asked)) == len(asked)
        assert set(asked) <= set(left)


@given(lists, lists)
def test_what_is_forbidden_is_never_proposed(sent: list[Line], returned: list[Line]) -> None:
    for proposal in pair(sent, returned).proposals:
        one, other = sent[proposal.sent], returned[proposal.returned]
        assert never_same(one, other) == ""
        assert one.reading().words == other.reading().words


@given(lists, lists, st.randoms())
def test_the_order_of_the_lists_and_their_sides_do_not_matter(
    sent: list[Line], returned: list[Line], shuffle: st.DataObject
) -> None:
    order = list(range(len(sent)))
    shuffle.shuffle(order)  # type: ignore[attr-defined]
    straight = set(pairs(pair(sent, returned)))
    shuffled = pair([sent[i] for i in order], returned)
    assert {(order[s], r) for s, r in pairs(shuffled)} == straight
    assert {(s, r) for r, s in pairs(pair(returned, sent))} == straight
