"""NEWS2, the National Early Warning Score (Royal College of Physicians, 2017).

Seven observations score 0 to 3 by the bands of the published chart; oxygen scores 2. A score that lacks
an observation is a lower bound ("at least 5, incomplete") and is never called low. A low score does not
rule out serious illness.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from types import MappingProxyType

from redbag.domain.listing_words import all_of

LOW = "Low"
LOW_MEDIUM = "Low–medium"
MEDIUM = "Medium"
HIGH = "High"
AT_LEAST_MEDIUM = "At least medium"
INCOMPLETE = "Incomplete"

LOW_SCORE_CAUTION = "A low score does not rule out serious illness. If you are worried, say so."

CONSCIOUSNESS = MappingProxyType(
    {
        "A": "Alert",
        "C": "New confusion",
        "V": "Responds to voice",
        "P": "Responds to pain",
        "U": "Unresponsive",
    }
)

PART_NAMES = MappingProxyType(
    {
        "respiratory_rate": "respiratory rate",
        "spo2": "oxygen saturation",
        "on_oxygen": "air or oxygen",
        "systolic_bp": "systolic blood pressure",
        "pulse": "pulse",
        "consciousness": "consciousness",
        "temperature": "temperature",
    }
)

# Each band: the highest value that it holds, and its score; the last score is for everything above.
_RESPIRATORY_RATE = ((8, 3), (11, 1), (20, 0), (24, 2)), 3
_SPO2_SCALE_1 = ((91, 3), (93, 2), (95, 1)), 0
_SPO2_SCALE_2 = ((83, 3), (85, 2), (87, 1)), 0
_SPO2_SCALE_2_ON_OXYGEN = ((83, 3), (85, 2), (87, 1), (92, 0), (94, 1), (96, 2)), 3
_SYSTOLIC_BP = ((90, 3), (100, 2), (110, 1), (219, 0)), 3
_PULSE = ((40, 3), (50, 1), (90, 0), (110, 1), (130, 2)), 3
_TEMPERATURE_TENTHS = ((350, 3), (360, 1), (380, 0), (390, 1)), 2
_Bands = tuple[tuple[tuple[int, int], ...], int]

# From this saturation on, scale 2 depends on whether oxygen is given.
_SCALE_2_UPPER = 93

# What a reading can be at all: beyond it is a slip of the pen, not an observation.
_POSSIBLE = {
    "respiratory_rate": (0, 100, "breaths a minute"),
    "spo2": (30, 100, "per cent"),
    "systolic_bp": (20, 350, "mmHg"),
    "pulse": (0, 300, "beats a minute"),
}
_POSSIBLE_TEMPERATURE = (Decimal(20), Decimal(46))


@dataclass(frozen=True)
class Score:
    """A NEWS2 score. `parts` holds the seven part scores by argument name, None where not scored.

    `total` adds the parts that are there; `response` is the published band, or, for an incomplete score,
    what is certain already; `missing` names the observations not given.
    """

    total: int
    parts: Mapping[str, int | None]
    response: str
    complete: bool
    missing: tuple[str, ...]
    scale: int

    @property
    def red(self) -> tuple[str, ...]:
        """Parts that score 3 by themselves: a trigger for an urgent response whatever the total."""
        return tuple(name for name, part in self.parts.items() if part == 3)

    @property
    def words(self) -> str:
        """The total as it may be shown alone: "5", or "at least 5, incomplete"."""
        return str(self.total) if self.complete else f"at least {self.total}, incomplete"

    @property
    def sentence(self) -> str:
        """The score, its band, a single red part, and what is missing, in one line for people."""
        if len(self.missing) == len(PART_NAMES):
            return "NEWS2 not known: no observations taken."
        said = [f"NEWS2 {self.words}"]
        if self.response not in (INCOMPLETE, AT_LEAST_MEDIUM):
            said.append(f": {self.response.lower()} risk")
        elif self.response == AT_LEAST_MEDIUM:
            said.append(": at least medium risk")
        said.append(".")
        if self.red and self.response not in (HIGH, MEDIUM, AT_LEAST_MEDIUM):
            said.append(f" {_listed(self.red).capitalize()} scores 3 by itself: urgent review.")
        if self.missing:
            said.append(f" Not taken: {_listed(self.missing)}.")
        return "".join(said)


def score(
    respiratory_rate: float | None,
    spo2: float | None,
    on_oxygen: bool | None,
    systolic_bp: float | None,
    pulse: float | None,
    consciousness: str | None,
    temperature: float | Decimal | None,
    scale: int = 1,
) -> Score:
    """The NEWS2 score of one set of observations; None for what was not taken.

    Breaths and beats a minute, per cent, mmHg (whole numbers), degrees Celsius (to one decimal, as the
    chart reads). `consciousness` is A, C, V, P or U, where C is *new* confusion. SpO2 scale 2 is for
    hypercapnic respiratory failure, on a clinician's decision only. Raises ValueError, naming the field,
    for what cannot be.
    """
    if scale not in (1, 2) or isinstance(scale, bool):
        raise ValueError("scale: the SpO2 scale is 1 or 2.")
    if on_oxygen is not None and not isinstance(on_oxygen, bool):
        raise ValueError("on_oxygen: true on oxygen, false on air.")
    saturation = _whole("spo2", spo2)
    parts = {
        "respiratory_rate": _part(_whole("respiratory_rate", respiratory_rate), _RESPIRATORY_RATE),
        "spo2": _saturation_part(saturation, on_oxygen, scale),
        "on_oxygen": None if on_oxygen is None else 2 * on_oxygen,
        "systolic_bp": _part(_whole("systolic_bp", systolic_bp), _SYSTOLIC_BP),
        "pulse": _part(_whole("pulse", pulse), _PULSE),
        "consciousness": _consciousness_part(consciousness),
        "temperature": _part(_tenths(temperature), _TEMPERATURE_TENTHS),
    }
    given = (respiratory_rate, spo2, on_oxygen, systolic_bp, pulse, consciousness, temperature)
    missing = tuple(name for name, value in zip(PART_NAMES, given, strict=True) if value is None)
    total = sum(part for part in parts.values() if part is not None)
    complete = not missing
    response = _response(total, complete, red=3 in parts.values())
    return Score(total, MappingProxyType(parts), response, complete, missing, scale)


def confusion(confused: bool, usual: bool | None) -> str:
    """ "C" or "A" for a person who is awake. Confusion not known to be usual counts as new.

    Royal College of Physicians (2017): where it is unclear whether confusion is new, take it as new.
    """
    return "C" if confused and usual is not True else "A"


def scale_words(recorded: str | None) -> str:
    """Which SpO2 scale a score used. `recorded`: "1", "2" or nothing, which is scored on scale 1.

    Royal College of Physicians (2017): scale 2 is for hypercapnic respiratory failure, on a competent
    clinical decision-maker's word alone; in every other circumstance scale 1 is used.
    """
    if recorded == "2":
        return "SpO2 scale 2 (a clinician’s decision)"
    return "SpO2 scale 1" if recorded == "1" else "SpO2 scale not recorded: scored on scale 1"


def _response(total: int, complete: bool, *, red: bool) -> str:
    if total >= 7:
        return HIGH
    if total >= 5:
        return MEDIUM if complete else AT_LEAST_MEDIUM
    if not complete:
        return INCOMPLETE
    return LOW_MEDIUM if red else LOW


def _part(value: int | None, bands: _Bands) -> int | None:
    if value is None:
        return None
    limits, above = bands
    return next((points for highest, points in limits if value <= highest), above)


def _saturation_part(value: int | None, on_oxygen: bool | None, scale: int) -> int | None:
    if value is None:
        return None
    if scale == 1:
        return _part(value, _SPO2_SCALE_1)
    if on_oxygen is None and value >= _SCALE_2_UPPER:
        return None  # 0 on air, up to 3 on oxygen: not to be guessed
    return _part(value, _SPO2_SCALE_2_ON_OXYGEN if on_oxygen else _SPO2_SCALE_2)


def _consciousness_part(value: str | None) -> int | None:
    if value is None:
        return None
    if value not in CONSCIOUSNESS:
        raise ValueError("consciousness: choose A, C, V, P or U.")
    return 0 if value == "A" else 3


def _whole(field: str, value: float | None) -> int | None:
    if value is None:
        return None
    low, high, unit = _POSSIBLE[field]
    if isinstance(value, bool) or not low <= value <= high:
        raise ValueError(f"{field}: {value} is not a possible {PART_NAMES[field]} ({low} to {high} {unit}).")
    if value != int(value):
        raise ValueError(f"{field}: give a whole number, in {unit}.")
    return int(value)


def _tenths(temperature: float | Decimal | None) -> int | None:
    """The temperature in tenths of a degree, as the chart reads it; halves round up."""
    if temperature is None:
        return None
    low, high = _POSSIBLE_TEMPERATURE
    try:
        degrees = Decimal(str(temperature))
    except InvalidOperation:
        degrees = Decimal("NaN")
    if isinstance(temperature, bool) or degrees.is_nan() or not low <= degrees <= high:
        raise ValueError(f"temperature: {temperature} is not a possible temperature ({low} to {high} °C).")
    return int((degrees * 10).quantize(Decimal(1), ROUND_HALF_UP))


def _listed(names: tuple[str, ...]) -> str:
    return all_of([PART_NAMES[name] for name in names])
