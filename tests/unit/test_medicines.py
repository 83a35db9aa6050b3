"""Outcomes: every line of both lists ends as one, with its reason."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redbag.domain.medicines import (
    Answer,
    Line,
    ListSource,
    Outcome,
    cautions,
    validate_outcomes,
)

RAMIPRIL = Line("Ramipril 5mg tablets", dose="1 tablet", frequency="od")
MORPHINE = Line("Morphine 10mg MR tablets", dose="1 tablet", frequency="bd")
OXYCODONE = Line("Oxycodone 5mg MR tablets", dose="1 tablet", frequency="bd")
SENNA = Line("Senna 7.5mg tablets", dose="2 tablets", frequency="on")


def kinds(
    sent: list[Line], returned: list[Line], outcomes: list[Answer], *, closing: bool = False
) -> list[str]:
    return [p.kind for p in validate_outcomes(sent, returned, outcomes, closing=closing)]


def test_labels_are_plain() -> None:
    assert [o.label for o in Outcome] == [
        "Unchanged",
        "Changed",
        "Replaced by",
        "Started",
        "Stopped",
        "Paused",
        "Not mentioned",
    ]
    assert [s.label for s in ListSource] == [
        "Discharge summary",
        "Dispensed labels",
        "Telephone",
        "The department’s own word",
        "Pasted or typed, source not known",
    ]


def test_which_outcomes_need_what() -> None:
    assert {o for o in Outcome if not o.needs_reason} == {Outcome.UNCHANGED, Outcome.NOT_MENTIONED}
    assert {o for o in Outcome if o.needs_restart} == {Outcome.PAUSED}
    assert {o for o in Outcome if o.given_after} == {Outcome.UNCHANGED, Outcome.CHANGED, Outcome.STARTED}


def test_a_whole_list_answered_has_no_problem() -> None:
    sent = [RAMIPRIL, MORPHINE, SENNA, Line("Furosemide 40mg"), Line("Aspirin 75mg"), Line("Digoxin 125mcg")]
    returned = [replace(RAMIPRIL, dose="2 tablets"), OXYCODONE, SENNA, Line("Apixaban 5mg")]
    outcomes = [
        Answer(Outcome.CHANGED, 0, 0, reason="Blood pressure"),
        Answer(Outcome.REPLACED_BY, 1, 1, reason="Kidneys"),
        Answer(Outcome.UNCHANGED, 2, 2),
        Answer(
            Outcome.PAUSED, 3, reason="Low sodium", restart="After blood test on 9 May", decided_by="Own GP"
        ),
        Answer(Outcome.STOPPED, 4, reason="Apixaban started"),
        Answer(Outcome.STARTED, returned=3, reason="Atrial fibrillation"),
        Answer(Outcome.NOT_MENTIONED, 5),
    ]
    assert kinds(sent, returned, outcomes) == []
    assert kinds(sent, returned, outcomes, closing=True) == ["not_settled"]
    outcomes[-1] = replace(outcomes[-1], settled_as=Outcome.UNCHANGED, settled_by="Dr Invented, by telephone")
    assert kinds(sent, returned, outcomes, closing=True) == []


def test_no_line_is_left_without_an_answer() -> None:
    problems = validate_outcomes([RAMIPRIL], [SENNA], [])
    assert [(p.kind, p.sent, p.returned) for p in problems] == [
        ("unanswered", 0, None),
        ("unanswered", None, 0),
    ]
    assert problems[0].message == "Ramipril 5mg tablets: say what became of it."


def test_no_line_has_two_answers() -> None:
    outcomes = [Answer(Outcome.UNCHANGED, 0, 0), Answer(Outcome.STOPPED, 0, reason="Cough")]
    assert kinds([RAMIPRIL], [RAMIPRIL], outcomes) == ["answered_twice"]


def test_two_medicines_may_be_replaced_by_one_and_one_by_two() -> None:
    sent = [Line("Paracetamol 500mg"), Line("Codeine 30mg tablets")]
    returned = [Line("Co-codamol 30/500")]
    both = [Answer(Outcome.REPLACED_BY, i, 0, reason="One tablet") for i in range(2)]
    assert kinds(sent, returned, both) == []
    back = [Answer(Outcome.REPLACED_BY, 0, i, reason="Separately") for i in range(2)]
    assert kinds(returned, sent, back) == []


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(Outcome.CHANGED, 0, 0), "no_reason"),
        (Answer(Outcome.CHANGED, 0, 0, reason="  "), "no_reason"),
        (Answer(Outcome.STOPPED, 0, 0), "no_reason"),
        (Answer(Outcome.PAUSED, 0, 0, restart="Monday", decided_by="GP"), "no_reason"),
        (Answer(Outcome.PAUSED, 0, 0, reason="x", decided_by="GP"), "no_restart"),
        (Answer(Outcome.PAUSED, 0, 0, reason="x", restart="Monday"), "no_decider"),
        (Answer(Outcome.NOT_MENTIONED, 0, 0), "extra_returned_line"),
        (Answer(Outcome.STARTED, 0, 0, reason="x"), "extra_sent_line"),
    ],
)
def test_what_an_answer_lacks(answer: Answer, kind: str) -> None:
    assert kinds([RAMIPRIL], [replace(RAMIPRIL, dose="2 tablets")], [answer]) == [kind]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer(Outcome.UNCHANGED, 0), ["no_returned_line", "unanswered"]),
        (Answer(Outcome.REPLACED_BY, returned=0, reason="x"), ["no_sent_line", "unanswered"]),
        (Answer(Outcome.STARTED, reason="x"), ["no_returned_line", "unanswered", "unanswered"]),
    ],
)
def test_an_answer_about_too_few_lines(answer: Answer, expected: list[str]) -> None:
    assert kinds([RAMIPRIL], [SENNA], [answer]) == expected


def test_not_mentioned_is_settled_by_a_named_person_and_as_something() -> None:
    answer = Answer(Outcome.NOT_MENTIONED, 0)
    assert kinds([RAMIPRIL], [], [answer]) == []
    assert kinds([RAMIPRIL], [], [replace(answer, settled_as=Outcome.STOPPED)]) == ["no_settler"]
    circular = replace(answer, settled_as=Outcome.NOT_MENTIONED, settled_by="A")
    assert kinds([RAMIPRIL], [], [circular], closing=True) == ["not_settled"]


def test_unchanged_must_be_true_or_explained() -> None:
    doubled = replace(RAMIPRIL, dose="2 tablets")
    assert kinds([RAMIPRIL], [doubled], [Answer(Outcome.UNCHANGED, 0, 0)]) == ["unchanged_but_differs"]
    assert kinds([RAMIPRIL], [doubled], [Answer(Outcome.UNCHANGED, 0, 0, reason="Half strength")]) == []
    (problem,) = validate_outcomes([RAMIPRIL], [doubled], [Answer(Outcome.UNCHANGED, 0, 0)])
    assert "Dose: 1 tablet → 2 tablets" in problem.message


@pytest.mark.parametrize(
    ("sent", "returned"),
    [("Metformin 500mg MR tablets", "Metformin 500mg tablets"), ("Lantus", "Toujeo"), ("Epilim", "Episenta")],
)
def test_unchanged_is_refused_for_products_that_are_never_equal(sent: str, returned: str) -> None:
    answer = [Answer(Outcome.UNCHANGED, 0, 0)]
    assert kinds([Line(sent)], [Line(returned)], answer) == ["unchanged_but_differs"]


def test_what_the_hospital_left_unsaid_is_no_contradiction() -> None:
    assert kinds([RAMIPRIL], [Line("Ramipril 5mg tablets")], [Answer(Outcome.UNCHANGED, 0, 0)]) == []


def test_changed_must_change_something() -> None:
    assert kinds([RAMIPRIL], [RAMIPRIL], [Answer(Outcome.CHANGED, 0, 0, reason="x")]) == ["changed_but_same"]
    other_name = Line("Tritace 5mg tablets", dose="1 tablet", frequency="od")
    assert kinds([RAMIPRIL], [other_name], [Answer(Outcome.CHANGED, 0, 0, reason="Brand")]) == []


def test_a_medicine_is_not_replaced_by_itself() -> None:
    answer = Answer(Outcome.REPLACED_BY, 0, 0, reason="x")
    assert kinds([RAMIPRIL], [replace(RAMIPRIL, dose="2")], [answer]) == ["replaced_by_itself"]


def test_the_old_line_of_a_replacement_stops() -> None:
    outcomes = [
        Answer(Outcome.REPLACED_BY, 0, 0, reason="Kidneys"),
        Answer(Outcome.STARTED, returned=1, reason="Pain"),
    ]
    assert kinds([MORPHINE], [OXYCODONE, MORPHINE], outcomes) == ["stopped_but_given"]
    breakthrough = Line("Morphine 5mg tablets", as_needed=True)
    assert kinds([MORPHINE], [OXYCODONE, breakthrough], outcomes) == []


def test_an_opioid_recorded_as_an_extra_one_is_cautioned() -> None:
    outcomes = [Answer(Outcome.UNCHANGED, 0, 0), Answer(Outcome.STARTED, returned=1, reason="Pain")]
    sent, returned = [MORPHINE], [MORPHINE, OXYCODONE]
    assert kinds(sent, returned, outcomes) == []
    (caution,) = cautions(sent, returned, outcomes)
    assert (caution.sent, caution.returned) == ((0,), (1,))
    assert "will both be given" in caution.message
    forgotten = [Answer(Outcome.NOT_MENTIONED, 0), Answer(Outcome.STARTED, returned=0, reason="Pain")]
    assert len(cautions([MORPHINE], [OXYCODONE], forgotten)) == 1
    replaced = [Answer(Outcome.REPLACED_BY, 0, 0, reason="Kidneys")]
    assert cautions([MORPHINE], [OXYCODONE], replaced) == []
    stopped = [
        Answer(Outcome.STOPPED, 0, reason="x"),
        Answer(Outcome.STARTED, returned=0, reason="Constipation"),
    ]
    assert cautions([MORPHINE], [SENNA], stopped) == []


TRAMADOL = Line("Tramadol 50mg capsules", dose="1 capsule", frequency="qds")
APIXABAN, WARFARIN = Line("Apixaban 5mg tablets"), Line("Warfarin 3mg tablets")


@pytest.mark.parametrize(
    ("sent", "returned", "outcomes", "expected"),
    [
        # The coroner's case: one opioid replaced, another recorded as an extra one.
        (
            [MORPHINE],
            [OXYCODONE, TRAMADOL],
            [Answer(Outcome.REPLACED_BY, 0, 0, reason="x"), Answer(Outcome.STARTED, None, 1, "Pain")],
            [(OXYCODONE, TRAMADOL, "Opioid")],
        ),
        (
            [MORPHINE, TRAMADOL],
            [OXYCODONE, TRAMADOL],
            [Answer(Outcome.REPLACED_BY, 0, 0, reason="x"), Answer(Outcome.UNCHANGED, 1, 1)],
            [(TRAMADOL, OXYCODONE, "Opioid")],
        ),
        (
            [MORPHINE, TRAMADOL],
            [MORPHINE, replace(TRAMADOL, dose="2 capsules")],
            [Answer(Outcome.UNCHANGED, 0, 0), Answer(Outcome.CHANGED, 1, 1, "Pain")],
            [(MORPHINE, TRAMADOL, "Opioid")],
        ),
        (
            [WARFARIN, APIXABAN],
            [WARFARIN, APIXABAN],
            [Answer(Outcome.UNCHANGED, 0, 0), Answer(Outcome.UNCHANGED, 1, 1)],
            [(WARFARIN, APIXABAN, "Anticoagulant (blood thinner)")],
        ),
        (
            [WARFARIN],
            [APIXABAN],
            [Answer(Outcome.NOT_MENTIONED, 0), Answer(Outcome.STARTED, None, 0, "Clot")],
            [(WARFARIN, APIXABAN, "Anticoagulant (blood thinner)")],
        ),
        # The same medicine twice, with two strengths, and inside another one.
        (
            [WARFARIN],
            [WARFARIN, Line("Warfarin 1mg tablets")],
            [Answer(Outcome.UNCHANGED, 0, 0), Answer(Outcome.STARTED, None, 1, "INR")],
            [(WARFARIN, Line("Warfarin 1mg tablets"), "the same ingredient, warfarin")],
        ),
        (
            [Line("Co-codamol 30/500 tablets")],
            [Line("Co-codamol 30/500 tablets"), Line("Paracetamol 500mg tablets")],
            [Answer(Outcome.UNCHANGED, 0, 0), Answer(Outcome.STARTED, None, 1, "Pain")],
            [
                (
                    Line("Co-codamol 30/500 tablets"),
                    Line("Paracetamol 500mg tablets"),
                    "the same ingredient, paracetamol",
                )
            ],
        ),
        # Two of a kind that are usual together are named only where one is new.
        (
            [Line("Levetiracetam 500mg"), Line("Lamotrigine 100mg")],
            [Line("Levetiracetam 500mg"), Line("Lamotrigine 100mg")],
            [Answer(Outcome.UNCHANGED, 0, 0), Answer(Outcome.UNCHANGED, 1, 1)],
            [],
        ),
        (
            [Line("Levetiracetam 500mg")],
            [Line("Levetiracetam 500mg"), Line("Lamotrigine 100mg")],
            [Answer(Outcome.UNCHANGED, 0, 0), Answer(Outcome.STARTED, None, 1, "Fits")],
            [(Line("Levetiracetam 500mg"), Line("Lamotrigine 100mg"), "Anti-epileptic")],
        ),
        # What is not given now, and what only sounds alike.
        (
            [MORPHINE],
            [OXYCODONE],
            [Answer(Outcome.PAUSED, 0, None, "x", "Monday", "GP"), Answer(Outcome.STARTED, None, 0, "Pain")],
            [],
        ),
        (
            [MORPHINE],
            [OXYCODONE],
            [
                Answer(Outcome.NOT_MENTIONED, 0, settled_as=Outcome.STOPPED, settled_by="GP"),
                Answer(Outcome.STARTED, None, 0, "Pain"),
            ],
            [],
        ),
        (
            [Line("Folic acid 5mg"), Line("Vitamin D 800 units")],
            [Line("Folic acid 5mg"), Line("Vitamin D 800 units"), Line("Ascorbic acid 200mg")],
            [
                Answer(Outcome.UNCHANGED, 0, 0),
                Answer(Outcome.UNCHANGED, 1, 1),
                Answer(Outcome.STARTED, None, 2, "x"),
            ],
            [],
        ),
        # Several lines replaced by one: it is given once.
        (
            [Line("Paracetamol 500mg"), Line("Codeine 30mg tablets")],
            [Line("Co-codamol 30/500")],
            [Answer(Outcome.REPLACED_BY, i, 0, reason="One tablet") for i in range(2)],
            [],
        ),
    ],
)
def test_everything_that_is_given_is_compared_with_everything_else(
    sent: list[Line],
    returned: list[Line],
    outcomes: list[Answer],
    expected: list[tuple[Line, Line, str]],
) -> None:
    found = [c.message for c in cautions(sent, returned, outcomes)]
    assert len(found) == len(expected), found
    for message, (one, other, why) in zip(found, expected, strict=True):
        assert message.startswith(f"{one.title} and {other.title} ")
        assert f"({why})" in message
    assert kinds(sent, returned, outcomes) == []


def test_what_is_new_is_named_before_what_went_on() -> None:
    sent = [WARFARIN, APIXABAN, MORPHINE]
    returned = [*sent, OXYCODONE]
    outcomes = [Answer(Outcome.UNCHANGED, i, i) for i in range(3)] + [
        Answer(Outcome.STARTED, None, 3, "Pain")
    ]
    new, old = cautions(sent, returned, outcomes)
    assert "will both be given (Opioid). Was one replaced by the other?" in new.message
    assert "both go on being given, as before" in old.message
    assert ((new.sent, new.returned), (old.sent, old.returned)) == (((2,), (3,)), ((0, 1), ()))


def test_one_opioid_for_another_is_no_change_of_the_first() -> None:
    """A change keeps the medicine; only "replaced by" stops the old one."""
    answer = [Answer(Outcome.CHANGED, 0, 0, reason="Pain")]
    assert kinds([MORPHINE], [OXYCODONE], answer) == ["changed_to_another"]
    assert kinds([MORPHINE], [Line("Morphine 20mg MR tablets")], answer) == []
    assert kinds([MORPHINE], [OXYCODONE], [Answer(Outcome.REPLACED_BY, 0, 0, reason="Pain")]) == []
    coded = [Line("Apixaban 5mg", code="1"), Line("Eliquis 5mg", code="1")]
    assert kinds(coded[:1], coded[1:], [Answer(Outcome.CHANGED, 0, 0, reason="Brand")]) == []


def test_an_answer_about_a_line_that_does_not_exist_is_a_fault_of_the_program() -> None:
    with pytest.raises(ValueError, match="not on the list"):
        validate_outcomes([RAMIPRIL], [], [Answer(Outcome.STOPPED, 1, reason="x")])
    with pytest.raises(ValueError, match="not on the list"):
        validate_outcomes([RAMIPRIL], [RAMIPRIL], [Answer(Outcome.UNCHANGED, 0, -1)])


some_lines = st.lists(st.sampled_from([RAMIPRIL, MORPHINE, OXYCODONE, SENNA]), max_size=4)


@given(some_lines, some_lines, st.data())
def test_accepted_answers_leave_no_line_of_either_list_out(
    sent: list[Line], returned: list[Line], data: st.DataObject
) -> None:
    def position(lines: list[Line]) -> st.SearchStrategy[int | None]:
        return st.sampled_from([None, *range(len(lines))])

    answers = data.draw(
        st.lists(
            st.builds(
                Answer, st.sampled_from(Outcome), position(sent), position(returned), st.just("because")
            ),
            max_size=6,
        )
    )
    if not validate_outcomes(sent, returned, answers):
        assert {a.sent for a in answers} - {None} == set(range(len(sent)))
        assert {a.returned for a in answers} - {None} == set(range(len(returned)))
