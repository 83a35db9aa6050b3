"""When something happened, as a tired person gives it: nothing for now, a time for today, or both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import request

from redbag.domain.answers import parse_date, parse_time, typed_day
from redbag.domain.errors import Invalid
from redbag.domain.london_time import from_london, london_day
from redbag.web.outbox import happened


def when(name: str = "occurred_at") -> datetime:
    """The instant typed in the three boxes of the day and in `<name>-time`; an empty time today means now, or
    when a tablet kept the form.

    Raises Invalid with a sentence under the field's name.
    """
    day_text, clock_text = typed_day(name, _typed), _typed(f"{name}-time")
    today = london_day(happened())
    try:
        day = parse_date(day_text) if day_text else today
        if not clock_text:
            if day != today:
                raise ValueError("Give the time as well: only for today an empty time means now.")
            return happened()
        return from_london(day, parse_time(clock_text)).astimezone(UTC)
    except ValueError as problem:
        raise Invalid({name: str(problem)}) from None


def when_typed(
    name: str = "occurred_at", missing: str = "Write the day and the time, as the ward told you."
) -> datetime:
    """The instant typed, never taken from the clock: both day and time must stand there. Raises Invalid,
    with `missing` where one of them does not."""
    if not typed_day(name, _typed) or not _typed(f"{name}-time"):
        raise Invalid({name: missing})
    return when(name)


def when_or_none(name: str) -> datetime | None:
    """The instant typed, or None where no time was typed. Raises Invalid."""
    return when(name) if _typed(f"{name}-time") else None


def every(*readers: Callable[[], Any]) -> list[Any]:
    """What each reader gives, in their order. Raises one Invalid with what any of them found wrong, so that
    nobody mends a form one error at a time."""
    given: list[Any] = []
    errors: dict[str, str] = {}
    for reader in readers:
        try:
            given.append(reader())
        except Invalid as problem:
            errors.update(problem.errors)
    if errors:
        raise Invalid(errors)
    return given


def _typed(field: str) -> str:
    return request.form.get(field, "").strip()
