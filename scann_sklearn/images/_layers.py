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
        """Make the layer of a network that takes maps of a given shape.

        Parameters
        ----------
        source : MapShape
            Number, height and width of the maps that it reads.

        Returns
        -------
        layer : SparseConv2d, MaxPool2d or AvgPool2d
            Layer with every connection.

        Raises
        ------
        ValueError
            If the layer doesn't fit these maps.
        """
        return self._layer(source)

    @abstractmethod
    def _layer(self, source) -> Any:
        """The layer that `on` returns."""


@dataclass(frozen=True, repr=False)
class Conv2d(LayerOfMaps):
    """Convolution, followed by a ReLU.

    At the start every output map reads every input map. Pruning and growth then decide about each
    connection (output map, input map, row and column of the kernel) separately.

    Parameters
    ----------
    n_maps : int
        Number of output maps (filters).
    kernel_size : int
        Number of rows and of columns of the kernel.
    stride : int, default=1
        Step between neighbouring positions of the kernel.
    padding : int, default=0
        Number of rows and columns of zeros on each side of the input maps.

    Raises
    ------
    TypeError
        If a parameter is not an integer.
    ValueError
        If `n_maps`, `kernel_size` or `stride` is below 1, or `padding` below 0.

    See Also
    --------
    ConvFrontEnd : The front end that this is a layer of.

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
    """Max pooling: the largest value of each window.

    Rows and columns that don't fill a window are not read.

    Parameters
    ----------
    window : int
        Number of rows and of columns of a window, and step between neighbouring windows.

    Raises
    ------
    TypeError
        If `window` is not an integer.
    ValueError
        If `window` is below 1 or above 15.

    See Also
    --------
    ConvFrontEnd : The front end that this is a layer of.

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
    """Average pooling: the mean of each window.

    Rows and columns that don't fill a window are not read.

    Parameters
    ----------
    window : int
        Number of rows and of columns of a window, and step between neighbouring windows.

    Raises
    ------
    TypeError
        If `window` is not an integer.
    ValueError
        If `window` is below 1.

    See Also
    --------
    ConvFrontEnd : The front end that this is a layer of.

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
