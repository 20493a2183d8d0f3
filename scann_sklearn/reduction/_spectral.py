"""Isomap and spectral embedding on landmarks, with an extension to all other points."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from typing import Self

import numpy as np
from scipy.linalg import eigh, eigvalsh
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, shortest_path
from scipy.spatial.distance import cdist
from sklearn.manifold import Isomap
from sklearn.metrics.pairwise import euclidean_distances
from sklearn.neighbors import NearestNeighbors, sort_graph_by_row_values

from scann_sklearn.model._stages import Stage, dense_stage
from scann_sklearn.reduction._landmarks import LandmarkEmbedding


class LandmarkIsomap(LandmarkEmbedding):
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

    def fit(self, X, y=None) -> Self:
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
        neighbors = NearestNeighbors(n_neighbors=self._n_nearest, algorithm="ball_tree")
        self.neighbors_ = neighbors.fit(X)
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

    def _extend(self, X) -> np.ndarray:
        return self.isomap_.transform(self.neighbors_.kneighbors_graph(X, mode="distance"))

    def _extension_stages(self) -> list[Stage]:
        n_landmarks, n_neighbors = self.n_landmarks_, self._n_nearest
        # To each landmark the shortest of n_neighbors paths, an addition each, squared.
        between = Stage(
            n_sources=n_neighbors,
            n_targets=n_landmarks,
            n_connections=n_landmarks * (n_neighbors + 1),
            n_weights=n_landmarks**2,
            comparisons=n_landmarks * (n_neighbors - 1),
            table_reads=n_neighbors,  # their square roots
            reduction=True,
        )
        extension = dense_stage(n_landmarks, self.n_coordinates_, reduction=True, folds_after=True)
        return [between, extension]


def _connect(graph: csr_array, X: np.ndarray) -> csr_array:
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


def _n_euclidean_dimensions(graph: csr_array) -> int:
    kernel = -0.5 * shortest_path(graph, directed=False) ** 2
    kernel -= kernel.mean(axis=0)
    kernel -= kernel.mean(axis=1, keepdims=True)
    eigenvalues = eigvalsh(kernel)
    return int(np.sum(eigenvalues > 1e-10 * eigenvalues[-1]))


class LandmarkSpectralEmbedding(LandmarkEmbedding):
    r"""Spectral embedding of landmarks with Nyström's extension to all other points [1]_.

    The affinity of two points is the self-tuning kernel [2]_

    .. math:: w(x, y) = \exp(-\|x - y\|^2 / \sigma(x) \sigma(y)),

    where :math:`\sigma` is the distance to the landmark after the `n_neighbors` nearest ones: it
    follows the density of the data and leaves no point without neighbors. With
    :math:`p(x, y) = w(x, y) / \sum_i w(x, x_i)`, the random walk on the landmarks has eigenvalues
    :math:`1 = \lambda_0 \ge \lambda_1 \ge \ldots` and eigenvectors :math:`u_j`. Coordinate j of any
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
        :math:`\lambda_1 \ge \lambda_2 \ge \ldots`.

    eigenvectors_ : ndarray of shape (n_landmarks_, n_coordinates_)
        :math:`u_1, u_2, \ldots` in columns.

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

    def __init__(self, n_components=2, *, n_neighbors=30) -> None:
        super().__init__(n_components, n_neighbors=n_neighbors)

    def fit(self, X, y=None) -> Self:
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

    def _width(self, squared) -> np.ndarray:
        nth = self._n_nearest
        nth_distance = np.sqrt(np.partition(squared, nth, axis=1)[:, nth])
        return np.maximum(nth_distance, self._smallest_width)

    def _extend(self, X) -> np.ndarray:
        exponent = euclidean_distances(X - self._center, self.landmarks_, squared=True)
        exponent /= self._width(exponent)[:, None] * self._widths
        # Far from all landmarks every weight would underflow; only their ratios matter.
        weights = np.exp(exponent.min(axis=1, keepdims=True) - exponent)
        return weights @ self.eigenvectors_ / weights.sum(axis=1, keepdims=True)

    def _extension_stages(self) -> list[Stage]:
        n_landmarks, n_coordinates = self.n_landmarks_, self.n_coordinates_
        # The kernel of each landmark: the distance over two widths, less the smallest.
        kernel = Stage(
            n_sources=n_landmarks,
            n_targets=n_landmarks,
            n_connections=2 * n_landmarks,
            n_weights=n_landmarks,
            comparisons=n_landmarks - 1,
            table_reads=n_landmarks + 1,  # the exponentials, and the root for the own width
            reduction=True,
        )
        # A weighted mean: the sum of weights is one more row of ones, and divides all coordinates.
        extension = Stage(
            n_sources=n_landmarks,
            n_targets=n_coordinates + 1,
            n_connections=n_landmarks * (n_coordinates + 1) + n_coordinates,
            n_weights=n_landmarks * n_coordinates,
            reduction=True,
            folds_after=True,
        )
        return [kernel, extension]
