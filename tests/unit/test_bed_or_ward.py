"""A ward that was typed into the box for the bed is asked about; a bed never is."""

from __future__ import annotations

import pytest

from redbag.domain.bed_or_ward import read_as_ward

WARDS = ("Willow", "Oak Ward", "Emergency Department")


@pytest.mark.parametrize(
    ("bed", "said"),
    [
        ("4", ""),
        ("Bay 3, bed 12", ""),
        ("Willow 4", ""),
        ("red", ""),
        ("Willow", "Willow"),
        ("Oak ward bed 2", "Oak ward bed 2"),
        ("Willow Ward", "Willow Ward"),
        ("frailty unit ", "frailty unit"),
        ("A&E", "A&E"),
    ],
)
def test_a_ward_in_the_box_for_the_bed(bed: str, said: str) -> None:
    assert read_as_ward(bed, WARDS, chosen="Willow") == said
