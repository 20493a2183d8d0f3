"""Affine scaling of the outputs, which `fit` folds into the weights of the output layer."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scann_sklearn.network import Network

# Scores are made of squares, which have to stay within the range of float64.
_SMALLEST, _LARGEST = 1e-140, 1e140


@dataclass(frozen=True, eq=False)
class OutputScaling:
    """From the outputs of training to those of the fitted network.

    Parameters
    ----------
    center, scale : ndarray of shape (n_outputs,), float64
        Outputs are scale * z + center. Where the scale is zero they are constant.
    """

    center: np.ndarray
    scale: np.ndarray

    @classmethod
    def of_values(
        cls, y: np.ndarray, sample_weight: np.ndarray, dtype: np.dtype | type
    ) -> OutputScaling:
        """Scaling by mean and standard deviation.

        Parameters
        ----------
        y : ndarray of shape (n_samples, n_outputs), float64
            Targets.
        sample_weight : ndarray of shape (n_samples,)
            Weights of the samples; some are positive.
        dtype : dtype
            Of the network.

        Returns
        -------
        scaling : OutputScaling
            A target that is constant has the scale zero.

        Raises
        ------
        ValueError
            If the targets are too large or vary too little for the dtype or for scores.
        """
        y, weight = y[sample_weight > 0], sample_weight[sample_weight > 0]
        low, high = y.min(axis=0), y.max(axis=0)
        constant = low == high
        limits = np.finfo(dtype)
        largest = np.maximum(np.abs(low), np.abs(high)) * ~constant
        _check(largest, min(_LARGEST, float(limits.max) / 1e4), y, "as large as", dtype)
        center = np.where(constant, low, np.average(y, axis=0, weights=weight))
        unit = np.where(largest > 0, largest, 1)  # squares of small values would be zero
        deviation = np.average(((y - center) / unit) ** 2, axis=0, weights=weight)
        scale = np.where(constant, 0, np.sqrt(deviation) * unit)
        smallest = max(_SMALLEST, float(limits.tiny) * 1e4)
        with np.errstate(divide="ignore", over="ignore"):
            _check(
                np.where(constant, 0, 1 / scale), 1 / smallest, y, "that vary as little as", dtype
            )
        return cls(center, scale)

    def apply(self, y: np.ndarray) -> np.ndarray:
        """Targets in the scale of training.

        Parameters
        ----------
        y : ndarray of shape (n_samples, n_outputs)
            Targets.

        Returns
        -------
        y : ndarray of shape (n_samples, n_outputs)
            Zero where they are constant.
        """
        return (y - self.center) * self._inverse

    @property
    def _inverse(self) -> np.ndarray:
        varies = self.scale > 0
        return np.where(varies, 1 / np.where(varies, self.scale, 1), 0)

    def fold(self, network: Network) -> Network:
        """Network of the outputs as they are wanted.

        Parameters
        ----------
        network : Network
            Whose outputs are in the scale of training.

        Returns
        -------
        network : Network
            The same function, scaled.
        """
        return network.fold_output_scaling(self.center, self.scale)

    def unfold(self, network: Network) -> Network:
        """Network in the scale of training: the way back from `fold`.

        Parameters
        ----------
        network : Network
            A network of outputs as they are wanted.

        Returns
        -------
        network : Network
            The same function; zero where outputs are constant.
        """
        inverse = self._inverse
        return network.fold_output_scaling(-self.center * inverse, inverse)


def _check(size, limit, y, what, dtype) -> None:
    """Raise where a number is too large."""
    bad = ~(size <= limit)
    if bad.any():
        k = int(bad.argmax())
        column = y[:, k]
        where = f" in column {k}" if y.shape[1] > 1 else ""
        raise ValueError(
            f"y has values{where} from {column.min():.6g} to {column.max():.6g}: "
            f"values {what} these, or their squares, which scores use, are outside of "
            f"the range of {dtype}. Divide y by a constant, for example with "
            "sklearn.compose.TransformedTargetRegressor."
        )
