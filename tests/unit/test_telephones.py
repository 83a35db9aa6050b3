"""Who is to be rung stands there once, whatever their roles."""

from __future__ import annotations

from redbag.web.home.telephones import of_record


def test_a_daughter_who_is_the_attorney_stands_there_once_with_both_roles() -> None:
    bola = {"name": "Bola Obi", "relation": "Daughter", "phone": "07700 900123"}
    found = of_record({"contacts": [bola], "attorneys": [{"name": "bola obi", "kind": "health"}]})
    assert [(one.name, one.relation, one.dial) for one in found] == [
        ("Bola Obi", "Daughter, attorney for health", "07700900123")
    ]


def test_two_of_one_name_with_two_numbers_and_people_without_a_name_stay_apart() -> None:
    contacts = [
        {"name": "Ann Obi", "relation": "Daughter", "phone": "07700 900123"},
        {"name": "Ann Obi", "relation": "Niece", "phone": "07700 900124"},
        {"phone": "07700 900125"},
        {"phone": "07700 900126"},
    ]
    assert len(of_record({"contacts": contacts})) == 4
