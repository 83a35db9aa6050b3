"""The NHS number: ten digits, the last a check digit (weights 10 to 2, modulus 11).

Source: NHS Data Dictionary, NHS NUMBER. It is never the only key for matching, and no page may depend
on it: "not known" is always a possible answer.
"""

import re
import unicodedata

from nhs_number.validate import calculate_checksum

_SEPARATORS = re.compile(r"[\s\-‐‑‒–—]+")
_LENGTH = 10
_LONGEST_TYPED = 60  # normalising takes the square of the length


def parse(text: str) -> str:
    """The ten digits of an NHS number typed with or without spaces and hyphens.

    Raises ValueError whose message can be shown beside the field.
    """
    if len(text) > _LONGEST_TYPED:
        raise ValueError("An NHS number has 10 digits; this is a long text.")
    # NFKC turns the full-width digits of some keyboards into plain ones.
    digits = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))
    if not digits:
        raise ValueError("Enter the NHS number, or choose “not known”.")
    if not re.fullmatch(r"[0-9]+", digits):
        raise ValueError("An NHS number has only digits. Take out any letters or signs.")
    if len(digits) != _LENGTH:
        counted = "1 digit" if len(digits) == 1 else f"{len(digits)} digits"
        raise ValueError(f"An NHS number has 10 digits; this has {counted}.")
    if calculate_checksum(digits[:-1]) != int(digits[-1]) or digits == "0" * _LENGTH:
        raise ValueError(
            "This NHS number fails its own check: a digit is wrong, or two are swapped. "
            "Look again, or choose “not known”."
        )
    return digits


def is_valid(text: str) -> bool:
    """Whether the text is an NHS number that passes its check."""
    try:
        parse(text)
    except ValueError:
        return False
    return True


def format_334(digits: str) -> str:
    """The number as it is always shown: 485 777 3457. ValueError unless it is ten plain digits."""
    if not re.fullmatch(r"[0-9]{10}", digits):
        raise ValueError("Ten digits are needed to show an NHS number.")
    return f"{digits[:3]} {digits[3:6]} {digits[6:]}"


def is_test_range(digits: str) -> bool:
    """Whether the number starts 999, a range never issued to a person: demo and test data only."""
    return digits.startswith("999")
