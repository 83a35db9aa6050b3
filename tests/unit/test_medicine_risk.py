"""What a name suggests, and where the brand matters."""

import pytest

from redbag.domain.medicine_risk import HighRisk, brand_is_named, brand_matters, high_risk_kind


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("Lantus 100units/ml SoloStar", {HighRisk.INSULIN}),
        ("Insulin degludec", {HighRisk.INSULIN}),
        ("NovoMix 30 FlexPen", {HighRisk.INSULIN}),
        ("WARFARIN 3mg tabs", {HighRisk.ANTICOAGULANT}),
        ("Apixaban 5mg tablets", {HighRisk.ANTICOAGULANT}),
        ("Enoxaparin sodium 40mg/0.4ml", {HighRisk.ANTICOAGULANT}),
        ("Oramorph 10mg/5ml", {HighRisk.OPIOID}),
        ("MST Continus 10mg", {HighRisk.OPIOID}),
        ("cocodamol 30/500", {HighRisk.OPIOID}),
        ("Fentanyl 12 mcg/hr patches", {HighRisk.OPIOID, HighRisk.PATCH}),
        ("BuTrans 5micrograms/hour", {HighRisk.OPIOID, HighRisk.PATCH}),
        ("Sinemet 25/100", {HighRisk.PARKINSONS}),
        ("Levodopa/carbidopa 100/25", {HighRisk.PARKINSONS}),
        ("Neupro 4mg/24h", {HighRisk.PARKINSONS, HighRisk.PATCH}),
        ("Epilim Chrono 500", {HighRisk.ANTI_EPILEPTIC}),
        ("Phenobarbitone 30mg", {HighRisk.ANTI_EPILEPTIC}),
        ("Prednisolone 5mg tablets", {HighRisk.STEROID}),
        ("Clozaril 100mg", {HighRisk.CLOZAPINE}),
        ("Mestinon 60mg", {HighRisk.PYRIDOSTIGMINE}),
        ("Biktarvy", {HighRisk.ANTIRETROVIRAL}),
        ("Tacrolimus 1mg capsules (Adoport)", {HighRisk.TRANSPLANT}),
        ("Rivastigmine 4.6mg/24h transdermal patches", {HighRisk.PATCH}),
        ("Hydrocortisone 1% cream", set()),
        ("Tacrolimus 0.1% ointment", set()),
        ("Ciclosporin 0.1% eye drops", set()),
        ("Dexamethasone 0.1% eye drops", set()),
        ("Paracetamol 500mg tablets", set()),
        ("Aciclovir 400mg", set()),
        ("", set()),
    ],
)
def test_kinds_suggested(name: str, kinds: set[HighRisk]) -> None:
    found = high_risk_kind(name)
    assert set(found) == kinds
    assert list(found) == [k for k in HighRisk if k in kinds]


def test_the_form_may_stand_in_its_own_field() -> None:
    assert high_risk_kind("Rivastigmine", "transdermal patch") == (HighRisk.PATCH,)
    assert high_risk_kind("Hydrocortisone", "cream") == ()


def test_every_kind_has_a_label() -> None:
    assert len({kind.label for kind in HighRisk}) == len(HighRisk)


@pytest.mark.parametrize(
    ("name", "matters"),
    [
        ("Lantus", True),
        ("Phenytoin 100mg capsules", True),
        ("Lithium carbonate 400mg MR tablets", True),
        ("Tacrolimus 1mg capsules", True),
        ("Morphine 10mg MR tablets", True),
        ("Morphine 10mg tablets", False),
        ("Fentanyl 25mcg/hr patches", True),
        ("Fentanyl 100mcg lozenges", False),
        ("Ramipril 5mg capsules", False),
        ("Epilim", True),
        ("Keppra 500mg tablets", False),
    ],
)
def test_where_the_brand_matters(name: str, matters: bool) -> None:
    assert brand_matters(name) is matters


def test_whether_a_brand_is_named() -> None:
    assert brand_is_named("Tacrolimus (Adoport) 1mg capsules")
    assert brand_is_named("Epilim 500mg tablets")
    assert not brand_is_named("Tacrolimus 1mg capsules")
    assert not brand_is_named("Sodium valproate 500mg tablets")
