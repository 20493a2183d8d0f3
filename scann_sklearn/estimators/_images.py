"""X that are images: their form, and the layers of maps that a fit begins with."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, cast

import numpy as np
from scipy.sparse import issparse
from sklearn.utils import gen_batches

from scann_sklearn.estimators._data import Part
from scann_sklearn.images._front_end import ConvFrontEnd
from scann_sklearn.images._rows import as_rows, shape_of
from scann_sklearn.network._allowed import available_bytes
from scann_sklearn.network._convolution import MapShape
from scann_sklearn.network._map_front import MapFront

_AT_ONCE, _TRIED = 1024, 16  # images that `augment` gets, and that it gets before the training


@dataclass(frozen=True)
class Images:
    """What a fit knows of its images.

    Parameters
    ----------
    front_end : ConvFrontEnd
        As given.
    shape : tuple of (int, int, int), default=None
        Channels, height and width of an image; None: not known yet.
    """

    front_end: ConvFrontEnd
    shape: tuple[int, ...] | None = None

    @classmethod
    def of(cls, front_end: ConvFrontEnd | None, X: Any) -> Images | None:
        """None where there is no front end.

        Parameters
        ----------
        front_end : ConvFrontEnd or None
            Its own `input_shape` goes before that of X.
        X : array-like of shape (n_samples, channels, height, width) or (n_samples, n_features)
            Training samples.

        Returns
        -------
        images : Images or None
            With the shape of one, as far as it is known.

        Raises
        ------
        ValueError
            If X are images and there is no front end, or one without layers.
        """
        shape = shape_of(X)
        if front_end is None:
            if len(shape) == 4:
                raise ValueError(
                    f"Found array with dim 4, X of shape {shape}: for images, set "
                    "front_end=ConvFrontEnd([...]), or pass one row of features per "
                    "image."
                )
            return None
        if len(shape) == 4 and not front_end.layers:
            raise ValueError(
                f"{front_end!r} has no layers, so that X must be rows of features, "
                f"got X of shape {shape}: use X.reshape(len(X), -1)."
            )
        own = shape[1:] if len(shape) == 4 else None
        return cls(front_end, front_end.input_shape or own)

    def of_rows(self, n_features: int) -> Images:
        """Images that are rows of so many features.

        Parameters
        ----------
        n_features : int
            Number of features of the training samples.

        Returns
        -------
        images : Images
            Of one row, where their shape isn't known.

        Raises
        ------
        ValueError
            If images of the known shape have another number of features.
        """
        if self.shape is None:
            return replace(self, shape=(1, 1, n_features))
        if np.prod(self.shape) != n_features:
            raise ValueError(
                f"X has {n_features} features, but images of {self.shape} (channels, height, "
                f"width) have {np.prod(self.shape)}."
            )
        return self

    @property
    def image(self) -> MapShape:
        """Channels, height and width of an image, once they are known."""
        return MapShape(*cast(tuple[int, int, int], self.shape))

    @cached_property
    def front(self) -> MapFront | None:
        """Layers of maps that a fit starts with, if any; an error where they don't fit together."""
        return self.front_end.build(self.shape)

    def check_batch(self, batch_size: int, dtype: Any) -> None:
        """Raise where memory can't hold the maps of a batch, forward and backward.

        Parameters
        ----------
        batch_size : int
            Samples in a batch.
        dtype : dtype
            Type of the values.

        Raises
        ------
        MemoryError
            It says how many samples would fit.
        """
        if self.front is None:
            return
        each = 2 * np.dtype(dtype).itemsize * sum(s.target.size for s in self.front.stages)
        there = available_bytes()
        if each * batch_size > there:
            raise MemoryError(
                f"The maps of a batch of {batch_size} images take {each * batch_size} "
                f"bytes, of which {there:.0f} are available: set batch_size to at "
                f"most {int(there // each)}, or let front_end make fewer or smaller "
                "maps."
            )

    def rows(self, X: Any, name: str = "X") -> Any:
        """See `as_rows`; a sparse matrix is made dense.

        Parameters
        ----------
        X : array-like, sparse matrix or None
            Samples.
        name : str, default="X"
            What an error calls them.

        Returns
        -------
        X : array-like of shape (n_samples, n_features) or None
            Row by row.
        """
        if X is None:
            return None
        return as_rows(X.toarray() if issparse(X) else X, self.shape, name)

    def augmented(self, X: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """New images of training images, as `augment` makes them.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features)
            Training images, as the user gave them.
        rng : numpy.random.Generator
            What it gets.

        Returns
        -------
        X : ndarray of shape (n_samples, n_features)
            The new ones, of the same dtype.

        Raises
        ------
        ValueError
            If it returns another shape, or values that are not finite.
        """
        augment = self.front_end.augment
        if augment is None:
            return X
        new = np.empty_like(X)
        for some in gen_batches(len(X), _AT_ONCE):
            images = X[some].reshape(-1, *self.image)
            made = np.asarray(augment(images.copy(), rng))
            if made.shape != images.shape:
                raise ValueError(
                    f"augment returned an array of shape {made.shape} for images of "
                    f"shape {images.shape}: the shapes must be equal."
                )
            with np.errstate(over="ignore", invalid="ignore"):
                new[some] = made.reshape(len(images), -1)
            wrong = ~np.isfinite(new[some]).all(axis=1)
            if wrong.any():
                row = some.start + int(wrong.argmax())
                value = new[row][~np.isfinite(new[row])][0]
                raise ValueError(
                    f"augment returned {value} for image {row}: values must be finite."
                )
        return new

    def try_augment(self, train: Part) -> None:
        """Raise before the training what `augment` would raise in it.

        Parameters
        ----------
        train : Part
            The training part.
        """
        self.augmented(train.X[:_TRIED], np.random.default_rng(0))
