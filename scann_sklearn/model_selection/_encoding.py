"""Candidates as rows of numbers, for trees."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from typing import Any

import numpy as np

from scann_sklearn.model_selection._axes import Choices, Drawn, is_number

_MISSING = object()


class Column:
    """What one parameter is encoded as.

    A number is itself. A tuple of numbers, such as layers, is its length, its sum and its elements.
    Every other value is a column of zeros and ones. A parameter that a candidate doesn't have is
    NaN everywhere: the trees have branches for that.

    Parameters
    ----------
    axes : list of Choices or Drawn
        The parameter in all dictionaries that have it.
    """

    def __init__(self, axes: list[Choices | Drawn]) -> None:
        listed = [value for axis in axes if isinstance(axis, Choices) for value in axis.values]
        tuples = [value for value in listed if _is_sequence(value)]
        self._has_number = any(isinstance(axis, Drawn) for axis in axes) or any(
            is_number(value) for value in listed
        )
        self._longest = max((len(value) for value in tuples), default=-1)
        self._others: list[Any] = []
        for value in listed:
            if not is_number(value) and not _is_sequence(value) and self._place(value) is None:
                self._others.append(value)

    @property
    def width(self) -> int:
        """How many numbers a value becomes."""
        return self._has_number + self._longest + 1 + (self._longest >= 0) + len(self._others)

    def encode(self, value: Any = _MISSING) -> list[float]:
        """Numbers of a value."""
        if value is _MISSING:
            return [np.nan] * self.width
        row = [float(value) if is_number(value) else np.nan] if self._has_number else []
        if self._longest >= 0:
            elements = [float(v) for v in value] if _is_sequence(value) else []
            summary = [len(elements), sum(elements)] if _is_sequence(value) else [np.nan, np.nan]
            row += summary + elements + [np.nan] * (self._longest - len(elements))
        place = self._place(value)
        return row + [float(i == place) for i in range(len(self._others))]

    def _place(self, value: Any) -> int | None:
        for place, other in enumerate(self._others):
            if other is value or (type(other) is type(value) and _same(other, value)):
                return place
        return None


def _is_sequence(value: Any) -> bool:
    return isinstance(value, tuple | list) and all(is_number(v) for v in value)


def _same(a: Any, b: Any) -> bool:
    """Whether simple values are equal; others are what they are by their identity."""
    return isinstance(a, str | bool) and a == b
