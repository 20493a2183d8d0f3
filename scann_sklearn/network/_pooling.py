"""Pooling of maps: layers without connections."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scann_sklearn.network import _conv_kernels
from scann_sklearn.network._convolution import MapShape


@dataclass(frozen=True)
class _Pool2d:
    """Windows side by side; rows and columns that are left over are not read.

    Parameters
    ----------
    source : MapShape
        What comes in.
    window : int
        Rows and columns of a window.

    Raises
    ------
    ValueError
        If the window is larger than a map.
    """

    source: MapShape
    window: int

    def __post_init__(self) -> None:
        source = MapShape(*self.source)
        object.__setattr__(self, "source", source)
        if min(source.height, source.width) < self.window:
            raise ValueError(
                f"A window of {self.window} x {self.window} is larger than its map of "
                f"{source.height} x {source.width}."
            )

    @property
    def target(self) -> MapShape:
        """What comes out."""
        s = self.source
        return MapShape(s.n_maps, s.height // self.window, s.width // self.window)

    def _sizes(self, n_samples) -> tuple[int, ...]:
        return (*self.source, self.target.height, self.target.width, n_samples)


class MaxPool2d(_Pool2d):
    """The largest value of each window, or zero: a ReLU is included."""

    def forward(self, source, n_samples) -> tuple[np.ndarray, np.ndarray]:
        """Target maps, and which value of each window they are.

        Parameters
        ----------
        source : ndarray of shape (source.size * n_samples,)
            Source maps, samples last.
        n_samples : int
            Number of samples.

        Returns
        -------
        target, chosen : ndarray of shape (target.size * n_samples,)
            Of equal values the first is chosen, row by row; where none is above zero, none.
        """
        target = np.empty(self.target.size * n_samples, source.dtype)
        chosen = np.empty(len(target), np.uint8)
        sizes = self._sizes(n_samples)
        _conv_kernels.largest_of(source, target, chosen, self.window, sizes)
        return target, chosen

    def backward(self, delta, chosen, n_samples) -> np.ndarray:
        """Gradient of the source maps.

        Parameters
        ----------
        delta : ndarray of shape (target.size * n_samples,)
            Gradient of the target maps.
        chosen : ndarray of shape (target.size * n_samples,)
            What `forward` has said.
        n_samples : int
            As for `forward`.

        Returns
        -------
        back : ndarray of shape (source.size * n_samples,)
            Zero where nothing was chosen.
        """
        back = np.zeros(self.source.size * n_samples, delta.dtype)
        _conv_kernels.largest_back(delta, chosen, back, self.window, self._sizes(n_samples))
        return back


class AvgPool2d(_Pool2d):
    """The mean of each window."""

    def forward(self, source, n_samples) -> np.ndarray:
        """Target maps.

        Parameters
        ----------
        source : ndarray of shape (source.size * n_samples,)
            Source maps, samples last.
        n_samples : int
            Number of samples.

        Returns
        -------
        target : ndarray of shape (target.size * n_samples,)
            Target maps, samples last.
        """
        target = np.empty(self.target.size * n_samples, source.dtype)
        _conv_kernels.mean_of(source, target, self.window, self._sizes(n_samples))
        return target

    def backward(self, delta, n_samples) -> np.ndarray:
        """Gradient of the source maps.

        Parameters
        ----------
        delta : ndarray of shape (target.size * n_samples,)
            Gradient of the target maps.
        n_samples : int
            As for `forward`.

        Returns
        -------
        back : ndarray of shape (source.size * n_samples,)
            Each window's, in equal shares.
        """
        back = np.empty(self.source.size * n_samples, delta.dtype)
        _conv_kernels.mean_back(delta, back, self.window, self._sizes(n_samples))
        return back
