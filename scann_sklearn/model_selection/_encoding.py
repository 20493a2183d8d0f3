"""Candidates as rows of numbers, for trees."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from typing import Any

import numpy as np

from scann_sklearn.images import Conv2d, ConvFrontEnd
from scann_sklearn.model_selection._axes import Choices, Drawn, is_number

_MISSING = object()


class Column:
    """What one parameter is encoded as.

    A number is itself. A tuple of numbers, such as layers, is its length, its sum and its elements.
    A front end is the tuple of filters and kernel size of each convolution. Every other value is a
    column of zeros and ones. A parameter that a candidate doesn't have is NaN everywhere: the trees
    have branches for that.

    Parameters
    ----------
    axes : list of Choices or Drawn
        The parameter in all dictionaries that have it.
    """

    def __init__(self, axes: list[Choices | Drawn]) -> None:
        listed = [value for axis in axes if isinstance(axis, Choices) for value in axis.values]
        tuples = [row for value in listed if (row := _sequence(value)) is not None]
        self._has_number = any(isinstance(axis, Drawn) for axis in axes) or any(
            is_number(value) for value in listed
        )
        self._longest = max((len(value) for value in tuples), default=-1)
        self._others: list[Any] = []
        for value in listed:
            if is_number(value) or _sequence(value) is not None:
                continue
            if self._place(value) is None:
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
            elements = _sequence(value)
            summary = [np.nan, np.nan] if elements is None else [len(elements), sum(elements)]
            row += summary + (elements or [])
            row += [np.nan] * (self._longest - len(elements or []))
        place = self._place(value)
        return row + [float(i == place) for i in range(len(self._others))]

    def _place(self, value: Any) -> int | None:
        for place, other in enumerate(self._others):
            if other is value or (type(other) is type(value) and _same(other, value)):
                return place
        return None


def _sequence(value: Any) -> list[float] | None:
    """Elements of a value that is encoded as several numbers; None for others."""
    if isinstance(value, ConvFrontEnd):
        maps = [layer for layer in value.layers if isinstance(layer, Conv2d)]
        return [float(size) for layer in maps for size in (layer.n_maps, layer.kernel_size)]
    if isinstance(value, tuple | list) and all(is_number(v) for v in value):
        return [float(v) for v in value]
    return None


def _same(a: Any, b: Any) -> bool:
    """Whether simple values are equal; others are what they are by their identity."""
    return isinstance(a, str | bool) and a == b
