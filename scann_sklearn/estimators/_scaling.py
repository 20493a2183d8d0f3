"""Affine scaling of the inputs inside the classifier, which `fit` folds into the weights."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.utils import gen_batches

from scann_sklearn.estimators._columns import columns_of
from scann_sklearn.estimators._images import Images
from scann_sklearn.network import Network
from scann_sklearn.network._row_samples import blocks_of, empty
from scann_sklearn.network._samples import DenseSamples, Samples, SparseSamples, as_samples
from scann_sklearn.training._divergence import DivergenceError
from scann_sklearn.training._options import TrainingOptions


@dataclass(frozen=True, eq=False)
class InputScaling:
    """An affine scaling of the features.

    Parameters
    ----------
    center, scale : ndarray of shape (n_features,), float64
        (X - center) / scale is the scaled X.
    """

    center: np.ndarray
    scale: np.ndarray

    @classmethod
    def of(cls, X: Any, kind: str | None, sample_weight: np.ndarray) -> InputScaling:
        """Scaling of training samples.

        Parameters
        ----------
        X : ndarray or scipy.sparse CSR of shape (n_samples, n_features), or RowSamples
            Training samples.
        kind : {"standard", "robust", "range", None}
            Mean and standard deviation; median and interquartile range (standard deviation where
            that is zero); minimum and range; nothing.
        sample_weight : ndarray of shape (n_samples,)
            Weights of the samples.

        Returns
        -------
        scaling : InputScaling
            The scale of a feature that is constant up to rounding is its largest absolute value,
            at least 1.
        """
        return cls(*_center_and_scale(X, kind, sample_weight))

    @classmethod
    def of_images(
        cls, X: np.ndarray, kind: str | None, sample_weight: np.ndarray, images: Images
    ) -> InputScaling:
        """One center and scale for each channel, as a convolution can absorb them.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features)
            Training images, row by row.
        kind : {"standard", "robust", "range", None}
            See `of`; of all pixels of a channel.
        sample_weight : ndarray of shape (n_samples,)
            Weights of the samples.
        images : Images
            Their channels, and whether the first convolution reads zeros around them. Then nothing
            is subtracted, which would make something else of these zeros, and the scale is the root
            of the sum of squares of center and scale.

        Returns
        -------
        scaling : InputScaling
            Of every pixel.
        """
        n_channels, height, width = images.image
        pixels = X.reshape(len(X), n_channels, -1).swapaxes(1, 2).reshape(-1, n_channels)
        one = cls.of(pixels, kind, np.repeat(sample_weight, height * width))
        center, scale = one.center, one.scale
        if images.front_end.pads_images and kind is not None:
            center, scale = np.zeros(n_channels), np.hypot(center, scale)
        return cls(*(np.repeat(values, height * width) for values in (center, scale)))

    def apply(self, X: Any) -> Samples:
        """Samples in the scale of training.

        Parameters
        ----------
        X : ndarray or scipy.sparse CSR of shape (n_samples, n_features), or RowSamples
            Samples.

        Returns
        -------
        samples : Samples
            (X - center) / scale in the dtype of X.

        Raises
        ------
        ValueError
            If the dtype can't hold it, or the weights for raw X, which are divided by the scale.
        """
        limit, scale = np.finfo(X.dtype).max, self.scale
        with np.errstate(over="ignore", divide="ignore"):
            bad = ~(1 / scale <= limit)
        if bad.any():
            raise _unfit_feature(bad.argmax(), scale[bad.argmax()], X.dtype)
        with np.errstate(over="ignore", invalid="ignore"):
            samples = self._scaled_sparse(X) if issparse(X) else DenseSamples(self._scaled(X))
            finite = np.isfinite(samples.bounds()).all(axis=0)
        if not finite.all():
            feature = int(np.argmin(finite))
            low, high = (bound[feature] for bound in as_samples(X).bounds())
            raise ValueError(
                f"Feature {feature} of X, with values from {low} to {high}, can't be scaled within "
                f"{X.dtype}. Scale X, or use another input_scaling."
            )
        return samples

    def _scaled(self, X) -> np.ndarray:
        scaled = empty(X.shape, X.dtype, X)
        for rows, block in blocks_of(X):  # a copy in float64 stays small
            scaled[rows] = (block - self.center) / self.scale
        return scaled

    def _scaled_sparse(self, X) -> SparseSamples:
        data = np.empty_like(X.data)
        for some in gen_batches(len(data), 2**16):  # a copy in float64 stays small
            i = X.indices[some]
            data[some] = (X.data[some] - self.center[i]) / self.scale[i]
        absent = ((0 - self.center) / self.scale).astype(X.dtype)
        return SparseSamples(type(X)((data, X.indices, X.indptr), shape=X.shape), absent)

    def fold(self, network: Network, options: TrainingOptions) -> Network:
        """Network of raw X.

        Parameters
        ----------
        network : Network
            A network in the scale of training.
        options : TrainingOptions
            How it was trained, for an error.

        Returns
        -------
        network : Network
            Of which every number is finite.

        Raises
        ------
        DivergenceError
            If the network's numbers are not finite.
        ValueError
            If weights for raw X are beyond the largest float.
        """
        folded = network.fold_input_scaling(self.center, self.scale)
        if not (np.isfinite(folded.weight).all() and np.isfinite(folded.bias).all()):
            if not (np.isfinite(network.weight).all() and np.isfinite(network.bias).all()):
                raise DivergenceError("weights are", options)
            source = network.topology.indices[~np.isfinite(folded.weight)]
            feature = source[0] if len(source) else np.argmax(np.abs(self.center / self.scale))
            raise _unfit_feature(feature, self.scale[feature], folded.weight.dtype)
        return folded

    def unfold(self, network: Network) -> Network:
        """Network in the scale of training: the way back from `fold`.

        Parameters
        ----------
        network : Network
            A network of raw X.

        Returns
        -------
        network : Network
            The same function of scaled samples.
        """
        return network.fold_input_scaling(-self.center / self.scale, 1 / self.scale)


def check_finite(network: Network) -> Network:
    """Return a network whose outputs were scaled, if its numbers are finite.

    Parameters
    ----------
    network : Network
        A network of the user's X and y.

    Returns
    -------
    network : Network
        The same.

    Raises
    ------
    ValueError
        If weights for these inputs and targets are beyond the largest float.
    """
    if np.isfinite(network.weight).all() and np.isfinite(network.bias).all():
        return network
    raise ValueError(
        f"The weights that take X to y are too large for {network.weight.dtype}: scale X or y."
    )


def _center_and_scale(X, kind, sample_weight) -> tuple[np.ndarray, np.ndarray]:
    """Center and scale of every feature, see `InputScaling.of`."""
    n_features = X.shape[1]
    if kind is None:
        return np.zeros(n_features), np.ones(n_features)
    # Squares of huge and of tiny values are out of range: compute in units of the largest value.
    columns = columns_of(X, sample_weight)
    if kind == "range":
        center, high = columns.bounds()
        scale = high - center
    else:
        center, scale = columns.moments()
    if kind == "robust":
        low, center, high = columns.quartiles()
        spread = high - low
        scale = np.where(spread > 0, spread, scale)
    with np.errstate(over="ignore"):
        scale = _whole_units(center, scale, columns.unit, 10 * np.finfo(X.dtype).eps)
    return center * columns.unit, scale


def _whole_units(center, scale, unit, rounding) -> np.ndarray:
    """Scale of the features, that of constant ones at least 1."""
    constant = scale <= rounding * np.maximum(np.abs(center), 1e-3)
    scale[constant] = np.maximum(1, 1 / unit[constant])
    scale = scale * unit
    scale[constant & np.isinf(scale)] = 1  # units below which 1 has no inverse
    return scale


def _unfit_feature(feature, scale, dtype) -> ValueError:
    """Error for a feature whose weights, divided by its scale, are beyond the largest float."""
    other = ", or give it as float64" if dtype == np.float32 else ""
    return ValueError(
        f"Feature {feature} of X varies by {scale:.3g} only, and the weights for such values are "
        f"too large for {dtype}. Scale X{other}."
    )
