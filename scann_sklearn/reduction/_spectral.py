"""Isomap and spectral embedding on landmarks, with an extension to all other points."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
from scipy.linalg import eigh, eigvalsh
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, shortest_path
from scipy.spatial.distance import cdist
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.manifold import Isomap
from sklearn.metrics.pairwise import euclidean_distances
from sklearn.neighbors import NearestNeighbors, sort_graph_by_row_values
from sklearn.utils import gen_batches

_CHUNK = 2**22  # numbers in a block of distances between points and landmarks: 32 MB


def choose_landmarks(Z, n_landmarks, rng):
    """Different rows of Z, drawn at random where there are more than n_landmarks of them.

    Copies of a row are no landmarks: they would be each other's nearest neighbors, cut off from
    everything else.
    """
    rows = np.unique(Z, axis=0)
    if len(rows) <= n_landmarks:
        return rows
    return rows[np.sort(rng.choice(len(rows), n_landmarks, replace=False))]


class _LandmarkEmbedding(TransformerMixin, BaseEstimator):
    """Base of the embeddings: extends block after block, O(n_samples * n_landmarks)."""

    def __init__(self, n_components=2, *, n_neighbors=5):
        self.n_components = n_components
        self.n_neighbors = n_neighbors

    def transform(self, X):
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


class LandmarkIsomap(_LandmarkEmbedding):
    """Isomap of landmarks [1]_; another point enters through its nearest landmarks [2]_.

    Where the neighborhood graph falls apart, the shortest edge between every two parts joins them,
    as in scikit-learn. Coordinates that the geodesic distances can't fill, because they aren't
    Euclidean in so many dimensions, are 0.

    Parameters
    ----------
    n_components : int, default=2
        Number of coordinates.

    n_neighbors : int, default=5
        Neighbors of a point in the graph.

    Attributes
    ----------
    isomap_ : sklearn.manifold.Isomap
        Fitted on the connected graph.

    neighbors_ : NearestNeighbors
        Finds the landmarks next to a point.

    n_landmarks_ : int
        Number of landmarks.

    n_coordinates_ : int
        Coordinates that aren't 0.

    References
    ----------
    .. [1] J. B. Tenenbaum, V. de Silva, J. C. Langford, "A Global Geometric Framework for Nonlinear
       Dimensionality Reduction", Science 290, 2000.
    .. [2] V. de Silva, J. B. Tenenbaum, "Global Versus Local Methods in Nonlinear Dimensionality
       Reduction", NIPS 2002.
    """

    def fit(self, X, y=None):
        """Embed the landmarks.

        Parameters
        ----------
        X : ndarray of shape (n_landmarks, n_features)
            The landmarks, all different.

        y : None
            Ignored.

        Returns
        -------
        self : object
            The fitted embedding.
        """
        self.n_landmarks_ = len(X)
        self.n_coordinates_ = min(self.n_components, len(X) - 1)
        if not self.n_coordinates_:
            return self
        # A tree compares points one by one. The faster brute force gets distances from a matrix
        # product, whose rounding depends on the other points: equal distances would compare anyhow.
        self.neighbors_ = NearestNeighbors(
            n_neighbors=min(self.n_neighbors, len(X) - 1), algorithm="ball_tree"
        ).fit(X)
        graph = _connect(self.neighbors_.kneighbors_graph(mode="distance"), X)
        # The solver by name: "auto" may start from numpy's global random stream.
        self.isomap_ = Isomap(
            n_neighbors=None,
            radius=np.inf,
            metric="precomputed",
            n_components=self.n_coordinates_,
            eigen_solver="dense",
        ).set_output(transform="default")
        try:
            self.isomap_.fit(graph)
        except ValueError:  # it found negative eigenvalues among the largest
            self.n_coordinates_ = _n_euclidean_dimensions(graph)
            self.isomap_.set_params(n_components=self.n_coordinates_).fit(graph)
        return self

    def _extend(self, X):
        return self.isomap_.transform(self.neighbors_.kneighbors_graph(X, mode="distance"))


def _connect(graph, X):
    """Join every two parts of the graph by their shortest edge."""
    n_parts, part = connected_components(graph, directed=False)
    if n_parts > 1:
        # To csgraph a distance of 0, which tiny differences may give, is no edge.
        distances = np.maximum(cdist(X, X), np.finfo(np.float64).tiny)
        order = np.argsort(part, kind="stable")
        first = np.searchsorted(part[order], np.arange(n_parts))
        closest = np.minimum.reduceat(distances[order][:, order], first, axis=0)
        closest = np.minimum.reduceat(closest, first, axis=1)
        bridge = (distances == closest[part[:, None], part]) & (part[:, None] != part)
        graph = graph.maximum(csr_array(np.where(bridge, distances, 0)))
    return sort_graph_by_row_values(graph, warn_when_not_sorted=False)


def _n_euclidean_dimensions(graph):
    kernel = -0.5 * shortest_path(graph, directed=False) ** 2
    kernel -= kernel.mean(axis=0)
    kernel -= kernel.mean(axis=1, keepdims=True)
    eigenvalues = eigvalsh(kernel)
    return int(np.sum(eigenvalues > 1e-10 * eigenvalues[-1]))


class LandmarkSpectralEmbedding(_LandmarkEmbedding):
    r"""Spectral embedding of landmarks with Nyström's extension to all other points [1]_.

    The affinity of two points is the self-tuning kernel [2]_

    .. math:: w(x, y) = \exp(-\|x - y\|^2 / \sigma(x) \sigma(y)),

    where :math:`\sigma` is the distance to the landmark after the `n_neighbors` nearest ones: it
    follows the density of the data and leaves no point without neighbors. With
    :math:`p(x, y) = w(x, y) / \sum_i w(x, x_i)`, the random walk on the landmarks has eigenvalues
    :math:`1 = \lambda_0 \ge \lambda_1 \ge \dots` and eigenvectors :math:`u_j`. Coordinate j of any
    point, a landmark or not, is

    .. math:: \lambda_j u_j(x) = \sum_i p(x, x_i) u_j(x_i),

    a weighted mean over the landmarks. The factor :math:`\lambda_j` (as in diffusion maps [3]_)
    spares the division that is the weak spot of Nyström's extension.

    Parameters
    ----------
    n_components : int, default=2
        Number of coordinates. The constant eigenvector is none of them.

    n_neighbors : int, default=30
        Sets the width of the kernel.

    Attributes
    ----------
    landmarks_ : ndarray of shape (n_landmarks_, n_features)
        The landmarks, with median 0.

    eigenvalues_ : ndarray of shape (n_coordinates_,)
        :math:`\lambda_1 \ge \lambda_2 \ge \dots`.

    eigenvectors_ : ndarray of shape (n_landmarks_, n_coordinates_)
        :math:`u_1, u_2, \dots` in columns.

    n_landmarks_ : int
        Number of landmarks.

    n_coordinates_ : int
        Coordinates that aren't 0: at most n_landmarks_ - 1.

    References
    ----------
    .. [1] Y. Bengio, J.-F. Paiement, P. Vincent, O. Delalleau, N. Le Roux, M. Ouimet,
       "Out-of-Sample Extensions for LLE, Isomap, MDS, Eigenmaps, and Spectral Clustering",
       NIPS 2003.
    .. [2] L. Zelnik-Manor, P. Perona, "Self-Tuning Spectral Clustering", NIPS 2004.
    .. [3] R. R. Coifman, S. Lafon, "Diffusion Maps", Applied and Computational Harmonic Analysis
       21, 2006.
    """

    def __init__(self, n_components=2, *, n_neighbors=30):
        super().__init__(n_components, n_neighbors=n_neighbors)

    def fit(self, X, y=None):
        """Embed the landmarks.

        Parameters
        ----------
        X : ndarray of shape (n_landmarks, n_features)
            The landmarks, all different.

        y : None
            Ignored.

        Returns
        -------
        self : object
            The fitted embedding.
        """
        self.n_landmarks_ = len(X)
        self.n_coordinates_ = min(self.n_components, len(X) - 1)
        if not self.n_coordinates_:
            return self
        self._center = np.median(X, axis=0)  # near the origin distances lose fewer digits
        self.landmarks_ = X - self._center
        squared = euclidean_distances(self.landmarks_, squared=True)
        limits = np.finfo(np.float64)
        self._smallest_width = np.sqrt(limits.tiny)
        rounding = np.sqrt(limits.eps) * np.median(self._width(squared))
        self._smallest_width = max(rounding, self._smallest_width)
        self._widths = self._width(squared)
        affinity = np.exp(-squared / (self._widths[:, None] * self._widths))
        degree = affinity.sum(axis=1)
        root = np.sqrt(degree)
        walk = affinity / (root[:, None] * root)  # symmetric, same eigenvalues as the random walk
        # The constant eigenvector is known. Taken out, it can't mix with others of eigenvalue 1,
        # which exist where parts of the data are far from each other.
        walk -= np.outer(root, root) / degree.sum()
        first = len(X) - self.n_coordinates_
        eigenvalues, vectors = eigh(walk, subset_by_index=(first, len(X) - 1))
        vectors *= np.sign(vectors[np.abs(vectors).argmax(axis=0), range(self.n_coordinates_)])
        self.eigenvalues_ = eigenvalues[::-1]
        self.eigenvectors_ = vectors[:, ::-1] / root[:, None] * np.sqrt(degree.sum())
        return self

    def _width(self, squared):
        nth = min(self.n_neighbors, self.n_landmarks_ - 1)
        nth_distance = np.sqrt(np.partition(squared, nth, axis=1)[:, nth])
        return np.maximum(nth_distance, self._smallest_width)

    def _extend(self, X):
        exponent = euclidean_distances(X - self._center, self.landmarks_, squared=True)
        exponent /= self._width(exponent)[:, None] * self._widths
        # Far from all landmarks every weight would underflow; only their ratios matter.
        weights = np.exp(exponent.min(axis=1, keepdims=True) - exponent)
        return weights @ self.eigenvectors_ / weights.sum(axis=1, keepdims=True)
