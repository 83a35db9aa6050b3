"""Who counted a controlled drug: two people, and a pack that says where it was one."""

from __future__ import annotations

import pytest

from redbag.domain.doses import counted_by_one


@pytest.mark.parametrize(
    ("typed", "one"),
    [
        ("Joy Adeyemi", True),
        ("Joy Adeyemi, ", True),
        ("Alexander Sands", True),
        ("Joy Adeyemi, Tom Price", False),
        ("Joy Adeyemi and Tom Price", False),
        ("J. Adeyemi / T. Price", False),
        ("Joy with Tom", False),
        ("", False),
        (None, False),
    ],
)
def test_two_names_are_two_people(typed: str | None, one: bool) -> None:
    assert counted_by_one({"sent": "6 capsules", "counted": typed}) is one
