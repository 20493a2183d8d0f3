"""Embeddings of landmarks, and what is common to their extensions to all other points."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from abc import ABC, abstractmethod

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import gen_batches

from scann_sklearn.model._stages import Stage
from scann_sklearn.reduction._linear_maps import output_scale

_CHUNK = 2**22  # numbers in a block of distances between points and landmarks: 32 MB


def choose_landmarks(Z: np.ndarray, n_landmarks: int, rng: np.random.RandomState) -> np.ndarray:
    """Different rows of Z, drawn at random where there are more than n_landmarks of them.

    Copies of a row are no landmarks: they would be each other's nearest neighbors, cut off from
    everything else.
    """
    rows = np.unique(Z, axis=0)
    if len(rows) <= n_landmarks:
        return rows
    return rows[np.sort(rng.choice(len(rows), n_landmarks, replace=False))]


class LandmarkEmbedding(TransformerMixin, BaseEstimator, ABC):
    """Base of the embeddings: extends block after block, O(n_samples * n_landmarks)."""

    def __init__(self, n_components=2, *, n_neighbors=5) -> None:
        self.n_components = n_components
        self.n_neighbors = n_neighbors

    def transform(self, X) -> np.ndarray:
        """Extend the embedding to X.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features)
            Any points.

        Returns
        -------
        X_new : ndarray of shape (n_samples, n_components)
            Their coordinates.
        """
        X_new = np.zeros((len(X), self.n_components))
        if self.n_coordinates_:
            for rows in gen_batches(len(X), max(1, _CHUNK // self.n_landmarks_)):
                X_new[rows, : self.n_coordinates_] = self._extend(X[rows])
        return X_new

    @abstractmethod
    def _extend(self, X) -> np.ndarray:
        """Coordinates of a block of points, those that aren't 0."""

    def stages(self, n_features: int) -> list[Stage]:
        """List what one point takes: squared distances to the landmarks, and the extension."""
        if not self.n_coordinates_:  # a single landmark: every coordinate is 0
            return []
        distances = Stage(
            n_sources=n_features,
            n_targets=self.n_landmarks_,
            n_connections=self.n_landmarks_ * n_features,
            comparisons=self.n_landmarks_ * self._n_nearest,
            reduction=True,
        )
        return [distances, *self._extension_stages()]

    @abstractmethod
    def _extension_stages(self) -> list[Stage]:
        """List what is made of the distances, and the product with the coordinates."""

    @property
    def _n_nearest(self) -> int:
        return min(self.n_neighbors, self.n_landmarks_ - 1)


def fit_embedding(
    embedding: type[LandmarkEmbedding],
    landmarks: np.ndarray,
    n_components: int,
    rng: np.random.RandomState,
) -> tuple[LandmarkEmbedding, np.ndarray]:
    """Embed landmarks, and find factors that bring all coordinates to the same scale."""
    fitted = embedding(n_components).fit(landmarks)
    return fitted, output_scale(fitted.transform(landmarks).std(axis=0), exponent=0)
