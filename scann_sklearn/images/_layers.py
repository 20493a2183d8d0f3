"""Layers of maps, as a user writes them down."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import MISSING, dataclass, fields
from numbers import Integral
from typing import Any

from scann_sklearn.network import _pooling
from scann_sklearn.network._convolution import SparseConv2d


class LayerOfMaps(ABC):
    """A layer of a front end, without the shape of what comes into it."""

    def __repr__(self) -> str:
        return written_down(self)

    def on(self, source) -> Any:
        """Make a layer of the network for maps of a shape.

        Parameters
        ----------
        source : MapShape
            Maps, height and width that come in.

        Returns
        -------
        layer : SparseConv2d, MaxPool2d or AvgPool2d
            With every connection.

        Raises
        ------
        ValueError
            If it doesn't fit.
        """
        return self._layer(source)

    @abstractmethod
    def _layer(self, source) -> Any:
        """The layer that `on` returns."""


@dataclass(frozen=True, repr=False)
class Conv2d(LayerOfMaps):
    """Convolution, followed by a ReLU.

    At the start every target map reads every source map; pruning and growth then decide about each
    connection (target map, source map, row and column of the kernel) by itself.

    Parameters
    ----------
    n_maps : int
        Number of maps that it makes, one for each filter.
    kernel_size : int
        Rows and columns of the kernel.
    stride : int, default=1
        Step between two positions.
    padding : int, default=0
        Rows and columns of zeros around the source maps.

    Raises
    ------
    TypeError
        If a parameter is no integer.
    ValueError
        If it is too small.

    See Also
    --------
    ConvFrontEnd : What it is a layer of.

    Examples
    --------
    >>> from scann_sklearn import Conv2d
    >>> Conv2d(20, 5)
    Conv2d(20, 5)
    >>> Conv2d(20, 5) == Conv2d(20, 5, stride=2)
    False
    """

    n_maps: int
    kernel_size: int
    stride: int = 1
    padding: int = 0

    def __post_init__(self) -> None:
        _check_integers(self, n_maps=1, kernel_size=1, stride=1, padding=0)

    def _layer(self, source) -> SparseConv2d:
        return SparseConv2d.dense(
            source, self.n_maps, self.kernel_size, stride=self.stride, padding=self.padding
        )


@dataclass(frozen=True, repr=False)
class MaxPool2d(LayerOfMaps):
    """The largest value of each window; rows and columns that are left over are not read.

    Parameters
    ----------
    window : int
        Rows and columns of a window, and the step between two of them.

    Raises
    ------
    TypeError
        If it is no integer.
    ValueError
        If it is below 1 or above 15.

    See Also
    --------
    ConvFrontEnd : What it is a layer of.

    Examples
    --------
    >>> from scann_sklearn import MaxPool2d
    >>> MaxPool2d(2)
    MaxPool2d(2)
    """

    window: int

    def __post_init__(self) -> None:
        _check_integers(self, window=1)
        if self.window**2 >= _MOST_VALUES:
            raise ValueError(f"window must be at most 15, got {self.window}.")

    def _layer(self, source) -> _pooling.MaxPool2d:
        return _pooling.MaxPool2d(source, self.window)


@dataclass(frozen=True, repr=False)
class AvgPool2d(LayerOfMaps):
    """The mean of each window; rows and columns that are left over are not read.

    Parameters
    ----------
    window : int
        Rows and columns of a window, and the step between two of them.

    Raises
    ------
    TypeError
        If it is no integer.
    ValueError
        If it is below 1.

    See Also
    --------
    ConvFrontEnd : What it is a layer of.

    Examples
    --------
    >>> from scann_sklearn import AvgPool2d
    >>> AvgPool2d(2)
    AvgPool2d(2)
    """

    window: int

    def __post_init__(self) -> None:
        _check_integers(self, window=1)

    def _layer(self, source) -> _pooling.AvgPool2d:
        return _pooling.AvgPool2d(source, self.window)


def written_down(value: Any) -> str:
    """Repr of a dataclass as a user would write it: without what is at its default."""
    parts = []
    for field in fields(value):
        given = getattr(value, field.name)
        if field.default is MISSING:
            parts.append(repr(given))
        elif given != field.default:
            parts.append(f"{field.name}={given!r}")
    return f"{type(value).__name__}({', '.join(parts)})"


_MOST_VALUES = 255  # of a window, whose largest is remembered in a byte


def _check_integers(layer, **lowest) -> None:
    for name, low in lowest.items():
        value, kind = getattr(layer, name), type(layer).__name__
        if not isinstance(value, Integral) or isinstance(value, bool):
            raise TypeError(f"{name} of {kind} must be an integer, got {value!r}.")
        if value < low:
            raise ValueError(f"{name} of {kind} must be at least {low}, got {value}.")
        object.__setattr__(layer, name, int(value))
