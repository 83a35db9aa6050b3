"""Missing names in templates.

The design system's components look up optional parameters of parameters, so lookups on something
missing must not raise. But a mistyped name that is printed or looped over would print nothing, and on
these pages nothing reads as "no": that raises.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jinja2 import ChainableUndefined
from jinja2.utils import missing


class ChainableButNeverSilent(ChainableUndefined):
    """Raises when a *top-level* missing name is printed or looped over; attributes chain as before."""

    __slots__ = ()

    def _is_top_level(self) -> bool:
        return self._undefined_name is not None and self._undefined_obj is missing

    def __str__(self) -> str:
        if self._is_top_level():
            self._fail_with_undefined_error()
        return super().__str__()

    def __html__(self) -> str:
        return self.__str__()

    def __iter__(self) -> Iterator[Any]:
        if self._is_top_level():
            self._fail_with_undefined_error()
        return super().__iter__()
