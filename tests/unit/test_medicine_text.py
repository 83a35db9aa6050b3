"""Reading medicine names as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redbag.domain.medicine_line import same_strength
from redbag.domain.medicine_text import plain, read


def alike(one: str, other: str) -> bool:
    a, b = read(one), read(other)
    return (a.words, a.form, a.release) == (b.words, b.form, b.release) and same_strength(a, b)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Paracetamol 500mg tabs", "paracetamol tablets 500 mg"),
        ("PARACETAMOL 0.5 g Tablet", "Paracetamol 500mg caplets"),
        ("Levothyroxine sodium 25microgram tablets", "thyroxine 25 mcg tab"),
        ("Levothyroxine 25µg tablets", "Levothyroxine 0.025 mg tablets"),
        ("Co-codamol 30mg/500mg tablets", "cocodamol 30/500 tabs"),
        ("Co-codamol 30mg/500mg tablets", "Codeine phosphate 30mg + paracetamol 500mg tablets"),
        ("Co-careldopa 25mg/100mg tablets", "Levodopa/carbidopa 100mg/25mg tablets"),
        ("Morphine sulfate 10mg/5ml oral solution", "Morphine oral liquid 2 mg per ml"),
        ("Furosemide 40mg tablets", "Frusemide 40 mg tabs"),
        ("Amitriptyline hydrochloride 10mg tablets", "Amitriptyline HCl 10mg film-coated tablets"),
        ("Bisoprolol fumarate 2.5mg tablets", "Bisoprolol 2.5 mg tabs"),
        ("Warfarin sodium 1mg tablets", "warfarin 1,000 micrograms tablet"),
        ("Metformin 500mg modified-release tablets", "Metformin MR 500 mg tabs"),
        ("Metformin 500mg m/r tablets", "Metformin prolonged release 500mg tabs"),
        ("Aspirin 75mg gastro-resistant tablets", "Aspirin EC 75mg tabs"),
        ("Tramadol SR 100mg capsules", "Tramadol 100mg SR modified-release caps"),
        ("Fentanyl 25micrograms/hour transdermal patches", "fentanyl 25 mcg/hr patch"),
        ("Morphine 10mg immediate-release tablets", "Morphine 10mg tablets"),
        ("Insulin glargine 100units/ml", "Insulin glargine 100 IU/mL"),
        ("Salbutamol 100micrograms/dose inhaler", "salbutamol inhaler 100 mcg per puff"),
        ("Humalog 100units/ml solution for injection 3ml cartridges", "Humalog 100 units/ml 3ml cartridge"),
        ("Buprenorphine 10micrograms/hour seven day patches", "Buprenorphine 10 mcg/h 7 day patch"),
    ],
)
def test_read_alike(one: str, other: str) -> None:
    assert alike(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Carbimazole 5mg tablets", "Carbamazepine 5mg tablets"),
        ("Clobazam 10mg tablets", "Clonazepam 10mg tablets"),
        ("Metformin 500mg tablets", "Metformin 500mg MR tablets"),
        ("Tramadol SR 100mg capsules", "Tramadol XL 100mg capsules"),
        ("Aspirin 75mg dispersible tablets", "Aspirin 75mg gastro-resistant tablets"),
        ("Ferrous fumarate 200mg tablets", "Ferrous sulfate 200mg tablets"),
        ("Lithium carbonate 400mg tablets", "Lithium citrate 400mg tablets"),
        ("Perindopril erbumine 4mg tablets", "Perindopril arginine 4mg tablets"),
        ("Zuclopenthixol decanoate 200mg injection", "Zuclopenthixol acetate 200mg injection"),
        ("Sodium chloride 0.9% infusion", "Potassium chloride 0.9% infusion"),
        ("Prednisolone sodium phosphate 5mg tablets", "Prednisolone 5mg tablets"),
        ("Isosorbide mononitrate 20mg tablets", "Isosorbide dinitrate 20mg tablets"),
        ("Co-codamol 8mg/500mg tablets", "Co-codamol 30mg/500mg tablets"),
        ("Enoxaparin 40mg/0.4ml injection", "Enoxaparin 60mg/0.6ml injection"),
        ("Midazolam 10mg/5ml injection", "Midazolam 2mg/1ml injection"),
        ("Rotigotine 4mg/24hours patches", "Rotigotine 4mg/hour patches"),
        ("NovoMix 30", "NovoMix 50"),
        ("Levothyroxine 25micrograms tablets", "Levothyroxine 25mg tablets"),
        ("Hydrocortisone 1% cream", "Hydrocortisone 1% ointment"),
        ("Humulin M3", "Humulin I"),
        ("Paracetamol 500mg tablets", "Parcetamol 500mg tablets"),
    ],
)
def test_never_read_alike(one: str, other: str) -> None:
    assert not alike(one, other)


def test_strength_and_form_in_their_own_fields_are_the_same_line() -> None:
    one = read("Paracetamol", "500 mg", "tablets")
    assert one == read("Paracetamol 500mg tabs", "500mg", "tablet")
    assert one.words == {"paracetamol"}
    assert (one.form, one.way) == ("tablet", "oral")


def test_a_line_that_contradicts_itself_matches_neither_of_its_readings() -> None:
    torn = read("Ramipril 5mg capsules", "2.5mg")
    assert not same_strength(torn, read("Ramipril 5mg capsules"))
    assert not same_strength(torn, read("Ramipril 2.5mg capsules"))
    assert read("Fentanyl tablets", form="patch").way == "mixed"


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("Fentanyl 12mcg/hr patch", "patch"),
        ("Morphine sulfate 10mg/1ml solution for injection ampoules", "injection"),
        (
            "Insulin glargine 100units/ml solution for injection 3ml pre-filled disposable devices",
            "injection",
        ),
        ("Latanoprost 50micrograms/ml eye drops", "eye"),
        ("Otomize ear spray", "ear"),
        ("Mometasone 50 mcg nasal spray", "nose"),
        ("GTN 400mcg sublingual spray", "mouth"),
        ("Salbutamol 2.5mg nebules", "nebuliser"),
        ("Glycerol 4g suppositories", "rectum"),
        ("Estradiol 10mcg pessaries", "vagina"),
        ("Lactulose 3.1-3.7g/5ml oral solution", "oral"),
        ("Paracetamol", ""),
    ],
)
def test_how_it_is_given(text: str, way: str) -> None:
    assert read(text).way == way


def test_numbers_that_are_part_of_a_name_are_no_strength() -> None:
    assert read("Vitamin B12").strengths == ()
    assert read("NovoMix 30").words == {"novomix", "30"}


def test_what_is_not_a_medicine_reads_as_nothing_or_as_its_words() -> None:
    assert read("").words == frozenset()
    assert read("🙂 <>&").words == frozenset()
    assert read("دواء").words == {"دواء"}


def test_halves_are_numbers() -> None:
    assert plain("½ tablet") == "0.5 tablet"
    assert plain("1½ tablets") == "1.5 tablets"
    assert read("Warfarin ½mg") == read("Warfarin 0.5mg")


@given(st.text(max_size=200), st.text(max_size=40), st.text(max_size=40))
def test_any_text_can_be_read(name: str, strength: str, form: str) -> None:
    reading = read(name, strength, form)
    assert reading == read(name, strength, form)
    assert same_strength(reading, reading)


@given(
    st.sampled_from(["paracetamol", "ramipril", "warfarin"]),
    st.integers(1, 2000),
    st.sampled_from(["mg", " mg", " milligrams", "MG"]),
    st.sampled_from(["tabs", "tablets", "Tablet"]),
    st.booleans(),
)
def test_the_order_and_writing_of_name_strength_and_form_do_not_matter(
    name: str, number: int, unit: str, form: str, turned: bool
) -> None:
    written = f"{form} {number}{unit} {name.upper()}" if turned else f"{name} {number}{unit} {form}"
    assert alike(written, f"{name} {number}mg tablets")
    assert not alike(written, f"{name} {number + 1}mg tablets")
