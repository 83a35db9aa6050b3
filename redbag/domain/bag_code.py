"""Codes that people type and scanners read: the label's readable code and the alphabet of tokens.

The alphabet is Crockford's base 32: digits and capitals without I, L, O and U, so it fits the
alphanumeric mode of a QR code and no two characters look alike. The check character is a weighted sum
over the field of 32 elements. Neighbours have different weights, so every wrong character and every
swap of two characters (neighbours or not) in codes of up to 31 characters is caught.
"""

import re
import unicodedata

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BODY_LENGTH = 8
READABLE_LENGTH = BODY_LENGTH + 1
BODY_BYTES = 5  # 40 bits fill 8 characters exactly
_LONGEST = 31  # the weights, powers of a generator of order 31, repeat after this
_LONGEST_TYPED = 500  # normalising takes the square of the length

_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_LOOK_ALIKES = str.maketrans("OIL", "011")
_IGNORED = re.compile(r"[\s\-‐‑‒–—_.]+")
_HOST = re.compile(r"\s*[a-z][a-z0-9+.-]*://([^/?#\s]+)", re.IGNORECASE)
_SCANNED = re.compile(r"(?:^|/)B/([^/?#\s]+)")
_PAPER = re.compile(r"/B/[^/?#\s]+/([0-9]{1,4})(?:[/?#\s]|$)", re.IGNORECASE)


def encode(data: bytes) -> str:
    """The bytes as base 32, first bit first; the last character is filled up with zero bits."""
    bits = len(data) * 8
    length = -(-bits // 5)
    number = int.from_bytes(data, "big") << (length * 5 - bits)
    return "".join(ALPHABET[(number >> shift) & 31] for shift in range(5 * (length - 1), -1, -5))


def normalise(text: str) -> str:
    """A code or token as it is stored, from what was typed or scanned.

    Forgives case, spaces, hyphens, O for 0, I and L for 1; of a whole scanned address
    (HTTPS://HOST/B/TOKEN) the token is taken. Raises ValueError, in words for the person typing, for
    anything that cannot be a code. An empty text stays empty.
    """
    if len(text) > _LONGEST_TYPED:
        raise ValueError("That is too long for the code or the address on a red bag label.")
    written = unicodedata.normalize("NFKC", text).upper().strip()
    if "/" in written:
        scanned = _SCANNED.search(written)
        if scanned is None:
            raise ValueError("That is not the address on a red bag label.")
        written = scanned.group(1)
    code = _IGNORED.sub("", written).translate(_LOOK_ALIKES)
    for character in code:
        if character == "U":
            raise ValueError("There is no letter U in a red bag code. Is it a V?")
        if character not in _VALUES:
            raise ValueError(f"There is no “{character}” in a red bag code. Check what was typed.")
    return code


def host_of(text: str) -> str:
    """The host, in small letters and with its port, of a whole address; "" for a code or a token alone."""
    whole = _HOST.match(text)
    return whole.group(1).rpartition("@")[2].casefold() if whole else ""


def paper_of(text: str) -> int | None:
    """Which version of the pack a scanned address stood on; None for the label's own and for a code."""
    paper = _PAPER.search(text)
    return int(paper.group(1)) if paper else None


def with_check(body: str) -> str:
    """The body with its check character at the end. ValueError when it is empty or over 30 characters."""
    code = normalise(body)
    if not 0 < len(code) < _LONGEST:
        raise ValueError("A code to be checked has 1 to 30 characters.")
    return code + ALPHABET[_times_generator(_weighted_sum(code))]


def verify(code: str) -> bool:
    """Whether the last character is the right check for the ones before it. Forgives what normalise does."""
    try:
        written = normalise(code)
    except ValueError:
        return False
    if not 1 < len(written) <= _LONGEST:
        return False
    return _times_generator(_weighted_sum(written[:-1])) == _VALUES[written[-1]]


def readable(data: bytes) -> str:
    """A label's readable code from 5 random bytes: 8 characters and a check character."""
    if len(data) != BODY_BYTES:
        raise ValueError("A readable code is made from 5 bytes.")
    return with_check(encode(data))


def parse_readable(text: str) -> str:
    """The readable code that was typed, in its stored form; ValueError says what to look at."""
    code = normalise(text)
    if len(code) != READABLE_LENGTH:
        raise ValueError(f"A red bag code has {READABLE_LENGTH} characters; this has {len(code)}.")
    if not verify(code):
        raise ValueError("One character of the code is wrong, or two are swapped. Look at the label again.")
    return code


def grouped(code: str) -> str:
    """The code in groups of four for reading aloud: ABCD-EFGH-J."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def _weighted_sum(code: str) -> int:
    # It starts at one, not nought, so that a leading 0 left out or put in changes the sum.
    total = 1
    for character in code:
        total = _times_generator(total) ^ _VALUES[character]
    return total


def _times_generator(element: int) -> int:
    """Multiply by the generator x in the field of 32 elements built on x^5 + x^2 + 1."""
    doubled = element << 1
    return doubled ^ 0b100101 if doubled & 0b100000 else doubled
