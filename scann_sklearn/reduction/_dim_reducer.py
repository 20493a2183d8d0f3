"""Dimensionality reduction, the first step of DR+SCANN."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import math
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from scipy.sparse import csr_array, issparse
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    OneToOneFeatureMixin,
    TransformerMixin,
)
from sklearn.utils import Tags, check_random_state, gen_batches
from sklearn.utils.validation import check_is_fitted, validate_data

from scann_sklearn._arrays import canonical, check_numbers
from scann_sklearn._constraints import Interval
from scann_sklearn._doc_links import DocLinkMixin
from scann_sklearn._sklearn import CallbackSupportMixin, StrOptions, _fit_context
from scann_sklearn.model._stages import OffersStages, Stage
from scann_sklearn.reduction._components import count_components
from scann_sklearn.reduction._landmarks import choose_landmarks
from scann_sklearn.reduction._methods import FOR_SPARSE, METHODS, check_sparse
from scann_sklearn.reduction._stages import reducer_stages
from scann_sklearn.reduction._units import Units, find_units

_ROWS = 2**14  # transformed at a time, so that a copy in float64 stays small
_FARTHEST = 1e150  # of a point to be embedded, in units of the data: distances are squared


class DimReducer(
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    OffersStages,
    CallbackSupportMixin,
    DocLinkMixin,
    BaseEstimator,
):
    r"""Range normalisation followed by one of nine dimensionality reductions.

    This is the DR step of DR+SCANN [1]_: a network on fewer inputs, with hidden layers that are
    smaller in the same ratio, needs far fewer connections.

    ====================== ====== ==============================================================
    `method`               affine reduced features of the normalised z (k = `n_components_`)
    ====================== ====== ==============================================================
    "pca"                  yes    projections on the k leading principal components
    "factor_analysis"      yes    expected values of k factors, given z
    "ica"                  yes    k independent components by FastICA [2]_
    "isomap"               no     classical scaling of geodesic distances [3]_, [4]_
    "spectral_embedding"   no     eigenvectors of a graph Laplacian, Nyström's extension [5]_
    "gaussian_rp"          yes    R z, entries of R from N(0, 1/k)
    "unit_gaussian_rp"     yes    R z, entries of R from N(0, 1)
    "achlioptas_rp"        yes    R z, entries of R from {-1, +1}, 1/2 each [6]_
    "sparse_rp"            yes    R z, entries of R from √3 · {-1, 0, +1}: 1/6, 2/3, 1/6 [6]_
    "passthrough"          yes    z itself: all features, `ratio` and `n_components` don't count
    ====================== ====== ==============================================================

    Parameters
    ----------
    method : str, default="pca"
        One of the table.

    ratio : float, default=None
        Compression ratio, at least 1: ``n_components_ = floor(n_features_in_ / ratio)``.

    n_components : int, default=None
        Number of reduced features; excludes `ratio`. With neither of them the ratio is 1, but there
        are no more components than samples (and landmarks).

    normalize : bool, default=True
        Whether to map every feature into [0, 1] first, by its bounds in the training data. Features
        that are constant there become 0 for good.

    n_landmarks : int, default=1000
        For "isomap" and "spectral_embedding", which need the square of this in memory and its cube
        in time: with more than n_landmarks different training rows, that many are drawn at random
        to be embedded. All other rows, in training too, are placed by their distances to these.

    random_state : int, RandomState instance or None, default=None
        Decides the random projections, the start of FastICA and the choice of landmarks. With None
        every fit is different, and numpy's global random stream is neither read nor moved.

    Attributes
    ----------
    n_components_ : int
        Number of reduced features.

    ratio_ : float
        Compression ratio achieved, ``n_features_in_ / n_components_``.

    is_affine_ : bool
        Whether the whole map, normalisation included, is affine: see :meth:`to_affine`.

    n_landmarks_ : int or None
        Number of landmarks of "isomap" and "spectral_embedding".

    reducer_ : estimator or None
        The estimator underneath, fitted on data in internal units: scikit-learn's
        :class:`~sklearn.decomposition.PCA`, :class:`~sklearn.decomposition.FactorAnalysis`,
        :class:`~sklearn.decomposition.FastICA` or random projection, or an embedding of landmarks.

    n_features_in_ : int
        Number of features seen during `fit`.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features seen during `fit`, where `X` has names that are all strings.

    See Also
    --------
    SCANNClassifier : The classifier that synthesises its own network.
    sklearn.decomposition.PCA : Principal component analysis alone.
    sklearn.random_projection : Random projections alone.

    Notes
    -----
    **Scales.** Principal components differ in scale by orders of magnitude, which a network that
    is pruned by the size of its weights doesn't forgive; equal scales are no better, since they
    blow up the noise in the weak ones. So the ratios of standard deviations leave as their square
    roots, and none below 1/10: PCA and factor analysis give features with standard deviations
    between 0.1 and 1 on the training data, ICA 1 (0.1 where it left principal components alone),
    Isomap and spectral embedding 1 on the landmarks. A classifier that standardises its inputs
    undoes this. Projections keep the scale of their definition, which is the same for all
    components.

    **Degenerate data.** Data of rank r has r principal, independent or factor components; further
    ones are 0. The same holds for factors that explain nothing and for embeddings of few rows.

    **Sparse data.** PCA and the random projections take a sparse X, which never becomes dense. PCA
    has the covariances of up to 1000 features, and iterates (ARPACK) where there are more.

    **Convergence.** A :class:`~sklearn.exceptions.ConvergenceWarning` says when FastICA (500
    iterations) or factor analysis (1000) stopped early; the result is usable. FastICA finds its
    rotation on at most 10 000 rows drawn at random, among the principal components with at least
    1 % of the standard deviation of the first; weaker ones stay as they are. Factor analysis is
    the maximum likelihood of the correlations and takes no more time for more rows.

    **Embeddings.** Isomap uses 5 neighbors; where their graph falls apart, the shortest edge
    between every two parts joins them, without a warning. Spectral embedding uses a kernel whose
    width follows the distance to the 30th neighbor, and has no need of a connected graph.

    References
    ----------
    .. [1] S. Hassantabar, Z. Wang, N. K. Jha, "SCANN: Synthesis of Compact and Accurate Neural
       Networks", IEEE Transactions on Computer-Aided Design of Integrated Circuits and Systems,
       2022, https://arxiv.org/abs/1904.09090
    .. [2] A. Hyvärinen, E. Oja, "Independent Component Analysis: Algorithms and Applications",
       Neural Networks 13, 2000.
    .. [3] J. B. Tenenbaum, V. de Silva, J. C. Langford, "A Global Geometric Framework for Nonlinear
       Dimensionality Reduction", Science 290, 2000.
    .. [4] V. de Silva, J. B. Tenenbaum, "Global Versus Local Methods in Nonlinear Dimensionality
       Reduction", NIPS 2002.
    .. [5] Y. Bengio, J.-F. Paiement, P. Vincent, O. Delalleau, N. Le Roux, M. Ouimet,
       "Out-of-Sample Extensions for LLE, Isomap, MDS, Eigenmaps, and Spectral Clustering",
       NIPS 2003.
    .. [6] D. Achlioptas, "Database-friendly Random Projections: Johnson-Lindenstrauss with Binary
       Coins", Journal of Computer and System Sciences 66, 2003.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from scann_sklearn import DimReducer
    >>> X, y = load_digits(return_X_y=True)
    >>> reducer = DimReducer("pca", ratio=4).fit(X)
    >>> reducer.transform(X).shape
    (1797, 16)
    >>> matrix, offset = reducer.to_affine()
    >>> bool(abs(X @ matrix.T + offset - reducer.transform(X)).max() < 1e-9)
    True
    """

    _parameter_constraints: dict = {
        "method": [StrOptions(set(METHODS))],
        "ratio": [Interval(Real, 1, None, closed="left"), None],
        "n_components": [Interval(Integral, 1, None, closed="left"), None],
        "normalize": ["boolean"],
        "n_landmarks": [Interval(Integral, 2, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        method="pca",
        *,
        ratio=None,
        n_components=None,
        normalize=True,
        n_landmarks=1000,
        random_state=None,
    ) -> None:
        self.method = method
        self.ratio = ratio
        self.n_components = n_components
        self.normalize = normalize
        self.n_landmarks = n_landmarks
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None) -> Self:
        """Fit the normalisation and the reduction.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training data, at least two rows. Sparse for "pca" and the random projections.

        y : None
            Ignored.

        Returns
        -------
        self : object
            The fitted reducer.

        Raises
        ------
        ValueError
            Where `ratio` or `n_components` ask for no component, for more than there are features,
            or for more than there are samples or landmarks. Where the range of a feature is beyond
            the largest float.
        TypeError
            If X holds dates or times, or is sparse and the method would have to make it dense.
        """
        check_numbers(X=X)
        check_sparse(self.method, X)
        with np.errstate(invalid="ignore"):  # its sum of values near the largest float
            X = validate_data(
                self,
                X,
                accept_sparse="csr",
                dtype=[np.float64, np.float32],
                ensure_min_samples=2,
            )
        X = canonical(X)
        context = self._init_callback_context()
        context.call_on_fit_task_begin(estimator=self, X=X, y=y)
        # check_random_state(None) would be numpy's global stream.
        seeded = self.random_state is not None
        rng = check_random_state(self.random_state) if seeded else np.random.RandomState()

        method = METHODS[self.method]
        self.n_components_ = count_components(
            method,
            *X.shape,
            ratio=self.ratio,
            n_components=self.n_components,
            n_landmarks=self.n_landmarks,
        )
        self.ratio_ = X.shape[1] / self.n_components_
        self.is_affine_ = method.is_affine
        units = Units.OWN if self.normalize else method.units
        self._center, self._scale = find_units(X, units)
        Z = self._in_units(X)
        if self.is_affine_:
            self.n_landmarks_ = None
            if issparse(X) and method.fit_sparse is not None:
                origin = self._center * self._scale
                fitted = method.fit_sparse(Z, origin, self.n_components_, rng)
            else:
                fitted = method.fit(Z, self.n_components_, rng)
            self.reducer_, matrix, mean = fitted
            self._matrix = matrix * self._scale
            inverse = np.divide(1, self._scale, where=self._scale > 0, out=np.zeros_like(mean))
            self._center = self._center + mean * inverse
        else:
            landmarks = choose_landmarks(Z, self.n_landmarks, rng)
            self.n_landmarks_ = len(landmarks)
            self.reducer_, self._output_scale = method.fit(landmarks, self.n_components_, rng)
        context.call_on_fit_task_end(estimator=self, X=X, y=y, reconstruction_attributes={})
        return self

    def transform(self, X) -> np.ndarray:
        """Reduce X.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Data with the features of the training data. Values outside of the training bounds are
            not clipped.

        Returns
        -------
        X_new : ndarray of shape (n_samples, `n_components_`)
            Reduced data, float32 if X is, else float64.

        Raises
        ------
        ValueError
            Where values of X are so large that the dtype can't hold what they are reduced to.
        TypeError
            If X holds dates or times, or is sparse and the method would have to make it dense.
        """
        check_is_fitted(self)
        check_numbers(X=X)
        check_sparse(self.method, X)
        with np.errstate(over="ignore", invalid="ignore"):  # looked at below
            X = validate_data(
                self, X, accept_sparse="csr", dtype=[np.float64, np.float32], reset=False
            )
            X_new = np.empty((X.shape[0], self.n_components_), dtype=X.dtype)
            for rows in gen_batches(len(X_new), _ROWS):
                X_new[rows] = self._reduce(X[rows])
            if math.isfinite(np.add.reduce(X_new, axis=None)) or np.isfinite(X_new).all():
                return X_new
        raise self._beyond(X)

    def _beyond(self, X) -> ValueError:
        return ValueError(
            f"DimReducer(method={self.method!r}) can't reduce X within {X.dtype}: the largest "
            f"absolute value is {abs(X).max():.3g}. Scale X."
        )

    def _in_units(self, X) -> Any:
        """Training data in internal units; of a sparse X the origin stays where it is."""
        if issparse(X):
            data = X.data * self._scale[X.indices]
            return csr_array((data, X.indices, X.indptr), shape=X.shape)
        return (X - self._center) * self._scale

    def _reduce(self, X) -> np.ndarray:
        if issparse(X):
            return X.astype(np.float64) @ self._matrix.T - self._matrix @ self._center
        if self.is_affine_:
            return (X - self._center) @ self._matrix.T
        Z = (X - self._center) * self._scale
        if not np.abs(Z).max(initial=0) < _FARTHEST:
            raise self._beyond(X)
        return self.reducer_.transform(Z) * self._output_scale

    def to_affine(self) -> tuple[np.ndarray, np.ndarray]:
        """Whole map as one matrix and one offset.

        Normalisation, reduction and scaling together, for exporters and energy models:
        ``transform(X)`` is ``X @ matrix.T + offset`` up to rounding.

        Returns
        -------
        matrix : ndarray of shape (`n_components_`, `n_features_in_`), float64
            One row for a reduced feature.

        offset : ndarray of shape (`n_components_`,), float64
            What is added.

        Raises
        ------
        ValueError
            If the method is not affine (``is_affine_`` is False).
        """
        check_is_fitted(self)
        if not self.is_affine_:
            raise ValueError(
                f"method={self.method!r} is no affine map, so it has no matrix. Look at is_affine_ "
                "before."
            )
        return self._matrix.copy(), -self._matrix @ self._center

    def get_feature_names_out(self, input_features=None) -> np.ndarray:
        """Names of the reduced features.

        Parameters
        ----------
        input_features : array-like of str or None, default=None
            Names of the input features. Only "passthrough" keeps them.

        Returns
        -------
        feature_names_out : ndarray of str
            "dimreducer0", "dimreducer1" and so on; the input names with "passthrough".
        """
        check_is_fitted(self)
        if METHODS[self.method].is_diagonal:
            return OneToOneFeatureMixin.get_feature_names_out(self, input_features)
        return super().get_feature_names_out(input_features)

    def _inference_stages(self) -> list[Stage]:
        check_is_fitted(self, "reducer_")
        return reducer_stages(self)

    @property
    def _n_features_out(self) -> int:
        return self.n_components_

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = self.method in FOR_SPARSE
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
